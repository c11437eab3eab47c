import { EventEmitter } from 'node:events'
import { frame } from './sse.ts'

/** Something changed. `data` is the whole new state as the API shows it; `topics` are the places that show it. */
export interface HubEvent {
  topics: string[]
  type: string
  data: unknown
}

/** A published event with its bytes, made once however many read them, and not at all while nobody does. */
export class Announcement implements HubEvent {
  readonly topics: string[]
  readonly type: string
  readonly data: unknown
  #frame: Buffer | undefined

  constructor({ topics, type, data }: HubEvent) {
    this.topics = topics
    this.type = type
    this.data = data
  }

  get frame(): Buffer {
    this.#frame ??= frame({ event: this.type, data: this.data })
    return this.#frame
  }
}

/**
 * Tells whoever listens in this process what changed. A hint, not a record: the database is the truth,
 * and who missed an event reads there.
 */
export class EventHub {
  readonly #emitter = new EventEmitter().setMaxListeners(0)

  /** Whether anybody would hear of it; for what takes work to tell. */
  hasListeners(topic: string): boolean {
    return this.#emitter.listenerCount(topic) > 0
  }

  publish(event: HubEvent): void {
    const topics = event.topics.filter(topic => this.hasListeners(topic))
    if (topics.length === 0) return
    const announcement = new Announcement(event)
    // Once for a listener of several of its topics.
    const listeners = new Set(topics.flatMap(topic => this.#emitter.listeners(topic)))
    for (const listener of listeners) (listener as (a: Announcement) => void)(announcement)
  }

  /** @returns what ends it. */
  subscribe(topics: string[], listener: (event: Announcement) => void): () => void {
    for (const topic of topics) this.#emitter.on(topic, listener)
    return () => {
      for (const topic of topics) this.#emitter.off(topic, listener)
    }
  }
}
