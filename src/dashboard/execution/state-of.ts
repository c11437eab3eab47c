import type { Attempt, ExecutionState } from '../api/types'

/** How an attempt stands. */
export const stateOf = (attempt: Attempt): ExecutionState => attempt.state ?? 'running'
