/** To the next version and back, as docs/upgrade.md tells, under running bots. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { lives } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { addMigration, anotherInstallation } from '../support/installation.ts'
import { fixture, follow } from '../support/logs.ts'
import { refusalOf } from '../support/refusal.ts'
import { startServer, startServerOf } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const BOTS = 20

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

t.test('bots and their readers go on through an upgrade that changes the database, and back', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes, go] = [join(dir, 'data'), join(dir, 'journal'), join(dir, 'go')]
  const env = { MAX_CONCURRENT_EXECUTIONS: String(BOTS + 1) }
  const newer = anotherInstallation(t)
  addMigration(newer, '9999-later')

  const first = await startServer(t, dataDir, env)
  const bot = await first.makeBot(fixture('counts-until-file', go, notes), { concurrency: { limit: BOTS } })
  const ids = await Promise.all(Array.from({ length: BOTS }, async () => (await first.start(bot)).id))
  const pidsOf = (server: typeof first) =>
    Promise.all(ids.map(async id => (await server.execution(id)).attempts[0]?.pid ?? null))
  const pids = await eventually('all to run', async () => {
    const pids = await pidsOf(first)
    return pids.every(pid => pid !== null) ? (pids as number[]) : null
  })
  const before = await follow(first, ids[0]!)
  await before.sees('line 3\n')
  t.same(await first.kill('SIGTERM'), { code: 0, signal: null })
  await before.done

  const second = await startServerOf(t, newer, dataDir, env)
  t.match(second.output, /"migrations":\["9999-later"\]/)
  t.same(await pidsOf(second), pids, 'the next version knows every bot by its pid')
  const during = await follow(second, ids[0]!, { lastEventId: before.lastEventId })
  await during.sees('line')
  const started = await second.finished(['/bin/echo', 'by the newer'], { name: 'made by the newer' })
  t.same(await second.kill('SIGTERM'), { code: 0, signal: null })
  await during.done

  const refusal = await refusalOf(t, { DATA_DIR: dataDir })
  t.match(refusal, 'The database is newer than this version: it has 9999-later.')
  const [, command] = /with it first: (npm run migrate down \d+)$/.exec(refusal)!
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command!], {
    cwd: newer,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir }
  })
  t.match(stdout, 'down: 9999-later')
  t.ok(pids.every(lives), 'all bots have lived all the while')

  const third = await startServer(t, dataDir, env)
  t.same(await pidsOf(third), pids)
  t.equal((await third.downloadLog(started.id)).toString(), 'by the newer\n', 'nothing the newer has done is lost')
  const after = await follow(third, ids[0]!, { lastEventId: during.lastEventId ?? before.lastEventId })
  writeFileSync(go, '')
  await after.done
  for (const id of ids) {
    t.match(await third.ended(id), { state: 'succeeded', attempts: [{ number: 1 }] })
    const log = await third.downloadLog(id)
    const count = Number(/came to (\d+)\n$/.exec(log.toString())?.[1])
    const printed = Array.from({ length: count }, (_, i) => `${id} line ${i + 1}\n`).join('')
    t.equal(sha256(log), sha256(`${printed}${id} came to ${count}\n`))
    if (id === ids[0]) t.equal(sha256(before.text + during.text + after.text), sha256(log), 'its reader, too')
  }
})
