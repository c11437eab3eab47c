import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Audience, GrowthTeller } from './growth.ts'
import { LINE_BREAK } from './line-breaks.ts'
import { LineIndex } from './line-index.ts'
import type { ReadableLog } from './log.ts'
import { chunkFrame, LogFile, MAX_CHUNK_BYTES } from './log-file.ts'
import { LogLines } from './log-lines.ts'
import type { Masks } from './masks.ts'
import { MAX_VALUES } from './redactor.ts'
import { type Scanned, Scanner, uncleanError } from './scanner.ts'
import { completeLength } from './utf8.ts'

/** A line that stays unfinished this long is a prompt or a progress bar, and is shown as it is. */
const PARTIAL_LINE_MS = 100

/** Chunks kept for other readers at the same place; live readers all stand at the last one or two. */
const SHARED_CHUNKS = 4

/** More than this at once is a flood: the bot needs the processor more than an index that nobody looks into. */
const FLOOD_BYTES = 1024 * 1024

/** Publishes whose time is remembered, for readers that lag a little. */
const REMEMBERED_PUBLISHES = 64

/** While descriptors or room for masks are short, a log that has ended is tried again: its attempt waits. */
const AGAIN_MS = 1000
const PASSING: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT'])

const UNCLEAN =
  'what is new in a log cannot be looked through for secrets, so nobody is shown it; it is tried again. Look at the disk, ' +
  'or start the server with the SECRET_KEY that the attempt was started with'

export interface LiveLogOptions {
  /** What comes is published at once, not line by line; for terminals. */
  eager: boolean
  /** Who hears how it grows. */
  audience: Audience | null
  /** So many bytes more may be read. */
  onPublished?: (bytes: number) => void
  /** Something went wrong with it; told once until it goes well again. `what` says what follows and what to do. */
  complain(what: string, error?: unknown): void
}

/**
 * The log of an attempt that still runs. The wrapper's relay writes the file; this looks how far it has come, has secrets
 * in it overwritten, and then moves `published`, behind which readers stay. Whole lines are published, so that a reader
 * rarely sees half of one; what may be the beginning of a secret is not.
 */
export class LiveLog implements ReadableLog {
  readonly attempt: number
  published = 0
  ended = false
  readonly #path: string
  readonly #options: LiveLogOptions
  readonly #scanner: Scanner
  /** What is being done with the scanner: one thing at a time. */
  #busy: Promise<unknown> | null = null
  #isTakenOver = true
  /** Why the scanner cannot go on. */
  #trouble: Error | null = null
  #isClean = false
  #isFullSaid = false
  #size = 0
  #grewAt = 0
  /** What the last scan went by: the same would come to the same. */
  #scanned = { size: 0, isQuiet: false }
  #file: LogFile | null = null
  readonly #index: LineIndex
  readonly #growth: GrowthTeller | null
  #indexing = false
  #isFlooded = false
  readonly #publishes: { end: number; at: number }[] = []
  readonly #listeners = new Set<() => void>()
  readonly #shared = new Map<string, Promise<{ end: number; frame: Buffer }>>()

