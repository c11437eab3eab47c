/** Reasons for which an attempt that did not succeed may be followed by another. */
export const RETRYABLE = [
  'exit_code',
  'signal',
  'spawn',
  'wall_clock',
  'idle_timeout',
  'memory',
  'log_limit',
  'log_incomplete',
  'assertion',
  'unknown_end'
] as const
