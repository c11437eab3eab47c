/** Lines from `first` to `last`, both included. */
export interface LineRange {
  first: number
  last: number
}

/** Reads the end of an address: `#L120`, `#L10-L20`; null for anything else. */
export function parseRange(hash: string): LineRange | null {
  const match = /^#?L?([1-9]\d{0,8})(?:\s*[-–]\s*L?([1-9]\d{0,8}))?$/i.exec(hash.trim())
  if (!match) return null
  const [one, other] = [Number(match[1]), Number(match[2] ?? match[1])]
  return { first: Math.min(one, other), last: Math.max(one, other) }
}

export const formatRange = ({ first, last }: LineRange): string =>
  first === last ? `#L${first}` : `#L${first}-L${last}`

export const isIn = (range: LineRange | null, line: number): boolean =>
  range !== null && line >= range.first && line <= range.last
