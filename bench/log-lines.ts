/**
 * Pages of 500 lines anywhere in a log of five million: in the store, as a route asks for them, and over HTTP. And what it
 * takes to index a million lines of 100 bytes, against reading the same file to its end; what that costs the capture of a
 * log is in the row `capture`.
 */
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LineIndex } from '../src/logs/line-index.ts'
import { LogFile } from '../src/logs/log-file.ts'
import { Logs } from '../src/logs/logs.ts'
import { Seal } from '../src/secrets/seal.ts'
import { type Bench, median, percentile, type Row } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const LINES = 5_000_000
const PAGE_LINES = 500
const PAGES = 2000
const WARM_UP = 200
const LINE_BYTES = 100
const INDEXED_BYTES = 1_000_000 * LINE_BYTES
const INDEXINGS = 9

const bench: Bench = () =>
  withServer(async server => {
    const { id } = await server.finished(['seq', '-f', `%0${LINE_BYTES - 1}.0f`, String(LINES)], {
      maxLogBytes: 2 * LINES * LINE_BYTES
    })
    const attempts = join(server.dataDir, 'attempts')
    const [attempt] = await readdir(attempts)
    return [
      ...(await pages('in the store', {
        target: 500,
        page: inStore(attempts, attempt!),
        plain: oneRead(attempts, attempt!)
      })),
      ...(await pages('over HTTP', { target: null, page: overHttp(server, id), plain: health(server) })),
      ...(await indexing(join(attempts, attempt!, 'log')))
    ]
  })

/** What it is measured against: the least that any answer takes on this machine. */
interface Plain {
  what: string
  once: () => Promise<unknown>
}

async function pages(
  where: string,
  { target, page, plain }: { target: number | null; page: (first: number) => Promise<Page>; plain: Plain }
): Promise<Row[]> {
  const times: number[] = []
  const plainTimes: number[] = []
  for (let i = 0; i < WARM_UP + PAGES; i++) {
    const first = 1 + Math.floor(Math.random() * (LINES - PAGE_LINES))
    const start = performance.now()
    const lines = await page(first)
    const time = performance.now() - start
    if (lines.length !== PAGE_LINES || lines.some(({ text }, i) => Number(text) !== first + i))
      throw new Error(`these are not the lines from ${first} on`)
    const plainStart = performance.now()
    await plain.once()
    if (i < WARM_UP) continue
    plainTimes.push((performance.now() - plainStart) * 1000)
    times.push(time * 1000)
  }
  return [0.5, 0.99].map(share => ({
    what: `${PAGE_LINES} of 5e6 lines, ${where}, p${share * 100}`,
    ours: percentile(times, share),
    unit: 'µs',
    target: share === 0.5 ? null : target,
    baseline: { what: plain.what, value: percentile(plainTimes, share) }
  }))
}

type Page = { text: string }[]

function inStore(attempts: string, id: string): (first: number) => Promise<Page> {
  const logs = new Logs(
    { attempts: async () => [{ id, number: 1, ended: true }], liveLog: () => null },
    attempts,
    new Seal(randomBytes(32))
  )
  return async first => {
    const log = (await logs.open('it'))!
    const unfollow = log.follow(() => {})
    const lines = await (await log.lines()).page(first, PAGE_LINES)
    unfollow()
    return lines
  }
}

function overHttp(server: BenchServer, id: string): (first: number) => Promise<Page> {
  return async first => (await server.get(`/api/executions/${id}/log?fromLine=${first}&lines=${PAGE_LINES}`)).body.items
}

function oneRead(attempts: string, id: string): Plain {
  const file = LogFile.open(join(attempts, id, 'log'))!
  return {
    what: '64 KiB of the log',
    once: () => file.bytes(Math.floor((Math.random() * LINES * LINE_BYTES) / 2), 64 * 1024)
  }
}

function health(server: BenchServer): Plain {
  return { what: '/health', once: () => server.get('/health') }
}

/** The index stays in memory, as on a full disk: its file is next to nothing beside the log. */
async function indexing(path: string): Promise<Row[]> {
  const file = LogFile.open(path)!
  const indexed: number[] = []
  const cpu: number[] = []
  const read: number[] = []
  const buffer = Buffer.alloc(256 * 1024)
  for (let round = 0; round < INDEXINGS; round++) {
    const cpuBefore = process.cpuUsage()
    let start = performance.now()
    await new LineIndex('/nowhere/index').extend(INDEXED_BYTES, file)
    indexed.push(performance.now() - start)
    const { user, system } = process.cpuUsage(cpuBefore)
    cpu.push((user + system) / 1000)
    start = performance.now()
    for (let at = 0; at < INDEXED_BYTES; at += buffer.length) await file.readInto(buffer, at)
    read.push(performance.now() - start)
  }
  file.close()
  const baseline = { what: 'reading them', value: median(read) }
  return [
    { what: 'to index 1e6 lines of 100 bytes', ours: median(indexed), unit: 'ms', target: null, baseline },
    { what: 'the same, CPU of all threads', ours: median(cpu), unit: 'ms', target: 200 }
  ]
}

export default bench
