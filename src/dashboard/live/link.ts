import { ApiProblem } from '../api/problem'
import type { FromLink, LinkStatus, ToLink } from './messages'
import { readEvents } from './stream'

/** A topic list any longer is refused by the server; a log's topic has 41 characters. */
const MAX_TOPICS = 40

/** Pages come and go together with what they want: one new stream for all of it. */
const SETTLE_MS = 20

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 15_000
/** A server that is restarted is away for a second or two: whoever doubled would wait as long again. */
const RETRY_GROWTH = 1.5

/** A tab says every 20 s what it wants; browsers may hold that back to once a minute while nobody looks at it. */
const FORGET_MS = 180_000

interface Tab {
  topics: string[]
  /** Whether it has been told to read anew since a stream with its topics began; until then it may have missed something. */
  covered: boolean
  aliveAt: number
}

interface Stream {
  topics: Set<string>
  abort: AbortController
  begun: boolean
}

/**
 * Holds the one event stream of all tabs: over plain HTTP/1.1 a browser opens six connections to a server, and a stream for
 * each tab would use them up. Lives in a shared worker, or in the page itself where there is none.
 *
 * When the tabs want other topics, the stream is ended and another opened. What comes in between is nobody's to tell, so
 * all tabs are told to read anew what they show once a stream has begun: this one, or one after the server was away.
 */
export class Link {
  readonly #tabs = new Map<MessagePort, Tab>()
  #stream: Stream | null = null
  #status: LinkStatus = { kind: 'connecting' }
  #settling = 0
  #retry = 0
  #failures = 0

  attach(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<ToLink>) => this.#hear(port, data)
    this.#welcome(port)
  }

  #welcome(port: MessagePort): Tab {
    const tab = { topics: [], covered: false, aliveAt: Date.now() }
    this.#tabs.set(port, tab)
    // It comes when somebody has signed in.
    if (this.#status.kind === 'signed-out') this.#become({ kind: 'connecting' })
    this.#say(port, { kind: 'status', status: this.#status })
    return tab
  }

  #hear(port: MessagePort, message: ToLink): void {
    if (message.kind === 'bye') {
      this.#tabs.delete(port)
      this.#settleSoon()
      return
    }
    // One that was taken for dead, as it slept, is there again.
    const tab = this.#tabs.get(port) ?? this.#welcome(port)
    tab.aliveAt = Date.now()
    if (message.kind === 'retry') {
      // All tabs hear at one moment that the network is back; the first one's try is good for all.
      if (!this.#stream || this.#stream.begun) this.#connect()
    } else if (message.topics.join() !== tab.topics.join()) {
      tab.topics = message.topics
      tab.covered = false
      this.#settleSoon()
    }
  }

  #settleSoon(): void {
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => this.#settle(), SETTLE_MS) as unknown as number
  }

  #settle(): void {
    for (const [port, tab] of this.#tabs) if (Date.now() - tab.aliveAt > FORGET_MS) this.#tabs.delete(port)
    const wanted = this.#wanted()
    const { kind } = this.#status
    if (wanted.size === 0) this.#close()
    else if (this.#stream && isSame(wanted, this.#stream.topics)) this.#cover()
    else if (kind === 'open' || kind === 'connecting') this.#connect()
  }

  #wanted(): Set<string> {
    // Of more than the server takes, those of the oldest tabs are left out.
    const newestFirst = [...this.#tabs.values()].reverse()
    return new Set([...new Set(newestFirst.flatMap(tab => tab.topics))].slice(0, MAX_TOPICS))
  }

  #connect(): void {
    clearTimeout(this.#retry)
    const topics = this.#wanted()
    if (topics.size === 0) return
    this.#stream?.abort.abort()
    const stream = { topics, abort: new AbortController(), begun: false }
    this.#stream = stream
    if (this.#status.kind === 'signed-out') this.#become({ kind: 'connecting' })
    readEvents([...topics], stream.abort, event => {
      if (this.#stream !== stream) return
      if (event.type !== 'resync') this.#tellAll({ kind: 'event', event })
      else this.#begin(stream)
    }).then(
      () => this.#ended(stream, null),
      error => this.#ended(stream, error)
    )
  }

  /** The stream has begun, or says that something was left out of it. */
  #begin(stream: Stream): void {
    stream.begun = true
    this.#failures = 0
    if (this.#status.kind !== 'open') this.#become({ kind: 'open' })
    for (const tab of this.#tabs.values()) tab.covered = false
    // While it was opened they may have come to want something else.
    this.#settle()
  }

  #cover(): void {
    if (!this.#stream?.begun) return
    for (const [port, tab] of this.#tabs) {
      if (tab.covered || tab.topics.length === 0) continue
      tab.covered = true
      this.#say(port, { kind: 'resync' })
    }
  }

  #ended(stream: Stream, error: unknown): void {
    if (this.#stream !== stream) return
    this.#stream = null
    if (error instanceof ApiProblem && error.status === 401) {
      this.#become({ kind: 'signed-out' })
      return
    }
    // The role is not any more what it was when a page wanted this topic: it sees so, and wants others.
    if (error instanceof ApiProblem && error.status === 403) this.#tellAll({ kind: 'resync' })
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * RETRY_GROWTH ** this.#failures++)
    // Half of it by chance, so that all who lose their server together do not come back together.
    const delay = wait / 2 + Math.random() * (wait / 2)
    this.#become({ kind: 'offline', retryAt: Date.now() + delay })
    this.#retry = setTimeout(() => this.#connect(), delay) as unknown as number
  }

  #close(): void {
    clearTimeout(this.#retry)
    this.#stream?.abort.abort()
    this.#stream = null
    this.#status = { kind: 'connecting' }
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

const isSame = (a: Set<string>, b: Set<string>): boolean => a.size === b.size && [...a].every(topic => b.has(topic))
