/** Lines of a log as the server gives them, all true for its first `logBytes` bytes. */
export interface LogPage {
  items: { line: number; at: number | null; text: string; truncated: boolean }[]
  /** Lines there were then, one that was not finished included. */
  lineCount: number
  logBytes: number
}

/** Which lines: some from one on, or the last ones. */
export type PageQuery = { fromLine: number; lines: number } | { tail: number }

export type ReadPage = (query: PageQuery, signal: AbortSignal) => Promise<LogPage>

/** Bytes that a log has grown by: those from `from` to `to`, the first of them in line `line`. */
export interface Growth {
  from: number
  to: number
  line: number
  /** Lines there are now. */
  lineCount: number
  at: number | null
  /** Null when it is much. */
  text: string | null
}
