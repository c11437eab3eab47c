import { countLineBreaks, skipLineBreaks } from './line-breaks.ts'
import type { LineIndex } from './line-index.ts'
import { LINE_WINDOW_BYTES, lineTextAt } from './line-text.ts'
import type { LogFile } from './log-file.ts'
import { giveBack, takeBuffer } from './spare-buffer.ts'

export const MAX_PAGE_BYTES = 1024 * 1024

/** Enough to come from where the index points to the line asked for, and for a page of ordinary lines: read at once. */
const WINDOW_BYTES = 192 * 1024

/** One line of a log. */
export interface Line {
  /** From 1. */
  line: number
  /** Where it begins. */
  offset: number
  /** When its beginning was published, to a second; null when unknown. */
  at: number | null
  /** Without its line break; no more than 16 KiB of it. */
  text: string
  truncated: boolean
}

/**
 * The lines of a log as it stood at one moment: of its first `end` bytes, whatever comes meanwhile. LF or CRLF ends a
 * line; what stands after the last of these is a line as well.
 */
export class LogLines {
  readonly end: number
  readonly count: number
  readonly #index: LineIndex
  readonly #file: LogFile | null
  #memory: Buffer | null = null
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0

  /** Of all that is indexed now; of nothing where there is no file. */
  constructor(index: LineIndex, file: LogFile | null) {
    this.end = file ? index.end : 0
    this.count = file ? index.lineCount : 0
    this.#index = index
    this.#file = file
  }

  /** Lines from number `first` on: at most `count`, and no more than {@link MAX_PAGE_BYTES} of text. */
  async page(first: number, count: number): Promise<Line[]> {
    const lines: Line[] = []
    let size = 0
    await this.#forEach(first, count, (line, bytes) => {
      size += bytes
      const fits = size <= MAX_PAGE_BYTES
      if (fits) lines.push(line)
      return fits
    })
    return lines
  }

  /** The last lines: at most `count`, and no more than {@link MAX_PAGE_BYTES} of text. */
  async tail(count: number): Promise<Line[]> {
    const lines: { line: Line; bytes: number }[] = []
    let size = 0
    await this.#forEach(this.#firstOfLast(count), count, (line, bytes) => {
      lines.push({ line, bytes })
      size += bytes
      while (size > MAX_PAGE_BYTES) size -= lines.shift()!.bytes
      return true
    })
    return lines.map(({ line }) => line)
  }

  /** Where the last `count` lines begin. */
  startOfTail(count: number): Promise<number> {
    return this.startOf(this.#firstOfLast(count))
  }

  /** Where a line begins; the end when there is no such line. */
  async startOf(line: number): Promise<number> {
    return line > this.count ? this.end : this.#reading(() => this.#startOf(line))
  }

  /** The number of the line that the byte at `offset` lies in; `offset` must be before the end. */
  numberAt(offset: number): Promise<number> {
    return this.#reading(async () => {
      const before = await this.#index.placeAt(offset)
      let line = before.breaks + 1
      for (let place = before.offset; place < offset; place += this.#window.length) {
        await this.#show(place)
        if (this.#window.length === 0) break
        line += countLineBreaks(this.#window.subarray(0, offset - place))
      }
      return line
    })
  }

  /** Fills `buffer` from `offset` on, not beyond the end. @returns how much of it. */
  async readInto(buffer: Buffer, offset: number): Promise<number> {
    const length = Math.min(buffer.length, this.end - offset)
    return length <= 0 ? 0 : this.#file!.readInto(buffer.subarray(0, length), offset)
  }

  #firstOfLast(count: number): number {
    return Math.max(1, this.count - count + 1)
  }

  /** Calls `take` for one line after the other, until it has had enough. `bytes` is how much of the log the text is. */
  async #forEach(first: number, count: number, take: (line: Line, bytes: number) => boolean): Promise<void> {
    const last = Math.min(this.count, first + count - 1)
    if (first <= last) await this.#reading(() => this.#forEachOf(first, last, take))
  }

  async #forEachOf(first: number, last: number, take: (line: Line, bytes: number) => boolean): Promise<void> {
    let start = await this.#startOf(first)
    let timeOf = await this.#index.timesFrom(start)
    // A log that was cut short ends before its lines do.
    for (let line = first; line <= last && start < this.end; line++) {
      if (!this.#shows(start)) await this.#show(start)
      let at = timeOf(start)
      if (at === undefined) {
        timeOf = await this.#index.timesFrom(start)
        at = timeOf(start)
      }
      const { text, truncated, bytes, next } = lineTextAt(this.#window, start - this.#windowAt)
      if (!take({ line, offset: start, at: at ?? null, text, truncated }, bytes)) return
      start = next === null ? await this.#endOfLong(line) : this.#windowAt + next
    }
  }

  async #startOf(line: number): Promise<number> {
    if (line === 1) return 0
    const { offset, breaks } = await this.#index.placeBefore(line - 2)
    return this.#skipBreaks(offset, line - 1 - breaks)
  }

  /** Where a line ends that goes on behind the window, however far: the index knows about where. */
  async #endOfLong(line: number): Promise<number> {
    const { offset } = await this.#index.placeBefore(line - 1)
    return this.#skipBreaks(Math.max(offset, this.#windowAt + this.#window.length), 1)
  }

  /** The place behind the next `count` line breaks from `from` on; the end where there are not so many. */
  async #skipBreaks(from: number, count: number): Promise<number> {
    let place = from
    for (let missing = count; place < this.end; ) {
      if (place < this.#windowAt || place >= this.#windowAt + this.#window.length) await this.#show(place)
      if (this.#window.length === 0) break
      const { skipped, length } = skipLineBreaks(this.#window.subarray(place - this.#windowAt), missing)
      place += length
      missing -= skipped
      if (missing === 0) return place
    }
    return this.end
  }

  /** Whether the window holds all of the line at `offset` that is ever shown, and its end where it is not longer. */
  #shows(offset: number): boolean {
    const end = this.#windowAt + this.#window.length
    return offset >= this.#windowAt && (end >= this.end || offset + LINE_WINDOW_BYTES <= end)
  }

  async #show(offset: number): Promise<void> {
    this.#memory ??= takeBuffer()
    const length = await this.#file!.readInto(
      this.#memory.subarray(0, Math.min(WINDOW_BYTES, this.end - offset)),
      offset
    )
    this.#window = this.#memory.subarray(0, length)
    this.#windowAt = offset
  }

  /** For as long as it reads it has memory to read into. */
  async #reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } finally {
      if (this.#memory) giveBack(this.#memory)
      this.#memory = null
      this.#window = Buffer.alloc(0)
    }
  }
}
