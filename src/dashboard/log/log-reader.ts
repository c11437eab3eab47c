import { BLOCK_LINES, blockOf, type LogBook } from './log-book.ts'
import type { PageQuery, ReadPage } from './log-page.ts'

const MAX_REQUESTS = 3

/** Lines that are read ahead on both sides of what is shown. */
const AHEAD = 100

/** Who jumps about, dragging the scrollbar, reads nothing until resting this long. */
const SETTLE_MS = 60

/** Between two looks at the end of a log that grows faster than it can be read. */
const TAIL_REST_MS = 100

/** Before a block is asked for again whose answer brought nothing that was missing. */
const BLOCK_REST_MS = 1000

/** Whoever scrolls through what cannot be read does not ask for it with every step. */
const ERROR_REST_MS = 1000

interface Wish {
  /** The block, or the end of the log. */
  key: number | 'tail'
  query: PageQuery
}

/**
 * Reads what is shown of a log into its book: a few requests at a time, none for what has been scrolled past. After an
 * error it reads on when something else is shown, or when told to.
 */
export class LogReader {
  error: unknown = null
  /** Whether the first answer has come. */
  opened = false
  readonly #book: LogBook
  readonly #read: ReadPage
  readonly #changed: () => void
  readonly #underway = new Map<Wish['key'], AbortController>()
  readonly #resting = new Map<Wish['key'], ReturnType<typeof setTimeout>>()
  #following = false
  #first = 0
  #last = 0
  #tailAsked = false
  /** After an error: nothing is read until then, and only when something else is shown or somebody says so. */
  #restsUntil: number | null = null
  #settling: ReturnType<typeof setTimeout> | undefined
  #closed = false

  /** `changed` is called when the book or `error` has. */
  constructor(book: LogBook, read: ReadPage, changed: () => void) {
    this.#book = book
    this.#read = read
    this.#changed = changed
  }

  /** Reads the end, or the block of a line. */
  open(line: number | null): void {
    if (line === null) this.resync()
    else this.#start({ key: blockOf(line), query: { fromLine: blockOf(line) * BLOCK_LINES + 1, lines: BLOCK_LINES } })
  }

  /** Something may have been missed: how far the log has come is read anew. */
  resync(): void {
    this.#tailAsked = true
    this.retry()
  }

  /** Whether the end is what is shown, wherever it is. */
  follow(following: boolean): void {
    this.#following = following
    this.#pump()
  }

  retry(): void {
    this.error = null
    this.#restsUntil = null
    this.#pump()
    this.#changed()
  }

  /** The lines from `first` to `last` are what is shown now. */
  show(first: number, last: number): void {
    const moved = first !== this.#first || last !== this.#last
    const jumped = this.#last > 0 && (first > this.#last || last < this.#first)
    this.#first = first
    this.#last = last
    if (moved && this.#restsUntil !== null && performance.now() > this.#restsUntil) this.#restsUntil = null
    if (jumped && !this.#following) {
      clearTimeout(this.#settling)
      this.#settling = setTimeout(() => {
        this.#settling = undefined
        this.#pump()
      }, SETTLE_MS)
    }
    if (this.#settling === undefined) this.#pump()
  }

  /** Ends all requests. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#settling)
    for (const timer of this.#resting.values()) clearTimeout(timer)
    for (const abort of this.#underway.values()) abort.abort()
  }

  #pump(): void {
    if (this.#closed || this.#restsUntil !== null) return
    const wishes = this.#wishes()
    if (this.opened) {
      for (const [key, abort] of this.#underway) {
        if (!wishes.some(wish => wish.key === key)) abort.abort()
      }
    }
    for (const wish of wishes) {
      if (this.#underway.size >= MAX_REQUESTS) return
      if (!this.#underway.has(wish.key) && !this.#resting.has(wish.key)) this.#start(wish)
    }
  }

  /** What is shown before what lies around it. */
  #wishes(): Wish[] {
    const book = this.#book
    const behind = this.#following && book.lineCount > 0 && !book.knows(book.lineCount)
    const tail = this.#tailAsked || this.#underway.has('tail') || behind
    const wishes: Wish[] = tail ? [{ key: 'tail', query: { tail: BLOCK_LINES } }] : []
    if (this.#last === 0) return wishes
    const around = book.missing(this.#first - AHEAD, this.#last + AHEAD)
    const shown = (block: number) => block >= blockOf(this.#first) && block <= blockOf(this.#last)
    around.sort((a, b) => Number(shown(b.block)) - Number(shown(a.block)))
    // What follows the end comes with it.
    const covered = tail ? blockOf(book.lineCount) : Number.POSITIVE_INFINITY
    for (const { block, ...query } of around) {
      if (block !== covered || !this.#following) wishes.push({ key: block, query })
    }
    return wishes
  }

  #start({ key, query }: Wish): void {
    const abort = new AbortController()
    this.#underway.set(key, abort)
    if (key === 'tail') this.#tailAsked = false
    this.#read(query, abort.signal)
      .then(
        page => {
          if (this.#closed) return
          this.opened = true
          this.error = null
          this.#book.take(page)
          if (key === 'tail') this.#rest(key, TAIL_REST_MS)
          else if ('fromLine' in query && !page.items.some(item => item.line === query.fromLine)) {
            this.#rest(key, BLOCK_REST_MS)
          }
        },
        error => {
          if (abort.signal.aborted) return
          this.error = error
          if (key === 'tail' || !this.opened) this.#tailAsked = true
          this.#restsUntil = performance.now() + ERROR_REST_MS
        }
      )
      .finally(() => {
        this.#underway.delete(key)
        if (this.#closed) return
        this.#changed()
        this.#pump()
      })
  }

  #rest(key: Wish['key'], ms: number): void {
    const timer = setTimeout(() => {
      this.#resting.delete(key)
      this.#pump()
    }, ms)
    this.#resting.set(key, timer)
  }
}
