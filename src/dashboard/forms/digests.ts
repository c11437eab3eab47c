import { inUnits, sizeUnits, timeUnits } from './amounts.ts'
import type { Draft } from './draft.ts'

/** What stands in the folded parts of the form, each in a line. */
export const digests = {
  environment: (draft: Draft): string =>
    line([
      count(draft.env.filter(({ name }) => name !== '').length, 'variable'),
      count(draft.secrets.length, 'secret'),
      digests.place(draft)
    ]),
  place: ({ cwd, terminal, input }: Draft): string =>
    line([
      cwd.trim() ? `in ${cwd.trim()}` : 'in a folder of its own',
      terminal ? 'in a terminal' : input && 'takes input'
    ]),
  limits: (draft: Draft): string =>
    line([
      `${inUnits(draft.timeoutMs, timeUnits)} at most`,
      draft.idleTimeoutMs !== null && `${inUnits(draft.idleTimeoutMs, timeUnits)} without a word`,
      `${inUnits(draft.maxLogBytes, sizeUnits)} of log`,
      draft.memoryBytes !== null && `${inUnits(draft.memoryBytes, sizeUnits)} of memory`,
      draft.cpus !== null && count(draft.cpus, 'processor'),
      draft.pids !== null && count(draft.pids, 'process', 'processes')
    ]),
  turns: ({ concurrencyLimit, concurrencyPolicy, concurrencyKey, priority }: Draft): string =>
    line([
      concurrencyKey ? `one at a time for each ${concurrencyKey}` : `${concurrencyLimit} at a time`,
      { queue: 'others wait', skip: 'others are skipped', replace: 'the newest replaces the oldest' }[
        concurrencyPolicy
      ],
      priority !== 0 && `priority ${priority}`
    ]),
  retries: ({ maxAttempts, backoffMs }: Draft): string =>
    maxAttempts === 1
      ? 'not tried again'
      : `up to ${maxAttempts} attempts, the second after ${inUnits(backoffMs, timeUnits)}`,
  success: ({ mustPrint, mustNotPrint, mustCreate }: Draft): string => {
    const conditions = [mustPrint, mustNotPrint, mustCreate].flat().filter(text => text !== '').length
    return conditions === 0 ? 'exit code 0' : `exit code 0, and ${count(conditions, 'condition')}`
  }
}

function count(n: number, word: string, words = `${word}s`): string | false {
  return n > 0 && `${n} ${n === 1 ? word : words}`
}

const line = (parts: (string | false)[]): string => parts.filter(Boolean).join(', ')
