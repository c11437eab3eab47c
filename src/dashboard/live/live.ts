import { onScopeDispose, type Ref, ref } from 'vue'
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
  #port: MessagePort | null = null

  /** Begins to listen; what a page wants is asked for once somebody is signed in. */
  start(): void {
    if (this.#port) return
    this.#port = openLink()
    this.#port.onmessage = ({ data }: MessageEvent<FromLink>) => this.#hear(data)
    this.#send({ kind: 'topics', topics: [...this.#topics.keys()] })
    const alive = setInterval(() => this.#send({ kind: 'alive' }), ALIVE_MS)
    addEventListener(
      'pagehide',
      () => {
        clearInterval(alive)
        this.#send({ kind: 'bye' })
        this.#port = null
      },
      { once: true }
    )
    // Shown again as it was left, by the back button.
    addEventListener('pageshow', event => event.persisted && this.start(), { once: true })
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

  #count(topic: string, change: number): void {
    const before = this.#topics.get(topic) ?? 0
    const now = before + change
    if (now > 0) this.#topics.set(topic, now)
    else this.#topics.delete(topic)
    if (before === 0 || now === 0) this.#send({ kind: 'topics', topics: [...this.#topics.keys()] })
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

/** Where there are no shared workers, each tab holds a stream of its own. */
function openLink(): MessagePort {
  if (typeof SharedWorker === 'function') {
    return new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'botyard' }).port
  }
  const { port1, port2 } = new MessageChannel()
  new Link().attach(port2)
  return port1
}

export const live = new Live()

/** Listens to events for as long as the component that calls it is there. */
export function useLive(topic: string, on: { event: Listener; resync: () => void }): void {
  const ends = [live.onEvent(on.event), live.onResync(on.resync), live.want(topic)]
  onScopeDispose(() => {
    for (const end of ends) end()
  })
}
