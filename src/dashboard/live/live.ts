import { type Ref, ref } from 'vue'
import { Link } from './link'
import type { FromLink, LinkStatus, ServerEvent, ToLink } from './messages'

const ALIVE_MS = 20_000

type Listener = (event: ServerEvent) => void

/** What a tab knows of the server as it changes. One for each tab; {@link live} is it. */
class Live {
  readonly status: Ref<LinkStatus> = ref({ kind: 'connecting' })
  readonly #topics = new Map<string, number>()
  readonly #listeners = new Set<Listener>()
  readonly #resyncs = new Set<() => void>()
  #started = false
  #port: MessagePort | null = null

  /** Begins to listen, once somebody is signed in. */
  start(): void {
    if (this.#started) return
    this.#started = true
    this.#open()
    setInterval(() => this.#sendTopics(), ALIVE_MS)
    addEventListener('pagehide', () => {
      this.#send({ kind: 'bye' })
      this.#port = null
    })
    // Shown again as it was left, by the back button.
    addEventListener('pageshow', event => event.persisted && this.#open())
    addEventListener('online', () => this.retry())
  }

  /** Tries to reach the server now. */
  retry(): void {
    this.#send({ kind: 'retry' })
  }

  /** Has `topic` in the stream until the function it returns is called. */
  want(topic: string): () => void {
    this.#count(topic, 1)
    return () => this.#count(topic, -1)
  }

  onEvent(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `reread` whenever something may have been missed, and once when the stream has begun. */
  onResync(reread: () => void): () => void {
    this.#resyncs.add(reread)
    return () => this.#resyncs.delete(reread)
  }

  /** Where there is no shared worker, or it cannot be loaded, each tab holds a stream of its own. */
  #open(): void {
    if (typeof SharedWorker !== 'function') {
      this.#openOwn()
      return
    }
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'botyard' })
    worker.onerror = () => this.#openOwn()
    this.#listenTo(worker.port)
  }

  #openOwn(): void {
    const { port1, port2 } = new MessageChannel()
    new Link().attach(port2)
    this.#listenTo(port1)
  }

  #listenTo(port: MessagePort): void {
    this.#port = port
    port.onmessage = ({ data }: MessageEvent<FromLink>) => this.#hear(data)
    this.#sendTopics()
  }

  #count(topic: string, change: number): void {
    const before = this.#topics.get(topic) ?? 0
    const now = before + change
    if (now > 0) this.#topics.set(topic, now)
    else this.#topics.delete(topic)
    if (before === 0 || now === 0) this.#sendTopics()
  }

  #sendTopics(): void {
    this.#send({ kind: 'topics', topics: [...this.#topics.keys()] })
  }

  #send(message: ToLink): void {
    this.#port?.postMessage(message)
  }

  #hear(message: FromLink): void {
    if (message.kind === 'status') this.status.value = message.status
    if (message.kind === 'event') for (const listener of this.#listeners) listener(message.event)
    if (message.kind === 'resync') for (const reread of this.#resyncs) reread()
  }
}

export const live = new Live()