  /** The index lies beside the log, and so do its masks. */
  constructor(attempt: number, path: string, masks: Masks, options: LiveLogOptions) {
    this.attempt = attempt
    this.#path = path
    this.#options = options
    this.#scanner = new Scanner(path, masks)
    this.#growth = options.audience && new GrowthTeller(attempt, options.audience)
    this.#index = new LineIndex(join(dirname(path), 'index'), slice =>
      this.#growth?.add(slice, { lineCount: this.#index.lineCount, at: this.#recentTime(slice.from) })
    )
  }

  /** Whether anybody hears how it grows. */
  get watched(): boolean {
    return this.#options.audience?.listens() ?? false
  }

  /** Bytes the bot has printed, published or not, as of the last look. */
  get size(): number {
    return this.#size
  }

  /** Begins to publish what can be. True while there is movement, so that the next look should come soon. */
  look(): boolean {
    const now = performance.now()
    const size = this.#sizeNow()
    const grew = size !== this.#size
    if (grew) this.#grewAt = now
    this.#size = size
    if (!this.#isTakenOver) {
      if (!this.#busy) void this.#do(() => this.#takeOver())
      return grew
    }
    if (this.#busy) return true
    const isQuiet = this.#options.eager || now - this.#grewAt >= PARTIAL_LINE_MS
    if (size === this.published) {
      if (this.#index.end < this.published) void this.#indexOn()
      return false
    }
    const isSame = size === this.#scanned.size && isQuiet === this.#scanned.isQuiet
    if (!isSame) void this.#do(() => this.#scanTo(size, isQuiet))
    return grew || (!this.#trouble && !(isSame && isQuiet))
  }

  /** From now on these values are overwritten; they are kept for the next server when this resolves. */
  async hide(values: string[]): Promise<void> {
    await this.#idle()
    const error = await this.#do(async () => {
      await this.#takeOver()
      await this.#scanner.hide(values)
    })
    if (error) throw error
  }

  /**
   * Overwrites these values, and those that the bot has masked, in something else that it has left; after all is published.
   * @throws Error when it is not known what to hide.
   */
  redact(bytes: Buffer): void {
    if (!this.#isClean) throw new Error('it is not known which secrets to hide in it')
    this.#scanner.redact(bytes)
  }

  /**
   * The attempt has written its last byte: all is published, whole line or not. Never fails. What cannot be looked through,
   * as the disk fails or what to hide is not known, is not published, and the log is marked as one not to be shown.
   */
  async publishAll(): Promise<void> {
    for (;;) {
      await this.#idle()
      if (this.ended) return
      this.#isClean = false
      const error = await this.#do(async () => {
        await this.#takeOver()
        await this.#scanTo(this.#sizeNow(), true, true)
        this.#isClean = true
      })
      if (!error) return
      if (!PASSING.has(error.code)) break
      await delay(AGAIN_MS, undefined, { ref: false })
    }
    // What is marked already keeps its mark, and where none can be made there is nothing to be shown.
    if (this.#isTakenOver) await this.#scanner.mark().catch(() => {})
  }

  /** After all is published: makes that last, and forgets what had to be hidden. Not where it could not be. */
  async finishHiding(): Promise<void> {
    if (this.#isClean) await this.#scanner.finish()
  }

  /**
   * A server before this one may have published some of it. All there is now is scanned, and published in one step: a
   * reader's place, given out then, must not lie beyond what this one lets him read.
   */
  adopt(): void {
    this.#isTakenOver = false
    this.look()
    // What is there was printed before: it is no movement, and no line is waited for.
    this.#grewAt = Number.NEGATIVE_INFINITY
  }

  /** Waits until it has been taken over. @throws AppError `unavailable` */
  async opened(): Promise<this> {
    await this.#idle()
    if (this.#isTakenOver) return this
    throw uncleanError(this.#trouble)
  }

  /** Nothing more will come. */
  end(): void {
    this.ended = true
    void this.#idle().then(() => this.#scanner.close())
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
    // A place given out before this server began may be behind what it has published: the reader waits there.
    if (offset === this.published || offset > this.#size) return this.published
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

  #publish(bytes: Buffer): void {
    const from = this.published
    const end = from + bytes.length
    const at = Date.now()
    if (this.#publishes.length === 0) this.#publishes.push({ end: from, at })
    const last = this.#publishes.at(-1)!
    if (last.at === at && this.#publishes.length > 1) last.end = end
    else this.#publishes.push({ end, at })
    if (this.#publishes.length > REMEMBERED_PUBLISHES) this.#publishes.shift()
    this.#index.note(from, at)
    this.published = end
    this.#options.onPublished?.(bytes.length)
    if (!this.#isFlooded) this.#index.take(from, bytes)
    this.#wake()
  }

  /** Indexes what was published and not taken: in a flood, by a server before this one, or while the index was busy. */
  async #indexOn(): Promise<void> {
    if (this.#indexing) return
    this.#indexing = true
    try {
      do {
        const file = this.#reader()
        if (!file) break
        await this.#index.extend(this.published, file)
      } while (this.#index.end < this.published && !this.ended && !this.#isFlooded)
      this.#growth?.flush()
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

  /** Scans up to `size`, and publishes what can be. With `isEnd` nothing will follow there. */
  async #scanTo(size: number, isQuiet: boolean, isEnd = false): Promise<void> {
    const file = size > 0 ? this.#reader() : null
    if (!file) return
    await this.#index.load(this.published, file)
    this.#isFlooded = size - this.published > FLOOD_BYTES && !this.watched
    await this.#scanner.scan(this.published, size, isEnd, scanned => {
      const length = this.ended ? 0 : publishable(scanned, isQuiet, isEnd)
      if (length > 0) this.#publish(scanned.bytes.subarray(0, length))
      return length
    })
    this.#scanned = { size, isQuiet }
    if (!this.#isFlooded) void this.#indexOn()
    if (this.#scanner.isFull) this.#sayFull()
  }

  async #takeOver(): Promise<void> {
    if (this.#isTakenOver) return
    await this.#scanner.load()
    const size = this.#sizeNow()
    let end = 0
    await this.#scanner.scan(0, size, false, ({ bytes, isLast }) => {
      const length = isLast ? completeLength(bytes) : bytes.length
      end += length
      return this.ended ? 0 : length
    })
    if (this.ended) return
    this.#isTakenOver = true
    this.#scanned = { size, isQuiet: true }
    this.published = end
    this.#wake()
    void this.#indexOn()
  }

  /** The scanner does one thing at a time, and what goes wrong with it is said once. @returns what did, or null. */
  #do(work: () => Promise<void>): Promise<NodeJS.ErrnoException | null> {
    const done = work()
      .then(
        () => {
          this.#trouble = null
          return null
        },
        error => {
          if (!this.#trouble && !this.ended) this.#options.complain(UNCLEAN, error)
          this.#trouble = error
          return error
        }
      )
      .finally(() => {
        this.#busy = null
      })
    this.#busy = done
    return done
  }

  async #idle(): Promise<void> {
    while (this.#busy) await this.#busy
  }

  #sayFull(): void {
    if (this.#isFullSaid) return
    this.#isFullSaid = true
    this.#options.complain(
      `a bot has masked more than ${MAX_VALUES} values; others are hidden only where it masks them`
    )
  }

  #sizeNow(): number {
    // Never less than is published: a log that somebody cut short has nothing new in it.
    return Math.max(this.#scanner.size(), this.published)
  }
}

/** How much may be shown of a piece in which nothing secret is left: whole lines, or whole characters. */
function publishable({ bytes, isLast }: Scanned, isQuiet: boolean, isEnd: boolean): number {
  if (isLast && isEnd) return bytes.length
  if (isLast && isQuiet) return completeLength(bytes)
  const chunk = bytes.subarray(-MAX_CHUNK_BYTES)
  const lastLine = chunk.lastIndexOf(LINE_BREAK)
  if (lastLine >= 0) return bytes.length - chunk.length + lastLine + 1
  // A long line is shown in pieces, or somebody who prints without line breaks would never be seen.
  return !isLast || bytes.length >= MAX_CHUNK_BYTES ? completeLength(bytes) : 0
}
