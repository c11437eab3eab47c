import { closeSync, fstatSync, readSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogBytes } from './log-bytes.ts'
import { readAt } from './plain-bytes.ts'
import { FRAME_BYTES, type Frames, readSeekTable } from './seek-table.ts'
import { decompressFrame } from './zstd.ts'

/** Frames kept as decompressed, all readers together: 8 MiB, however many readers there are and however slow. */
const KEPT_FRAMES = 8

/** By reader and number. Those used last stand last. */
const kept = new Map<string, Promise<Buffer>>()

let opened = 0

/** A log that was compressed: any part of it is read by decompressing the frames it lies in, off the main thread. */
export class CompressedBytes implements LogBytes {
  readonly #fd: number
  readonly #frames: Frames
  readonly #keys = `${++opened}:`

  /** `path` is that of `fd`, for the error. @throws Error when it is damaged; then `fd` is closed. */
  constructor(fd: number, path: string) {
    this.#fd = fd
    try {
      this.#frames = readSeekTable(fstatSync(this.#fd).size, (offset, length) => {
        const buffer = Buffer.allocUnsafe(length)
        return buffer.subarray(0, readSync(this.#fd, buffer, 0, length, offset))
      })
    } catch (error) {
      closeSync(this.#fd)
      throw unreadable(path, error)
    }
  }

  get size(): number {
    return this.#frames.size
  }

  async readInto(buffer: Uint8Array, offset: number): Promise<number> {
    let filled = 0
    while (filled < buffer.length && offset + filled < this.size) {
      const number = Math.floor((offset + filled) / FRAME_BYTES)
      const frame = await this.#frame(number)
      filled += frame.copy(buffer, filled, offset + filled - number * FRAME_BYTES)
    }
    // Where nothing had to be read, who reads on and on must not keep others from their turn.
    await nextTurn()
    return filled
  }

  close(): void {
    for (const key of kept.keys()) if (key.startsWith(this.#keys)) kept.delete(key)
    closeSync(this.#fd)
  }

  #frame(number: number): Promise<Buffer> {
    const key = this.#keys + number
    const frame = kept.get(key) ?? this.#read(number)
    kept.delete(key)
    kept.set(key, frame)
    if (kept.size > KEPT_FRAMES) kept.delete(kept.keys().next().value!)
    frame.catch(() => kept.delete(key))
    return frame
  }

  async #read(number: number): Promise<Buffer> {
    const { offsets, size } = this.#frames
    const [from, to] = [offsets[number]!, offsets[number + 1]!]
    const frame = Buffer.allocUnsafe(to - from)
    const length = await readAt(this.#fd, frame, from)
    return decompressFrame(frame.subarray(0, length), Math.min(FRAME_BYTES, size - number * FRAME_BYTES))
  }
}

function unreadable(path: string, error: unknown): Error {
  return new Error(`${path} cannot be read: ${(error as Error).message}. Bring it back from a backup.`, {
    cause: error
  })
}
