import { MIN_VALUE_CHARACTERS } from '../secrets/secret.ts'
import { encodingsOf, isSecret } from './encodings.ts'
import { LINE_BREAK } from './line-breaks.ts'
import { Patterns } from './patterns.ts'

/** A line that begins with it masks what follows in it, from there on, as in GitHub Actions. */
const MASK_COMMAND = Buffer.from('::add-mask::')

/** Of the text before a scan this much must be at hand: a command that stands there, and whether it begins a line. */
export const CONTEXT_BYTES = MASK_COMMAND.length + 1

/** What masks a value is held back until its line ends, so this must come; of a longer line the beginning is the value. */
const MAX_MASK_BYTES = 16 * 1024

/** A bot that masks whatever it prints must not take the server's time and memory; see `npm run bench redaction`. */
export const MAX_VALUES = 1000

const ASTERISK = 0x2a
const CARRIAGE_RETURN = 13

/** What a scan has come to. Places are indexes into the text. */
export interface Scan {
  /** Up to here the text is decided. What follows may be the beginning of a secret, and is to be scanned again with more. */
  end: number
  /** From the first byte that was overwritten to behind the last, all before `end`; null when none was. */
  changed: Stretch | null
  /** Values that this text has masked and that were not known. */
  masked: string[]
}

/** Some of a text, to behind its last byte. */
interface Stretch {
  from: number
  to: number
}

/** A line that masks the value that stands in it. */
interface MaskLine {
  begin: number
  value: Stretch
  /** False while the rest of it has not come. */
  isWhole: boolean
}

/**
 * Overwrites secret values in a log with asterisks, byte for byte, so that all places in it stay; line breaks within a value
 * are left, so that lines stay as well. It is given the log in pieces, cut anywhere, and makes of it what it would make of
 * the whole: a piece is changed up to where nothing that follows could change it otherwise, and not touched from there on.
 */
export class Redactor {
  readonly #patterns = new Patterns()
  readonly #values = new Set<string>()
  /** Whether a mask did not count, as there were {@link MAX_VALUES} already: only the line it stands in was overwritten. */
  isFull = false

  /** What is overwritten: the values that were given, and those that were masked. */
  get values(): string[] {
    return [...this.#values]
  }

  /** From now on `value` is overwritten, in all its encodings. False when it was before, or never is: too short, or hidden. */
  add(value: string): boolean {
    const steps = this.adding(value)
    let step = steps.next()
    while (!step.done) step = steps.next()
    return step.value
  }

  /** The same in steps: a value of 64 KiB takes a tenth of a second. */
  *adding(value: string): Generator<void, boolean> {
    if (!isSecret(value) || this.#values.has(value)) return false
    this.#values.add(value)
    for (const encoding of encodingsOf(value)) yield this.#patterns.add(encoding)
    return true
  }

  /** Overwrites what is secret in a text that is no log and that is given whole. */
  redact(text: Buffer): void {
    const { matches, found } = collected()
    this.#patterns.find(text, 0, text.length, found)
    overwrite(text, matches, text.length)
  }

  /**
   * Overwrites what is secret in `text` from index `from` on. What stands before has been decided: {@link CONTEXT_BYTES}
   * or more of it, or all there is of the log. With `isEnd` nothing comes after it: all of it is decided then, and what
   * may be the beginning of a secret is overwritten as well, as a log that is cut at its limit must not show a half of one.
   */
  scan(text: Buffer, from: number, isEnd: boolean): Scan {
    const { matches, found } = collected()
    const masked: string[] = []
    let undecided = text.length
    let at = from
    let line = findMask(text, Math.max(0, from - MASK_COMMAND.length))
    for (; line; line = findMask(text, line.value.to)) {
      const begin = Math.max(line.begin, from)
      if (!line.isWhole && !isEnd) {
        undecided = begin
        break
      }
      const value = unescaped(text.toString('utf8', line.value.from, line.value.to))
      if (!isSecret(value)) continue
      // Up to here it may be seen; from here on it is hidden.
      this.#patterns.find(text, at, begin, found)
      if (this.#values.size >= MAX_VALUES) this.isFull ||= !this.#values.has(value)
      else if (this.add(value)) masked.push(value)
      this.#patterns.find(text, begin, line.value.from, found)
      found(line.value.from, line.value.to)
      at = line.value.from
    }
    this.#patterns.find(text, at, undecided, found)

    const open = this.#patterns.openAt(text, from)
    if (isEnd && text.length - open >= MIN_VALUE_CHARACTERS) {
      found(open, text.length)
      // Whole secrets may lie within the beginning of a longer one.
      matches.sort((a, b) => a.from - b.from)
    }
    const limit = isEnd ? text.length : Math.min(undecided, open)
    // A match across the limit is found again from its beginning on, with what follows, and others with it.
    const end = matches.find(match => match.from < limit && match.to > limit)?.from ?? limit
    return { end, changed: overwrite(text, matches, end), masked }
  }
}

function collected(): { matches: Stretch[]; found: (from: number, to: number) => void } {
  const matches: Stretch[] = []
  return { matches, found: (from, to) => matches.push({ from, to }) }
}

/** Overwrites what of the matches lies before `end`. They come in the order they begin in, and overlap. */
function overwrite(text: Buffer, matches: Stretch[], end: number): Stretch | null {
  let first = end
  let last = 0
  for (const match of matches) {
    const to = Math.min(match.to, end)
    for (let at = Math.max(match.from, last); at < to; at++) if (text[at] !== LINE_BREAK) text[at] = ASTERISK
    first = Math.min(first, match.from)
    last = Math.max(last, to)
  }
  return first < last ? { from: first, to: last } : null
}

/** The first line that masks a value, whose command stands at `from` or behind it; null when there is none. */
function findMask(text: Buffer, from: number): MaskLine | null {
  let begin = text.indexOf(MASK_COMMAND, from)
  while (begin > 0 && text[begin - 1] !== LINE_BREAK) begin = text.indexOf(MASK_COMMAND, begin + 1)
  if (begin < 0) return null
  const first = begin + MASK_COMMAND.length
  const most = Math.min(text.length, first + MAX_MASK_BYTES)
  const lineBreak = text.subarray(first, most).indexOf(LINE_BREAK)
  const isWhole = lineBreak >= 0 || most < text.length
  let to = lineBreak >= 0 ? first + lineBreak : most
  if (to > first && text[to - 1] === CARRIAGE_RETURN) to--
  return { begin, value: { from: first, to }, isWhole }
}

/** What a command has escaped so that its line does not end within its value. */
function unescaped(value: string): string {
  return value.replace(/%(25|0D|0A)/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}
