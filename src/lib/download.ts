import { Readable } from 'node:stream'

/** What can be read at any place, and is closed when nobody reads it any more. */
interface Source {
  /** Fills `buffer` from `offset` on. @returns how much of it: less where it ends. */
  readInto(buffer: Uint8Array, offset: number): Promise<number>
  close(): void
}

const CHUNK_BYTES = 64 * 1024

/** The limit on how long an answer may take to begin would also cut off a long download. The longest a timer can be. */
export const DOWNLOAD_TIMEOUT_MS = 2 ** 31 - 1

/**
 * The bytes [from, to) of a source, which is closed when they have been read or nobody wants them any more. When it turns
 * out to be shorter the stream breaks: who was promised so many bytes would wait for the rest, or take the next answer
 * for it.
 */
export class Download extends Readable {
  readonly #source: Source
  readonly #to: number
  #at: number
  #reading: Promise<void> | null = null

  constructor(source: Source, from: number, to: number) {
    super({ highWaterMark: CHUNK_BYTES })
    this.#source = source
    this.#at = from
    this.#to = to
  }

  override _read(): void {
    if (this.#at === this.#to) this.push(null)
    else this.#reading = this.#readOn()
  }

  override async _destroy(error: Error | null, done: (error?: Error | null) => void): Promise<void> {
    // Not before: the next file opened would get its number, and the read would be of that.
    await this.#reading
    this.#source.close()
    done(error)
  }

  async #readOn(): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, this.#to - this.#at))
    try {
      const length = await this.#source.readInto(buffer, this.#at)
      if (length === 0) throw new Error('the file was cut short while it was sent')
      this.#at += length
      this.push(buffer.subarray(0, length))
    } catch (error) {
      this.destroy(error as Error)
    }
  }
}
