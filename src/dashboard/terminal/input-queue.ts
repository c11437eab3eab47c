import { ApiProblem } from '../api/problem.ts'

/** Of one request: 4 KiB at most, as each has three bytes at most. A pipe takes so much whole or not at all. */
const MAX_CHARACTERS = 1365

const ESCAPE = '\x1b'

/** Between two tries of what the bot had no room for. The server waits by itself for a while before it says so. */
const FULL_RETRY_MS = 1000

/**
 * What is typed, on its way to the bot: one request at a time, so that the order stays, with all that came meanwhile in the
 * next. What did not go is kept, and sent again when somebody says so; only what the bot had no room for goes by itself.
 */
export class InputQueue {
  /** Why what waits does not go. */
  problem: unknown = null
  readonly #send: (text: string) => Promise<void>
  readonly #changed: () => void
  #waiting: string[] = []
  #underway = ''
  #held = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `changed` is called when `problem` or `waiting` may have. */
  constructor(send: (text: string) => Promise<void>, changed: () => void) {
    this.#send = send
    this.#changed = changed
  }

  /** How many characters have not gone yet. */
  get waiting(): number {
    return this.#waiting.reduce((sum, text) => sum + text.length, this.#underway.length)
  }

  push(text: string): void {
    this.#waiting.push(text)
    this.#pump()
  }

  /** Sends what did not go. */
  retry(): void {
    this.problem = null
    this.#release()
  }

  /** Forgets what did not go. */
  discard(): void {
    this.#waiting = []
    this.retry()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#held = true
  }

  #release(): void {
    clearTimeout(this.#timer)
    this.#held = false
    this.#pump()
  }

  #pump(): void {
    if (!this.#held && this.#underway === '' && this.#waiting.length > 0) {
      this.#underway = this.#take()
      this.#send(this.#underway).then(
        () => this.#sent(),
        error => this.#refused(error)
      )
    }
    this.#changed()
  }

  /** As much as one request takes. Escape ends it: together with what follows it would be another key. */
  #take(): string {
    let text = ''
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const part = firstOf(next, MAX_CHARACTERS - text.length)
      text += part
      if (part !== next) this.#waiting.unshift(next.slice(part.length))
      if (part !== next || next === ESCAPE) break
    }
    return text
  }

  #sent(): void {
    this.#underway = ''
    this.problem = null
    this.#pump()
  }

  #refused(error: unknown): void {
    this.#waiting.unshift(this.#underway)
    this.#underway = ''
    this.#held = true
    this.problem = error
    if (error instanceof ApiProblem && error.code === 'input_full') {
      this.#timer = setTimeout(() => this.#release(), FULL_RETRY_MS)
    }
    this.#changed()
  }
}

/** The beginning of a text, of at most so many characters and with none cut in two. */
function firstOf(text: string, most: number): string {
  if (text.length <= most) return text
  const last = text.charCodeAt(most - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most)
}
