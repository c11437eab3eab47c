import type { Attempt, Execution, ExecutionState } from '../api/types'

/** How each state is called and coloured, wherever it is shown. */
export const states: Record<ExecutionState, { word: string; tone: Tone }> = {
  queued: { word: 'Waiting', tone: 'rest' },
  running: { word: 'Running', tone: 'busy' },
  succeeded: { word: 'Succeeded', tone: 'ok' },
  failed: { word: 'Failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'rest' },
  timed_out: { word: 'Timed out', tone: 'warn' },
  lost: { word: 'Lost', tone: 'odd' }
}

export type Tone = 'ok' | 'bad' | 'busy' | 'warn' | 'odd' | 'rest'

export const triggers: Record<Execution['trigger'], string> = {
  manual: 'By hand',
  api: 'API'
}

/** What the bot of an execution is called; one that is gone by the name in its address. */
export const botOf = (execution: Execution): string => execution.botName ?? execution.botSlug

/** Whether nothing more will happen to it. */
export function hasEnded(execution: Pick<Execution, 'state'>): boolean {
  return execution.state !== 'queued' && execution.state !== 'running'
}

/** Why it ended as it did, in a sentence; null where the state says it all. */
export function explainEnd(execution: Execution): string | null {
  return execution.detail ?? explainReason(execution.reason, execution.exitCode, execution.attempts.at(-1))
}

function explainReason(reason: Execution['reason'], exitCode: number | null, last: Attempt | undefined): string | null {
  switch (reason) {
    case 'exit_code':
      return `It ended with exit code ${exitCode}.`
    case 'signal':
      return `It was ended from outside by ${last?.signal ?? 'a signal'}.`
    case 'spawn':
      return 'It could not be started.'
    case 'wall_clock':
      return 'It took longer than its time limit.'
    case 'requested':
      return 'Somebody cancelled it.'
    case 'log_limit':
      return 'It printed more than its log may hold.'
    case 'log_incomplete':
      return 'Not all it printed could be kept.'
    case 'unknown_end':
      return 'The machine or its processes went down, and nobody knows how it ended. It is not run again by itself.'
    default:
      return null
  }
}
