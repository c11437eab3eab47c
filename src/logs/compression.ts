import { closeSync, fstatSync, openSync } from 'node:fs'
import { open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { flushFolder } from '../lib/flush-folder.ts'
import { openRegularFile } from '../lib/regular-file.ts'
import { CompressedBytes } from './compressed-bytes.ts'
import { compressedPath } from './log-bytes.ts'
import { readAt } from './plain-bytes.ts'
import { FRAME_BYTES, seekTable } from './seek-table.ts'
import { compressFrame } from './zstd.ts'

/** A log of no more takes one block of the disk, and would when compressed. */
const SMALL_BYTES = 4096

/**
 * Replaces the log at `path` by a compressed one beside it, unless it is small, gone or no file. Nobody may write it any more; who
 * has it open reads on. The plain log goes last, when what takes its place is on the disk and has been found to hold the
 * same bytes: whoever dies on the way leaves the log whole, and the next try begins anew. `minFreeBytes` of the disk stay
 * free, as bots print on.
 * @throws Error when there is no room or the disk fails, the log has changed meanwhile, or `signal` says stop.
 */
export async function compressLog(path: string, minFreeBytes: number, signal: AbortSignal): Promise<void> {
  const log = openRegularFile(path)
  if (log === null) return
  try {
    const { size } = fstatSync(log)
    if (size <= SMALL_BYTES) return
    const unfinished = `${compressedPath(path)}.new`
    try {
      await writeFrames(log, size, unfinished, minFreeBytes, signal)
      await check(log, size, unfinished, signal)
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
    await rename(unfinished, compressedPath(path))
    await flushFolder(dirname(path))
    await rm(path)
  } finally {
    closeSync(log)
  }
}

async function writeFrames(
  log: number,
  size: number,
  path: string,
  minFreeBytes: number,
  signal: AbortSignal
): Promise<void> {
  await rm(path, { force: true })
  const file = await open(path, 'wx', 0o600)
  try {
    const lengths: number[] = []
    const memory = Buffer.allocUnsafe(FRAME_BYTES)
    for (let offset = 0; offset < size; offset += FRAME_BYTES) {
      signal.throwIfAborted()
      await expectRoom(path, minFreeBytes + FRAME_BYTES)
      const frame = await compressFrame(await piece(log, memory, offset, size))
      await file.writeFile(frame)
      lengths.push(frame.length)
    }
    await file.writeFile(seekTable(lengths, size))
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** @throws Error unless a reader finds in the compressed file what is in the log, to its end. */
async function check(log: number, size: number, path: string, signal: AbortSignal): Promise<void> {
  const compressed = new CompressedBytes(openSync(path, 'r'), path)
  try {
    const [memory, other] = [Buffer.allocUnsafe(FRAME_BYTES), Buffer.allocUnsafe(FRAME_BYTES)]
    let isSame = compressed.size === size
    for (let offset = 0; isSame && offset < size; offset += FRAME_BYTES) {
      signal.throwIfAborted()
      const bytes = await piece(log, memory, offset, size)
      isSame = bytes.equals(other.subarray(0, await compressed.readInto(other, offset)))
    }
    if (!isSame || fstatSync(log).size !== size) throw new Error('the log changed while it was being compressed')
  } finally {
    compressed.close()
  }
}

async function piece(log: number, memory: Buffer, offset: number, size: number): Promise<Buffer> {
  const wanted = memory.subarray(0, Math.min(FRAME_BYTES, size - offset))
  return wanted.subarray(0, await readAt(log, wanted, offset))
}

async function expectRoom(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path)
  if (bavail * bsize < bytes) throw new Error('there is too little room on the disk')
}
