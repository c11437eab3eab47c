import { PLAIN, type Span, type Style, tokenize } from './ansi.ts'
import { commandIn, type LineKind } from './commands.ts'
import type { Line, LogBook } from './log-book.ts'

/** A line as it is shown. */
export interface ShownLine {
  kind: LineKind
  spans: Span[]
  place: string | null
  at: number | null
  truncated: boolean
}

interface Reading {
  line: Line
  before: Style
  shown: ShownLine
  after: Style
}

/**
 * Lines of a book as they are shown, read once. Colours last from line to line within a block; where a block begins
 * nothing is known of what stands before it.
 */
export class ShownLines {
  readonly #book: LogBook
  readonly #readings = new WeakMap<object, (Reading | undefined)[]>()

  constructor(book: LogBook) {
    this.#book = book
  }

  /** The lines of a block up to the one at `end`, not included; null where they are not known. */
  ofBlock(block: number, end: number): (ShownLine | null)[] {
    const lines = this.#book.block(block)
    if (!lines) return new Array(end).fill(null)
    let readings = this.#readings.get(lines)
    if (!readings) {
      readings = []
      this.#readings.set(lines, readings)
    }
    const shown: (ShownLine | null)[] = []
    let style = PLAIN
    for (let i = 0; i < end; i++) {
      const line = lines[i]
      if (!line) {
        shown.push(null)
        continue
      }
      let reading = readings[i]
      if (reading?.line !== line || reading.before !== style) {
        reading = read(line, style)
        readings[i] = reading
      }
      shown.push(reading.shown)
      style = reading.after
    }
    return shown
  }
}

export const textOf = (line: ShownLine): string => line.spans.map(span => span.text).join('')

function read(line: Line, before: Style): Reading {
  const { spans, style } = tokenize(line.text, before)
  const { at, truncated } = line
  const first = spans[0]?.text.trimStart() ?? ''
  const command = first.startsWith('::') ? commandIn(spans.map(span => span.text).join('')) : null
  const shown: ShownLine = command
    ? { kind: command.kind, spans: tokenize(command.text, PLAIN).spans, place: command.place, at, truncated }
    : { kind: 'text', spans, place: null, at, truncated }
  return { line, before, shown, after: style }
}
