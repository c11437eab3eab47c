import { closeSync, fstatSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '../lib/errors.ts'
import { openRegularFile } from '../lib/regular-file.ts'
import { Slices } from '../lib/slices.ts'
import type { Masks } from './masks.ts'
import { readAt } from './plain-bytes.ts'
import { CONTEXT_BYTES, Redactor } from './redactor.ts'
import { giveBack, SPARE_BYTES, takeBuffer } from './spare-buffer.ts'

/** What is read and looked through in one go: half a millisecond of the main thread where there are secrets to find. */
const SLICE_BYTES = SPARE_BYTES - CONTEXT_BYTES

/** A text full of what begins like secrets takes longer: so much is given to a slice, and less is read when that is short. */
const SLICE_MS = 2
const MIN_SLICE_BYTES = 32 * 1024

/** A smaller slice has memory of its own: a thousand bots that print a line now and then come without the spare one. */
const SMALL_BYTES = 16 * 1024

/** A piece of a log in which nothing secret is left. `bytes` is good only until whoever is given it returns. */
export interface Scanned {
  from: number
  bytes: Buffer
  /** Whether it reaches to where the scan was to go, or to what is held back there. */
  isLast: boolean
}

/**
 * Looks through a log that is being written, and overwrites in the file what must not be seen. The relay only appends, so
 * what it has written is ours to change; with a descriptor of our own, as through one for appending it would be appended.
 */
export class Scanner {
  readonly #path: string
  readonly #masks: Masks
  readonly #redactor = new Redactor()
  /** Whether values are known that the file of masks does not hold. */
  #isKept = true
  #hasMasks = false
  #sliceBytes = SLICE_BYTES
  #fd: number | null = null
  #writer: FileHandle | null = null

  constructor(path: string, masks: Masks) {
    this.#path = path
    this.#masks = masks
  }

  /** Bytes in the log; 0 while it has not been made. */
  size(): number {
    this.#fd ??= openRegularFile(this.#path)
    return this.#fd === null ? 0 : fstatSync(this.#fd).size
  }

  /** Whether the bot has masked more values than are looked for. */
  get isFull(): boolean {
    return this.#redactor.isFull
  }

  /** Takes over the values that a server before this one kept. @throws SealError */
  async load(): Promise<void> {
    await this.#learn(await this.#masks.load())
    this.#hasMasks = this.#masks.areKept()
  }

  /** From now on these values are overwritten, by this server and by the next. */
  async hide(values: string[]): Promise<void> {
    if (await this.#learn(values)) this.#isKept = false
    await this.#keep()
  }

  /** True when one of them is new. Others have their turn meanwhile. */
  async #learn(values: string[]): Promise<boolean> {
    let isNew = false
    const slices = new Slices()
    for (const value of values) {
      const steps = this.#redactor.adding(value)
      let step = steps.next()
      while (!step.done) {
        if (slices.over) await slices.pause()
        step = steps.next()
      }
      isNew ||= step.value
    }
    return isNew
  }

  /** Overwrites what is secret in a text that is no log. */
  redact(text: Buffer): void {
    this.#redactor.redact(text)
  }

  /**
   * Scans what lies between `from`, where it was left, and `to`, piece after piece, and gives `take` what of it may be seen.
   * `take` answers how much of the piece it is done with: the next begins there, and after nothing none comes. With `isEnd`
   * nothing follows at `to`, and nothing is held back there.
   */
  async scan(from: number, to: number, isEnd: boolean, take: (scanned: Scanned) => number): Promise<void> {
    let place = from
    let isMore = place < to
    while (isMore) {
      isMore = false
      await this.#scanSlice(place, to, isEnd, scanned => {
        const taken = take(scanned)
        place += taken
        isMore = taken > 0 && !scanned.isLast
      })
    }
  }

  async #scanSlice(from: number, to: number, isEnd: boolean, take: (scanned: Scanned) => void): Promise<void> {
    const base = Math.max(0, from - CONTEXT_BYTES)
    const length = Math.min(to, from + this.#sliceBytes) - base
    const isSmall = length <= SMALL_BYTES
    const buffer = isSmall ? Buffer.allocUnsafe(length) : takeBuffer()
    try {
      const text = buffer.subarray(0, await readAt(this.#fd!, buffer.subarray(0, length), base))
      // Somebody cut the log short under us: what is not there is not scanned.
      if (text.length <= from - base) return
      const isLast = base + length === to
      const began = performance.now()
      const { end, changed, masked } = this.#redactor.scan(text, from - base, isEnd && isLast)
      this.#pace(performance.now() - began)
      if (masked.length > 0) this.#isKept = false
      await this.#keep()
      if (changed) await this.#overwrite(base + changed.from, text.subarray(changed.from, changed.to))
      take({ from, bytes: text.subarray(from - base, end), isLast })
    } finally {
      if (!isSmall) giveBack(buffer)
    }
  }

  /** Marks the log as one that may hold secrets, also where none are known. */
  async mark(): Promise<void> {
    this.#isKept = false
    await this.#keep()
  }

  /** The log is clean to its end: that lasts now, and its values are forgotten. */
  async finish(): Promise<void> {
    await this.#writer?.datasync()
    if (this.#hasMasks) await this.#masks.remove()
  }

  /** Not while it scans. */
  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#writer?.close().catch(() => {}) // what had to last has been flushed
    this.#fd = null
    this.#writer = null
  }

  #pace(tookMs: number): void {
    if (tookMs > SLICE_MS) this.#sliceBytes = Math.max(MIN_SLICE_BYTES, Math.floor(this.#sliceBytes / 2))
    else if (tookMs < SLICE_MS / 4) this.#sliceBytes = Math.min(SLICE_BYTES, this.#sliceBytes * 2)
  }

  /** Before anything is overwritten: in the log a masked value stands once, in the line that masks it. */
  async #keep(): Promise<void> {
    if (this.#isKept) return
    await this.#masks.keep(this.#redactor.values)
    this.#isKept = true
    this.#hasMasks = true
  }

  async #overwrite(offset: number, bytes: Buffer): Promise<void> {
    // By the descriptor it is read with: the same file, also when it has been moved or removed.
    this.#writer ??= await open(`/proc/self/fd/${this.#fd}`, 'r+')
    const { bytesWritten } = await this.#writer.write(bytes, 0, bytes.length, offset)
    if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were overwritten`)
  }
}

/** Overwrites what is secret in a log that nobody writes any more. @throws AppError `unavailable` */
export async function cleanEnded(path: string, masks: Masks): Promise<void> {
  const scanner = new Scanner(path, masks)
  try {
    await scanner.load()
    await scanner.scan(0, scanner.size(), true, ({ bytes }) => bytes.length)
    await scanner.finish()
  } catch (error) {
    throw uncleanError(error as Error)
  } finally {
    scanner.close()
  }
}

/** For whoever wants to read a log that may hold secrets. */
export function uncleanError(why: Error | null): AppError {
  const detail = 'The log may hold secrets that could not be overwritten, so it is not shown'
  return new AppError('unavailable', why ? `${detail}: ${why.message}` : `${detail}.`, { cause: why })
}
