import cron, { type ScheduledTask } from 'node-cron'
import { frame } from './sse.ts'
import type { Streams } from './streams.ts'

const EVERY_FIVE_SECONDS = '*/5 * * * * *'

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
  #task: ScheduledTask | null = null

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
    // Made for the first listener and not at the start: the calendar it reckons with takes 8 MB.
    this.#task ??= cron.schedule(EVERY_FIVE_SECONDS, () => this.#beat())
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      void this.#task?.destroy()
      this.#task = null
    }
  }

  async #beat(): Promise<void> {
    const beat = await this.now()
    for (const listener of this.#listeners) listener(beat)
  }
}
