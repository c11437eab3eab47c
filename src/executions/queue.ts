import type { Logger } from 'pino'
import { Rounds } from '../lib/rounds.ts'
import { withAdvice } from '../lib/shortages.ts'
import type { Machine } from '../machine/machine.ts'
import { MAX_CLAIMS, type Room } from './claims.ts'
import type { Claim } from './rows.ts'
import type { ExecutionStore } from './store.ts'

/** When a claim fails (a full disk), what waits goes on waiting and is asked for again. */
const CLAIM_AGAIN_MS = 1000

/** Less is the clock being steered, not set. */
const CLOCK_SET_MS = 1000

/**
 * Claims what may run, until nothing more may. The queue itself is the `executions` table, so there is nothing in here to
 * lose. What is queued and what ends make room or want it: there the claim belongs to the same change of the database.
 * Besides, it looks when the machine may run things again, and when the time of a next attempt has come.
 */
export class Queue {
  readonly #options: QueueOptions
  readonly #rounds = new Rounds({
    round: () => this.#claim(),
    failed: err => {
      this.#options.logger.error({ err }, withAdvice('nothing could be taken from the queue; it is tried again', err))
      return CLAIM_AGAIN_MS
    }
  })
  #stopped = false
  /** The machine's clock less the monotonic one: changes when somebody sets it. */
  #clock = Date.now() - performance.now()

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Something was queued, or there is room. */
  wake(): void {
    this.#rounds.wake()
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

  /** Claims no more. What a claim that is under way takes, runs. */
  stop(): void {
    this.#stopped = true
    void this.#rounds.stop()
  }

  async #claim(): Promise<number | null> {
    const { store, machine } = this.#options
    if (!(await machine.mayStart())) return null
    await this.watchClock()
    const now = Date.now()
    this.took(await store.claim(this.room))
    const retryAt = await store.nextRetryAt(now)
    return retryAt === null ? null : retryAt - Date.now()
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
}

export interface QueueOptions {
  store: ExecutionStore
  machine: Machine
  /** Executions that run at a time. */
  machineLimit: number
  logger: Logger
  onClaim: (claim: Claim) => void
}
