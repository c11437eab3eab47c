import { Readable } from 'node:stream'
import type { Disk } from 'flydrive'
import type { ByteRange } from '../lib/byte-range.ts'
import { placeOf, type StorageUrl } from './storage-url.ts'

/** What is known of an object. */
export interface StoredObject {
  key: string
  bytes: number
  /** Milliseconds since 1970. */
  modifiedAt: number
}

/** What flydrive does not do, or not for objects of any size and name. Keys are whole: with the prefix. */
export interface Reach {
  /** One of the name is replaced; where this fails, what was there before stays. `bytes` is null when nobody knows yet. */
  upload(key: string, body: Readable, bytes: number | null, signal: AbortSignal): Promise<void>
  /** The bytes of an object, both ends of the range included; all when it is null. */
  read(key: string, range: ByteRange | null): Promise<Readable>
  /** Whose keys begin with this, page by page. */
  list(prefix: string): AsyncGenerator<StoredObject[]>
  /** Whether an error of it, or of flydrive's for it, says that there is no such object. */
  isMissing(error: unknown): boolean
  close(): void
}

/**
 * A bucket, or a folder that stands for one. Keys are slash-separated names of letters, digits and `-_.!`, without the prefix
 * of the bucket; see {@link keyOf} in keys.ts for any others. Each method throws what the store said; {@link whyNot} has that
 * for people.
 */
export class Drive {
  /** Where it is, such as `s3://bucket/prefix`. */
  readonly place: string
  readonly #prefix: string
  readonly #disk: Disk
  readonly #reach: Reach

  constructor(url: StorageUrl, disk: Disk, reach: Reach) {
    this.place = placeOf(url)
    this.#prefix = url.kind === 'file' || url.prefix === '' ? '' : `${url.prefix}/`
    this.#disk = disk
    this.#reach = reach
  }

  /**
   * Brings all of `body` there, in little memory however much that is, and asks whether as much has arrived. The store
   * compares checksums. `bytes`: how much it will be, if that is known. Until this has come back well, there is no such
   * object, or the one before it.
   * @returns how much it was.
   */
  async upload(key: string, body: Readable, options: { bytes?: number; signal?: AbortSignal } = {}): Promise<number> {
    const { bytes = null, signal = new AbortController().signal } = options
    const count = { bytes: 0 }
    const counted = Readable.from(countInto(count, body), { objectMode: false })
    try {
      signal.throwIfAborted()
      await this.#reach.upload(this.#prefix + key, counted, bytes, signal)
    } finally {
      counted.destroy()
      body.destroy()
    }
    const stored = await this.stat(key)
    if (stored?.bytes === count.bytes) return count.bytes
    throw new Error(`${count.bytes} bytes of ${key} were sent, and ${stored?.bytes ?? 'nothing'} is there`)
  }

  /** Null when there is no such object. */
  async stat(key: string): Promise<StoredObject | null> {
    try {
      const { contentLength, lastModified } = await this.#disk.getMetaData(this.#prefix + key)
      return { key, bytes: contentLength, modifiedAt: lastModified.getTime() }
    } catch (error) {
      if (this.#reach.isMissing(error)) return null
      throw error
    }
  }

  /** The bytes of an object, both ends of the range included. Null when there is no such object. */
  async read(key: string, range: ByteRange | null = null): Promise<Readable | null> {
    try {
      return await this.#reach.read(this.#prefix + key, range)
    } catch (error) {
      if (this.#reach.isMissing(error)) return null
      throw error
    }
  }

  /** All objects whose keys begin with `prefix`, in no order. Others than ours may have any names. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for await (const page of this.#reach.list(this.#prefix + prefix)) {
      for (const object of page) yield { ...object, key: object.key.slice(this.#prefix.length) }
    }
  }

  /** It is no error when there is none. */
  async remove(key: string): Promise<void> {
    await this.#disk.delete(this.#prefix + key)
  }

  /** Lets its connections go. */
  close(): void {
    this.#reach.close()
  }
}

/** Opens a drive; nothing is asked of the store yet. The packages for it are loaded now, and only those. */
export async function openDrive(url: StorageUrl): Promise<Drive> {
  if (url.kind === 's3') return (await import('./s3-drive.ts')).openS3(url)
  if (url.kind === 'gs') return (await import('./gcs-drive.ts')).openGcs(url)
  return (await import('./folder-drive.ts')).openFolder(url)
}

/** What a store said, for people: the first cause, by its name or code and in its own words. */
export function whyNot(error: unknown): string {
  let cause = error as Error & { code?: unknown; $metadata?: { httpStatusCode?: number } }
  while (cause?.cause instanceof Error) cause = cause.cause as typeof cause
  const name = [cause?.code, cause?.name].find(text => typeof text === 'string' && text !== 'Error')
  const status = cause?.$metadata?.httpStatusCode ?? (typeof cause?.code === 'number' ? cause.code : undefined)
  const parts = [name, cause?.message || String(cause)].filter((part, i, all) => part && all.indexOf(part) === i)
  return parts.join(': ') + (status ? ` (HTTP ${status})` : '')
}

async function* countInto(count: { bytes: number }, body: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    count.bytes += chunk.length
    yield chunk
  }
}
