import type { ServerResponse } from 'node:http'
import { onceClosed } from '../lib/once-closed.ts'

/** A stream with more than this waiting in its socket is parked: it gets nothing until it has read. */
export const PARK_ABOVE_BYTES = 256 * 1024

/**
 * The bytes of one event. Its data is JSON, which has no line break of its own and escapes those in its strings:
 * nothing a bot prints can begin a field or an event.
 */
export function frame(event: { id?: string; event: string; data: unknown }): Buffer {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`
  return Buffer.from(`${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`)
}

const HEARTBEAT = Buffer.from(': \n\n')

/**
 * One open response that carries Server-Sent Events. It never buffers on its own account: who writes asks `parked`
 * first and waits for `drained`, so a reader that does not read costs at most one event beyond {@link PARK_ABOVE_BYTES}.
 */
export class SseStream {
  /** Aborted when the client has gone or the server has ended the stream; never before whoever makes it can listen. */
  readonly closed: AbortSignal
  readonly #response: ServerResponse

  /** `headers` come in addition to those that every event stream has. */
  constructor(response: ServerResponse, headers: Record<string, number | string | string[] | undefined>) {
    const closed = new AbortController()
    this.closed = closed.signal
    this.#response = response
    onceClosed(response, () => closed.abort())
    // A client that goes away while we write is the ordinary end of a stream; `close` follows.
    response.on('error', () => {})
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no'
    })
    // A comment at once, so that proxies and clients see the stream open; a jittered pause, so that all who lose their
    // server at one moment do not all come back at one moment.
    response.write(`: \nretry: ${1000 + Math.floor(Math.random() * 2000)}\n\n`)
  }

  get parked(): boolean {
    return this.#response.writableLength > PARK_ABOVE_BYTES
  }

  write(bytes: Buffer): void {
    if (!this.closed.aborted) this.#response.write(bytes)
  }

  /** Resolves when the reader has caught up with what was written, or the stream has closed. */
  drained(): Promise<void> {
    if (this.closed.aborted || !this.#response.writableNeedDrain) return Promise.resolve()
    return new Promise(resolve => {
      const done = () => {
        this.#response.off('drain', done)
        this.closed.removeEventListener('abort', done)
        resolve()
      }
      this.#response.on('drain', done)
      this.closed.addEventListener('abort', done)
    })
  }

  /** Shows proxies and clients that the stream lives; a parked reader is not in need of it. */
  heartbeat(): void {
    if (!this.parked) this.write(HEARTBEAT)
  }

  end(): void {
    this.#response.end()
  }

  /** Ends it even when the reader does not read: what waits in its socket is dropped. */
  destroy(): void {
    this.#response.destroy()
  }
}
