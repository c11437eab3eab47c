import { frame } from './sse.ts'
import type { Streams } from './streams.ts'

const EVERY_MS = 5000

/** The server as it is now. */
interface Beat {
  at: number
  startedAt: number
  queued: number
  running: number
  streams: number
}

/** Says every five seconds, while anybody listens, that the server is there and what it has to do. */
export class Heartbeat {
  readonly #startedAt = Date.now()
  readonly #load: () => Promise<{ queued: number; running: number }>
  readonly #streams: Streams
  readonly #listeners = new Set<(frame: Buffer) => void>()
  #timer: NodeJS.Timeout | null = null

  constructor(options: { streams: Streams; load: () => Promise<{ queued: number; running: number }> }) {
    this.#load = options.load
    this.#streams = options.streams
  }

  /** An event that says how the server is now. */
  async now(): Promise<Buffer> {
    const beat: Beat = {
      at: Date.now(),
      startedAt: this.#startedAt,
      ...(await this.#load()),
      streams: this.#streams.size
    }
    return frame({ event: 'heartbeat', data: beat })
  }

  /** Calls `listener` with each beat. @returns what ends it. */
  listen(listener: (frame: Buffer) => void): () => void {
    this.#listeners.add(listener)
    // Not by the calendar: it would stop for an hour when somebody sets the clock back by one.
    this.#timer ??= setInterval(() => void this.#beat(), EVERY_MS).unref()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0 || !this.#timer) return
      clearInterval(this.#timer)
      this.#timer = null
    }
  }

  async #beat(): Promise<void> {
    const beat = await this.now().catch(() => null)
    // While the database cannot be asked there is none: that is what whoever listens is to see.
    if (beat) for (const listener of this.#listeners) listener(beat)
  }
}
