import { type ProcessIdentity, runningForMs } from '../processes/processes.ts'
import type { LiveAttemptRecord } from './attempt.ts'

/** A claim no further from now than this, before or after, was made by this server, and nobody has set the clock since. */
const JUST_NOW_MS = 1000

/** When an attempt's time is up, whatever happens to the server and the machine's clock meanwhile. */
export class Deadline {
  readonly #timeoutMs: number
  /** By the monotonic clock. */
  #at: number
  #isExact: boolean

  constructor({ startedAt, deadlineAt }: Pick<LiveAttemptRecord, 'startedAt' | 'deadlineAt'>) {
    this.#timeoutMs = deadlineAt - startedAt
    this.#at = performance.now() + (deadlineAt - Date.now())
    this.#isExact = Math.abs(Date.now() - startedAt) < JUST_NOW_MS
  }

  /** `bot`: who runs it, once that is known. After a restart of the server its start ticks tell how long it has run. */
  hasPassed(now: number, bot: ProcessIdentity | undefined): boolean {
    if (bot && !this.#isExact) {
      this.#at = now + this.#timeoutMs - runningForMs(bot)
      this.#isExact = true
    }
    return now >= this.#at
  }
}
