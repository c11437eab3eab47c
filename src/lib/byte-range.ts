import parseRange from 'range-parser'
import { AppError } from './errors.ts'

/** Both ends included. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * The one range that a request asks for, both ends included; null for the whole, which is also the answer to what we cannot
 * or need not understand. `name` is what there are `size` bytes of, for people.
 * @throws AppError `range_not_satisfiable`
 */
export function rangeOf(headers: Record<string, unknown>, size: number, name: string): ByteRange | null {
  // We give out no validator, so none can match: RFC 9110, section 13.1.5, then wants the whole.
  if (typeof headers.range !== 'string' || headers['if-range'] !== undefined) return null
  // More than there is, counted from the end, is all of it: RFC 9110, section 14.1.2.
  const capped = headers.range.replace(/^bytes=-(\d+)$/, (_, suffix) => `bytes=-${Math.min(Number(suffix), size)}`)
  const ranges = parseRange(size, capped)
  if (ranges === -1) {
    throw new AppError('range_not_satisfiable', `${name} has ${size} bytes now.`, {
      headers: { 'content-range': `bytes */${size}` }
    })
  }
  return ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1 ? null : ranges[0]!
}
