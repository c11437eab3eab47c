import type { Span } from './ansi.ts'

/** A span, or the part of one that lies in match number `match` of its line. */
export type Piece = Span & { match?: number }

/** What finds `text` as it stands, in whatever case; null for nothing to find. */
export function finder(text: string): RegExp | null {
  return text === '' ? null : new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu')
}

/** How often a line holds it. */
export function countMatches(text: string, find: RegExp): number {
  return text.match(find)?.length ?? 0
}

/** Cuts the spans of a line where matches begin and end. */
export function marked(spans: readonly Span[], find: RegExp | null): Piece[] {
  const text = spans.map(span => span.text).join('')
  const matches = find ? [...text.matchAll(find)] : []
  if (matches.length === 0) return spans as Piece[]
  const pieces: Piece[] = []
  let next = 0
  let spanStart = 0
  for (const span of spans) {
    const spanEnd = spanStart + span.text.length
    for (let at = spanStart; at < spanEnd; ) {
      while (next < matches.length && matches[next]!.index + matches[next]![0].length <= at) next++
      const match = matches[next]
      const inside = match !== undefined && match.index <= at
      const stop = Math.min(spanEnd, match ? (inside ? match.index + match[0].length : match.index) : spanEnd)
      const piece: Piece = { ...span, text: span.text.slice(at - spanStart, stop - spanStart) }
      pieces.push(inside ? { ...piece, match: next } : piece)
      at = stop
    }
    spanStart = spanEnd
  }
  return pieces
}
