import { LINE_BREAK, skipLineBreaks } from './line-breaks.ts'

/** Looked through in one go at most: three quarters of a millisecond where decoding is slowest, in random bytes. */
const STEP_BYTES = 64 * 1024

/**
 * Text can be made so that each of its bytes is compared with almost each character of what is looked for. So many
 * comparisons take a quarter of a millisecond to one and a half.
 */
const STEP_COMPARISONS = 2 ** 20

/** What lines are searched for. */
export interface SearchPattern {
  /** No match has more bytes. */
  readonly maxBytes: number
  /** How many bytes are to be looked through in one go. */
  readonly stepBytes: number
  /**
   * Goes through the lines in the bytes [from, to) that match, which may begin and end within a line but not within a
   * character. For each it gives a byte of that line, no later than the match.
   */
  linesIn(bytes: Buffer, from: number, to: number): Generator<number>
}

/** Finds `text`, which must not be empty or hold a line break: byte for byte, or in whatever case. */
export function searchPattern(text: string, matchCase: boolean): SearchPattern {
  return matchCase ? new ExactPattern(text) : new FoldedPattern(text)
}

class ExactPattern implements SearchPattern {
  readonly maxBytes: number
  readonly stepBytes: number
  readonly #text: Buffer

  constructor(text: string) {
    this.#text = Buffer.from(text)
    this.maxBytes = this.#text.length
    this.stepBytes = stepFor(this.maxBytes, this.maxBytes)
  }

  *linesIn(bytes: Buffer, from: number, to: number): Generator<number> {
    const step = bytes.subarray(0, to)
    for (let at = from; ; ) {
      const match = step.indexOf(this.#text, at)
      if (match < 0) return
      yield match
      at = step.indexOf(LINE_BREAK, match) + 1
      if (at === 0) return
    }
  }
}

/**
 * Letters are the same when Unicode's simple case folding makes them the same, as for the flags `iu` of a regular
 * expression and for the dashboard's own search: `ä` finds `Ä` and `σ` finds `ς`, and `ss` does not find `ß`.
 */
class FoldedPattern implements SearchPattern {
  readonly maxBytes: number
  readonly stepBytes: number
  readonly #text: RegExp

  constructor(text: string) {
    this.#text = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu')
    const characters = [...text].length
    // One character folds to one, of whatever length.
    this.maxBytes = characters * 4
    this.stepBytes = stepFor(characters, this.maxBytes)
  }

  *linesIn(bytes: Buffer, from: number, to: number): Generator<number> {
    const step = bytes.toString('utf8', from, to)
    // The same place, in the text and in the bytes: characters differ in length, but lines are as many.
    let [at, place] = [0, from]
    for (;;) {
      this.#text.lastIndex = at
      const match = this.#text.exec(step)
      if (!match) return
      let skipped = 0
      let lineBreak = step.indexOf('\n', at)
      for (; lineBreak >= 0 && lineBreak < match.index; lineBreak = step.indexOf('\n', lineBreak + 1)) skipped++
      place += skipLineBreaks(bytes.subarray(place, to), skipped).length
      yield place
      if (lineBreak < 0) return
      place += skipLineBreaks(bytes.subarray(place, to), 1).length
      at = lineBreak + 1
    }
  }
}

function stepFor(comparisons: number, maxBytes: number): number {
  return Math.max(2 * maxBytes, Math.min(STEP_BYTES, Math.floor(STEP_COMPARISONS / comparisons)))
}
