import { openRegularFile } from '../lib/regular-file.ts'
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
 * compressed log is there before the plain one goes. Whatever else a bot has made of its log is no log.
 */
export function openLogBytes(path: string): LogBytes | null {
  const plain = openRegularFile(path)
  if (plain !== null) return new PlainBytes(plain)
  const compressed = openRegularFile(compressedPath(path))
  return compressed === null ? null : new CompressedBytes(compressed, compressedPath(path))
}
