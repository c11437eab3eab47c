import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs'
import { Readable } from 'node:stream'
import { type Pack, pack } from 'tar-stream'
import { CHECKSUMS, checksumLine } from './archive.ts'

/** Something to be kept: so many bytes, no more and no fewer. */
export interface Entry {
  name: string
  size: number
  /** In milliseconds. */
  modifiedAt: number
  bytes: AsyncIterable<Buffer> | Iterable<Buffer>
}

/** Checksums are written down in pieces of this size. */
const SUMS_BYTES = 64 * 1024

/** Writes a tar archive entry by entry, and notes the checksum of each in a file: there may be a million. */
export class TarWriter {
  readonly #pack: Pack = pack()
  readonly #sumsPath: string
  readonly #sums: number
  #lines = ''
  files = 0
  bytes = 0

  /** `sumsPath`: where checksums are kept while it is written. */
  constructor(sumsPath: string) {
    this.#sumsPath = sumsPath
    this.#sums = openSync(sumsPath, 'wx', 0o600)
  }

  /** What it comes to. */
  get stream(): Readable {
    return Readable.from(this.#pack as unknown as AsyncIterable<Buffer>, { objectMode: false })
  }

  async add(entry: Entry): Promise<void> {
    const sha256 = await this.#write(entry)
    this.files++
    this.bytes += entry.size
    this.#lines += checksumLine(sha256, entry.name)
    if (this.#lines.length >= SUMS_BYTES) this.#flush()
  }

  /** Ends it with the checksums. */
  async finish(now: number): Promise<void> {
    this.#flush()
    closeSync(this.#sums)
    const { size } = statSync(this.#sumsPath)
    await this.#write({ name: CHECKSUMS, size, modifiedAt: now, bytes: createReadStream(this.#sumsPath) })
    this.#pack.finalize()
  }

  /** It cannot be gone on with. */
  fail(error: Error): void {
    this.#pack.destroy(error)
  }

  #flush(): void {
    writeSync(this.#sums, this.#lines)
    this.#lines = ''
  }

  async #write({ name, size, modifiedAt, bytes }: Entry): Promise<string> {
    const hash = createHash('sha256')
    const { promise: written, resolve, reject } = Promise.withResolvers<void>()
    const header = { name, size, mode: 0o600, mtime: new Date(modifiedAt), type: 'file' as const }
    const sink = this.#pack.entry(header, error => (error ? reject(error) : resolve()))
    written.catch(() => {}) // it is awaited below, or somebody else has failed before
    sink.on('error', reject)
    let left = size
    for await (const piece of bytes) {
      const part = piece.subarray(0, left)
      if (part.length === 0) break
      left -= part.length
      hash.update(part)
      if (!sink.write(part)) await Promise.race([once(sink, 'drain'), written])
    }
    if (left > 0) throw new Error(`${name} was cut short while it was read: ${left} bytes are missing. Try again.`)
    sink.end(null)
    await written
    return hash.digest('hex')
  }
}
