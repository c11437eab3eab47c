/** Executions of `true` a second, from the first API call until the database says that the last has ended. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { inParallel, startInParallel } from './support/executions.ts'
import type { Bench } from './support/row.ts'
import { withServer } from './support/server.ts'

const WARM_UP = 200
const EXECUTIONS = 2000
const SPAWNED = 500
const AT_A_TIME = 8

const bench: Bench = () =>
  withServer(
    async server => {
      const bot = await server.makeBot(['/bin/true'], { concurrency: { limit: AT_A_TIME, policy: 'queue' } })
      const run = (count: number) => startInParallel(server, bot, { count, atATime: AT_A_TIME })
      const spawnTrue = () => once(spawn('/bin/true', { stdio: 'ignore' }), 'exit')
      await run(WARM_UP)
      return [
        {
          what: 'executions of `true`, eight at a time',
          ours: await perSecond(EXECUTIONS, () => run(EXECUTIONS)),
          unit: '1/s',
          target: 200,
          more: true,
          baseline: {
            what: 'spawn() in this process, nothing kept',
            value: await perSecond(SPAWNED, () => inParallel(AT_A_TIME, SPAWNED, spawnTrue))
          }
        }
      ]
    },
    { MAX_CONCURRENT_EXECUTIONS: String(AT_A_TIME) }
  )

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (count / (performance.now() - start)) * 1000
}

export default bench
