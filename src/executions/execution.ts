import type { Static } from 'typebox'
import type * as schemas from './schemas.ts'

/** One request to run a bot. */
export type Execution = Static<typeof schemas.Execution>

/** One operating-system process of an execution. */
export type Attempt = Static<typeof schemas.Attempt>

export const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost'] as const
export const END_CAUSES = ['cancel', 'timeout', 'log_limit'] as const
export const TRIGGERS = ['manual', 'api'] as const

export type ExecutionState = (typeof STATES)[number]
export type Trigger = (typeof TRIGGERS)[number]

/** Which executions a list shows; what is left out does not narrow it. */
export interface ExecutionFilter {
  botId?: string
  states?: ExecutionState[]
  triggers?: Trigger[]
  /** Queued at this time or later, in milliseconds since 1970. */
  since?: number
  /** Queued before this time. */
  until?: number
}

/** Why we end an attempt that would go on. The first cause wins. */
export type EndCause = (typeof END_CAUSES)[number]

const LIVE: ReadonlySet<string> = new Set(['queued', 'running'])

export function hasEnded(execution: Pick<Execution, 'state'>): boolean {
  return !LIVE.has(execution.state)
}
