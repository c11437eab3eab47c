/** A server killed while it writes. `SEED` repeats what was random. */
import { join } from 'node:path'
import t from 'tap'
import { allEnded, inDatabase, journal, seededRandom } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'

const ROUNDS = rounds(3, 50)
const REQUESTS = 60

t.test(
  'a server killed while it writes leaves a sound database with all it acknowledged',
  { timeout: ROUNDS * 20_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dir = testFolder(t, { data: {} })
    const dataDir = join(dir, 'data')
    const notes = join(dir, 'journal')
    const acknowledged: string[] = []
    let server = await startServer(t, dataDir)
    const bot = await server.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), notes], {
      concurrency: { limit: 100, policy: 'queue' }
    })

    for (let round = 1; round <= ROUNDS; round++) {
      const killAfter = 1 + Math.floor(random() * REQUESTS)
      let answered = 0
      const requests = Array.from({ length: REQUESTS }, async () => {
        acknowledged.push((await server.start(bot)).id)
        if (++answered === killAfter) server.process.kill('SIGKILL')
      })
      await Promise.allSettled(requests) // the others were never acknowledged
      await server.exit
      t.same(
        inDatabase(dataDir, db => db.pragma('integrity_check')),
        [{ integrity_check: 'ok' }]
      )
      server = await startServer(t, dataDir)
    }

    t.ok(acknowledged.length >= ROUNDS)
    const executions = await allEnded(server)
    const ids = executions.map(execution => execution.id)
    t.same(
      acknowledged.filter(id => !ids.includes(id)),
      []
    )
    t.same([...new Set(executions.map(execution => execution.state))], ['succeeded'])
    t.same(journal(notes).toSorted(), ids.flatMap(id => [`end ${id}`, `start ${id}`]).toSorted())
    t.comment(`${executions.length} executions, ${acknowledged.length} acknowledged`)
  }
)
