/** One bot that prints 50 lines a second to many viewers: how old a line is when each of them has it, and what it costs. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { signedInAs } from '../test/support/users.ts'
import { realtimeClock } from './support/clock.ts'
import { ages, PRINT_TIME } from './support/printed-times.ts'
import { cpuSeconds, memoryOf } from './support/process.ts'
import { type Bench, percentile, type Row } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const VIEWERS = [100, 1000]
const PEOPLE = 4
const MEASURE_MS = 8000
const TIMEOUT_MS = 50_000
/** The server has given back what its start took, so that viewers are all that is added. */
const SETTLED_MS = 2500
const BOT = `while :; do sleep 0.018; ${PRINT_TIME}; done`

const bench: Bench = () =>
  withServer(async server => {
    const bot = await server.makeBot(['/bin/bash', '-c', BOT], { timeoutMs: TIMEOUT_MS })
    const { id } = await server.start(bot)
    const tokens = await signIn(server, PEOPLE)
    const clock = realtimeClock()
    const rows: Row[] = []
    await delay(SETTLED_MS)
    for (const viewers of VIEWERS) {
      const memoryBefore = memoryOf(server.pid).rss
      let latencies: number[] | null = null
      const sockets = await openStreams(server, `/api/executions/${id}/log/stream?after=${await place(server, id)}`, {
        count: viewers,
        tokens,
        reader: () => ages(clock, age => latencies?.push(age))
      })
      await delay(1000)
      const memory = memoryOf(server.pid).rss - memoryBefore
      const cpuBefore = cpuSeconds(server.pid)
      const start = performance.now()
      latencies = []
      await delay(MEASURE_MS)
      const measured = latencies
      latencies = null
      const cores = (cpuSeconds(server.pid) - cpuBefore) / ((performance.now() - start) / 1000)
      for (const socket of sockets) socket.destroy()

      const to = `50 lines/s to ${viewers} viewers`
      rows.push(
        { what: `${to}, p50`, ours: percentile(measured, 0.5), unit: 'ms', target: null },
        { what: `${to}, p99`, ours: percentile(measured, 0.99), unit: 'ms', target: 50 },
        { what: `${to}, delivered`, ours: measured.length / (MEASURE_MS / 1000), unit: '1/s', target: null },
        { what: `${to}, the server's CPU`, ours: cores, unit: 'cores', target: 0.6 }
      )
      // With fewer, a page here or there would be most of it.
      if (viewers >= 1000) {
        rows.push({ what: `${to}, memory a viewer`, ours: (memory * 1000) / viewers, unit: 'kB', target: 20 })
      }
    }
    await server.post(`/api/executions/${id}/cancel`)
    return rows
  })

/** Where the log stands now: viewers that begin here have nothing to catch up on. */
async function place(server: BenchServer, id: string): Promise<string> {
  const { attempts } = await server.execution(id)
  return `1:${attempts.at(-1)?.logBytes ?? 0}`
}

/** Of several people: one may have 1,000 streams, and of those that were closed some may not be gone yet. */
async function signIn(server: BenchServer, people: number): Promise<string[]> {
  const tokens: string[] = []
  for (let n = 0; n < people; n++) {
    const viewer = await signedInAs(server, 'viewer', `viewer${n}@example.com`)
    tokens.push(viewer.token!)
  }
  return tokens
}

/** Bare sockets, as a thousand HTTP clients in one process would be what is measured. */
async function openStreams(
  server: BenchServer,
  path: string,
  options: { count: number; tokens: string[]; reader: () => (chunk: Buffer) => void }
): Promise<Socket[]> {
  const { hostname, port } = new URL(server.url)
  const { tokens } = options
  const requestOf = (n: number) =>
    `GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${tokens[n % tokens.length]}\r\n\r\n`
  return Promise.all(
    Array.from(
      { length: options.count },
      (_, n) =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(Number(port), hostname, () => socket.write(requestOf(n)))
          socket.on('error', reject)
          socket.on('data', options.reader())
          socket.once('data', head => {
            if (head.toString('latin1').startsWith('HTTP/1.1 200')) resolve(socket)
            else reject(new Error(`a viewer was refused: ${head.toString('latin1').split('\r\n')[0]}`))
          })
        })
    )
  )
}

export default bench
