import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Logger } from 'pino'
import { type Drive, whyNot } from './drive.ts'
import type { Storage } from './storage.ts'

/** Each costs requests that somebody pays for: within this time all who ask get the same answer. */
const FRESH_MS = 10_000

/** A bucket that takes longer is of no use. */
const LIMIT_MS = 10_000

export type StorageState = 'not_configured' | 'accessible' | 'inaccessible'

/** How the bucket is found to be by writing a small object, reading it back and removing it. */
export class StorageProbe {
  readonly #storage: Storage | null
  readonly #logger: Logger
  readonly #key = `health/${randomUUID()}`
  #asked: { at: number; state: Promise<StorageState> } | null = null

  constructor(storage: Storage | null, logger: Logger) {
    this.#storage = storage
    this.#logger = logger
  }

  state(): Promise<StorageState> {
    if (!this.#storage) return Promise.resolve('not_configured')
    if (this.#asked && performance.now() - this.#asked.at < FRESH_MS) return this.#asked.state
    const state = this.#use(this.#storage)
    this.#asked = { at: performance.now(), state }
    return state
  }

  async #use(storage: Storage): Promise<StorageState> {
    const signal = AbortSignal.timeout(LIMIT_MS)
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`it took longer than ${LIMIT_MS / 1000} seconds`)))
    })
    try {
      await Promise.race([storage.drive().then(drive => this.#tryOut(drive, signal)), late])
      return 'accessible'
    } catch (error) {
      const detail = whyNot(error)
      const advice = 'See that STORAGE_URL and its credentials are right: read, write, list and delete are needed'
      this.#logger.error({ storage: storage.place, detail }, `the bucket cannot be used. ${advice}`)
      return 'inaccessible'
    }
  }

  async #tryOut(drive: Drive, signal: AbortSignal): Promise<void> {
    const content = randomUUID()
    await drive.upload(this.#key, Readable.from([Buffer.from(content)]), { bytes: content.length, signal })
    const back = await drive.read(this.#key)
    if (!back || (await text(back)) !== content) throw new Error('what was written was not read back')
    await drive.remove(this.#key)
  }
}
