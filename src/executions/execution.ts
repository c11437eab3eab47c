/**
 * An execution is one request to run a bot. It waits, runs, and ends once; an attempt is one process of it, and there are
 * several where the bot says that a failed one is to be tried again. `docs/executions.md` has it as a drawing.
 *
 *   queued      It waits: for room on the machine, for others of its bot or with its key, or (`retry_wait`) for the time of
 *               its next attempt. Who starts it is answered once this is on disk.
 *   running     It was claimed; an attempt is being started or runs. What that comes to is judged by the attempt's folder
 *               (`../attempts/judgement.ts`), by this server or any after it.
 *   succeeded   The last attempt exited with 0, and did what the bot must do besides.
 *   failed      It exited otherwise, could not be started, printed too much, took too much memory, or did not do what it must.
 *   cancelled   Somebody asked for it, a newer execution took its place, or it ended with the host of the server.
 *   timed_out   It ran for too long, or was quiet for too long.
 *   lost        The machine or the processes that watched it went down; nobody knows how it ended.
 *   skipped     It never waited: another had not ended and the bot's policy is `skip`, or a chain could not go on.
 *
 *   (start) -> queued | skipped
 *   queued  -> running | cancelled
 *   running -> succeeded | failed | cancelled | timed_out | lost | queued (for the next attempt)
 *
 * Each change is one transaction whose condition is the state before it, so of two that want to change it one does: the
 * first cause wins, and what has ended stays as it is. A state says what, a `reason` why, a `detail` more to people.
 */
import type { Static } from 'typebox'
import { ATTEMPT_STATES, END_REASONS } from '../attempts/attempt.ts'
import type * as schemas from './schemas.ts'

/** One request to run a bot. */
export type Execution = Static<typeof schemas.Execution>

/** One operating-system process of an execution. */
export type Attempt = Static<typeof schemas.Attempt>

export const STATES = ['queued', 'running', ...ATTEMPT_STATES, 'skipped'] as const
/** Why an execution never ran. */
export const SKIP_REASONS = ['overlap', 'automation_off', 'bot_disabled', 'invalid_parameters', 'chain_depth'] as const
export type SkipReason = (typeof SKIP_REASONS)[number]
export const REASONS = [...END_REASONS, ...SKIP_REASONS, 'retry_wait'] as const
export const TRIGGERS = ['manual', 'api', 'schedule', 'webhook', 'chain'] as const

export type ExecutionState = (typeof STATES)[number]
export type Trigger = (typeof TRIGGERS)[number]

/** Which executions a list shows; what is left out does not narrow it. */
export interface ExecutionFilter {
  botId?: string
  states?: ExecutionState[]
  triggers?: Trigger[]
  /** The schedule, webhook or chain that started it, also one that has been deleted. */
  triggerId?: string
  /** Queued at this time or later, in milliseconds since 1970. */
  since?: number
  /** Queued before this time. */
  until?: number
}

const LIVE: ReadonlySet<string> = new Set(['queued', 'running'])

export function hasEnded(execution: Pick<Execution, 'state'>): boolean {
  return !LIVE.has(execution.state)
}
