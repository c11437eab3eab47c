import { type FileHandle, open } from 'node:fs/promises'
import { frame } from '../events/sse.ts'
import { type Chunk, formatCursor } from './log.ts'
import { completeLength, stepsBackToStart } from './utf8.ts'

/** Large enough that a replay is not held up by its events' number, small enough that a slow reader costs little. */
export const MAX_CHUNK_BYTES = 64 * 1024

const NEWLINE = 10

/** Reads chunks of a log file. It knows nothing of what is published: whoever asks says how far it may read. */
export class LogFile {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Null when there is no such file: the bot was never started, or its log is gone. */
  static async open(path: string): Promise<LogFile | null> {
    try {
      return new LogFile(await open(path, 'r'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  /**
   * From `from` at most to `to`: whole lines where a line fits, and never a part of a UTF-8 sequence that `to` allows to
   * be whole. Bytes that are no UTF-8 become U+FFFD, here and not in the download.
   */
  async read(from: number, to: number): Promise<Omit<Chunk, 'at'>> {
    const wanted = Math.min(to - from, MAX_CHUNK_BYTES)
    const buffer = Buffer.allocUnsafe(wanted)
    const { bytesRead } = await this.#handle.read(buffer, 0, wanted, from)
    let bytes = buffer.subarray(0, bytesRead)
    // Somebody cut the file short under us. What is not there cannot be read: the reader goes on at the end.
    if (bytesRead < wanted) return { end: to, text: bytes.toString('utf8') }
    if (from + bytesRead < to) {
      const lastLine = bytes.lastIndexOf(NEWLINE)
      bytes = bytes.subarray(0, lastLine >= 0 ? lastLine + 1 : completeLength(bytes))
    }
    return { end: from + bytes.length, text: bytes.toString('utf8') }
  }

  /** `offset` itself, or the beginning of the UTF-8 sequence it lies within. */
  async snap(offset: number): Promise<number> {
    const start = Math.max(0, offset - 3)
    const buffer = Buffer.alloc(7)
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, start)
    return offset - stepsBackToStart(buffer.subarray(0, bytesRead), offset - start)
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** A chunk as the event that carries it: its id is the place after it. */
export function chunkFrame(attempt: number, chunk: Chunk): Buffer {
  const id = formatCursor({ attempt, offset: chunk.end })
  return frame({ id, event: 'log', data: { text: chunk.text, at: chunk.at } })
}
