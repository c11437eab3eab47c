/**
 * The server's memory over ten thousand executions, garbage collected: what it holds after the last thousand against after
 * the second. By then its code is compiled and its nursery has grown; what comes on top of that stays for ever.
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInParallel } from './support/executions.ts'
import { askProbe } from './support/probe.ts'
import type { Bench } from './support/row.ts'
import { withServer } from './support/server.ts'

const PROBE = join(import.meta.dirname, 'support/collect-probe.ts')
const BATCHES = 10
const BATCH = 1000
const AT_A_TIME = 8

const bench: Bench = async () => {
  const file = join(tmpdir(), `botyard-memory-${process.pid}`)
  const env = {
    NODE_OPTIONS: `--import=${PROBE} ${process.env.BENCH_NODE_OPTIONS ?? ''}`,
    MEMORY_FILE: file,
    MAX_CONCURRENT_EXECUTIONS: String(AT_A_TIME)
  }
  try {
    return await withServer(async server => {
      const bot = await server.makeBot(['/bin/true'], { concurrency: { limit: AT_A_TIME, policy: 'queue' } })
      const held: number[] = []
      for (let batch = 0; batch < BATCHES; batch++) {
        await startInParallel(server, bot, { count: BATCH, atATime: AT_A_TIME })
        held.push(Number(await askProbe(server.pid, file)))
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
    }, env)
  } finally {
    rmSync(file, { force: true })
  }
}

export default bench
