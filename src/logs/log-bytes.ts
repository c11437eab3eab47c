import { CompressedBytes } from './compressed-bytes.ts'
import { PlainBytes } from './plain-bytes.ts'

/** The bytes of a log, however they lie on the disk. Whoever closes them has awaited his reads. */
export interface LogBytes {
  readonly size: number
  /** Fills `buffer` from `offset` on. @returns how much of it: less where the log ends. */
  readInto(buffer: Uint8Array, offset: number): Promise<number>
  close(): void
}

/** The name a log gets when it has been compressed. */
export const compressedPath = (path: string): string => `${path}.zst`

/**
 * The bytes of the log at `path`, or of what it became by compressing; null when there is neither. In this order, as the
 * compressed log is there before the plain one goes.
 */
export function openLogBytes(path: string): LogBytes | null {
  return orNull(() => new PlainBytes(path)) ?? orNull(() => new CompressedBytes(compressedPath(path)))
}

function orNull<T>(open: () => T): T | null {
  try {
    return open()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
