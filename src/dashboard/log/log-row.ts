import { BLOCK_LINES, blockOf, indexOf } from './log-book'
import type { ShownLine, ShownLines } from './shown-lines'

/** A row of the view: a line by its number, and what it shows; null while that is not known. */
export interface LogRow {
  line: number
  shown: ShownLine | null
}

/** The rows from `first` to before `end`, which count from 0. */
export function rowsBetween(lines: ShownLines, first: number, end: number): LogRow[] {
  const rows: LogRow[] = []
  for (let line = first + 1; line <= end; ) {
    const start = indexOf(line)
    const stop = Math.min(BLOCK_LINES, start + end - line + 1)
    const block = lines.ofBlock(blockOf(line), stop)
    for (let i = start; i < stop; i++) rows.push({ line: line++, shown: block[i]! })
  }
  return rows
}
