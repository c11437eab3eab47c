/**
 * Looking for secrets in a log of a gigabyte: lines of 100 bytes, in memory, in the pieces in which a log is read, with
 * values of 8 to 40 characters in all their encodings. Against copying the same pieces.
 */
import { randomBytes } from 'node:crypto'
import { CONTEXT_BYTES, Redactor } from '../src/logs/redactor.ts'
import type { Bench, Row } from './support/row.ts'

const TOTAL_BYTES = 1e9
const SLICE_BYTES = 256 * 1024
const SLICES = 64
const LINE_BYTES = 100

const bench: Bench = async () => {
  const values = Array.from({ length: 1000 }, (_, i) => randomWord(8 + (i % 33)))
  const plain = linesOf(
    i => `2026-11-21T10:00:${String(i % 60).padStart(2, '0')}.123Z INFO [worker-${i % 7}] id=${randomWord(8)}`
  )
  const telling = linesOf(i =>
    i % 10 ? `line ${i} of a log ${randomWord(8)}` : `line ${i} tells ${values[(i / 10) % 10]}`
  )
  const copied = speed(plain, () => {})
  const row = (what: string, text: Buffer, count: number, target: number | null): Row => ({
    what,
    ours: speed(text, scanFor(values.slice(0, count))),
    unit: 'MB/s',
    more: true,
    target,
    baseline: { what: 'copying it', value: copied }
  })
  return [
    row('looking for masks alone', plain, 0, 2000),
    row('looking for 10 values', plain, 10, 500),
    row('looking for 50 values', plain, 50, 500),
    row('looking for 1,000 values', plain, 1000, null),
    row('looking for 10 values, of which one is in every tenth line', telling, 10, null)
  ]
}

function scanFor(values: string[]): (slice: Buffer) => void {
  const redactor = new Redactor()
  for (const value of values) redactor.add(value)
  return slice => redactor.scan(slice, CONTEXT_BYTES, false)
}

/** MB (10⁶ bytes) a second. Each slice is copied first, as secrets in it are overwritten. */
function speed(text: Buffer, work: (slice: Buffer) => void): number {
  const slice = Buffer.alloc(SLICE_BYTES)
  const start = performance.now()
  for (let done = 0; done < TOTAL_BYTES; done += SLICE_BYTES) {
    text.copy(slice, 0, done % text.length)
    work(slice)
  }
  return TOTAL_BYTES / 1000 / (performance.now() - start)
}

function linesOf(line: (i: number) => string): Buffer {
  const text = Buffer.alloc(SLICES * SLICE_BYTES, '.')
  for (let at = 0; at + LINE_BYTES <= text.length; at += LINE_BYTES) {
    text.write(
      `${line(at / LINE_BYTES)
        .slice(0, LINE_BYTES - 1)
        .padEnd(LINE_BYTES - 1, '.')}\n`,
      at
    )
  }
  return text
}

const randomWord = (length: number) => randomBytes(length).toString('hex').slice(0, length)

export default bench
