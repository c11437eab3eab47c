/** Servers killed at random moments under bots that fail. `SEED` repeats what was random. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { seededRandom } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { makeHook, makeRule, noticesOf } from '../support/notifications.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const ROUNDS = rounds(2, 40)
const AT_ONCE = 4

t.test(
  'each failure is told of by one notice, however often servers are killed under it',
  { timeout: ROUNDS * 20_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dataDir = join(testFolder(t, { data: {} }), 'data')
    const start = () => startServer(t, dataDir, { OUTGOING_ALLOW: '127.0.0.1' })
    const target = await startHttpTarget(t)
    let server = await start()
    const bot = await server.makeBot(['/bin/sh', '-c', `sleep 0.${Math.floor(random() * 3)}; exit 1`], {
      concurrency: { limit: AT_ONCE, policy: 'queue' }
    })
    await makeRule(server, await makeHook(server, target), ['failed'])
    const failed: string[] = []

    for (let round = 1; round <= ROUNDS; round++) {
      const before = server
      const started = await Promise.all(
        Array.from({ length: AT_ONCE }, async () => (await before.post(`/api/bots/${bot.id}/executions`)).body.id)
      )
      failed.push(...started)
      await delay(random() * 500)
      await server.kill()
      server = await start()
      for (const id of started) t.equal((await server.ended(id)).state, 'failed')
    }

    await eventually('all to be sent', async () => {
      const notices = await noticesOf(server)
      return notices.length === failed.length && notices.every(({ state }) => state === 'sent')
    })
    const notices = await noticesOf(server)
    t.same(notices.map(({ executionId }) => executionId).sort(), failed.sort(), 'one for each')
    const told = new Set(target.arrived.map(({ headers }) => headers['webhook-id']))
    t.same([...told].sort(), notices.map(({ id }) => id).sort(), 'and what came twice has the same id')
  }
)
