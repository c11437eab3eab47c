import type { ExecutionState } from '../executions/execution.ts'
import type { KindRules } from './kinds.ts'
import type { Chain } from './trigger.ts'

/** One bot that is started after another. */
export interface Link {
  afterBotId: string
  botId: string
}

const FAILED: readonly ExecutionState[] = ['failed', 'timed_out', 'lost']

/** Whether a chain goes on after an execution that ended so. */
export function follows(on: Chain['on'], state: ExecutionState): boolean {
  switch (on) {
    case 'succeeded':
      return state === 'succeeded'
    case 'failed':
      return FAILED.includes(state)
    case 'any':
      return state === 'succeeded' || state === 'cancelled' || FAILED.includes(state)
  }
}

/** The bots, in order, round which one more link would lead for ever, as the last is the first; null when it would not. */
export function circleWith(links: Link[], { afterBotId, botId }: Link): string[] | null {
  const next = Map.groupBy(links, link => link.afterBotId)
  const from = new Map<string, string | null>([[botId, null]])
  for (const at of from.keys()) {
    if (at === afterBotId) return [...wayTo(at, from), botId]
    for (const link of next.get(at) ?? []) if (!from.has(link.botId)) from.set(link.botId, at)
  }
  return null
}

function wayTo(bot: string, from: Map<string, string | null>): string[] {
  const before = from.get(bot)
  return before ? [...wayTo(before, from), bot] : [bot]
}

export const chainRules: KindRules<Chain> = {
  settle: (given, before) => ({ afterBotId: '', on: 'succeeded', ...before, ...given }),
  problems: ({ chain }) =>
    chain!.afterBotId === '' ? [{ path: '/chain/afterBotId', message: 'must name the bot it comes after' }] : []
}
