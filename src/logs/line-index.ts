import { IndexRecords, loadRecords, readRecords, STEP_BYTES, writeRecords } from './index-records.ts'
import { countLineBreaks, LINE_BREAK } from './line-breaks.ts'
import type { LogFile } from './log-file.ts'
import { giveBack, SPARE_BYTES, takeBuffer } from './spare-buffer.ts'
import { completeLength } from './utf8.ts'

/** What is read and counted in one go: a tenth of a millisecond of the main thread. */
const SLICE_BYTES = SPARE_BYTES

/** A smaller slice has memory of its own: a thousand bots that print a line now and then come without the spare one. */
const SMALL_BYTES = 16 * 1024

/** Bytes that come within it of others share their time: a record for every publish would outgrow the log. */
const TIME_STEP_MS = 1000

/** Records that wait to be written together while a flood is being indexed; what they say can be counted again. */
const WRITE_RECORDS = 64

/** Records that are in memory or read at a time: 24 KiB of them, for 64 MiB of log or 17 minutes. */
const BLOCK_RECORDS = 1024

/** Of an index that is read, for whoever goes on reading: those of 1 GiB, in 400 kB. */
const KEPT_BLOCKS = 16

/** Bytes that have just been indexed. `bytes` is good only until whoever is told returns, and shorter for a log cut short. */
export interface Slice {
  from: number
  to: number
  bytes: Buffer
  /** The line that the byte `from` lies in. */
  line: number
}

/** From here on a reader looks for a line. */
export interface IndexedPlace {
  offset: number
  /** Line breaks before it. */
  breaks: number
}

/**
 * Where the lines of a log are and when they came: a list of places (byte offset, line breaks before it, time), one for
 * every 64 KiB, and one where something came a second or more after the one before. A line is found by looking up the
 * last place in front of it and reading on from there. A place may lie within a line.
 *
 * The list stands in a file beside the log, and its last part in memory. The log is the truth and the file a help: what is
 * missing in it or cannot be is counted again, with times unknown, and when it cannot be written it grows in memory.
 * What a reader is told is good for `end`, which {@link extend} moves.
 */
export class LineIndex {
  /** Bytes of the log that are indexed. */
  end = 0
  /** Line breaks in these. */
  #breaks = 0
  #endsLine = true
  readonly #path: string
  readonly #onSlice: ((slice: Slice) => void) | null
  #loaded = false
  #loading: Promise<void> | null = null
  #target = 0
  #working: Promise<void> | null = null

  /** Each block's first record; the last block is `#tail`, in memory. */
  readonly #blocks = new IndexRecords()
  /** The number of each block's first record. */
  readonly #firsts: number[] = []
  #tail = new IndexRecords()
  #written = 0
  /** Blocks that were read; those used last stand last. */
  readonly #read = new Map<number, IndexRecords>()

  /** From where on bytes were published when; those before `end` are used up. Unknown unless somebody notes it. */
  #times: { from: number; at: number }[] = [{ from: 0, at: 0 }]
  /** The time of what lies at `end`. */
  #at = 0

  /** `onSlice` is told of every slice, in order, as soon as it can be looked up. */
  constructor(path: string, onSlice: ((slice: Slice) => void) | null = null) {
    this.#path = path
    this.#onSlice = onSlice
  }

  /** Lines in what is indexed, one that is not finished included. */
  get lineCount(): number {
    return this.#breaks + (this.#endsLine ? 0 : 1)
  }

