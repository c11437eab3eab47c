import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../lib/errors.ts'
import { accountOf, type Principal } from '../users/principal.ts'
import { SseStream } from './sse.ts'

/** Shorter than the idle limits of the usual proxies (60 s). */
const HEARTBEAT_MS = 15_000

/** How long a stream may take to pass on its last bytes when the server stops. */
const LAST_BYTES_MS = 1000

/** All event streams that are open: how many there may be, whose they are, and how they end. */
export class Streams {
  readonly #max: number
  readonly #maxPerAccount: number
  readonly #open = new Map<SseStream, Principal>()
  readonly #heartbeat: NodeJS.Timeout
  #closing = false

  /** `maxPerAccount`: of one person with all sessions, or one token, so that nobody takes all places. */
  constructor({ max, maxPerAccount }: { max: number; maxPerAccount: number }) {
    this.#max = max
    this.#maxPerAccount = maxPerAccount
    this.#heartbeat = setInterval(() => {
      const now = Date.now()
      for (const [stream, { credential, expiresAt }] of this.#open) {
        // A session is kept alive by refreshing it; its end is seen by who sweeps them.
        if (credential.kind === 'token' && expiresAt !== null && expiresAt <= now) stream.destroy()
        else stream.heartbeat()
      }
    }, HEARTBEAT_MS).unref()
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Turns a request into an event stream that lives as long as the session or token that asked for it.
   * @throws AppError `too_many_streams`, `unavailable` while the server stops.
   */
  open(request: FastifyRequest, reply: FastifyReply): SseStream {
    if (this.#closing) {
      throw new AppError('unavailable', 'The server is stopping. Try again in a moment.', {
        headers: { 'retry-after': '2' }
      })
    }
    if (this.#open.size >= this.#max) {
      throw new AppError(
        'too_many_streams',
        `${this.#max} streams are open, which is the limit. Close some, or raise maxStreams.`,
        {
          headers: { 'retry-after': '10' }
        }
      )
    }
    const principal = request.principal!
    if (this.#countOf(accountOf(principal)) >= this.#maxPerAccount) {
      const whose = principal.credential.kind === 'token' ? 'This token has' : 'You have'
      throw new AppError(
        'too_many_streams',
        `${whose} ${this.#maxPerAccount} streams open, which is the limit. Close some, or raise maxStreamsPerAccount.`,
        { headers: { 'retry-after': '10' } }
      )
    }
    reply.hijack()
    const stream = new SseStream(reply.raw, reply.getHeaders())
    this.#open.set(stream, principal)
    stream.closed.addEventListener('abort', () => this.#open.delete(stream), { once: true })
    void this.#lookAgain(stream, request, principal)
    return stream
  }

  /** What its credential came to before the stream was known here has ended none of it. */
  async #lookAgain(stream: SseStream, request: FastifyRequest, { role }: Principal): Promise<void> {
    const now = await request.authenticate().catch(() => null)
    if (now?.role !== role) stream.destroy()
  }

  #countOf(account: string): number {
    let count = 0
    for (const principal of this.#open.values()) if (accountOf(principal) === account) count++
    return count
  }

  /** Ends what a session or a token has open. */
  endCredential(id: string): void {
    for (const [stream, { credential }] of this.#open) if (credential.id === id) stream.destroy()
  }

  /** Ends what a user has open, whatever he opened it with. */
  endUser(id: string): void {
    for (const [stream, { user }] of this.#open) if (user.id === id) stream.destroy()
  }

  /** Ends all and lets no more begin. Clients come back by themselves and go on where they were. */
  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#heartbeat)
    const open = [...this.#open.keys()]
    for (const stream of open) stream.end()
    const allClosed = Promise.all(open.map(stream => closedOf(stream)))
    const patience = setTimeout(() => {
      for (const stream of open) stream.destroy()
    }, LAST_BYTES_MS)
    await allClosed
    clearTimeout(patience)
  }
}

function closedOf(stream: SseStream): Promise<void> {
  if (stream.closed.aborted) return Promise.resolve()
  return new Promise(resolve => stream.closed.addEventListener('abort', () => resolve(), { once: true }))
}
