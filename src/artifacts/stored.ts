import type { Readable } from 'node:stream'
import type { Logger } from 'pino'
import type { ByteRange } from '../lib/byte-range.ts'
import { AppError } from '../lib/errors.ts'
import { whyNot } from '../storage/drive.ts'
import type { Storage } from '../storage/storage.ts'
import type { StoredArtifact, UploadStore } from './upload-store.ts'

/** Whether the artifacts of an attempt are on the server's disk, there and about to be brought to the bucket, or in the bucket. */
export type Stored = 'local' | 'uploading' | 'bucket'

/** The artifacts that lie in the bucket. */
export class StoredArtifacts {
  readonly #store: UploadStore
  readonly #storage: Storage | null
  readonly #logger: Logger

  constructor(store: UploadStore, storage: Storage | null, logger: Logger) {
    this.#store = store
    this.#storage = storage
    this.#logger = logger
  }

  /** `detail` says for people why they are not where they should be. */
  async of(attemptId: string): Promise<{ stored: Stored; detail: string | null }> {
    const upload = await this.#store.find(attemptId)
    if (upload?.state === 'stored') return { stored: 'bucket', detail: null }
    // What another server before this one was to upload stays, until one is to again.
    const uploading = upload?.state === 'waiting' && this.#storage !== null
    return { stored: uploading ? 'uploading' : 'local', detail: upload?.detail ?? null }
  }

  list(attemptId: string, limit: number): Promise<StoredArtifact[]> {
    return this.#store.artifacts(attemptId, limit)
  }

  find(attemptId: string, name: string): Promise<StoredArtifact | null> {
    return this.#store.artifact(attemptId, name)
  }

  /** @throws AppError `unavailable` when the bucket is not the one of now, does not answer, or has lost it. */
  async read(attemptId: string, { key }: StoredArtifact, range: ByteRange | null): Promise<Readable> {
    const place = (await this.#store.find(attemptId))?.place
    if (place !== this.#storage?.place) {
      throw new AppError('unavailable', `This artifact is in ${place}, which STORAGE_URL of this server does not name.`)
    }
    let why = 'it is not there any more'
    try {
      const bytes = await (await this.#storage!.drive()).read(key, range)
      if (bytes) return bytes
    } catch (error) {
      why = whyNot(error)
    }
    this.#logger.error({ storage: place, key, detail: why }, 'an artifact could not be read from the bucket')
    throw new AppError('unavailable', 'The bucket with this artifact does not give it out now. Try again later.', {
      headers: { 'retry-after': '30' }
    })
  }
}
