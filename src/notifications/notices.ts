import { AppError } from '../lib/errors.ts'
import type { NoticeStore } from './notice-store.ts'
import type { Notice } from './notifications.ts'
import type { Outbox } from './outbox.ts'

const KEPT_MS = 30 * 24 * 3_600_000

/** Removed in one step. */
const BATCH = 500

/** What was sent, waits, or was given up. */
export class Notices {
  readonly #store: NoticeStore
  readonly #outbox: Outbox

  constructor(store: NoticeStore, outbox: Outbox) {
    this.#store = store
    this.#outbox = outbox
  }

  list(query: Parameters<NoticeStore['list']>[0]): Promise<Notice[]> {
    return this.#store.list(query)
  }

  /** Sends one that was given up, or waits for its next try, now. @throws AppError `not_found`, `nothing_to_retry` */
  async retry(id: string): Promise<Notice> {
    const retried = await this.#store.retry(id, Date.now())
    const notice = await this.#store.find(id)
    if (!notice) throw new AppError('not_found', `There is no notice "${id}".`)
    if (!retried)
      throw new AppError('nothing_to_retry', `It is ${notice.state}: only what waits or has failed is tried again.`)
    await this.#outbox.announce(id)
    this.#outbox.wake()
    return notice
  }

  /** Removes what is not kept any more. */
  async sweep(now: number, signal: AbortSignal): Promise<void> {
    for (let removed = BATCH; removed === BATCH; ) {
      signal.throwIfAborted()
      removed = await this.#store.forget(now - KEPT_MS, BATCH)
    }
  }
}
