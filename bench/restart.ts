/** For how long viewers are without data while a server under load is restarted: told to stop, and started anew. */
import { rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bench, median, percentile } from './support/row.ts'
import { type BenchServer, makeDataDir, startServer } from './support/server.ts'

const BOTS = 20
const VIEWERS = 100
const TARGET_MS = 3000
/** Prints much more often than what is measured. */
const BOT = 'while :; do echo tick; sleep 0.02; done'
const TIMEOUT_MS = 120_000
const SETTLED_MS = 3000
const PATIENCE_MS = 30_000

const bench: Bench = async () => {
  const dataDir = makeDataDir()
  const env = { MAX_CONCURRENT_EXECUTIONS: String(BOTS) }
  try {
    const first = await startServer(dataDir, env)
    await first.enter()
    const ids = await startBots(first)
    const viewers = Array.from({ length: VIEWERS }, (_, n) => new Viewer(first, ids[n % BOTS]!))
    await delay(SETTLED_MS)
    for (const viewer of viewers) viewer.gapMs = 0
    await first.stopAlone()
    const stoppedAt = performance.now()
    const next = await startServer(dataDir, { ...env, PORT: new URL(first.url).port })
    while (viewers.some(viewer => viewer.backAt < stoppedAt)) {
      if (performance.now() - stoppedAt > PATIENCE_MS) throw new Error('not all viewers came back')
      await delay(50)
    }
    for (const viewer of viewers) viewer.leave()
    const gaps = viewers.map(({ gapMs }) => gapMs)
    await next.stop()
    const what = `restart under ${BOTS} bots, ${VIEWERS} viewers without data`
    return [
      { what: `${what}, p50`, ours: median(gaps), unit: 'ms', target: TARGET_MS },
      { what: `${what}, most`, ours: percentile(gaps, 1), unit: 'ms', target: TARGET_MS }
    ]
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function startBots(server: BenchServer): Promise<string[]> {
  const bot = await server.makeBot(['/bin/sh', '-c', BOT], { timeoutMs: TIMEOUT_MS, concurrency: { limit: BOTS } })
  return Promise.all(Array.from({ length: BOTS }, async () => (await server.start(bot)).id))
}

/** Follows a log, and when it is sent away comes back as the dashboard does (src/dashboard/live/link.ts). */
class Viewer {
  /** The longest time between two pieces of the log, in milliseconds, and when it ended. */
  gapMs = 0
  backAt = Number.NEGATIVE_INFINITY
  readonly #server: BenchServer
  readonly #path: string
  #socket: Socket | null = null
  #lastEventId = ''
  #lastAt: number | null = null
  #failures = 0
  #left = false

  constructor(server: BenchServer, executionId: string) {
    this.#server = server
    this.#path = `/api/executions/${executionId}/log/stream`
    this.#come()
  }

  leave(): void {
    this.#left = true
    this.#socket?.destroy()
  }

  #come(): void {
    if (this.#left) return
    const { hostname, port } = new URL(this.#server.url)
    const place = this.#lastEventId && `last-event-id: ${this.#lastEventId}\r\n`
    const auth = `authorization: Bearer ${this.#server.token}\r\n`
    const request = `GET ${this.#path} HTTP/1.1\r\nhost: ${hostname}\r\n${auth}${place}\r\n`
    this.#socket = connect(Number(port), hostname, () => this.#socket!.write(request))
    this.#socket.on('error', () => {})
    this.#socket.on('data', chunk => this.#hear(chunk.toString('latin1')))
    this.#socket.on('end', () => this.#socket!.destroy())
    this.#socket.on('close', () => {
      const wait = 500 * 1.5 ** this.#failures++
      setTimeout(() => this.#come(), wait / 2 + Math.random() * (wait / 2))
    })
  }

  #hear(text: string): void {
    const places = [...text.matchAll(/^id: (\d+:\d+)/gm)]
    if (places.length === 0) return
    this.#lastEventId = places.at(-1)![1]!
    this.#failures = 0
    const now = performance.now()
    const gap = this.#lastAt === null ? 0 : now - this.#lastAt
    this.#lastAt = now
    if (gap < this.gapMs) return
    this.gapMs = gap
    this.backAt = now
  }
}

export default bench
