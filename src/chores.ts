import { randomInt } from 'node:crypto'
import type { ScheduledTask } from 'node-cron'
import type { Logger } from 'pino'

/** Whoever waited for the start has been served by then. */
const FIRST_MS = 5 * 60_000

/** Something the server does by itself every hour. It ends when `signal` says so, by throwing its reason. */
export interface Chore {
  name: string
  run: (now: number, signal: AbortSignal) => Promise<void>
}

/** Does the chores, one after the other: some minutes after the start, and then every hour. */
export class Chores {
  readonly #chores: Chore[]
  readonly #logger: Logger
  readonly #stopping = new AbortController()
  #first: NodeJS.Timeout | undefined
  #hourly: ScheduledTask | undefined
  #round: Promise<void> | null = null

  constructor(chores: Chore[], logger: Logger) {
    this.#chores = chores
    this.#logger = logger
  }

  begin(firstMs: number = FIRST_MS): void {
    this.#first = setTimeout(() => void this.#beginHourly(), firstMs).unref()
  }

  /** Does all chores as at the time `now`; who asks while that goes on waits for its end. Never fails. */
  async run(now: number = Date.now()): Promise<void> {
    this.#round ??= this.#runAll(now).finally(() => {
      this.#round = null
    })
    await this.#round
  }

  /** Stops them, also one that is at work, and waits for that. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#first)
    await this.#hourly?.destroy()
    await this.#round
  }

  async #beginHourly(): Promise<void> {
    // Loaded now: the start need not wait for it.
    const { schedule } = await import('node-cron')
    if (this.#stopping.signal.aborted) return
    // Many servers on one machine do not all begin at once.
    this.#hourly = schedule(`${randomInt(60)} * * * *`, () => this.run(), {
      timezone: 'UTC',
      unref: true,
      suppressMissedWarning: true
    })
    await this.run()
  }

  async #runAll(now: number): Promise<void> {
    for (const { name, run } of this.#chores) {
      if (this.#stopping.signal.aborted) return
      try {
        await run(now, this.#stopping.signal)
      } catch (err) {
        if (this.#stopping.signal.aborted) return
        const advice = 'it is tried again in an hour. See whether the disk has room and the data folder can be written'
        this.#logger.error({ err, chore: name }, `a chore was not done; ${advice}`)
      }
    }
  }
}
