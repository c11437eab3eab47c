/** Less is the clock being steered, not set. */
const CLOCK_SET_MS = 1000

/** The machine's two clocks, in milliseconds: one that can be set, and one that only goes on. */
export interface Clocks {
  now(): number
  monotonic(): number
}

const ofThisMachine: Clocks = { now: () => Date.now(), monotonic: () => performance.now() }

/**
 * Since when somebody has been there for what becomes due: the start of the server, or of the automation; and where the
 * clock was set, the time it was set to. What was due before that was missed.
 */
export class Attendance {
  readonly #clocks: Clocks
  #since: number
  /** The last look: what the clock that goes on said, and how far the other was ahead of it. */
  #lookedAt: number
  #ahead: number

  constructor(clocks: Clocks = ofThisMachine) {
    this.#clocks = clocks
    this.#since = clocks.now()
    this.#lookedAt = clocks.monotonic()
    this.#ahead = this.#since - this.#lookedAt
  }

  get since(): number {
    return this.#since
  }

  /** From now on. */
  begin(): void {
    this.#since = this.#clocks.now()
  }

  /**
   * Looks at the clock, and answers by how many milliseconds somebody has set it since the last look; 0 when nobody has.
   * To be called every few seconds: when in between it was set cannot be told, and what was due then counts as attended to.
   */
  look(): number {
    const now = this.#clocks.now()
    const monotonic = this.#clocks.monotonic()
    const setBy = Math.round(now - monotonic - this.#ahead)
    const lookedAt = this.#lookedAt
    this.#ahead = now - monotonic
    this.#lookedAt = monotonic
    if (Math.abs(setBy) < CLOCK_SET_MS) return 0
    this.#since = now - (monotonic - lookedAt)
    return setBy
  }
}