  /** Bytes from `from` on were published at `at`. To be said in their order, and before they are indexed. */
  note(from: number, at: number): void {
    const last = this.#times.at(-1)
    if (last?.from === from) last.at = at
    else if (isLater(last?.at ?? this.#at, at)) this.#times.push({ from, at })
  }

  /** Takes over what is written down of a log of `to` bytes; once. */
  async load(to: number, file: LogFile): Promise<void> {
    if (this.#loaded) return
    this.#loading ??= this.#load(to, file).finally(() => {
      this.#loading = null
    })
    await this.#loading
  }

  /** Indexes the log up to `to`, wherever it stood. Who calls it while it works waits for the same work. */
  async extend(to: number, file: LogFile): Promise<void> {
    await this.load(to, file)
    this.#target = Math.max(this.#target, to)
    while (this.end < to) await this.#goOn(file)
    if (this.#waiting > 0) await this.#goOn(file)
  }

  /** Indexes bytes that are at hand, if it stands where they begin and is not busy; {@link extend} comes to them otherwise. */
  take(from: number, bytes: Buffer): void {
    if (!this.#loaded || this.#working || from !== this.end) return
    this.#target = Math.max(this.#target, from + bytes.length)
    this.#add(bytes, from + bytes.length)
  }

  /** Indexes a log to its end, behind which nothing comes, and writes that down: it need not be looked for again. */
  async finish(to: number, file: LogFile): Promise<void> {
    await this.extend(to, file)
    if (to === 0 || this.#lastOffset === to) return
    this.#record(to, 0)
    await this.#write()
  }

  /** The last place with at most `breaks` line breaks in front of it. */
  async placeBefore(breaks: number): Promise<IndexedPlace> {
    const records = await this.#block(this.#blocks.lastWithBreaks(breaks))
    const i = records.lastWithBreaks(breaks)
    return { offset: records.offset(i), breaks: records.breaks(i) }
  }

  /** The last place that is not behind `offset`. Something must be indexed. */
  async placeAt(offset: number): Promise<IndexedPlace> {
    const records = await this.#block(this.#blocks.lastAtOffset(offset))
    const i = records.lastAtOffset(offset)
    return { offset: records.offset(i), breaks: records.breaks(i) }
  }

  /** When the byte at `offset` was published, to a second; null when unknown. */
  async timeOf(offset: number): Promise<number | null> {
    return (await this.timesFrom(offset))(offset) ?? null
  }

  /**
   * The same for many offsets: what it answers knows about `offset` and some behind it, and answers undefined for those
   * it would have to read for.
   */
  async timesFrom(offset: number): Promise<(offset: number) => number | null | undefined> {
    const block = this.#blocks.lastAtOffset(offset)
    if (block < 0) return () => null
    const records = await this.#block(block)
    const until = block + 1 < this.#blocks.length ? this.#blocks.offset(block + 1) : Number.POSITIVE_INFINITY
    return offset => {
      if (offset >= until) return undefined
      return offset < this.end ? records.at(records.lastAtOffset(offset)) || null : null
    }
  }

  async #goOn(file: LogFile): Promise<void> {
    this.#working ??= this.#work(file).finally(() => {
      this.#working = null
    })
    await this.#working
  }

  async #work(file: LogFile): Promise<void> {
    if (this.end < this.#target) await this.#indexSlice(file)
    if (this.#waiting >= WRITE_RECORDS || (this.#waiting > 0 && this.end >= this.#target)) await this.#write()
  }

  async #load(to: number, file: LogFile): Promise<void> {
    try {
      await loadRecords(this.#path, to, (offset, breaks, at) => {
        this.#breaks = breaks
        this.#record(offset, at)
        this.#written++
        this.end = offset
        this.#at = at
      })
      if (this.end > 0) this.#endsLine = (await file.bytes(this.end - 1, 1))[0] === LINE_BREAK
    } catch (error) {
      // It is there and can be read when others have closed their files; nothing has been taken yet.
      if ((error as NodeJS.ErrnoException).code === 'EMFILE') throw error
      // What was read is good, and the rest is counted again.
    }
    this.#loaded = true
    if (this.#recordCount === 0) return
    this.#times = this.#times.filter(({ at }) => at !== 0)
    // Another server saw what begins here. How much of what follows it saw as well, before it died, nobody knows.
    const seenHere = this.#times[0]?.from ?? to
    if (this.#at !== 0 && this.end < seenHere) this.#times.unshift({ from: this.end + 1, at: 0 })
  }

  async #indexSlice(file: LogFile): Promise<void> {
    const length = Math.min(this.#target - this.end, SLICE_BYTES)
    if (length <= SMALL_BYTES) return await this.#readSlice(file, Buffer.allocUnsafe(length))
    const spare = takeBuffer()
    try {
      await this.#readSlice(file, spare.subarray(0, length))
    } finally {
      giveBack(spare)
    }
  }

  /** Reads as much as the buffer takes, and counts. */
  async #readSlice(file: LogFile, buffer: Buffer): Promise<void> {
    const from = this.end
    const isLast = from + buffer.length === this.#target
    const read = buffer.subarray(0, await file.readInto(buffer, from))
    // Somebody cut the file short under us. What is not there has no lines.
    const wasCut = read.length < buffer.length
    const to = from + (wasCut || isLast ? buffer.length : completeLength(read))
    this.#add(read.subarray(0, to - from), to)
  }

  #add(bytes: Buffer, to: number): void {
    const from = this.end
    const line = this.#breaks + 1
    this.#count(bytes, from)
    this.end = to
    this.#onSlice?.({ from, to, bytes, line })
  }

