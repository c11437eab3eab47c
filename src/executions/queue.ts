import type { Logger } from 'pino'
import type { Machine } from '../machine/machine.ts'
import { withAdvice } from '../shortages.ts'
import { MAX_CLAIMS, type Room } from './claims.ts'
import type { Claim } from './rows.ts'
import type { ExecutionStore } from './store.ts'

/** When a claim fails (a full disk), what waits goes on waiting and is asked for again. */
const CLAIM_AGAIN_MS = 1000

/** However far off the next attempt of something is: by then it shows whether somebody has set the clock. */
const MAX_WAIT_MS = 60_000

/** Less is the clock being steered, not set. */
const CLOCK_SET_MS = 1000

/**
 * Claims what may run, until nothing more may. The queue itself is the `executions` table, so there is nothing in here to
 * lose. What is queued and what ends make room or want it: there the claim belongs to the same change of the database.
 * Besides, it looks when the machine may run things again, and when the time of a next attempt has come.
 */
export class Queue {
  readonly #options: QueueOptions
  #busy = false
  #again = false
  #stopped = false
  #timer: NodeJS.Timeout | null = null
  /** The machine's clock less the monotonic one: changes when somebody sets it. */
  #clock = Date.now() - performance.now()

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Something was queued, or there is room. */
  wake(): void {
    this.#again = true
    if (!this.#busy) void this.#drain()
  }

  /** What may be claimed by whoever writes to the database at this moment; null while nothing may. */
  readonly room = (): Room | null => {
    if (this.#stopped || !this.#options.machine.isReady || this.#clockSetBy() !== 0) return null
    return { machine: this.#options.machineLimit, now: Date.now() }
  }

  /** Something was claimed; null when nothing could be. There is more to claim, or another look to take, in a step of its own. */
  took(claims: Claim[] | null): void {
    for (const claim of claims ?? []) this.#options.onClaim(claim)
    if (claims === null || claims.length === MAX_CLAIMS) this.wake()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  async #drain(): Promise<void> {
    this.#busy = true
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false
        if (await this.#options.machine.mayStart()) await this.#claim()
      }
    } catch (error) {
      this.#options.logger.error(
        { err: error },
        withAdvice('nothing could be taken from the queue; it is tried again', error)
      )
      this.#wakeIn(CLAIM_AGAIN_MS)
    }
    this.#busy = false
  }

  async #claim(): Promise<void> {
    const { store } = this.#options
    await this.watchClock()
    const now = Date.now()
    this.took(await store.claim(this.room))
    if (this.#again) return
    const retryAt = await store.nextRetryAt(now)
    if (retryAt !== null) this.#wakeIn(Math.min(Math.max(0, retryAt - Date.now()), MAX_WAIT_MS))
  }

  /** Whoever waits for his next attempt neither waits longer nor shorter for somebody's setting the clock. */
  async watchClock(): Promise<void> {
    const setBy = this.#clockSetBy()
    this.#clock = Date.now() - performance.now()
    if (setBy === 0) return
    try {
      await this.#options.store.shiftRetries(setBy)
    } catch (error) {
      this.#clock -= setBy // who looks next finds it again
      throw error
    }
  }

  /** By how many milliseconds somebody has set the machine's clock. */
  #clockSetBy(): number {
    const setBy = Math.round(Date.now() - performance.now() - this.#clock)
    return Math.abs(setBy) < CLOCK_SET_MS ? 0 : setBy
  }

  #wakeIn(ms: number): void {
    if (this.#stopped) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.wake()
    }, ms).unref()
  }
}

export interface QueueOptions {
  store: ExecutionStore
  machine: Machine
  /** Executions that run at a time. */
  machineLimit: number
  logger: Logger
  onClaim: (claim: Claim) => void
}
