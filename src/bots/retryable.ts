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
  'shutdown',
  'unknown_end'
] as const

/** After which of them a bot is tried again that says nothing else: those that may go by, where nothing half done is done twice. */
export const RETRIED_BY_DEFAULT = RETRYABLE.filter(
  reason => reason !== 'log_limit' && reason !== 'shutdown' && reason !== 'unknown_end'
)
