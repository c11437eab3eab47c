import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Audience, GrowthTeller } from './growth.ts'
import { LINE_BREAK } from './line-breaks.ts'
import { LineIndex } from './line-index.ts'
import type { ReadableLog } from './log.ts'
import { chunkFrame, LogFile, MAX_CHUNK_BYTES } from './log-file.ts'
import { LogLines } from './log-lines.ts'
import { completeLength } from './utf8.ts'

/** A line that stays unfinished this long is a prompt or a progress bar, and is shown as it is. */
const PARTIAL_LINE_MS = 100

/** Chunks kept for other readers at the same place; live readers all stand at the last one or two. */
const SHARED_CHUNKS = 4

/** More than this that is not indexed yet is a flood: the bot needs the processor more than an index nobody looks into. */
const FLOOD_BYTES = 1024 * 1024

/** Publishes whose time is remembered, for readers that lag a little. */
const REMEMBERED_PUBLISHES = 64

/**
 * The log of an attempt that still runs. The wrapper's relay writes the file; this only looks how far it has come and
 * moves `published`, behind which readers stay. Whole lines are published, so that a reader rarely sees half of one.
 */
export class LiveLog implements ReadableLog {
  readonly attempt: number
  published = 0
  ended = false
  readonly #path: string
  #fd: number | null = null
  #size = 0
  #grewAt = 0
  #file: LogFile | null = null
  readonly #index: LineIndex
  readonly #audience: Audience | null
  #indexing = false
  #flooding = false
  readonly #publishes: { end: number; at: number }[] = []
  readonly #listeners = new Set<() => void>()
  readonly #shared = new Map<string, Promise<{ end: number; frame: Buffer }>>()

