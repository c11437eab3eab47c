import cron, { type ScheduledTask } from 'node-cron'
import type { EventHub } from './hub.ts'
import type { Streams } from './streams.ts'

const EVERY_FIVE_SECONDS = '*/5 * * * * *'

/** The server as it is now. */
export interface Beat {
  at: number
  startedAt: number
  queued: number
  running: number
  streams: number
}

/** Says every five seconds, to whoever listens to the topic `heartbeat`, that the server is there and what it has to do. */
export class Heartbeat {
  readonly #startedAt = Date.now()
  readonly #load: () => Promise<{ queued: number; running: number }>
  readonly #streams: Streams
  readonly #task: ScheduledTask

  constructor(options: {
    events: EventHub
    streams: Streams
    load: () => Promise<{ queued: number; running: number }>
  }) {
    this.#load = options.load
    this.#streams = options.streams
    this.#task = cron.schedule(EVERY_FIVE_SECONDS, async () => {
      if (!options.events.isHeard('heartbeat')) return
      options.events.publish({ topics: ['heartbeat'], type: 'heartbeat', data: await this.now() })
    })
  }

  async now(): Promise<Beat> {
    return { at: Date.now(), startedAt: this.#startedAt, ...(await this.#load()), streams: this.#streams.size }
  }

  stop(): void {
    void this.#task.destroy()
  }
}
