import { Slices } from '../lib/slices.ts'
import { countLineBreaks, LINE_BREAK } from './line-breaks.ts'
import { LINE_WINDOW_BYTES, type LineText, lineTextAt } from './line-text.ts'
import { type Line, type LogLines, MAX_PAGE_BYTES } from './log-lines.ts'
import { type SearchPattern, searchPattern } from './search-pattern.ts'
import { giveBack, takeBuffer } from './spare-buffer.ts'
import { completeLength, stepsBackToStart } from './utf8.ts'

export interface SearchQuery {
  /** Not empty, and without line breaks. */
  text: string
  /** Or letters are found in whatever case: see {@link searchPattern}. */
  matchCase: boolean
  /** The first line that is looked at. */
  fromLine: number
  /** So many lines are found at most, and no more than 1 MiB of text. */
  limit: number
}

export interface SearchResult {
  items: Omit<Line, 'at'>[]
  /** The `fromLine` of a search for the rest; null when all lines have been looked through. */
  nextLine: number | null
}

export interface SearchLimits {
  /** Ends it at once, with whatever has been found. */
  signal: AbortSignal
  /** Ends it at the next line, but not before it has come one line further. */
  isTimeUp: () => boolean
}

/**
 * Finds the lines that hold a text. It reads on and on through one piece of memory, however long lines are, and works for
 * no more than two milliseconds at a time.
 */
export async function searchLines(lines: LogLines, query: SearchQuery, limits: SearchLimits): Promise<SearchResult> {
  const memory = takeBuffer()
  try {
    return await new Search(lines, query, limits, memory).run()
  } finally {
    giveBack(memory)
  }
}

class Search {
  readonly #lines: LogLines
  readonly #query: SearchQuery
  readonly #limits: SearchLimits
  readonly #pattern: SearchPattern
  /** Holds the log's bytes from `#place` on, `#length` of them; the first `#at` are done with. */
  readonly #memory: Buffer
  #place = 0
  #length = 0
  #at = 0
  /** Where the line begins that the byte at `#place` lies in. */
  #lineStart = 0
  /** The last line whose number was counted. */
  #counted = { line: 1, offset: 0 }
  readonly #items: Omit<Line, 'at'>[] = []
  #textBytes = 0
  readonly #slices = new Slices()

  constructor(lines: LogLines, query: SearchQuery, limits: SearchLimits, memory: Buffer) {
    this.#lines = lines
    this.#query = query
    this.#limits = limits
    this.#pattern = searchPattern(query.text, query.matchCase)
    this.#memory = memory
  }

  async run(): Promise<SearchResult> {
    const { fromLine } = this.#query
    const first = await this.#lines.startOf(fromLine)
    this.#goTo(fromLine, first)
    let nextLine: number | null = null
    while (nextLine === null && !this.#limits.signal.aborted && (await this.#readOn())) {
      const mayStop = this.#lineStart > first
      nextLine = mayStop && this.#limits.isTimeUp() ? await this.#numberOf(this.#lineStart) : await this.#lookThrough()
    }
    return { items: this.#items, nextLine }
  }

  #goTo(line: number, offset: number): void {
    this.#place = offset
    this.#length = 0
    this.#at = 0
    this.#lineStart = offset
    this.#counted = { line, offset }
  }

  /** Reads what follows, and lets go of what is done with. False when nothing follows. */
  async #readOn(): Promise<boolean> {
    this.#lineStart = this.#startOfLine(this.#at)
    this.#memory.copyWithin(0, this.#at, this.#length)
    this.#place += this.#at
    this.#length -= this.#at
    this.#at = 0
    const read = await this.#lines.readInto(this.#memory.subarray(this.#length), this.#place + this.#length)
    this.#slices.begin()
    this.#length += read
    return read > 0
  }

  /** Looks through what has been read. @returns where to go on when enough has been found. */
  async #lookThrough(): Promise<number | null> {
    const isEnd = this.#place + this.#length >= this.#lines.end
    while (this.#at < this.#length) {
      const stepEnd = Math.min(this.#at + this.#pattern.stepBytes, this.#length)
      const isLast = stepEnd === this.#length
      const to = isLast && isEnd ? stepEnd : this.#at + completeLength(this.#memory.subarray(this.#at, stepEnd))
      let done = this.#at
      for (const byte of this.#pattern.linesIn(this.#memory, this.#at, to)) {
        const offset = this.#startOfLine(byte)
        const line = await this.#numberOf(offset)
        const { text, truncated, bytes } = await this.#textAt(offset)
        this.#textBytes += bytes
        if (this.#textBytes > MAX_PAGE_BYTES) return line
        this.#items.push({ line, offset, text, truncated })
        if (this.#items.length === this.#query.limit && line < this.#lines.count) return line + 1
        done = this.#memory.subarray(0, this.#length).indexOf(LINE_BREAK, byte) + 1
        if (done === 0) {
          // However far it goes on, the index knows about where the line after it begins.
          this.#goTo(line + 1, await this.#lines.startOf(line + 1))
          return null
        }
        if (this.#slices.over) await this.#slices.pause()
      }
      // A match that begins before the end of this step and ends behind it is found in the next.
      this.#at = Math.max(done, isLast && isEnd ? to : this.#startOfCharacter(to - this.#pattern.maxBytes))
      if (isLast) break
      if (this.#slices.over) await this.#slices.pause()
    }
    return null
  }

  #startOfLine(at: number): number {
    const lineBreak = at > 0 ? this.#memory.lastIndexOf(LINE_BREAK, at - 1) : -1
    return lineBreak < 0 ? this.#lineStart : this.#place + lineBreak + 1
  }

  #startOfCharacter(at: number): number {
    return at - stepsBackToStart(this.#memory.subarray(0, this.#length), at)
  }

  async #numberOf(lineStart: number): Promise<number> {
    const from = this.#counted.offset - this.#place
    const line =
      from >= 0
        ? this.#counted.line + countLineBreaks(this.#memory.subarray(from, lineStart - this.#place))
        : await this.#lines.numberAt(lineStart)
    this.#counted = { line, offset: lineStart }
    return line
  }

  async #textAt(lineStart: number): Promise<LineText> {
    const from = lineStart - this.#place
    const end = Math.min(lineStart + LINE_WINDOW_BYTES, this.#lines.end) - this.#place
    if (from >= 0 && end <= this.#length) return lineTextAt(this.#memory.subarray(0, end), from)
    const window = Buffer.allocUnsafe(LINE_WINDOW_BYTES)
    return lineTextAt(window.subarray(0, await this.#lines.readInto(window, lineStart)), 0)
  }
}