  /** `audience` hears how it grows. The index lies beside it. */
  constructor(attempt: number, path: string, audience: Audience | null = null) {
    this.attempt = attempt
    this.#path = path
    this.#audience = audience
    const growth = audience && new GrowthTeller(attempt, audience)
    this.#index = new LineIndex(join(dirname(path), 'index'), slice =>
      growth?.add(slice, {
        more: slice.to < this.published,
        lineCount: this.#index.lineCount,
        at: this.#recentTime(slice.from)
      })
    )
  }

  /** Whether anybody hears how it grows. */
  get watched(): boolean {
    return this.#audience?.listens() ?? false
  }

  /** Bytes the bot has printed, published or not, as of the last look. */
  get size(): number {
    return this.#size
  }

  /** Publishes what can be. True while there is movement, so that the next look should come soon. */
  look(): boolean {
    const now = performance.now()
    const size = this.#sizeNow()
    if (size === this.published) {
      this.#flooding = false
      if (this.#index.end < this.published) void this.#indexOn()
      return false
    }
    if (size !== this.#size) {
      this.#size = size
      this.#grewAt = now
    }
    const quiet = now - this.#grewAt >= PARTIAL_LINE_MS
    const end = this.#publishableEnd(size, quiet)
    const moved = end > this.published
    if (moved) this.#publish(end)
    return moved || !quiet
  }

  /** The attempt has written its last byte: everything is published, whole line or not. */
  publishAll(): void {
    const size = this.#sizeNow()
    if (size > this.published) this.#publish(size)
  }

  /**
   * Publishes at once what a server before this one may have published: a reader's place, given out then, must not lie
   * beyond what this one lets him read.
   */
  adopt(): void {
    const size = this.#sizeNow()
    const tail = this.#readTail(size)
    this.published = size - tail.length + completeLength(tail)
    this.#size = size
    void this.#indexOn()
  }

  /** Nothing more will come. */
  end(): void {
    this.ended = true
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
    this.#wake()
    if (this.#listeners.size === 0) this.#close()
  }

  read(from: number): Promise<{ end: number; frame: Buffer }> {
    const to = this.published
    const place = `${from}-${to}`
    let chunk = this.#shared.get(place)
    if (!chunk) {
      chunk = this.#read(from, to)
      if (this.#shared.size >= SHARED_CHUNKS) this.#shared.delete(this.#shared.keys().next().value!)
      this.#shared.set(place, chunk)
    }
    return chunk
  }

  async snap(offset: number): Promise<number> {
    if (offset >= this.published) return this.published
    return (await this.#reader()?.snap(offset)) ?? 0
  }

  async lines(): Promise<LogLines> {
    const file = this.published > 0 ? this.#reader() : null
    if (file) await this.#index.extend(this.published, file)
    return new LogLines(this.#index, file)
  }

  /** Waits until the last byte is indexed, and that is written down. It never fails: who comes later has it counted again. */
  async finishIndex(): Promise<void> {
    try {
      const file = this.published > 0 ? this.#reader() : null
      if (file) await this.#index.finish(this.published, file)
    } catch {
      // It cannot be read now; whoever asks for a line hears of it.
    }
  }

  follow(wake: () => void): () => void {
    this.#listeners.add(wake)
    return () => {
      this.#listeners.delete(wake)
      if (this.ended && this.#listeners.size === 0) this.#close()
    }
  }

  async #read(from: number, to: number): Promise<{ end: number; frame: Buffer }> {
    const at = this.#recentTime(from) ?? (await this.#index.timeOf(from))
    const file = this.#reader()
    const chunk = file ? await file.read(from, to) : { end: to, text: '' }
    return { end: chunk.end, frame: chunkFrame(this.attempt, { ...chunk, at }) }
  }

  #reader(): LogFile | null {
    this.#file ??= LogFile.open(this.#path)
    return this.#file
  }

  /** When the byte at `offset` was published; null when that is further back than we remember here. */
  #recentTime(offset: number): number | null {
    const index = this.#publishes.findIndex(publish => publish.end > offset)
    return index > 0 ? this.#publishes[index]!.at : null
  }

  #publish(end: number): void {
    const at = Date.now()
    if (this.#publishes.length === 0) this.#publishes.push({ end: this.published, at })
    this.#publishes.push({ end, at })
    if (this.#publishes.length > REMEMBERED_PUBLISHES) this.#publishes.shift()
    this.#index.note(this.published, at)
    this.published = end
    this.#flooding = end - this.#index.end > FLOOD_BYTES && !this.watched
    this.#wake()
    void this.#indexOn()
  }

  /** Indexes what is published, however far behind it is, beside the publishing. A flood that nobody watches waits. */
  async #indexOn(): Promise<void> {
    if (this.#indexing) return
    this.#indexing = true
    try {
      while (this.#index.end < this.published && !this.ended && !this.#flooding) {
        const file = this.#reader()
        if (!file) break
        await this.#index.extend(this.published, file)
      }
    } catch {
      // It cannot be read now. The next publish, and whoever asks for a line, begins again where this has stopped.
    } finally {
      this.#indexing = false
    }
  }

  /** Who comes later opens it again. */
  #close(): void {
    this.#file?.close()
    this.#file = null
    this.#shared.clear()
  }

  #wake(): void {
    for (const wake of this.#listeners) wake()
  }

  #publishableEnd(size: number, quiet: boolean): number {
    const tail = this.#readTail(size)
    const start = size - tail.length
    const lastLine = tail.lastIndexOf(LINE_BREAK)
    // A line longer than a chunk is shown in pieces, or somebody who prints without line breaks would never be seen.
    if (quiet || (lastLine < 0 && tail.length >= MAX_CHUNK_BYTES)) return start + completeLength(tail)
    return start + lastLine + 1
  }

  /** The unpublished bytes, at most the last chunk of them: enough to find the last line break. */
  #readTail(size: number): Buffer {
    const length = Math.min(size - this.published, MAX_CHUNK_BYTES)
    if (length <= 0 || this.#fd === null) return Buffer.alloc(0)
    const buffer = Buffer.allocUnsafe(length)
    return buffer.subarray(0, readSync(this.#fd, buffer, 0, length, size - length))
  }

  #sizeNow(): number {
    try {
      this.#fd ??= openSync(this.#path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.published // not made yet
      throw error
    }
    // Never less than is published: a log that somebody cut short has nothing new in it.
    return Math.max(fstatSync(this.#fd).size, this.published)
  }
}
