import type { Attempt, Bot, Execution, ExecutionState } from '../api/types.ts'

/** How each state is called and coloured, wherever it is shown. */
export const states: Record<ExecutionState, { word: string; tone: Tone }> = {
  queued: { word: 'Waiting', tone: 'rest' },
  running: { word: 'Running', tone: 'busy' },
  succeeded: { word: 'Succeeded', tone: 'ok' },
  failed: { word: 'Failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'rest' },
  timed_out: { word: 'Timed out', tone: 'warn' },
  lost: { word: 'Lost', tone: 'odd' },
  skipped: { word: 'Skipped', tone: 'rest' }
}

export type Tone = 'ok' | 'bad' | 'busy' | 'warn' | 'odd' | 'rest'

export const triggers: Record<Execution['trigger'], string> = {
  manual: 'By hand',
  api: 'API',
  schedule: 'Schedule',
  webhook: 'Webhook',
  chain: 'Chain'
}

type Reason = NonNullable<Execution['reason']>
type End = Pick<Attempt, 'reason' | 'detail' | 'exitCode' | 'signal'>

/** Why something is in the state it is in, in a sentence. */
const reasons: Record<Reason, string | ((end: End) => string)> = {
  exit_code: ({ exitCode }) => `It ended with exit code ${exitCode}.`,
  signal: ({ signal }) => `It was ended from outside by ${signal ?? 'a signal'}.`,
  spawn: 'It could not be started.',
  wall_clock: 'It took longer than its time limit.',
  idle_timeout: 'It printed nothing for longer than it may be silent.',
  requested: 'Somebody cancelled it.',
  replaced: 'A newer execution took its place.',
  shutdown: 'The server’s host was shut down or got a new version, and this had not ended by then.',
  overlap: 'Another execution had not ended, and this bot skips what is started meanwhile.',
  automation_off: 'The automation was switched off.',
  bot_disabled: 'The bot was disabled.',
  invalid_parameters: 'What its trigger would have started it with does not fit its parameters.',
  chain_depth: 'Too many bots in a row had started one another.',
  log_limit: 'It printed more than its log may hold.',
  log_incomplete: 'Not all it printed could be kept.',
  memory: 'It wanted more memory than it may have, and the kernel ended it.',
  assertion: 'It exited with 0, but without what counts as success.',
  retry_wait: 'Its last attempt did not succeed. It is tried again.',
  unknown_end: 'The machine or its processes went down, and nobody knows how it ended. It is not run again by itself.',
  restored:
    'The server was restored from a backup that was made while it ran, and nobody knows how it ended. It is not run again by itself.'
}

/** The same as a condition for another attempt: try again when … */
export const retryConditions: Record<Bot['retry']['on'][number], string> = {
  exit_code: 'It ends with an exit code other than 0',
  signal: 'A signal ends it from outside',
  spawn: 'It cannot be started',
  wall_clock: 'It takes longer than its time limit',
  idle_timeout: 'It is silent for too long',
  memory: 'It wants more memory than it may have',
  log_limit: 'It prints more than its log may hold',
  log_incomplete: 'Not all it printed could be kept',
  assertion: 'It exits with 0, but without success',
  shutdown: 'The server’s host was shut down or got a new version before it ended; the next server runs it',
  unknown_end: 'Nobody knows how it ended; it may have done its work'
}

/** What the bot of an execution is called; one that is gone by the name in its address. */
export const botOf = (execution: Execution): string => execution.botName ?? execution.botSlug

/** Whether nothing more will happen to it. */
export function hasEnded(execution: Pick<Execution, 'state'>): boolean {
  return execution.state !== 'queued' && execution.state !== 'running'
}

/** Why an attempt ended as it did, in a sentence; null where the state says it all. */
export function explainAttempt(end: End): string | null {
  if (end.detail !== null || end.reason === null) return end.detail
  const words = reasons[end.reason]
  return typeof words === 'string' ? words : words(end)
}

/** Why an execution stands as it does, in a sentence; null where the state says it all. */
export function explainEnd(execution: Execution): string | null {
  return explainAttempt({ ...execution, signal: execution.attempts.at(-1)?.signal ?? null })
}
