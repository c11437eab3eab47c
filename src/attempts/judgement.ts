/**
 * How an attempt stands, judged by its folder and by which of its processes live. Pure: whoever asks gathers the facts,
 * the living first and the files after, so that a file made in between is seen.
 *
 *   no `started`                          starting    launching it again is safe
 *   `unstarted`                           ended       the bot never ran
 *   `exit`, `closed`                      ended       the log is whole
 *   `exit`, no `closed`, relay there      lingering   the bot is gone, a child of its still holds the log
 *   `exit`, no `closed`, nobody there     ended       somebody killed the relay's parent; the log is what it is
 *   no `exit`, somebody there             running
 *   no `exit`, nobody there               lost        nobody saw how it ended
 */
import { constants } from 'node:os'
import type { AttemptState, EndCause, EndReason } from './attempt.ts'
import type { AttemptFiles } from './attempt-directory.ts'

/** Which of an attempt's processes live. `relay`: any process of the wrapper's session besides the wrapper. */
export interface Living {
  wrapper: boolean
  bot: boolean
  relay: boolean
}

export type Verdict = 'starting' | 'running' | 'lingering' | 'ended' | 'lost'

export function judge(files: AttemptFiles, living: Living): Verdict {
  if (!files.started) return 'starting'
  if (files.unstarted) return 'ended'
  if (files.exit !== null) return files.closed !== null || !(living.wrapper || living.relay) ? 'ended' : 'lingering'
  return living.wrapper || living.bot || living.relay ? 'running' : 'lost'
}

export interface Outcome {
  state: AttemptState
  reason: EndReason | null
  detail: string | null
  exitCode: number | null
  signal: string | null
}

/** `cat` ended by SIGXFSZ: the log reached the cap that `ulimit -f` set. */
const CLOSED_BY_CAP = 153

/** The relay ended by SIGTERM, which is how we end one that a child of the bot holds open. */
const CLOSED_BY_US = 143

/** What a shell reports of a process that SIGKILL ended. */
const KILLED = 128 + constants.signals.SIGKILL

/** What an attempt comes to that we ended, however it went down. A log at its limit is told by the log as well. */
const OURS: Partial<Record<EndCause, Pick<Outcome, 'state' | 'reason'>>> = {
  cancel: { state: 'cancelled', reason: 'requested' },
  replace: { state: 'cancelled', reason: 'replaced' },
  shutdown: { state: 'cancelled', reason: 'shutdown' },
  timeout: { state: 'timed_out', reason: 'wall_clock' },
  idle_timeout: { state: 'timed_out', reason: 'idle_timeout' }
}

/** What a shell reports of a process that SIGPIPE ended. */
const PIPE_BROKE = 128 + constants.signals.SIGPIPE

/** What holds a terminal dies of SIGPIPE once its log could not be written: then its exit is not the bot's. */
export function toldByTerminal(files: AttemptFiles): AttemptFiles {
  return files.closed !== 0 && files.exit === PIPE_BROKE ? { ...files, exit: null } : files
}

/**
 * What an ended attempt's execution comes to. `ending` is why we ended it, when we did; `spawnFailure` is why the bot's
 * program could not be run, when that is known; `memoryLimit` is the limit for which the kernel ended processes of it.
 */
export function outcome(
  files: AttemptFiles,
  ending: EndCause | null,
  spawnFailure: string | null,
  memoryLimit: string | null = null
): Outcome {
  const exitCode = files.unstarted ? null : files.exit
  const signal = exitCode !== null && exitCode > 128 ? signalName(exitCode - 128) : null
  const ended: Pick<Outcome, 'detail' | 'exitCode' | 'signal'> = { detail: null, exitCode, signal }

  const ours = ending && OURS[ending]
  if (ours) return { ...ended, ...ours }
  if (ending === 'log_limit' || files.closed === CLOSED_BY_CAP)
    return { ...ended, state: 'failed', reason: 'log_limit' }
  if (files.unstarted || spawnFailure) return { ...ended, state: 'failed', reason: 'spawn', detail: spawnFailure }
  if (memoryLimit && exitCode !== 0) {
    const who = exitCode === KILLED ? 'it' : 'a process of it'
    const detail = `The kernel ended ${who}: it wanted more than its limit of ${memoryLimit}.`
    return { ...ended, state: 'failed', reason: 'memory', detail }
  }
  if (files.closed !== 0 && files.closed !== CLOSED_BY_US && !exitCode) {
    const how = exitCode === 0 ? 'The bot exited with 0, but its' : 'How the bot exited is not known, and its'
    const why = files.closed === 1 ? 'the disk was full' : 'the process that wrote it was killed'
    return {
      ...ended,
      state: 'failed',
      reason: 'log_incomplete',
      detail: `${how} log is not whole: ${why}.`
    }
  }
  if (files.closed === CLOSED_BY_US) ended.detail = LEFT_BEHIND
  if (files.closed === 1) ended.detail = 'The log is not whole: the disk was full.'
  if (exitCode === 0) return { ...ended, state: 'succeeded', reason: null }
  if (signal) {
    ended.detail ??= `Exit code ${exitCode}: ${signal} ended it, or it exited with ${exitCode} itself.`
    return { ...ended, state: 'failed', reason: 'signal' }
  }
  return { ...ended, state: 'failed', reason: 'exit_code' }
}

/** For an attempt whose end nobody saw. What we did to it still counts: a cancelled bot is cancelled. */
export function lostOutcome(ending: EndCause | null): Outcome {
  const nobodySaw = {
    exitCode: null,
    signal: null,
    detail: 'The machine or the processes that watched the bot went down; how it ended is not known.'
  }
  const ours = ending && OURS[ending]
  if (ours) return { ...nobodySaw, ...ours }
  return { ...nobodySaw, state: 'lost', reason: 'unknown_end' }
}

/** For an attempt whose bot never ran. */
export function neverRan(ending: EndCause | null, why: string): Outcome {
  const never = { exitCode: null, signal: null }
  const ours = ending && OURS[ending]
  if (ours) return { ...never, ...ours, detail: null }
  return { ...never, state: 'failed', reason: 'spawn', detail: why }
}

export const LEFT_ALONE =
  'Some of its processes belong to another user: this server may not end them, and left them alone.'

export const LEFT_BEHIND = 'The bot ended, but a process it had left behind still held its log; that process was ended.'

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))
// Two names for one number: the one people know.
SIGNALS.set(constants.signals.SIGABRT, 'SIGABRT')
SIGNALS.set(constants.signals.SIGIO, 'SIGIO')

function signalName(number: number): string | null {
  return SIGNALS.get(number) ?? null
}
