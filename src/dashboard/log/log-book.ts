import type { Growth, LogPage } from './log-page.ts'

/** Lines are kept and asked for in blocks. */
export const BLOCK_LINES = 256

/** What is kept of a log, the most recently shown: some 50,000 lines, or fewer long ones. */
const MAX_BLOCKS = 200
const MAX_CHARACTERS = 32e6

/** The server cuts lines here as well; one that grows without end, a progress bar, must not fill the memory. */
const MAX_LINE_BYTES = 16 * 1024

/** A line that another has followed does not change any more. */
const FINAL = Number.POSITIVE_INFINITY

export interface Line {
  text: string
  /** Milliseconds; null when nobody knows. */
  at: number | null
  /** There is more of it in the log. */
  truncated: boolean
  /** The size of the log for which this is how the line reads; {@link FINAL} for good. */
  asOf: number
}

interface Block {
  lines: (Line | undefined)[]
  characters: number
}

/**
 * The lines of a log that are known so far, by number, from pages that were read and from word of what was added. Both
 * may come in any order: each line says for which size of the log it is true, and only gives way to a later state, so
 * that nothing is doubled, lost, or taken back by an answer that was long under way.
 */
export class LogBook {
  lineCount = 0
  logBytes = 0
  /** The last line that is, or was, known. */
  newest = 0
  /** Blocks by number, those that were shown longest ago first. */
  readonly #blocks = new Map<number, Block>()
  #characters = 0
  readonly #encoder = new TextEncoder()
  readonly #room = new Uint8Array(MAX_LINE_BYTES)

  /** A line as far as it is known, which may be an earlier state of it. */
  line(number: number): Line | undefined {
    return this.block(blockOf(number))?.[indexOf(number)]
  }

  /** The lines of a block, from its first on; undefined where they are not known. */
  block(block: number): readonly (Line | undefined)[] | undefined {
    return this.#blocks.get(block)?.lines
  }

  /** Numbers of the blocks of which something is known, ascending. */
  get blocks(): number[] {
    return [...this.#blocks.keys()].sort((a, b) => a - b)
  }

  /** Whether the line is known as it is now. */
  knows(number: number): boolean {
    const line = this.line(number)
    return line !== undefined && (line.asOf === FINAL || line.asOf === this.logBytes)
  }

  /**
   * What must be read to know the lines from `first` to `last`: of each block in which one of them is missing, all that is
   * missing there. The blocks count as shown.
   */
  missing(first: number, last: number): { block: number; fromLine: number; lines: number }[] {
    const ranges = []
    const start = Math.max(1, first)
    const end = Math.min(last, this.lineCount)
    if (start > end) return []
    for (let block = blockOf(start); block * BLOCK_LINES < end; block++) {
      this.#touch(block)
      const from = block * BLOCK_LINES + 1
      const to = Math.min(from + BLOCK_LINES - 1, this.lineCount)
      if (this.#unknown(Math.max(from, start), Math.min(to, end)) === null) continue
      const fromLine = this.#unknown(from, to)!
      ranges.push({ block, fromLine, lines: this.#unknown(to, from)! - fromLine + 1 })
    }
    return ranges
  }

  take(page: LogPage): void {
    if (page.logBytes > this.logBytes) {
      this.logBytes = page.logBytes
      this.lineCount = page.lineCount
    }
    for (const { line, text, at, truncated } of page.items) {
      this.#put(line, { text, at, truncated, asOf: line < page.lineCount ? FINAL : page.logBytes })
    }
  }

  apply({ from, to, line, lineCount, at, text }: Growth): void {
    if (to <= this.logBytes) return
    const begins = from === this.logBytes && line > this.lineCount
    if (begins) this.#finish(this.lineCount)
    this.logBytes = to
    this.lineCount = lineCount
    if (text === null) return
    const [head, ...others] = text.split('\n')
    const asOf = (index: number) => (index < others.length ? FINAL : to)
    if (begins) this.#put(line, { ...this.#cut(head!), at, asOf: asOf(0) })
    else this.#continue(line, from, head!, asOf(0))
    others.forEach((piece, index) => {
      // Behind the last line break no line has begun.
      if (line + index + 1 <= lineCount) this.#put(line + index + 1, { ...this.#cut(piece), at, asOf: asOf(index + 1) })
    })
  }

  /** The first line that is not known on the way from one to another; null when all are. */
  #unknown(from: number, to: number): number | null {
    const step = from <= to ? 1 : -1
    for (let line = from; line !== to + step; line += step) if (!this.knows(line)) return line
    return null
  }

  /** The line turned out to have been at its end. */
  #finish(number: number): void {
    const line = this.line(number)
    if (line?.asOf === this.logBytes) line.asOf = FINAL
  }

  #continue(number: number, from: number, text: string, asOf: number): void {
    const line = this.line(number)
    if (line?.asOf !== from) return
    const grown = line.truncated ? { text: line.text, truncated: true } : this.#cut(line.text + text)
    this.#put(number, { ...grown, at: line.at, asOf })
  }

  #cut(text: string): { text: string; truncated: boolean } {
    if (text.length * 3 <= MAX_LINE_BYTES) return { text, truncated: false }
    const { read } = this.#encoder.encodeInto(text, this.#room)
    return read < text.length ? { text: text.slice(0, read), truncated: true } : { text, truncated: false }
  }

  #put(number: number, line: Line): void {
    const block = this.#blocks.get(blockOf(number)) ?? this.#begin(blockOf(number))
    const old = block.lines[indexOf(number)]
    if (old && old.asOf >= line.asOf) return
    block.lines[indexOf(number)] = line
    const more = line.text.length - (old?.text.length ?? 0)
    block.characters += more
    this.#characters += more
    this.newest = Math.max(this.newest, number)
    this.#forget()
  }

  #begin(number: number): Block {
    const block = { lines: new Array<Line | undefined>(BLOCK_LINES).fill(undefined), characters: 0 }
    this.#blocks.set(number, block)
    return block
  }

  #touch(number: number): void {
    const block = this.#blocks.get(number)
    if (!block) return
    this.#blocks.delete(number)
    this.#blocks.set(number, block)
  }

  /** Two blocks stay whatever they hold: a screen can lie across both. */
  #forget(): void {
    for (const [number, block] of this.#blocks) {
      if (this.#blocks.size <= 2) return
      if (this.#blocks.size <= MAX_BLOCKS && this.#characters <= MAX_CHARACTERS) return
      this.#blocks.delete(number)
      this.#characters -= block.characters
    }
  }
}

export const blockOf = (line: number): number => Math.floor((line - 1) / BLOCK_LINES)
export const indexOf = (line: number): number => (line - 1) % BLOCK_LINES
