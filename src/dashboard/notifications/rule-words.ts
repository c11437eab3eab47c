import type { NotificationRule } from '../api/types.ts'
import { inUnits, timeUnits } from '../forms/amounts.ts'

export type NotificationEvent = NotificationRule['events'][number]

/** Each event behind the name of a bot, and what counts as it. */
export const events: Record<NotificationEvent, { word: string; meaning: string }> = {
  first_failure: {
    word: 'fails for the first time',
    meaning: 'After a success, or as its first: one that goes on failing is told of once.'
  },
  failed: {
    word: 'fails',
    meaning:
      'Each time it failed, timed out or was lost. Not what somebody cancelled, nor an attempt that is followed by another.'
  },
  recovered: { word: 'succeeds again', meaning: 'The first success after a failure.' },
  succeeded: { word: 'succeeds', meaning: 'Each time.' },
  slot_missed: { word: 'misses a slot', meaning: 'A schedule should have started it, and did not.' },
  long_running: { word: 'runs for long', meaning: 'Told once, while it goes on.' }
}

const either = new Intl.ListFormat('en-GB', { type: 'disjunction' })
const all = new Intl.ListFormat('en-GB', { type: 'conjunction' })

type Sentence = Pick<NotificationRule, 'events' | 'botName' | 'longRunningMs'>

/** Of what a rule tells, in a sentence. */
export function occasionOf({ events: chosen, botName, longRunningMs }: Sentence): string {
  const words = (Object.keys(events) as NotificationEvent[])
    .filter(event => chosen.includes(event))
    .map(event =>
      event === 'long_running' && longRunningMs !== null
        ? `runs for ${inUnits(longRunningMs, timeUnits)}`
        : events[event].word
    )
  return `When ${botName ?? 'any bot'} ${either.format(words)}.`
}

/** By which channels it tells, and how. `names`: what channels are called, by id. */
export function mannerOf(rule: NotificationRule, names: Map<string, string>): string {
  const { channelIds, quietMs, logLines } = rule
  const parts = [
    `By ${all.format(channelIds.map(id => names.get(id) ?? 'a channel'))}.`,
    quietMs > 0 && `Quiet for ${inUnits(quietMs, timeUnits)} after each.`,
    logLines > 0 && `With the last ${logLines === 1 ? 'line' : `${logLines} lines`} of the log.`
  ]
  return parts.filter(Boolean).join(' ')
}
