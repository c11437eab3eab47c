/** How quickly many schedules that are due at once start, and how late one of each second is. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Bench, percentile } from './support/row.ts'
import { addSchedules, countSlots, delays, withSchedules } from './support/schedules.ts'
import { type BenchServer, startServer } from './support/server.ts'

const MANY = 1000
/** Two of them are its slowest hundredth; more are not done in the time a benchmark has. */
const SLOTS = 120
/** The server has started, and knows all of them, by then. */
const AHEAD_MS = 15_000

const bench: Bench = async () => {
  const lastMs = await withSchedules([], manyAtOnce)
  const drift = await withSchedules([{ cron: '* * * * * *' }], async (_, dataDir) => {
    while (delays(dataDir).length < SLOTS) await delay(1000)
    return delays(dataDir)
  })
  return [
    { what: '1,000 schedules due at once, until all are queued', ours: lastMs / 1000, unit: 's', target: 5 },
    { what: 'slot of each second to its queueing, p50', ours: percentile(drift, 0.5), unit: 'ms', target: null },
    { what: 'slot of each second to its queueing, p99', ours: percentile(drift, 0.99), unit: 'ms', target: 50 }
  ]
}

/** From the slot to when the last of them was queued, each once. Nothing runs meanwhile. */
async function manyAtOnce(server: BenchServer, dataDir: string): Promise<number> {
  await server.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  await server.stop()
  addSchedules(dataDir, Array(MANY).fill({ at: Math.ceil(Date.now() / 1000) * 1000 + AHEAD_MS }))
  const next = await startServer(dataDir)
  try {
    while (countSlots(dataDir, 'started') < MANY) await delay(200)
    const queued = delays(dataDir)
    if (queued.length !== MANY) throw new Error(`${MANY} slots started ${queued.length} executions`)
    return Math.max(...queued)
  } finally {
    await next.stop()
  }
}

export default bench
