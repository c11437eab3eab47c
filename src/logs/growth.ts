import type { Slice } from './line-index.ts'

/** Readers who hear more than this at once ask for what they show. */
const MAX_TEXT_BYTES = 16 * 1024

/** While a flood is being indexed it is told of this often: it comes in slices, of which nobody sees each. */
const TELL_EVERY_MS = 100

/** The bytes [from, to) have been published, and the index knows their lines. */
export interface Growth {
  attempt: number
  from: number
  to: number
  /** The line that byte `from` lies in. */
  line: number
  /** Lines up to `to`, one that is not finished included. */
  lineCount: number
  /** When the byte `from` was published; null for what another server may have published. */
  at: number | null
  /** Those bytes; null when they are too many. */
  text: string | null
}

/** Who hears how a log grows. */
export interface Audience {
  listens(): boolean
  hear(growth: Growth): void
}

/** Makes of the slices that are indexed what an audience is told: each piece begins where the one before it has ended. */
export class GrowthTeller {
  readonly #attempt: number
  readonly #audience: Audience
  /** Where the piece begins that is told next. */
  #begun: { from: number; line: number; at: number | null } | null = null
  /** What has come since, and is not told yet. */
  #kept: { to: number; lineCount: number } | null = null
  #toldAt = 0

  constructor(attempt: number, audience: Audience) {
    this.#attempt = attempt
    this.#audience = audience
  }

  /** What is large is told with what follows it; {@link flush} when nothing does. */
  add(slice: Slice, now: { lineCount: number; at: number | null }): void {
    if (!this.#audience.listens()) {
      this.#begun = null
      this.#kept = null
      return
    }
    this.#begun ??= { from: slice.from, line: slice.line, at: now.at }
    const isLarge = slice.to - slice.from > MAX_TEXT_BYTES
    if (isLarge && performance.now() - this.#toldAt < TELL_EVERY_MS) {
      this.#kept = { to: slice.to, lineCount: now.lineCount }
      return
    }
    this.#tell(slice.to, now.lineCount, slice.to - this.#begun.from <= MAX_TEXT_BYTES ? slice.bytes.toString() : null)
  }

  flush(): void {
    if (this.#kept) this.#tell(this.#kept.to, this.#kept.lineCount, null)
  }

  #tell(to: number, lineCount: number, text: string | null): void {
    const { from, line, at } = this.#begun!
    this.#begun = null
    this.#kept = null
    this.#toldAt = performance.now()
    this.#audience.hear({ attempt: this.#attempt, from, to, line, lineCount, at, text })
  }
}
