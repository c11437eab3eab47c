/** Servers killed the moment they have acknowledged a cancellation. `SEED` repeats what was random. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { allEnded, endOf, journal, seededRandom } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const ROUNDS = rounds(4, 100)
/** Executions of each kind in a round. */
const EACH = 3

const HOUR = 3_600_000

t.test(
  'what was cancelled stays so when the server dies the moment it has said it',
  { timeout: ROUNDS * 30_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dir = testFolder(t, { data: {} })
    const [dataDir, notes] = [join(dir, 'data'), join(dir, 'journal')]
    const env = { MAX_CONCURRENT_EXECUTIONS: '50' }
    const started = (id: string) => journal(notes).filter(note => note === `start ${id}`).length
    let server = await startServer(t, dataDir, env)
    // One and the same program, which notes its start and then waits for a file that never comes, or fails at once.
    const stays = ['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), notes, join(dir, 'never')]
    const fails = ['/bin/sh', '-c', `echo "start $BOTYARD_EXECUTION_ID" >>'${notes}'; exit 1`]
    const again = (backoffMs: number) => ({ maxAttempts: 100, backoffMs, maxBackoffMs: backoffMs })
    const bots = {
      waits: await server.makeBot(stays, { name: 'waits' }),
      begins: await server.makeBot(stays, { name: 'begins', concurrency: { limit: 50 } }),
      runs: await server.makeBot(stays, { name: 'runs', concurrency: { limit: 50 } }),
      failsAndFails: await server.makeBot(fails, { name: 'fails', concurrency: { limit: 50 }, retry: again(0) }),
      failedOnce: await server.makeBot(fails, { name: 'failed', concurrency: { limit: 50 }, retry: again(HOUR) })
    }
    const blocker = await server.start(bots.waits)
    await eventually('the one that others wait for', () => started(blocker.id) === 1)
    let kept = 0

    for (let round = 1; round <= ROUNDS; round++) {
      const startAll = async (bot: { id: string }) =>
        (await Promise.all(Array.from({ length: EACH }, () => server.start(bot)))).map(({ id }) => id)
      const [waits, runs, failedOnce] = [
        await startAll(bots.waits),
        await startAll(bots.runs),
        await startAll(bots.failedOnce)
      ]
      await eventually('some to run', () => runs.every(id => started(id) === 1))
      for (const id of failedOnce)
        await eventually('the first attempt to fail', async () => (await server.execution(id)).reason === 'retry_wait')
      const failing = await startAll(bots.failsAndFails)
      await delay(random() * 300)
      const begins = await startAll(bots.begins)

      const all = [...waits, ...runs, ...failedOnce, ...failing, ...begins]
      const killAt = 1 + Math.floor(random() * all.length)
      const cancelled: string[] = []
      await Promise.allSettled(
        all.map(async id => {
          await delay(random() * 20)
          const { status } = await server.post(`/api/executions/${id}/cancel`)
          if (status === 202) cancelled.push(id)
          if (cancelled.length === killAt) server.process.kill('SIGKILL')
        })
      )
      await server.kill('SIGKILL')
      const before = new Map(all.map(id => [id, started(id)]))

      server = await startServer(t, dataDir, env)
      for (const id of cancelled) {
        t.match(await endOf(server, id), { state: 'cancelled', reason: 'requested', notBefore: null })
        // One that begins may have been about to.
        if (!begins.includes(id) && !failing.includes(id))
          t.equal(started(id), before.get(id), 'it was not begun again')
      }
      for (const id of all) if (!cancelled.includes(id)) await server.post(`/api/executions/${id}/cancel`)
      for (const id of all) await endOf(server, id)
      for (const id of waits) t.equal(started(id), 0, 'what waited has never begun')
      kept += cancelled.length
    }
    t.ok(kept >= ROUNDS)
    t.comment(`${kept} cancellations were acknowledged`)
    await server.post(`/api/executions/${blocker.id}/cancel`)
    await allEnded(server)
  }
)
