/** What the server and its helpers take when there is nothing to do: after a start, a sign-in and one bot. */
import { setTimeout as delay } from 'node:timers/promises'
import { memoryOf, treeOf } from './support/process.ts'
import { type Bench, median } from './support/row.ts'
import { withServer } from './support/server.ts'

const ROUNDS = 3
const IDLE_MS = 5000
const TARGET_MB = 110

const bench: Bench = async () => {
  const rss: number[] = []
  const pss: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await withServer(async server => {
      // The shell that launches bots is started by the first.
      await server.finished(['/bin/true'])
      await delay(IDLE_MS)
      const memory = treeOf(server.pid).map(memoryOf)
      rss.push(memory.reduce((sum, m) => sum + m.rss, 0))
      pss.push(memory.reduce((sum, m) => sum + m.pss, 0))
    })
  }
  return [
    { what: 'idle memory, all processes, resident', ours: median(rss), unit: 'MB', target: TARGET_MB },
    { what: 'idle memory, shared pages split', ours: median(pss), unit: 'MB', target: null }
  ]
}

export default bench
