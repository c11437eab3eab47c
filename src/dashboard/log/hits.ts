import { plainText } from './ansi.ts'
import { finder } from './matches.ts'

/** A line that was found: what stands before the first match, the match, and what stands behind it. */
export interface Hit {
  line: number
  before: string
  match: string
  after: string
}

/** Of a long line, so much is shown before the match and behind it. */
const LEAD = 24
const TAIL = 300

/** How a line that was found is shown. Where colours stand within the match, there is none in the text: its beginning is. */
export function hitIn({ line, text }: { line: number; text: string }, query: string): Hit {
  const plain = plainText(text)
  const found = finder(query)?.exec(plain)
  const from = found?.index ?? 0
  const to = from + (found?.[0].length ?? 0)
  const before = plain.slice(0, from)
  return {
    line,
    before: before.length > LEAD ? `…${before.slice(-LEAD)}` : before,
    match: plain.slice(from, to),
    after: plain.slice(to, to + TAIL)
  }
}
