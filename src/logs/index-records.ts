import { constants } from 'node:fs'
import { type FileHandle, open, truncate } from 'node:fs/promises'

/** No two records lie further apart, so that a line is found by reading no more than this. */
export const STEP_BYTES = 64 * 1024

/** Three float64: offset, line breaks before it, time. Little-endian, as every machine is that Node runs on here. */
const FIELDS = 3
const RECORD_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT

const READ_RECORDS = 8192

/** A list of records, in the order of their offsets; `breaks` never falls. */
export class IndexRecords {
  length: number
  #values: Float64Array

  constructor(values = new Float64Array()) {
    this.length = values.length / FIELDS
    this.#values = values
  }

  offset(i: number): number {
    return this.#values[i * FIELDS]!
  }

  breaks(i: number): number {
    return this.#values[i * FIELDS + 1]!
  }

  /** Milliseconds; 0 when unknown. */
  at(i: number): number {
    return this.#values[i * FIELDS + 2]!
  }

  set(i: number, offset: number, breaks: number, at: number): void {
    if ((i + 1) * FIELDS > this.#values.length) {
      const larger = new Float64Array((i + 1) * FIELDS * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values.set([offset, breaks, at], i * FIELDS)
    this.length = Math.max(this.length, i + 1)
  }

  from(i: number): Float64Array {
    return this.#values.subarray(i * FIELDS, this.length * FIELDS)
  }

  /** The last record that is not behind `offset`; -1 when all are. */
  lastAtOffset(offset: number): number {
    return this.#last(0, offset)
  }

  /** The last record with at most so many line breaks before it; -1 when there is none. */
  lastWithBreaks(breaks: number): number {
    return this.#last(1, breaks)
  }

  #last(field: number, limit: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#values[middle * FIELDS + field]! <= limit) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

/**
 * Gives all records of a file, in order, up to the first that cannot be one of a log of `logBytes` bytes. What follows
 * that is cut off: it must not be taken for records once the log has grown.
 */
export async function loadRecords(
  path: string,
  logBytes: number,
  take: (offset: number, breaks: number, at: number) => void
): Promise<void> {
  const file = await openIfThere(path)
  if (!file) return
  try {
    const last = { offset: -1, breaks: 0 }
    let good = 0
    for (let records: IndexRecords; ; good += records.length) {
      records = await readFrom(file, good, READ_RECORDS)
      for (let i = 0; i < records.length; i++) {
        const [offset, breaks, at] = [records.offset(i), records.breaks(i), records.at(i)]
        if (offset > logBytes || !follows(last, offset, breaks) || !isTime(at)) return await cutAfter(path, good + i)
        take(offset, breaks, at)
        Object.assign(last, { offset, breaks })
      }
      if (records.length < READ_RECORDS) break
    }
  } finally {
    await file.close()
  }
}

export async function readRecords(path: string, first: number, count: number): Promise<IndexRecords> {
  const file = await open(path, 'r')
  try {
    return await readFrom(file, first, count)
  } finally {
    await file.close()
  }
}

/** Writes `values` from record number `first` on, over what is there. */
export async function writeRecords(path: string, first: number, values: Float64Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
  try {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, first * RECORD_BYTES)
    if (bytesWritten < bytes.length) throw new Error('the disk is full')
  } finally {
    await file.close()
  }
}

async function readFrom(file: FileHandle, first: number, count: number): Promise<IndexRecords> {
  const values = new Float64Array(count * FIELDS)
  const { bytesRead } = await file.read(new Uint8Array(values.buffer), 0, values.byteLength, first * RECORD_BYTES)
  return new IndexRecords(values.subarray(0, Math.floor(bytesRead / RECORD_BYTES) * FIELDS))
}

async function cutAfter(path: string, records: number): Promise<void> {
  try {
    await truncate(path, records * RECORD_BYTES)
  } catch {
    // It cannot be written, then: whoever reads it next stops at the same record.
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function follows(last: { offset: number; breaks: number }, offset: number, breaks: number): boolean {
  if (last.offset < 0) return offset === 0 && breaks === 0
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(breaks)) return false
  const bytes = offset - last.offset
  const more = breaks - last.breaks
  return bytes > 0 && bytes <= STEP_BYTES && more >= 0 && more <= bytes
}

function isTime(at: number): boolean {
  return Number.isSafeInteger(at) && at >= 0
}
