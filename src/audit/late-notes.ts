import type { Logger } from 'pino'
import type { Change } from './audit.ts'
import type { AuditStore } from './store.ts'

/** Longer than anything that somebody waits for. */
const LATEST_MS = 1000

/**
 * Writes down what was refused some time later, at random: writing keeps the server from the next request for a moment, and
 * whoever sends that would learn from it that there was something to write, such as an account of that address.
 */
export class LateNotes {
  readonly #audit: Pick<AuditStore, 'add'>
  readonly #logger: Logger
  readonly #waiting = new Map<NodeJS.Timeout, Change>()
  /** The last of those that are written, one after the other. */
  #writing: Promise<void> = Promise.resolve()

  constructor(audit: Pick<AuditStore, 'add'>, logger: Logger) {
    this.#audit = audit
    this.#logger = logger
  }

  /** What waits when the process is killed is lost. */
  add(change: Change): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer)
      this.#write(change)
    }, Math.random() * LATEST_MS)
    this.#waiting.set(timer, change)
  }

  /** Writes what waits, before the database closes. */
  async flush(): Promise<void> {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [timer, change] of waiting) {
      clearTimeout(timer)
      this.#write(change)
    }
    await this.#writing
  }

  #write(change: Change): void {
    this.#writing = this.#writing
      .then(() => this.#audit.add(change))
      .catch(error => this.#logger.error({ err: error }, 'a refused sign-in could not be kept'))
  }
}
