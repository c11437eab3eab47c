/** However far off the next round is: by then it shows whether somebody has set the clock. */
const MAX_WAIT_MS = 60_000

export interface RoundsOptions {
  /** One round: does what is due, and answers in how many milliseconds there is more; null when only a wake tells. */
  round: () => Promise<number | null>
  /** Told of a round that failed; answers in how many milliseconds it is tried again. */
  failed: (error: unknown) => number
}

/**
 * Work that waits to be done is looked for in rounds, one at a time: when somebody wakes it, and when the round before has said
 * that it is time. Whoever wakes it in the middle of a round gets another after it: what was written down before a wake is seen.
 */
export class Rounds {
  readonly #options: RoundsOptions
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: RoundsOptions) {
    this.#options = options
  }

  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      // Who asked in the moment between the last look and now.
      if (this.#again) this.wake()
    })
  }

  /** Begins no more, and waits for the one that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      this.#wakeIn(await this.#options.round().catch(this.#options.failed))
    }
  }

  #wakeIn(ms: number | null): void {
    clearTimeout(this.#timer)
    if (ms === null || this.#stopped) return
    this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(ms, 0), MAX_WAIT_MS)).unref()
  }
}
