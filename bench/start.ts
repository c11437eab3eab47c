/** From the start of the process to the first 200 of /health, with an empty history and with a long one. */
import { rmSync } from 'node:fs'
import { startBareServer } from './support/bare-server.ts'
import { addHistory } from './support/history.ts'
import { type Bench, median } from './support/row.ts'
import { makeDataDir, startServer } from './support/server.ts'

const ROUNDS = 7
const EXECUTIONS = 100_000
const TARGET_MS = 1000

const bench: Bench = async () => {
  const folders = { empty: makeDataDir(), long: makeDataDir() }
  const times = { empty: [] as number[], long: [] as number[], bare: [] as number[] }
  try {
    // The first start makes the database (and fills Node's compile cache, where npm has not).
    for (const folder of Object.values(folders)) {
      const server = await startServer(folder)
      await server.enter()
      await server.makeBot(['/bin/true'])
      await server.stop()
    }
    addHistory(folders.long, EXECUTIONS)
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of ['empty', 'long'] as const) {
        const server = await startServer(folders[name])
        times[name].push(server.startedInMs)
        await server.stop()
      }
      times.bare.push(await startOfBareNode())
    }
  } finally {
    for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true })
  }
  const baseline = { what: 'node that only listens', value: median(times.bare) }
  return [
    { what: 'start, no history', ours: median(times.empty), unit: 'ms', target: TARGET_MS, baseline },
    { what: 'start, 100,000 executions', ours: median(times.long), unit: 'ms', target: TARGET_MS, baseline }
  ]
}

async function startOfBareNode(): Promise<number> {
  const start = performance.now()
  const server = await startBareServer()
  const time = performance.now() - start
  await server.stop()
  return time
}

export default bench
