import { ApiProblem } from '../api/problem'
import type { FromLink, LinkStatus, ToLink } from './messages'
import { readEvents } from './stream'

/** A topic list any longer is refused by the server; a log's topic has 41 characters. */
const MAX_TOPICS = 40

/** Pages come and go together with what they want: one new stream for all of it. */
const SETTLE_MS = 20

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 15_000

/** A tab says every 20 s that it lives; browsers may hold that back to once a minute while nobody looks at it. */
const FORGET_MS = 180_000

interface Tab {
  topics: string[]
  /** Whether a stream that carries its topics has begun; until then it may have missed something. */
  covered: boolean
  aliveAt: number
}

interface Connection {
  topics: Set<string>
  abort: AbortController
}

/**
 * Holds the one event stream of all tabs: over plain HTTP/1.1 a browser opens six connections to a server, and a stream for
 * each tab would use them up. Lives in a shared worker, or in the page itself where there is none.
 *
 * When the tabs want other topics, the new stream begins before the old one ends, so that nothing falls between them. What
 * both carry arrives twice, which is harmless: an event is the whole new state, and log events say which bytes they bring.
 */
export class Link {
  readonly #tabs = new Map<MessagePort, Tab>()
  /** The streams that are open: the current one, and while that has not begun those before it. */
  readonly #streams = new Set<Connection>()
  #current: Connection | null = null
  #status: LinkStatus = { kind: 'connecting' }
  #settling = 0
  #retry = 0
  #failures = 0

  attach(port: MessagePort): void {
    this.#tabs.set(port, { topics: [], covered: false, aliveAt: Date.now() })
    port.onmessage = ({ data }: MessageEvent<ToLink>) => this.#hear(port, data)
    this.#say(port, { kind: 'status', status: this.#status })
  }

  #hear(port: MessagePort, message: ToLink): void {
    const tab = this.#tabs.get(port)
    if (message.kind === 'bye') this.#tabs.delete(port)
    if (!tab) return
    tab.aliveAt = Date.now()
    if (message.kind === 'retry') this.#connect()
    if (message.kind === 'topics') {
      tab.topics = message.topics
      tab.covered = false
    }
    if (message.kind === 'topics' || message.kind === 'bye') {
      clearTimeout(this.#settling)
      this.#settling = setTimeout(() => this.#settle(), SETTLE_MS) as unknown as number
    }
  }

  #settle(): void {
    for (const [port, tab] of this.#tabs) if (Date.now() - tab.aliveAt > FORGET_MS) this.#tabs.delete(port)
    const wanted = this.#wanted()
    const current = this.#current
    const same = current && wanted.size === current.topics.size && [...wanted].every(topic => current.topics.has(topic))
    if (wanted.size === 0) this.#close()
    else if (!same && this.#status.kind !== 'offline' && this.#status.kind !== 'signed-out') this.#connect()
    else if (this.#status.kind === 'open') this.#cover()
  }

  #wanted(): Set<string> {
    const topics = new Set<string>()
    // The newest tabs first: of more than the server takes, what is looked at last is left out.
    for (const tab of [...this.#tabs.values()].reverse()) for (const topic of tab.topics) topics.add(topic)
    return new Set([...topics].slice(0, MAX_TOPICS))
  }

  #connect(): void {
    clearTimeout(this.#retry)
    const topics = this.#wanted()
    if (topics.size === 0) return
    const connection: Connection = { topics, abort: new AbortController() }
    this.#streams.add(connection)
    this.#current = connection
    if (this.#status.kind !== 'open') this.#become({ kind: 'connecting' })
    let begun = false
    readEvents([...topics], connection.abort, {
      open: () => {
        this.#failures = 0
      },
      event: event => {
        if (event.type !== 'resync') this.#tellAll({ kind: 'event', event })
        else if (begun) this.#tellAll({ kind: 'resync' })
        else {
          begun = true
          if (this.#current !== connection) return
          const gap = this.#status.kind !== 'open'
          this.#abortAllBut(connection)
          if (gap) for (const tab of this.#tabs.values()) tab.covered = false
          this.#become({ kind: 'open' })
          this.#cover()
        }
      }
    }).then(
      () => this.#ended(connection, null),
      error => this.#ended(connection, error)
    )
  }

  /** Tabs whose topics are in the stream from now on read once more what they show. */
  #cover(): void {
    for (const [port, tab] of this.#tabs) {
      if (tab.covered || tab.topics.length === 0) continue
      tab.covered = true
      this.#say(port, { kind: 'resync' })
    }
  }

  #ended(connection: Connection, error: unknown): void {
    this.#streams.delete(connection)
    if (this.#current !== connection) return
    this.#abortAllBut(null)
    this.#current = null
    if (error instanceof ApiProblem && error.status === 401) {
      this.#become({ kind: 'signed-out' })
      return
    }
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++)
    // Half of it by chance, so that all who lose their server together do not come back together.
    const delay = wait / 2 + Math.random() * (wait / 2)
    this.#become({ kind: 'offline', retryAt: Date.now() + delay })
    this.#retry = setTimeout(() => this.#connect(), delay) as unknown as number
  }

  #close(): void {
    clearTimeout(this.#retry)
    this.#current = null
    this.#abortAllBut(null)
    this.#status = { kind: 'connecting' }
  }

  #abortAllBut(kept: Connection | null): void {
    for (const stream of this.#streams) if (stream !== kept) stream.abort.abort()
  }

  #become(status: LinkStatus): void {
    this.#status = status
    this.#tellAll({ kind: 'status', status })
  }

  #tellAll(message: FromLink): void {
    for (const port of this.#tabs.keys()) this.#say(port, message)
  }

  #say(port: MessagePort, message: FromLink): void {
    port.postMessage(message)
  }
}
