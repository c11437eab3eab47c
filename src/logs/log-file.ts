import { frame } from '../events/sse.ts'
import { LINE_BREAK } from './line-breaks.ts'
import { type Chunk, formatCursor } from './log.ts'
import { type LogBytes, openLogBytes } from './log-bytes.ts'
import { completeLength, stepsBackToStart } from './utf8.ts'

/** Large enough that a replay is not held up by its events' number, small enough that a slow reader costs little. */
export const MAX_CHUNK_BYTES = 64 * 1024

/**
 * Reads a log, compressed or not, off the main thread. It knows nothing of what is published: whoever asks says how far it
 * may read. What only looks it up is done at once, as that takes a tenth of a turn through the thread pool.
 */
export class LogFile {
  readonly #bytes: LogBytes
  #reads = 0
  #closing = false

  private constructor(bytes: LogBytes) {
    this.#bytes = bytes
  }

  /**
   * The log at `path`, or what became of it by compressing. Null when there is none: the bot was never started, or its log
   * is gone.
   */
  static open(path: string): LogFile | null {
    const bytes = openLogBytes(path)
    return bytes && new LogFile(bytes)
  }

  /**
   * From `from` at most to `to`: whole lines where a line fits, and never a part of a UTF-8 sequence that `to` allows to
   * be whole. Bytes that are no UTF-8 become U+FFFD, here and not in the download.
   */
  async read(from: number, to: number): Promise<Omit<Chunk, 'at'>> {
    const wanted = Math.min(to - from, MAX_CHUNK_BYTES)
    let bytes = await this.bytes(from, wanted)
    // Somebody cut the file short under us. What is not there cannot be read: the reader goes on at the end.
    if (bytes.length < wanted) return { end: to, text: bytes.toString('utf8') }
    if (from + wanted < to) {
      const lastLine = bytes.lastIndexOf(LINE_BREAK)
      bytes = bytes.subarray(0, lastLine >= 0 ? lastLine + 1 : completeLength(bytes))
    }
    return { end: from + bytes.length, text: bytes.toString('utf8') }
  }

  /** `offset` itself, or the beginning of the UTF-8 sequence it lies within. */
  async snap(offset: number): Promise<number> {
    const start = Math.max(0, offset - 3)
    return offset - stepsBackToStart(await this.bytes(start, 7), offset - start)
  }

  /** `length` bytes from `offset` on, or fewer where the file ends. */
  async bytes(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length)
    return buffer.subarray(0, await this.readInto(buffer, offset))
  }

  /** Fills `buffer` from `offset` on. @returns how much of it: less where the log ends. */
  async readInto(buffer: Uint8Array, offset: number): Promise<number> {
    if (this.#closing) throw new Error('This log file is closed.')
    this.#reads++
    try {
      return await this.#bytes.readInto(buffer, offset)
    } finally {
      this.#reads--
      this.#closeWhenIdle()
    }
  }

  get size(): number {
    return this.#bytes.size
  }

  /** What is being read is read to its end. */
  close(): void {
    if (this.#closing) return
    this.#closing = true
    this.#closeWhenIdle()
  }

  /** Not before: the next file opened would get its number, and the read would be of that. */
  #closeWhenIdle(): void {
    if (this.#closing && this.#reads === 0) this.#bytes.close()
  }
}

/** A chunk as the event that carries it: its id is the place after it. */
export function chunkFrame(attempt: number, chunk: Chunk): Buffer {
  const id = formatCursor({ attempt, offset: chunk.end })
  return frame({ id, event: 'log', data: { text: chunk.text, at: chunk.at } })
}
