import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Bucket, Storage } from '@google-cloud/storage'
import { Disk } from 'flydrive'
import { GCSDriver } from 'flydrive/drivers/gcs'
import type { ByteRange } from '../lib/byte-range.ts'
import { Drive, type Reach } from './drive.ts'
import type { StorageUrl } from './storage-url.ts'

/** Beyond this an upload goes in pieces, each of which is repeated by itself. */
const PIECE_BYTES = 8 * 1024 ** 2

const REQUEST_MS = 60_000

/** Credentials come from where the SDK looks for them. */
export function openGcs(url: Extract<StorageUrl, { kind: 'gs' }>): Drive {
  const storage = new Storage({
    timeout: REQUEST_MS,
    // To what is uploaded under our names nobody else writes: it may be repeated.
    retryOptions: { maxRetries: 2, totalTimeout: REQUEST_MS / 1000, idempotencyStrategy: 0 }
  })
  const driver = new GCSDriver({ storage, bucket: url.bucket, visibility: 'private' })
  return new Drive(url, new Disk(driver), new GcsReach(storage.bucket(url.bucket)))
}

class GcsReach implements Reach {
  readonly #bucket: Bucket

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  async upload(key: string, body: Readable, bytes: number | null, signal: AbortSignal): Promise<void> {
    const inPieces = bytes === null || bytes > PIECE_BYTES
    const target = this.#bucket.file(key).createWriteStream({
      validation: 'crc32c',
      ...(inPieces ? { resumable: true, chunkSize: PIECE_BYTES } : { resumable: false })
    })
    await pipeline(body, target, { signal })
  }

  /** Begun when the store has answered, so that what it has to say against it comes as an error of this. */
  read(key: string, range: ByteRange | null): Promise<Readable> {
    const stream = this.#bucket.file(key).createReadStream({ validation: false, decompress: false, ...(range ?? {}) })
    return new Promise((resolve, reject) => {
      const settle = (error: Error | null) => {
        stream.off('error', settle).off('readable', begun)
        if (error) reject(error)
        else resolve(stream)
      }
      const begun = () => settle(null)
      stream.on('error', settle).on('readable', begun)
    })
  }

  async *list(prefix: string) {
    for (let pageToken: string | undefined, more = true; more; more = pageToken !== undefined) {
      const [files, next] = await this.#bucket.getFiles({
        prefix,
        autoPaginate: false,
        ...(pageToken === undefined ? {} : { pageToken })
      })
      yield files.map(({ name, metadata }) => ({
        key: name,
        bytes: Number(metadata.size),
        modifiedAt: Date.parse(metadata.updated!)
      }))
      pageToken = (next as { pageToken?: string } | null)?.pageToken
    }
  }

  isMissing(error: unknown): boolean {
    const { code, cause } = error as { code?: unknown; cause?: unknown }
    return code === 404 || (cause ? this.isMissing(cause) : false)
  }

  close(): void {
    // It keeps no connections of its own.
  }
}
