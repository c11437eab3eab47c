import { duration } from '../dashboard/lib/time.ts'
import { explainEnd, triggers } from '../dashboard/lib/words.ts'
import type { Execution } from '../executions/execution.ts'
import type { Message } from './message.ts'
import type { NotificationEvent } from './notifications.ts'
import { cut, plainLine } from './text.ts'

/** What happened, with all that is to be told of it. */
export interface Occasion {
  event: NotificationEvent
  at: number
  rule: { id: string; name: string }
  bot: { id: string | null; slug: string; name: string }
  execution: Execution | null
  /** When a schedule should have started the bot and did not. */
  slot: { triggerId: string; triggerName: string | null; slotAt: number } | null
  log: string[]
  /** How many like it were not sent since the last that was. */
  quieted: number
  url: string | null
}

const VALUE_CHARACTERS = 500
const LOG_LINE_CHARACTERS = 200
/** Of all its lines: every channel takes as much besides the rest. */
const LOG_CHARACTERS = 2000

/** The occasion in words. Pure. */
export function messageOf(occasion: Occasion): Message {
  const { event, at, bot, execution, slot, quieted, url } = occasion
  const log = ending(occasion.log.map(line => cut(plainLine(line), LOG_LINE_CHARACTERS)).filter(Boolean))
  const facts = [...(execution ? factsOfExecution(execution) : []), ...(slot ? factsOfSlot(slot) : [])]
  if (quieted > 0) facts.push({ label: 'Not sent before', value: `${quieted} like this` })
  return {
    event,
    at,
    tone: TONES[event],
    who: cut(plainLine(bot.name), 120) || bot.slug,
    what: whatHappened(event, execution, at),
    facts: facts.map(({ label, value }) => ({ label, value: cut(plainLine(value), VALUE_CHARACTERS) })),
    log,
    url,
    data: {
      rule: occasion.rule,
      bot,
      execution: execution && dataOf(execution),
      slot,
      log,
      quieted,
      url
    }
  }
}

const TONES: Record<NotificationEvent, Message['tone']> = {
  failed: 'bad',
  first_failure: 'bad',
  recovered: 'good',
  succeeded: 'good',
  slot_missed: 'bad',
  long_running: 'plain'
}

function whatHappened(event: NotificationEvent, execution: Execution | null, at: number): string {
  switch (event) {
    case 'recovered':
      return 'succeeded again'
    case 'succeeded':
      return 'succeeded'
    case 'slot_missed':
      return 'did not start when it should have'
    case 'long_running':
      return `has been running for ${duration(at - (execution?.startedAt ?? at))}`
    default:
      return execution?.state === 'timed_out' ? 'timed out' : execution?.state === 'lost' ? 'was lost' : 'failed'
  }
}

function factsOfExecution(execution: Execution): Message['facts'] {
  const { detail, exitCode, startedAt, endedAt, attempts, trigger } = execution
  const why = explainEnd({ ...execution, detail: null })
  return [
    ...(why ? [{ label: 'Why', value: why }] : []),
    ...(detail ? [{ label: 'Detail', value: detail }] : []),
    ...(exitCode === null ? [] : [{ label: 'Exit code', value: String(exitCode) }]),
    ...(attempts.length > 1 ? [{ label: 'Attempts', value: String(attempts.length) }] : []),
    ...(startedAt !== null && endedAt !== null ? [{ label: 'Took', value: duration(endedAt - startedAt) }] : []),
    { label: endedAt === null ? 'Began' : 'Ended', value: timeOf(endedAt ?? startedAt ?? execution.queuedAt) },
    { label: 'Started by', value: triggers[trigger] }
  ]
}

function factsOfSlot({ triggerName, slotAt }: NonNullable<Occasion['slot']>): Message['facts'] {
  return [
    ...(triggerName === null ? [] : [{ label: 'Schedule', value: triggerName }]),
    { label: 'Was to start', value: timeOf(slotAt) }
  ]
}

/** The last of the lines, as many as fit. */
function ending(lines: string[]): string[] {
  let room = LOG_CHARACTERS
  const first = lines.findLastIndex(line => {
    room -= line.length + 1
    return room < 0
  })
  return lines.slice(first + 1)
}

/** Without parameters and outputs: whoever sets up a channel decides for others what leaves the house. */
function dataOf({ id, state, reason, detail, exitCode, trigger, queuedAt, startedAt, endedAt, attempts }: Execution) {
  return { id, state, reason, detail, exitCode, trigger, queuedAt, startedAt, endedAt, attempts: attempts.length }
}

/** The server's zone is not the reader's. */
const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
