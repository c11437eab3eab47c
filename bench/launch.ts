/**
 * From the API call to the bot's first instruction, one launch at a time. The bot is `date`, which prints the time it
 * finds; the machine's clock is the same at both ends. Its own loading, about half a millisecond, is counted as ours.
 */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { realtimeClock } from './support/clock.ts'
import { type Bench, percentile } from './support/row.ts'
import { withServer } from './support/server.ts'

const LAUNCHES = 250
const WARM_UP = 20
const DATE = ['/usr/bin/date', '+%s%N']

const bench: Bench = () =>
  withServer(async server => {
    const bot = await server.makeBot(DATE)
    const ended = new Map<string, () => void>()
    const early = new Set<string>()
    const stop = await server.onEnd(bot.id, id => {
      early.add(id)
      ended.get(id)?.()
    })
    const clock = realtimeClock()
    const ours: number[] = []
    const spawned: number[] = []
    for (let i = 0; i < WARM_UP + LAUNCHES; i++) {
      const before = clock()
      const { id } = await server.start(bot)
      if (!early.has(id)) await new Promise<void>(resolve => ended.set(id, resolve))
      const latency = Number((await server.downloadLog(id)).toString()) / 1e6 - before
      const alone = await spawnDate(clock)
      if (i < WARM_UP) continue
      ours.push(latency)
      spawned.push(alone)
    }
    stop()
    const what = 'spawn() in this process'
    return [
      {
        what: 'API call to first instruction, p50',
        ours: percentile(ours, 0.5),
        unit: 'ms',
        target: 6,
        baseline: { what, value: percentile(spawned, 0.5) }
      },
      {
        what: 'API call to first instruction, p99',
        ours: percentile(ours, 0.99),
        unit: 'ms',
        target: 15,
        baseline: { what, value: percentile(spawned, 0.99) }
      }
    ]
  })

async function spawnDate(clock: () => number): Promise<number> {
  const before = clock()
  const date = spawn(DATE[0]!, DATE.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  return Number(await text(date.stdout)) / 1e6 - before
}

export default bench
