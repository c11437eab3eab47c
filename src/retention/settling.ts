import { readdir } from 'node:fs/promises'
import type { Logger } from 'pino'
import { compressLog } from '../logs/compression.ts'
import type { Logs } from '../logs/logs.ts'
import { anyProcessIn } from '../processes/processes.ts'
import type { AttemptFolders } from './attempt-folders.ts'
import { DAY_MS } from './retention.ts'
import type { RetentionStore } from './store.ts'

/** So long after its end people still look at what an attempt has left, and all of it stays as it is. */
const SETTLE_MS = DAY_MS

export interface SettlingOptions {
  store: RetentionStore
  logs: Pick<Logs, 'clean' | 'path'>
  folders: AttemptFolders
  minFreeBytes: number
  logger: Logger
}

/**
 * Settles attempts a day after they have ended: their logs are compressed, and what their folders take is written down, as
 * it changes no more. Until then it is known here.
 */
export class Settling {
  readonly #options: SettlingOptions
  #bytes = new Map<string, number>()

  constructor(options: SettlingOptions) {
    this.#options = options
  }

  /** What an attempt takes that has ended and is not settled; 0 for others, and before {@link measure}. */
  bytesOf(attemptId: string): number {
    return this.#bytes.get(attemptId) ?? 0
  }

  /** Its folder takes less now: it is looked at anew. */
  forget(attemptId: string): void {
    this.#bytes.delete(attemptId)
  }

  /** Looks at those that have ended since it last did. @returns what all take that are not settled. */
  async measure(signal: AbortSignal): Promise<number> {
    const known = this.#bytes
    this.#bytes = new Map()
    let sum = 0
    for await (const attempts of this.#options.store.unsettled(signal)) {
      const added = attempts.filter(({ id }) => !known.has(id)).map(({ id }) => id)
      const measured = await this.#options.folders.bytes(added, signal)
      for (const { id } of attempts) {
        const bytes = known.get(id) ?? measured.get(id)!
        this.#bytes.set(id, bytes)
        sum += bytes
      }
    }
    return sum
  }

  async settle(now: number, signal: AbortSignal): Promise<void> {
    const { store, folders, logger } = this.#options
    const failed: { attempt: string; err: unknown }[] = []
    for await (const attempts of store.unsettled(signal)) {
      const done: string[] = []
      for (const { id, endedAt } of attempts) {
        try {
          if (endedAt <= now - SETTLE_MS && (await this.#compress(id, signal))) done.push(id)
        } catch (err) {
          signal.throwIfAborted()
          failed.push({ attempt: id, err })
        }
      }
      const bytes = await folders.bytes(done, signal)
      await store.settle(bytes)
      for (const id of done) this.#bytes.delete(id)
    }
    const detail = 'logs could not be compressed; they stay as they are, and it is tried again in an hour'
    if (failed[0]) logger.error({ ...failed[0], logs: failed.length }, `${detail}. See whether the disk has room`)
  }

  /** False when somebody may still write to the log. */
  async #compress(attemptId: string, signal: AbortSignal): Promise<boolean> {
    const { logs, folders, minFreeBytes } = this.#options
    if ((await folders.changedAt(attemptId)) === null) return true
    const files = await readdir(folders.of(attemptId))
    // The relay says by a file that it has ended, unless it was killed with its wrapper. As long as it lives it stands here.
    if (!files.some(name => name.startsWith('closed.')) && anyProcessIn(folders.of(attemptId))) return false
    await logs.clean(attemptId)
    await folders.forgetOutput(attemptId)
    // Twice as much stays free: it must not be this that keeps bots from starting.
    await compressLog(logs.path(attemptId), 2 * minFreeBytes, signal)
    return true
  }
}
