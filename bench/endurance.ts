/** The server's memory over ten thousand executions: what it holds after the last thousand against after the second. */
import { setTimeout as delay } from 'node:timers/promises'
import { startInParallel } from './support/executions.ts'
import { memoryOf } from './support/process.ts'
import { type Bench, median } from './support/row.ts'
import { withServer } from './support/server.ts'

const BATCHES = 10
const BATCH = 1000
const AT_A_TIME = 8
const SAMPLES = 20

const bench: Bench = () =>
  withServer(
    async server => {
      const bot = await server.makeBot(['/bin/true'], { concurrency: { limit: AT_A_TIME, policy: 'queue' } })
      const held: number[] = []
      for (let batch = 0; batch < BATCHES; batch++) {
        await startInParallel(server, bot, { count: BATCH, atATime: AT_A_TIME })
        held.push(await memoryHeld(server.pid))
      }
      const [, second] = held
      return [
        {
          what: `memory after ${BATCHES * BATCH} executions`,
          ours: held.at(-1)!,
          unit: 'MB',
          target: 1.1 * second!,
          baseline: { what: `after ${2 * BATCH}`, value: second! }
        },
        { what: 'the most after any thousand', ours: Math.max(...held), unit: 'MB', target: null }
      ]
    },
    { MAX_CONCURRENT_EXECUTIONS: String(AT_A_TIME) }
  )

/** The garbage of the moment comes and goes. */
async function memoryHeld(pid: number): Promise<number> {
  const samples: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    await delay(50)
    samples.push(memoryOf(pid).rss)
  }
  return median(samples)
}

export default bench
