/**
 * From a line that a bot prints to a reader that has it, over the event stream: with bots that print every 50 ms and with
 * bots that print every two or three seconds, read by this process and by `curl -N`. As many bots whose output is a pipe
 * to this process show what of it is the machine's.
 */
import { spawn } from 'node:child_process'
import { realtimeClock } from './support/clock.ts'
import { ages, PRINT_TIME } from './support/printed-times.ts'
import { type Bench, percentile, type Row } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const PACES = [
  { name: 'busy bot', bots: 2, lines: 300, pause: 'sleep 0.0$((RANDOM % 50 + 25))' },
  { name: 'quiet bot', bots: 8, lines: 9, pause: 'sleep $((RANDOM % 2 + 2)).$((RANDOM % 10))' }
]

const bench: Bench = () =>
  withServer(async server => {
    const rows: Row[] = []
    for (const pace of PACES) rows.push(...(await measure(server, pace)))
    return rows
  })

async function measure(server: BenchServer, { name, bots, lines, pause }: (typeof PACES)[number]): Promise<Row[]> {
  const clock = realtimeClock()
  const command = ['/bin/bash', '-c', `for ((i = 0; i < ${lines}; i++)); do ${pause}; ${PRINT_TIME}; done`]
  const bot = await server.makeBot(command, { concurrency: { limit: bots, policy: 'queue' } })
  const piped: number[] = []
  const here: number[] = []
  const curled: number[] = []
  await Promise.all(
    Array.from({ length: bots }, async () => {
      const { id } = await server.start(bot)
      const url = `${server.url}/api/executions/${id}/log/stream`
      const authorization = `authorization: Bearer ${server.token}`
      await Promise.all([
        readOutput(command, clock, piped),
        readOutput(['curl', '-sN', '-H', authorization, url], clock, curled),
        readStream(server, url, clock, here)
      ])
    })
  )
  for (const ages of [piped, here, curled])
    if (ages.length !== bots * lines) throw new Error(`${ages.length} of ${bots * lines} lines arrived`)

  const percentiles = { p50: { share: 0.5, target: 10 }, p99: { share: 0.99, target: 30 } }
  return Object.entries({ 'this process': here, 'curl -N': curled }).flatMap(([reader, latencies]) =>
    Object.entries(percentiles).map(([which, { share, target }]) => ({
      what: `${name}, a line printed to read by ${reader}, ${which}`,
      ours: percentile(latencies, share),
      unit: 'ms',
      target,
      baseline: { what: 'through a pipe', value: percentile(piped, share) }
    }))
  )
}

async function readStream(server: BenchServer, url: string, clock: () => number, found: number[]): Promise<void> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${server.token}` } })
  const arrived = ages(clock, age => found.push(age))
  for await (const chunk of response.body!) arrived(chunk)
}

async function readOutput(command: string[], clock: () => number, found: number[]): Promise<void> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  const arrived = ages(clock, age => found.push(age))
  for await (const chunk of child.stdout) arrived(chunk)
}

export default bench
