import { join } from 'node:path'
import type { Bot, CreateBot } from '../../src/bots/bot.ts'
import { type Execution, hasEnded } from '../../src/executions/execution.ts'
import { type EventStream, openStream, type ServerEvent } from './sse.ts'

/** Scripts that behave as bots do; see the folder. */
export const FIXTURE_BOTS = join(import.meta.dirname, '../fixtures/bots')

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' }

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server sent
  body: any
  text: string
}

/** A program that uses the API, signed in with a Bearer token unless `token` is null. */
export class Client {
  readonly url: string
  token: string | null = null

  constructor(url: string) {
    this.url = url
  }

  async request(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; raw?: string | Buffer } = {}
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...options.headers }
    if (this.token && !('authorization' in headers)) headers.authorization = `Bearer ${this.token}`
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
    if (body !== undefined && !('content-type' in headers)) headers['content-type'] = 'application/json'
    const response = await fetch(this.url + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body })
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null }
  }

  get = (path: string, headers: Record<string, string> = {}) => this.request('GET', path, { headers })
  post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    this.request('POST', path, { body, headers })
  patch = (path: string, body: unknown) => this.request('PATCH', path, { body })
  delete = (path: string) => this.request('DELETE', path)

  /** Makes the administrator {@link ADMIN} and signs in as him. */
  async setUp(setupToken: string): Promise<void> {
    const answer = await this.post('/api/auth/setup', { setupToken, ...ADMIN })
    if (answer.status !== 201) throw new Error(`setup: ${answer.status} ${answer.text}`)
    this.token = answer.body.accessToken
  }

  async signIn(): Promise<void> {
    const answer = await this.post('/api/auth/login', ADMIN)
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`)
    this.token = answer.body.accessToken
  }

  /** A bot that runs a fixture script, or the command given. */
  async makeBot(command: string | string[], more: Partial<CreateBot> = {}): Promise<Bot> {
    const argv = typeof command === 'string' ? ['/bin/sh', join(FIXTURE_BOTS, `${command}.sh`)] : command
    const answer = await this.post('/api/bots', {
      name: typeof command === 'string' ? command : 'bot',
      command: argv,
      killGraceMs: 200,
      ...more
    })
    if (answer.status !== 201) throw new Error(`makeBot: ${answer.status} ${answer.text}`)
    return answer.body
  }

  async start(bot: Pick<Bot, 'id'>, parameters: Record<string, unknown> = {}): Promise<Execution> {
    const answer = await this.post(`/api/bots/${bot.id}/executions`, { parameters })
    if (answer.status !== 202) throw new Error(`start: ${answer.status} ${answer.text}`)
    return answer.body
  }

  async execution(id: string): Promise<Execution> {
    return (await this.get(`/api/executions/${id}`)).body
  }

  /** Waits for what the event stream says of an execution until `condition` holds. Survives no restart of the server. */
  async until(id: string, condition: (execution: Execution) => boolean): Promise<Execution> {
    const stream = await this.stream(`/api/events?topics=execution:${id}`)
    try {
      for await (const event of stream) {
        const execution = event.event === 'resync' ? await this.execution(id) : event.data
        if (condition(execution)) return execution
      }
    } finally {
      stream.close()
    }
    throw new Error(`the event stream ended before execution ${id} was as expected`)
  }

  /** The execution once it has ended, whatever the end, with its outputs. */
  async ended(id: string): Promise<Execution> {
    await this.until(id, hasEnded)
    return this.execution(id)
  }

  /** Runs a fixture script, or a command, to its end. */
  async finished(command: string | string[], more: Partial<CreateBot> = {}): Promise<Execution> {
    return this.ended((await this.start(await this.makeBot(command, more))).id)
  }

  stream(path: string, headers: Record<string, string> = {}): Promise<EventStream> {
    return openStream(this.url + path, this.token ? { authorization: `Bearer ${this.token}`, ...headers } : headers)
  }

  /** The log stream of an execution, from a place on. */
  followLog(id: string, options: { lastEventId?: string; after?: string } = {}): Promise<EventStream> {
    const query = options.after === undefined ? '' : `?after=${encodeURIComponent(options.after)}`
    return this.stream(
      `/api/executions/${id}/log/stream${query}`,
      options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }
    )
  }

  /** Waits until an execution has printed `text`. */
  async printed(id: string, text: string): Promise<void> {
    const stream = await this.followLog(id)
    let seen = ''
    for await (const event of stream) {
      if (event.event === 'log') seen += event.data.text
      if (seen.includes(text)) break
    }
    stream.close()
    if (!seen.includes(text)) throw new Error(`execution ${id} ended without printing ${text}: ${seen}`)
  }

  /** All `log` events from a place on to the end of the execution. */
  async readLog(id: string, options: { lastEventId?: string; after?: string } = {}): Promise<ServerEvent[]> {
    const events: ServerEvent[] = []
    for await (const event of await this.followLog(id, options)) if (event.event === 'log') events.push(event)
    return events
  }

  /** How many event streams the server has open, that of the pulse itself left out. */
  async openStreams(): Promise<number> {
    const pulse = await this.stream('/api/heartbeat')
    for await (const { data } of pulse) {
      pulse.close()
      return data.streams - 1
    }
    throw new Error('the pulse ended before it beat')
  }

  /** The log as it can be downloaded. */
  async downloadLog(id: string, headers: Record<string, string> = {}): Promise<Buffer> {
    const response = await fetch(`${this.url}/api/executions/${id}/log`, {
      headers: { authorization: `Bearer ${this.token}`, ...headers }
    })
    return Buffer.from(await response.arrayBuffer())
  }
}

/** The text of `log` events, joined. */
export function textOf(events: ServerEvent[]): string {
  return events
    .filter(event => event.event === 'log')
    .map(event => event.data.text)
    .join('')
}
