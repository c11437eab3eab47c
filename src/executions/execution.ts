import type { Static } from 'typebox'
import type * as schemas from './schemas.ts'

/** One request to run a bot. */
export type Execution = Static<typeof schemas.Execution>

/** One operating-system process of an execution. */
export type Attempt = Static<typeof schemas.Attempt>

export type ExecutionState = Execution['state']
export type Trigger = Execution['trigger']

/** Why we end an attempt that would go on. The first cause wins. */
export type EndCause = 'cancel' | 'timeout' | 'log_limit'

const LIVE: ReadonlySet<string> = new Set(['queued', 'running'])

export function hasEnded(execution: Pick<Execution, 'state'>): boolean {
  return !LIVE.has(execution.state)
}
