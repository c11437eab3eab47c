/**
 * What an attempt has used, over time: the file `usage` in its folder, records of four float64, little-endian: time in
 * milliseconds, processor time so far, memory, processes. It is read far more rarely than written, and never long: when
 * it is full, two records become one.
 */
import { closeSync, constants, read } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openRegularFile } from '../lib/regular-file.ts'

export interface UsageSample {
  at: number
  /** Processor time of the whole tree, since it began. */
  cpuMs: number
  memoryBytes: number
  pids: number
}

const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

export const MAX_RECORDS = 1000

const readBytes = promisify(read)

const FIELDS = 4
const RECORD_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT

export function usageFile(folder: string): string {
  return join(folder, 'usage')
}

/** Those written so far; none for a bot that ended before anybody looked. */
export async function readUsage(folder: string): Promise<UsageSample[]> {
  const fd = openRegularFile(usageFile(folder))
  if (fd === null) return []
  try {
    const values = new Float64Array(MAX_RECORDS * FIELDS)
    const { bytesRead } = await readBytes(fd, new Uint8Array(values.buffer), 0, values.byteLength, 0)
    const samples: UsageSample[] = []
    for (let i = 0; i < Math.floor(bytesRead / RECORD_BYTES); i++) {
      const [at, cpuMs, memoryBytes, pids] = values.subarray(i * FIELDS, (i + 1) * FIELDS) as unknown as number[]
      samples.push({ at: at!, cpuMs: cpuMs!, memoryBytes: memoryBytes!, pids: pids! })
    }
    return samples
  } finally {
    closeSync(fd)
  }
}

/** Adds a sample to a file that has `count`; answers how many it has now. @throws when the disk is full. */
export async function addUsage(folder: string, count: number, sample: UsageSample): Promise<number> {
  if (count >= MAX_RECORDS) {
    const kept = thinned(await readUsage(folder), MAX_RECORDS / 2)
    await writeFile(`${usageFile(folder)}.new`, bytesOf(kept), { mode: 0o600 })
    await rename(`${usageFile(folder)}.new`, usageFile(folder))
    return addUsage(folder, kept.length, sample)
  }
  const file = await open(usageFile(folder), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
  try {
    const { bytesWritten } = await file.write(bytesOf([sample]), 0, RECORD_BYTES, count * RECORD_BYTES)
    if (bytesWritten < RECORD_BYTES) throw new Error('the disk is full')
  } finally {
    await file.close()
  }
  return count + 1
}

/** No more than `max` of them: of each few in a row the last, with the most memory and processes of those few. Pure. */
export function thinned(samples: UsageSample[], max: number): UsageSample[] {
  const size = Math.ceil(samples.length / max)
  if (size <= 1) return samples
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => {
    const few = samples.slice(i * size, (i + 1) * size)
    const most = (of: 'memoryBytes' | 'pids') => Math.max(...few.map(sample => sample[of]))
    return { ...few.at(-1)!, memoryBytes: most('memoryBytes'), pids: most('pids') }
  })
}

function bytesOf(samples: UsageSample[]): Uint8Array {
  const values = samples.flatMap(({ at, cpuMs, memoryBytes, pids }) => [at, cpuMs, memoryBytes, pids])
  return new Uint8Array(new Float64Array(values).buffer)
}
