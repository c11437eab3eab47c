import type { NotificationRule } from '../api/types.ts'
import { amountProblem, countUnits, timeUnits } from '../forms/amounts.ts'
import type { NotificationEvent } from './rule-words.ts'

const MINUTE_MS = 60_000
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS

/** What the server takes. */
export const bounds = {
  quietMs: { min: 0, max: YEAR_MS },
  longRunningMs: { min: 1000, max: YEAR_MS },
  logLines: { min: 0, max: 20 }
}

/** A rule as it stands in its form. */
export interface RuleDraft {
  name: string
  events: NotificationEvent[]
  /** Id of the bot it is for; empty: all. */
  bot: string
  channelIds: string[]
  quietMs: number
  /** Counts where the event is chosen. */
  longRunningMs: number
  logLines: number
}

/** A new rule begins with what most want, through the only channel where there is one. */
export function ruleDraft(rule: NotificationRule | null, channelIds: string[]): RuleDraft {
  return {
    name: rule?.name ?? '',
    events: [...(rule?.events ?? (['first_failure', 'recovered'] as const))],
    bot: rule?.botId ?? '',
    channelIds: rule ? [...rule.channelIds] : channelIds.length === 1 ? [...channelIds] : [],
    quietMs: rule?.quietMs ?? 0,
    longRunningMs: rule?.longRunningMs ?? 30 * MINUTE_MS,
    logLines: rule?.logLines ?? 10
  }
}

export function givenRule({ name, events, bot, channelIds, quietMs, longRunningMs, logLines }: RuleDraft) {
  return {
    name,
    events,
    bot: bot || null,
    channelIds,
    quietMs,
    longRunningMs: events.includes('long_running') ? longRunningMs : null,
    logLines
  }
}

type RuleField = 'events' | 'channelIds' | 'quietMs' | 'longRunningMs' | 'logLines'

/** What is wrong with it, by field. */
export function ruleProblems(draft: RuleDraft): Partial<Record<RuleField, string | null>> {
  const { events, channelIds, quietMs, longRunningMs, logLines } = draft
  return {
    events: events.length === 0 ? 'Choose at least one.' : null,
    channelIds: channelIds.length === 0 ? 'Choose at least one.' : null,
    quietMs: amountProblem(quietMs, bounds.quietMs, timeUnits),
    longRunningMs: events.includes('long_running')
      ? amountProblem(longRunningMs, bounds.longRunningMs, timeUnits)
      : null,
    logLines: amountProblem(logLines, bounds.logLines, countUnits)
  }
}
