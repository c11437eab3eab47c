/** An attempt is one operating-system process of an execution, with what it starts. Its folder says how it stands. */

import type { ConfinementRecord } from '../cgroups/attempt-groups.ts'
import type { Assertions } from './assertions.ts'

/** How an attempt ends. */
export const ATTEMPT_STATES = ['succeeded', 'failed', 'cancelled', 'timed_out', 'lost'] as const
export type AttemptState = (typeof ATTEMPT_STATES)[number]

/** Why it ended so. */
export const END_REASONS = [
  'exit_code',
  'signal',
  'spawn',
  'wall_clock',
  'idle_timeout',
  'requested',
  'replaced',
  'shutdown',
  'log_limit',
  'log_incomplete',
  'memory',
  'assertion',
  'unknown_end',
  'restored'
] as const
export type EndReason = (typeof END_REASONS)[number]

/** Why we end an attempt that would go on. The first cause wins. */
export const END_CAUSES = ['cancel', 'timeout', 'log_limit', 'idle_timeout', 'replace', 'shutdown'] as const
export type EndCause = (typeof END_CAUSES)[number]

/** An attempt that is to run or runs, and what its supervisor must know of it. */
export interface LiveAttemptRecord {
  id: string
  number: number
  executionId: string
  botId: string
  startedAt: number
  /** When its time is up, if nobody sets the clock. */
  deadlineAt: number
  /** It is ended when it prints nothing for so long; null when it may. */
  idleTimeoutMs: number | null
  killGraceMs: number
  terminal: boolean
  ending: EndCause | null
}

/** What `launch.json` in its folder says was to be run. What is optional is not in what an older server wrote. */
export interface LaunchRecord extends ConfinementRecord {
  argv: string[]
  cwd: string
  path: string
  terminal?: boolean
  maxLogBytes: number
  assert?: Assertions
  /** Whom the bot runs as; null, or not there, where that is the server's own user. */
  user?: { uid: number; gid: number } | null
}