  #count(bytes: Buffer, from: number): void {
    const stop = from + bytes.length
    for (let here = from; here < stop; ) {
      let isPlace = here >= this.#lastOffset + STEP_BYTES
      while (this.#times[0] && this.#times[0].from <= here) {
        this.#at = this.#times.shift()!.at
        isPlace = true
      }
      if (isPlace) this.#record(here, this.#at)
      const next = Math.min(stop, this.#lastOffset + STEP_BYTES, this.#times[0]?.from ?? stop)
      this.#breaks += countLineBreaks(bytes.subarray(here - from, next - from))
      here = next
    }
    if (bytes.length > 0) this.#endsLine = bytes.at(-1) === LINE_BREAK
  }

  /** Notes the place that counting has come to. */
  #record(offset: number, at: number): void {
    if (offset === this.#lastOffset) {
      // An end, or a place of unknown time, from where it goes on.
      this.#tail.set(this.#tail.length - 1, offset, this.#breaks, at)
      this.#written = Math.min(this.#written, this.#recordCount - 1)
      return
    }
    const isFull = this.#tail.length >= BLOCK_RECORDS && this.#written === this.#recordCount
    if (isFull || this.#blocks.length === 0) {
      this.#firsts.push(this.#recordCount)
      this.#blocks.set(this.#blocks.length, offset, this.#breaks, at)
      this.#tail = new IndexRecords()
    }
    this.#tail.set(this.#tail.length, offset, this.#breaks, at)
  }

  async #write(): Promise<void> {
    const count = this.#recordCount
    try {
      await writeRecords(this.#path, this.#written, this.#tail.from(this.#written - this.#firsts.at(-1)!))
      this.#written = count
    } catch {
      // The disk is full, or the folder gone: they stay in memory, and are written with the next if that can be.
    }
  }

  async #block(block: number): Promise<IndexRecords> {
    if (block === this.#blocks.length - 1) return this.#tail
    const records = this.#read.get(block) ?? (await this.#readBlock(block))
    this.#read.delete(block)
    this.#read.set(block, records)
    if (this.#read.size > KEPT_BLOCKS) this.#read.delete(this.#read.keys().next().value!)
    return records
  }

  async #readBlock(block: number): Promise<IndexRecords> {
    const [first, offset, breaks] = [this.#firsts[block]!, this.#blocks.offset(block), this.#blocks.breaks(block)]
    const count = this.#firsts[block + 1]! - first
    const records = await readRecords(this.#path, first, count).catch(() => null)
    if (records?.length === count && records.offset(0) === offset && records.breaks(0) === breaks) return records
    // Somebody removed or spoilt the file: from the beginning of the block on there is more to read, and all is found.
    return new IndexRecords(Float64Array.of(offset, breaks, 0))
  }

  get #lastOffset(): number {
    return this.#tail.length > 0 ? this.#tail.offset(this.#tail.length - 1) : -1
  }

  /** Records that are not written down. */
  get #waiting(): number {
    return this.#recordCount - this.#written
  }

  get #recordCount(): number {
    return (this.#firsts.at(-1) ?? 0) + this.#tail.length
  }
}

function isLater(before: number, at: number): boolean {
  // Also when somebody has set the clock back, and where an unknown time follows a known one.
  return Math.abs(at - before) >= TIME_STEP_MS
}
