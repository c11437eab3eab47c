import { setImmediate as afterOthers } from 'node:timers/promises'

/** Whoever follows a log waits for no longer than this, and a little. */
const SLICE_MS = 1

/** For work of many small steps on the one thread: after each slice of it everybody else has his turn. */
export class Slices {
  #beganAt = performance.now()

  /** Whether it is time to {@link pause}; to be asked after each step. */
  get over(): boolean {
    return performance.now() - this.#beganAt >= SLICE_MS
  }

  async pause(): Promise<void> {
    await afterOthers()
    this.begin()
  }

  /** Others had their turn just now, as something else was waited for. */
  begin(): void {
    this.#beganAt = performance.now()
  }
}
