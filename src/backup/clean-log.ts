/**
 * What of a log may leave the machine while its secrets may not all be covered yet: it still grows, or could not be looked
 * through when it ended. The file is left as it is; what is read of it is covered.
 */
import { readAt } from '../logs/plain-bytes.ts'
import { CONTEXT_BYTES, Redactor } from '../logs/redactor.ts'

/** As in a live log: longer than any value in any encoding, so that there is always something to go on with. */
const SLICE_BYTES = 256 * 1024

/** A log of which it is known how much may be seen. */
export interface CleanLog {
  size: number
  bytes(): AsyncGenerator<Buffer>
}

/**
 * Looks through the first `size` bytes of a log for `values` and for what it masks itself. With `isEnd` no more will come; otherwise
 * what may be the beginning of a secret is left away. It is looked through twice, as nobody knows before how much may be seen, and a
 * copy would need room.
 */
export async function cleanLog(fd: number, size: number, values: string[], isEnd: boolean): Promise<CleanLog> {
  const redactor = new Redactor()
  for (const value of values) redactor.add(value)
  let end = 0
  for await (const bytes of covered(fd, size, redactor, isEnd)) end += bytes.length
  return { size: end, bytes: () => covered(fd, end, redactor, true) }
}

async function* covered(fd: number, to: number, redactor: Redactor, isEnd: boolean): AsyncGenerator<Buffer> {
  for (let place = 0; place < to; ) {
    const base = Math.max(0, place - CONTEXT_BYTES)
    const length = Math.min(to, place + SLICE_BYTES) - base
    const buffer = Buffer.allocUnsafe(length)
    const text = buffer.subarray(0, await readAt(fd, buffer, base))
    if (text.length <= place - base) return
    const isLast = base + length === to
    const { end } = redactor.scan(text, place - base, isEnd && isLast)
    const bytes = text.subarray(place - base, end)
    if (bytes.length === 0) return
    yield bytes
    place += bytes.length
    if (isLast && !isEnd) return
  }
}
