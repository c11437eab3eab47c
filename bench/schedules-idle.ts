/** What schedules cost the server while none of them is due. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Schedule } from '../src/triggers/trigger.ts'
import { cpuSeconds } from './support/process.ts'
import type { Bench } from './support/row.ts'
import { countSlots, withSchedules } from './support/schedules.ts'
import type { BenchServer } from './support/server.ts'

const COUNT = 10_000
const IDLE_MS = 20_000
/** What a start brings with it is over by then. */
const SETTLE_MS = 5000

const bench: Bench = async () => {
  const without = await withSchedules([], idleShare)
  const ours = await withSchedules(Array.from({ length: COUNT }, daily), async (server, dataDir) => {
    while (countSlots(dataDir, 'waiting') < COUNT) await delay(200)
    return idleShare(server)
  })
  return [
    { what: '10,000 schedules, none due: share of a core', ours, unit: '%', target: 1 },
    { what: 'the same without any', ours: without, unit: '%', target: null }
  ]
}

/** None of them within the next three hours. */
function daily(_: unknown, index: number): Partial<Schedule> {
  const hour = (new Date().getUTCHours() + 4 + (index % 18)) % 24
  return { cron: `${index % 60} ${hour} * * *`, timezone: 'UTC' }
}

async function idleShare(server: BenchServer): Promise<number> {
  await delay(SETTLE_MS)
  const before = cpuSeconds(server.pid)
  await delay(IDLE_MS)
  return ((cpuSeconds(server.pid) - before) / (IDLE_MS / 1000)) * 100
}

export default bench
