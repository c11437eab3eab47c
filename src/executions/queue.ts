import type { Logger } from 'pino'
import type { ExecutionStore, LiveAttemptRecord } from './store.ts'

/** When a claim fails (a full disk), what waits goes on waiting and is asked for again. */
const CLAIM_AGAIN_MS = 1000

/**
 * Claims what may run, one after the other, until nothing more may. The queue itself is the `executions` table, so there
 * is nothing in here to lose.
 */
export class Queue {
  readonly #store: ExecutionStore
  readonly #machineLimit: number
  readonly #logger: Logger
  readonly #onClaim: (record: LiveAttemptRecord) => void
  #busy = false
  #again = false
  #stopped = false

  constructor(options: {
    store: ExecutionStore
    machineLimit: number
    logger: Logger
    onClaim: (record: LiveAttemptRecord) => void
  }) {
    this.#store = options.store
    this.#machineLimit = options.machineLimit
    this.#logger = options.logger
    this.#onClaim = options.onClaim
  }

  /** Something was queued, or there is room. */
  wake(): void {
    this.#again = true
    if (!this.#busy) void this.#drain()
  }

  stop(): void {
    this.#stopped = true
  }

  async #drain(): Promise<void> {
    this.#busy = true
    while (this.#again && !this.#stopped) {
      this.#again = false
      await this.#claimAll()
    }
    this.#busy = false
  }

  async #claimAll(): Promise<void> {
    try {
      while (!this.#stopped) {
        const claimed = await this.#store.claimNext({ machine: this.#machineLimit, now: Date.now() })
        if (!claimed) return
        this.#onClaim(claimed)
      }
    } catch (error) {
      this.#logger.error({ err: error }, 'nothing could be taken from the queue; trying again')
      setTimeout(() => this.wake(), CLAIM_AGAIN_MS).unref()
    }
  }
}
