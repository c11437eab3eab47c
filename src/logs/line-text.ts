import { LINE_BREAK } from './line-breaks.ts'
import { completeLength } from './utf8.ts'

/** Of a longer line only the beginning is shown; the rest is in the download. */
const MAX_LINE_BYTES = 16 * 1024

/** From the beginning of a line, all of it that is ever shown, and its end where it is not longer. */
export const LINE_WINDOW_BYTES = MAX_LINE_BYTES + 2

const CARRIAGE_RETURN = 13

/** What is shown of a line. */
export interface LineText {
  /** Without its line break; no more than {@link MAX_LINE_BYTES} of it. */
  text: string
  truncated: boolean
  /** How much of the log the text is. */
  bytes: number
  /** Where the line after it begins; null when its line break is not among the bytes given. */
  next: number | null
}

/** The line that begins at `from` of `window`, which should hold {@link LINE_WINDOW_BYTES} of it where the log does. */
export function lineTextAt(window: Buffer, from: number): LineText {
  const lineBreak = window.indexOf(LINE_BREAK, from)
  const to = lineBreak < 0 ? window.length : withoutReturn(window, from, lineBreak)
  const truncated = to - from > MAX_LINE_BYTES
  const bytes = truncated ? completeLength(window.subarray(from, from + MAX_LINE_BYTES)) : to - from
  const text = window.toString('utf8', from, from + bytes)
  return { text, truncated, bytes, next: lineBreak < 0 ? null : lineBreak + 1 }
}

function withoutReturn(window: Buffer, from: number, lineBreak: number): number {
  return lineBreak > from && window[lineBreak - 1] === CARRIAGE_RETURN ? lineBreak - 1 : lineBreak
}
