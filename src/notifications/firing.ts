import type { ExecutionState } from '../executions/execution.ts'
import type { NotificationEvent, Rule } from './notifications.ts'

/** How an execution went, for whoever is told of it; null when that says nothing of its bot. */
export type Outcome = 'good' | 'bad'

/** Something that somebody may want to hear of. `botId` is null once the bot has been deleted. */
export type Occurrence =
  /** `before`: how the execution of the bot went that ended before it; null when there was none. */
  | { kind: 'ended'; botId: string | null; state: ExecutionState; trial: boolean; before: Outcome | null }
  | { kind: 'slot_missed'; botId: string | null }
  | { kind: 'running'; botId: string | null; runningMs: number }

/** What was cancelled, replaced or skipped went neither well nor wrong. */
export function outcomeOf(state: ExecutionState): Outcome | null {
  if (state === 'succeeded') return 'good'
  return state === 'failed' || state === 'timed_out' || state === 'lost' ? 'bad' : null
}

/** The rules that something concerns, each with the one event that it is for it. Pure. */
export function whatFires(occurrence: Occurrence, rules: Rule[]): { rule: Rule; event: NotificationEvent }[] {
  return rules.flatMap(rule => {
    const isMeant = rule.enabled && (rule.botId === null || rule.botId === occurrence.botId)
    const event = isMeant ? eventsOf(occurrence, rule).find(event => rule.events.includes(event)) : undefined
    return event ? [{ rule, event }] : []
  })
}

/** What it is, as a rule could call it; what says more of it comes first. */
function eventsOf(occurrence: Occurrence, rule: Rule): NotificationEvent[] {
  if (occurrence.kind === 'slot_missed') return ['slot_missed']
  if (occurrence.kind === 'running')
    return rule.longRunningMs !== null && occurrence.runningMs >= rule.longRunningMs ? ['long_running'] : []
  if (occurrence.trial) return []
  switch (outcomeOf(occurrence.state)) {
    case 'good':
      return occurrence.before === 'bad' ? ['recovered', 'succeeded'] : ['succeeded']
    case 'bad':
      return occurrence.before === 'bad' ? ['failed'] : ['first_failure', 'failed']
    default:
      return []
  }
}

/** Whether a rule is to be quiet at a time about what it told of at another; what happened at once may come out of order. */
export function isQuiet(rule: Pick<Rule, 'quietMs'>, lastAt: number | null, at: number): boolean {
  return lastAt !== null && Math.abs(at - lastAt) < rule.quietMs
}
