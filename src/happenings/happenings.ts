import type { Logger } from 'pino'
import { Rounds } from '../lib/rounds.ts'
import { withAdvice } from '../lib/shortages.ts'
import type { Follower, Happening } from './happening.ts'
import type { HappeningStore } from './store.ts'

/** At once in memory, and in work. */
const BATCH = 32

/** Waits before somebody hears again of what he could not act upon: twice as long each time. */
const FIRST_WAIT_MS = 1000
const MAX_WAIT_MS = 60_000

/** What nobody could act upon for a day is given up. */
const GIVE_UP_MS = 24 * 3_600_000

/**
 * Hands what has happened to all who act upon it, oldest first, and forgets it when all of them have: at least once, also
 * when the server dies meanwhile. What somebody cannot act upon waits and is handed out again; it delays nothing else.
 */
export class Happenings {
  readonly #store: HappeningStore
  readonly #logger: Logger
  readonly #followers: Follower[] = []
  /** Those that wait, by id: how long next time. */
  readonly #waits = new Map<string, number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #rounds = new Rounds({
    round: () => this.#handOutAll(),
    failed: err => {
      this.#logger.error({ err }, withAdvice('what has happened cannot be read; it is tried again', err))
      return FIRST_WAIT_MS
    }
  })
  #stopped = false

  constructor(store: HappeningStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
  }

  /** Before any of them is woken. */
  add(follower: Follower): void {
    this.#followers.push(follower)
  }

  /** Something was noted, or may have been by a server before this one. */
  wake(): void {
    this.#rounds.wake()
  }

  /** Waits for what is in work. What is left is for the next server. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#rounds.stop()
  }

  async #handOutAll(): Promise<null> {
    let last = ''
    while (!this.#stopped) {
      const some = await this.#store.some(BATCH, last)
      await Promise.all(some.filter(({ id }) => !this.#waits.has(id)).map(happening => this.#follow(happening)))
      if (some.length < BATCH) break
      last = some.at(-1)!.id
    }
    return null
  }

  async #follow(happening: Happening, waitMs = FIRST_WAIT_MS): Promise<void> {
    try {
      await this.#tellAll(happening)
      await this.#store.forget(happening.id)
      this.#waits.delete(happening.id)
    } catch (error) {
      await this.#postpone(happening, waitMs, error)
    }
  }

  /** One who cannot act keeps nobody from hearing of it: somebody is told of a failure also where nothing can follow it. */
  async #tellAll(happening: Happening): Promise<void> {
    const acted = await Promise.allSettled(this.#followers.map(follower => follower.follow(happening)))
    const failed = acted.find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
  }

  async #postpone(happening: Happening, waitMs: number, error: unknown): Promise<void> {
    if (this.#stopped) return
    const old = Date.now() - happening.at > GIVE_UP_MS
    const what = old ? 'nobody could act upon what happened a day ago' : 'what happened is acted upon again later'
    this.#logger.error({ err: error, happening }, withAdvice(what, error))
    if (old) {
      this.#waits.delete(happening.id)
      await this.#store.forget(happening.id).catch(() => {}) // it is old at the next start, too
      return
    }
    this.#waits.set(happening.id, waitMs)
    this.#in(waitMs, () => void this.#follow(happening, Math.min(waitMs * 2, MAX_WAIT_MS)))
  }

  #in(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms).unref()
    this.#timers.add(timer)
  }
}
