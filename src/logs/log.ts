/** What readers of a log see: bytes that are published, in chunks or by line, and word of more. */
import type { LogLines } from './log-lines.ts'

/** A piece of a log: the bytes from where it was asked for up to `end`. */
export interface Chunk {
  end: number
  text: string
  /** When its first byte was published, in milliseconds; null when unknown. */
  at: number | null
}

/** The log of one attempt. Offsets are bytes from its beginning. */
export interface ReadableLog {
  /** The attempt's number within its execution, from 1. */
  readonly attempt: number
  /** Where readers may read to. Only grows. */
  readonly published: number
  /** True when nothing comes after `published`. */
  readonly ended: boolean
  /** The chunk at `from`, which must be before `published`; as an event with its id, ready to send. */
  read(from: number): Promise<{ end: number; frame: Buffer }>
  /** The place nearest to `offset`, not after it, at which a reader may begin. */
  snap(offset: number): Promise<number>
  /** Its lines, of all that is published at a moment after this is called. */
  lines(): Promise<LogLines>
  /**
   * Calls `wake` whenever there is more, or the end, until the function it returns is called. A log can be read while
   * somebody follows it; its file is closed after the last has stopped.
   */
  follow(wake: () => void): () => void
}

/** Where a reader stands: attempt number and byte offset. Written `<attempt>:<offset>`, as the id of an event. */
export interface Cursor {
  attempt: number
  offset: number
}

/** Null for anything that this server never sent. */
export function parseCursor(text: string): Cursor | null {
  const match = /^([1-9]\d{0,5}):(0|[1-9]\d{0,14})$/.exec(text)
  return match ? { attempt: Number(match[1]), offset: Number(match[2]) } : null
}

export function formatCursor(cursor: Cursor): string {
  return `${cursor.attempt}:${cursor.offset}`
}
