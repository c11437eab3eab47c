import type { EventSourceMessage } from 'eventsource-parser'
import { ApiProblem } from '../api/problem.ts'

/** What came before this is left out, of a log that is longer, and of what was missed while nobody looked. */
const MAX_REPLAY_BYTES = 1024 * 1024

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 15_000

/** Where a log comes from: how long it is now, and its stream from a place `attempt:byte` on. */
export interface LogSource {
  size(signal: AbortSignal): Promise<number>
  read(after: string, abort: AbortController, onEvent: (event: EventSourceMessage) => Promise<void>): Promise<void>
}

/** What shows it. */
export interface Screen {
  /**
   * Shows text that was published at `at`, in milliseconds, if that is known. `old`: it had been printed before anybody
   * here looked. Resolves when more may come.
   */
  write(text: string, about: { old: boolean; at: number | null }): Promise<void>
  /** What comes next does not follow on what came before: the `bytes` before it are left out. */
  leap(bytes: number): void
}

/**
 * Feeds a screen with an attempt's log, byte for byte from where it stands, whatever happens to the connection. While nobody
 * looks it holds none: browsers open only a few to a server, all tabs together.
 */
export class TerminalFeed {
  /** `off`: it does not come at the moment, and is asked for again; or nobody looks. */
  state: 'connecting' | 'on' | 'off' | 'ended' | 'failed' = 'connecting'
  /** Why it has failed: it is not asked for again. */
  error: unknown = null
  readonly #attempt: number
  readonly #source: LogSource
  readonly #screen: Screen
  readonly #changed: () => void
  #position = 0
  /** It was begun somewhere: what comes first may be the rest of a sequence that says how the terminal looks. */
  #midway = false
  #abort: AbortController | null = null
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #held = false

  /** `changed` is called when `state` has. */
  constructor(attempt: number, source: LogSource, screen: Screen, changed: () => void) {
    this.#attempt = attempt
    this.#source = source
    this.#screen = screen
    this.#changed = changed
  }

  /** Begins, or goes on at once. */
  go(): void {
    this.#held = false
    clearTimeout(this.#timer)
    if (this.#abort || this.state === 'ended') return
    if (this.state === 'failed') this.#become('connecting')
    const abort = new AbortController()
    this.#abort = abort
    this.#follow(abort).then(
      () => this.#broke(abort, null),
      error => this.#broke(abort, error)
    )
  }

  /** Stops until told to go on. */
  hold(): void {
    this.#held = true
    clearTimeout(this.#timer)
    this.#abort?.abort()
    this.#abort = null
    if (this.state !== 'ended') this.#become('off')
  }

  async #follow(abort: AbortController): Promise<void> {
    const size = await this.#source.size(abort.signal)
    if (abort.signal.aborted) return
    if (size - this.#position > MAX_REPLAY_BYTES) {
      this.#position = size - MAX_REPLAY_BYTES
      this.#midway = true
      this.#screen.leap(this.#position)
    }
    await this.#source.read(`${this.#attempt}:${this.#position}`, abort, event => this.#take(event, abort, size))
  }

  async #take(event: EventSourceMessage, abort: AbortController, size: number): Promise<void> {
    if (abort.signal.aborted) return
    this.#failures = 0
    const [attempt, end] = (event.id ?? '').split(':').map(Number)
    if (event.event === 'end' || (event.event === 'log' && attempt !== this.#attempt)) {
      this.#become('ended')
      abort.abort()
      return
    }
    this.#become('on')
    if (event.event !== 'log') return
    const { text, at } = JSON.parse(event.data) as { text: string; at: number | null }
    const old = this.#position < size
    this.#position = end!
    const shown = this.#midway ? fromBoundary(text) : text
    if (shown === '') return
    this.#midway = false
    await this.#screen.write(shown, { old, at })
  }

  #broke(abort: AbortController, error: unknown): void {
    if (this.#abort !== abort) return
    this.#abort = null
    if (this.state === 'ended' || this.#held) return
    if (isFinal(error)) {
      this.error = error
      this.#become('failed')
      return
    }
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++)
    // Half of it by chance, so that all who lose their server together do not come back together.
    this.#timer = setTimeout(() => this.go(), wait / 2 + Math.random() * (wait / 2))
    this.#become('off')
  }

  #become(state: TerminalFeed['state']): void {
    if (state === this.state) return
    this.state = state
    this.#changed()
  }
}

/** The same request would be refused again. A session that is over is another's to notice. */
const isFinal = (error: unknown): boolean =>
  error instanceof ApiProblem && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status)

/** From a new line on, or the first sequence that begins. */
function fromBoundary(text: string): string {
  const match = /\n|(?=\x1b)/.exec(text)
  return match ? text.slice(match.index + match[0].length) : ''
}
