import { connect, type Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { Guard } from './guard.ts'

/** From the first look at a name to the last byte that is read of the answer. */
const TIMEOUT_MS = 10_000

/** Of an answer no more is read: it is to say whether it went well, and a little of why not. */
const ANSWER_BYTES = 4096

export interface OutgoingRequest {
  method: 'GET' | 'POST'
  /** http or https, without a user; see {@link urlProblem}. */
  url: string
  headers: Record<string, string>
  body: string | null
}

export interface OutgoingAnswer {
  status: number
  /** By their names in small letters. */
  headers: Record<string, string | string[] | undefined>
  /** The beginning of it. */
  text: string
}

/**
 * The one way to send something to an address that a user has named. Where it may lead is the {@link Guard}'s to say; no
 * redirect is followed, no proxy of the environment asked, and neither time nor size of an answer is the other side's to choose.
 */
export class Outgoing {
  readonly #guard: Guard
  readonly #timeoutMs: number
  #dispatcher: Promise<Dispatcher> | null = null

  constructor(guard: Guard, timeoutMs: number = TIMEOUT_MS) {
    this.#guard = guard
    this.#timeoutMs = timeoutMs
  }

  /** @throws RefusedAddress, or the error of whatever kept an answer from coming; see {@link failureOf}. */
  async send(request: OutgoingRequest, stopping?: AbortSignal): Promise<OutgoingAnswer> {
    const problem = urlProblem(request.url)
    if (problem) throw new TypeError(`The address ${problem}.`)
    this.#dispatcher ??= this.#makeDispatcher()
    const dispatcher = await this.#dispatcher
    const signal = this.#deadline(stopping)
    const { origin, pathname, search } = new URL(request.url)
    const { request: ask } = await import('undici')
    const { statusCode, headers, body } = await ask(origin + pathname + search, {
      dispatcher,
      method: request.method,
      headers: { 'user-agent': 'Botyard', ...request.headers },
      body: request.body,
      signal
    })
    return { status: statusCode, headers, text: await beginningOf(body) }
  }

  /** A connection to a host that a user has named, for what is not HTTP. @throws as {@link send} does. */
  async connect(host: string, port: number, stopping?: AbortSignal): Promise<Socket> {
    this.#guard.checkHost(host)
    const signal = this.#deadline(stopping)
    const { promise, resolve, reject } = Promise.withResolvers<Socket>()
    const socket = connect({ host, port, lookup: this.#guard.lookup })
    const giveUp = () => socket.destroy(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.off('error', reject)
      resolve(socket)
    })
    if (signal.aborted) giveUp()
    return promise
  }

  async close(): Promise<void> {
    await (await this.#dispatcher)?.destroy()
  }

  #deadline(stopping: AbortSignal | undefined): AbortSignal {
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    return stopping ? AbortSignal.any([stopping, timeout]) : timeout
  }

  async #makeDispatcher(): Promise<Dispatcher> {
    const { Agent, buildConnector } = await import('undici')
    const make = buildConnector({ lookup: this.#guard.lookup, allowH2: false, timeout: this.#timeoutMs })
    return new Agent({
      // No connection is kept for the next request: each is looked at anew.
      pipelining: 0,
      connect: (options, callback) => {
        try {
          this.#guard.checkHost(options.hostname)
        } catch (error) {
          return callback(error as Error, null)
        }
        make(options, callback)
      }
    })
  }
}

/** What is wrong with an address that is to be sent to, in words that do not repeat it; null when it can be. */
export function urlProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'must begin with https:// or http://'
  if (url.username || url.password) return 'must not have a user or password in it'
  return null
}

/** Where the answer breaks off, what has come by then is the answer: its status is what counts. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= ANSWER_BYTES) break
    }
  } catch {
    // as said
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString()
}

/** Why no answer came, in words. */
export function failureOf(error: unknown): string {
  const { name, code, message } = error as Error & { code?: string }
  if (name === 'RefusedAddress') return message
  if (name === 'TimeoutError' || TOO_SLOW.has(code ?? '')) return 'No answer came in time.'
  if (name === 'AbortError') return 'It was broken off.'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'The name of the host could not be looked up.'
  if (code === 'ECONNREFUSED') return 'The connection was refused.'
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'The connection was closed before an answer came.'
  return message || code || name
}

const TOO_SLOW: ReadonlySet<string> = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'])
