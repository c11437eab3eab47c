/** Servers killed, or told to stop, at random moments under bots that run. `SEED` repeats what was random. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { allEnded, journal, seededRandom } from '../support/attempts.ts'
import { type Client, FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'

const ROUNDS = rounds(5, 100)
const LINES = 60
const BOTS_PER_ROUND = rounds(4, 20)

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

/** What `run-numbered.sh` prints, to the byte. */
function printedBy(executionId: string): string {
  const lines = Array.from(
    { length: LINES },
    (_, i) => `${executionId} line ${i + 1} sum ${((i + 1) * 7919) % 10007}\n`
  )
  return lines.join('')
}

t.test(
  'bots and their logs do not notice that servers are killed or stop',
  { timeout: ROUNDS * 20_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dir = testFolder(t, { data: {} })
    const dataDir = join(dir, 'data')
    const notes = join(dir, 'journal')
    const env = { MAX_CONCURRENT_EXECUTIONS: String(BOTS_PER_ROUND * 3) }
    const acknowledged: string[] = []

    let server = await startServer(t, dataDir, env)
    const bots = await Promise.all(
      ['0', '3'].map(code =>
        server.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-numbered.sh'), notes, String(LINES), code], {
          name: `exits-with-${code}`,
          concurrency: { limit: 1000, policy: 'queue' }
        })
      )
    )

    const startSome = (client: Client) =>
      Array.from({ length: BOTS_PER_ROUND }, async (_, i) => {
        await delay(random() * 300)
        acknowledged.push((await client.start(bots[i % 2]!)).id)
      })

    for (let round = 1; round <= ROUNDS; round++) {
      const starts = Promise.allSettled(startSome(server))
      await delay(random() * 800)
      if (random() < 0.3) t.same(await server.kill('SIGTERM'), { code: 0, signal: null })
      else await server.kill('SIGKILL')
      await starts // what the server was killed over was never acknowledged
      if (random() < 0.5) {
        const another = spawn(process.execPath, [join(import.meta.dirname, '../../src/server.ts')], {
          env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, ...env },
          stdio: 'ignore'
        })
        await delay(random() * 1200)
        another.kill(random() < 0.3 ? 'SIGTERM' : 'SIGKILL')
        if (another.exitCode === null && another.signalCode === null) await once(another, 'exit')
      }
      server = await startServer(t, dataDir, env)
    }
    await Promise.all(startSome(server))
    const executions = await allEnded(server)

    const ids = executions.map(execution => execution.id)
    t.same(
      acknowledged.filter(id => !ids.includes(id)),
      [],
      'everything acknowledged is there'
    )
    t.same(
      journal(notes).toSorted(),
      ids.flatMap(id => [`end ${id}`, `start ${id}`]).toSorted(),
      'each ran once, to its end'
    )
    for (const execution of executions) {
      const exitCode = execution.botId === bots[0]!.id ? 0 : 3
      t.match(execution, {
        state: exitCode === 0 ? 'succeeded' : 'failed',
        exitCode,
        attempts: [{ number: 1, exitCode }]
      })
      t.equal(execution.attempts.length, 1)
      const log = await server.downloadLog(execution.id)
      t.equal(sha256(log), sha256(printedBy(execution.id)), 'the log is what the bot printed')
      t.equal(execution.attempts[0]!.logBytes, log.length)
    }
    t.comment(`${executions.length} executions, ${acknowledged.length} acknowledged`)
  }
)
