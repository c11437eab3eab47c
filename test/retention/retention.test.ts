import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { newId } from '../../src/lib/ids.ts'
import { DAY_MS } from '../../src/retention/retention.ts'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { writeHistory } from '../support/history.ts'
import { Feed, printing, runs, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { attemptsOf, daysLater, folderOf, knownIds } from '../support/retention.ts'

const MIB = 1024 * 1024
const ENDLESS = { days: 36_500, executions: 1_000_000, bytes: 2 ** 50 }

t.test(
  'an execution goes so many days after its end, with all it has left, and never one that waits or runs',
  async t => {
    const app = await buildApp(t, { config: { keep: { ...ENDLESS, days: 7 } } })
    const ended = await app.finished('prints-three-lines')
    const failed = await app.finished(['/bin/false'])
    const feed = await Feed.open(t)
    const bot = await app.makeBot(feed.command)
    const [running, waiting] = [await app.start(bot), await app.start(bot)]
    await runs(app, running.id)
    const folders = [folderOf(app, ended), folderOf(app, failed)]
    writeFileSync(join(folders[0]!, 'artifact'), 'of a bot')

    await app.app.chores.run(Date.now() + 6 * DAY_MS)
    t.same(
      await knownIds(app),
      [ended, failed, running, waiting].map(({ id }) => id)
    )
    t.ok(folders.every(folder => existsSync(folder)))

    await app.app.chores.run(daysLater(7))
    t.same(await knownIds(app), [running.id, waiting.id])
    t.notOk(folders.some(folder => existsSync(folder)))
    isProblem(t, await app.get(`/api/executions/${ended.id}`), 404, 'not_found')
    isProblem(t, await app.get(`/api/executions/${ended.id}/log`), 404, 'not_found')
    t.equal(
      withDatabase(app.config.dataDir, db => db.prepare('SELECT count(*) FROM attempts').pluck().get()),
      1
    )

    await feed.write('still here\n')
    await app.printed(running.id, 'still here')
    await app.post(`/api/executions/${waiting.id}/cancel`)
    await feed.end()
    t.match(await app.ended(running.id), { state: 'succeeded' })
  }
)

t.test('one that has run for long counts from its end', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, days: 7 } } })
  const executions = [await app.finished('prints-three-lines'), await app.finished('prints-three-lines')]
  // The first was over only when the second had been for three days.
  withDatabase(app.config.dataDir, db =>
    db.prepare('UPDATE executions SET ended_at = ended_at + ? WHERE id = ?').run(3 * DAY_MS, executions[0]!.id)
  )
  await app.app.chores.run(daysLater(8))
  t.same(await knownIds(app), [executions[0]!.id])
  await app.app.chores.run(daysLater(10))
  t.same(await knownIds(app), [])
})

t.test('of more executions than are kept the oldest that have ended go', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, executions: 3 } } })
  const feed = await Feed.open(t)
  const running = await startFed(app, feed)
  const bot = await app.makeBot('prints-three-lines')
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.push((await app.ended((await app.start(bot)).id)).id)
  const folders = ids.map(id => folderOf(app, { id }))

  await app.app.chores.run()
  t.same(await knownIds(app), [running, ...ids.slice(3)], 'the oldest of all runs, and stays')
  t.same(
    folders.map(folder => existsSync(folder)),
    [false, false, false, true, true]
  )
  await app.app.chores.run()
  t.same(await knownIds(app), [running, ...ids.slice(3)])
  await feed.end()
  await app.ended(running)
})

t.test('of a long history exactly so much is kept', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, executions: 1234 } } })
  const start = Date.now() - 10_000_000
  const ids = writeHistory(
    app,
    Array.from({ length: 2500 }, (_, i) => ({ queuedAt: start + i * 1000 }))
  )
  await app.app.chores.run()
  const left = withDatabase(app.config.dataDir, db =>
    db.prepare<[], string>('SELECT id FROM executions ORDER BY id').pluck().all()
  )
  t.same(left, ids.slice(-1234))
})

t.test('however many are over, all go', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, days: 7 } } })
  const start = Date.now() - 10 * DAY_MS + 60_000
  const ids = writeHistory(
    app,
    Array.from({ length: 200 }, (_, i) => ({ queuedAt: start + i * (DAY_MS / 20) }))
  )
  await app.app.chores.run()
  t.same(await knownIds(app), ids.slice(-140))
})

t.test('when logs and artifacts take more than is kept, the oldest go until the others fit', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, bytes: 7 * MIB } } })
  const bot = await app.makeBot(printing(t, randomBytes(2 * MIB)))
  const executions = []
  for (let i = 0; i < 4; i++) executions.push(await app.ended((await app.start(bot)).id))
  const ids = executions.map(({ id }) => id)
  await app.app.chores.run()
  t.same(await knownIds(app), ids.slice(1), 'three of two megabytes fit')

  // Measured once, as what has ended does not change; who comes new measures anew.
  const folder = join(folderOf(app, executions[1]!), 'artifacts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'big'), randomBytes(2 * MIB))
  await app.app.chores.run()
  t.same(await knownIds(app), ids.slice(1))
  await app.app.http.close()
  const next = await buildApp(t, { dataDir: app.config.dataDir, config: { keep: { ...ENDLESS, bytes: 7 * MIB } } })
  await next.app.chores.run()
  t.same(await knownIds(next), ids.slice(2))

  // Settled, what they take is in the database, and no more is counted than before.
  await next.app.chores.run(daysLater(1))
  await next.app.chores.run(daysLater(1))
  t.same(await knownIds(next), ids.slice(2))
  await next.app.http.close()
  const last = await buildApp(t, { dataDir: app.config.dataDir, config: { keep: { ...ENDLESS, bytes: 3 * MIB } } })
  await last.app.chores.run()
  t.same(await knownIds(last), ids.slice(3))
})

t.test('an execution that waits for its next attempt keeps those it has had', async t => {
  const app = await buildApp(t, { config: { keep: { days: 1, executions: 1, bytes: 1 } } })
  const { id } = await app.finished('prints-three-lines')
  withDatabase(app.config.dataDir, db =>
    db
      .prepare(
        "UPDATE executions SET state = 'queued', reason = 'retry_wait', ended_at = NULL, not_before = ? WHERE id = ?"
      )
      .run(Date.now() + 1000 * DAY_MS, id)
  )
  await app.app.chores.run(daysLater(100))
  t.same(await knownIds(app), [id])
  t.equal((await app.downloadLog(id)).toString(), 'one\ntwo\nthree\n')
  await app.post(`/api/executions/${id}/cancel`)
  await app.app.chores.run(daysLater(100))
  t.same(await knownIds(app), [])
})

t.test('whose folders were removed by hand, or by somebody who died then, goes as well', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, days: 7 } } })
  const bot = await app.makeBot('prints-three-lines')
  const executions = [await app.ended((await app.start(bot)).id), await app.ended((await app.start(bot)).id)]
  rmSync(folderOf(app, executions[0]!), { recursive: true })
  rmSync(join(folderOf(app, executions[1]!), 'log'))
  await app.app.chores.run(daysLater(2))
  t.same(
    await knownIds(app),
    executions.map(({ id }) => id)
  )
  await app.app.chores.run(daysLater(7))
  t.same([await knownIds(app), readdirSync(app.attemptFolder('.'))], [[], []])
})

t.test('whatever a bot leaves in its folder is removed with it', async t => {
  const app = await buildApp(t, { config: { keep: { ...ENDLESS, days: 7 } } })
  const outside = join(app.config.dataDir, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'file'), 'not of the bot')
  const litter = `
    cd "$0" && ln -s "$1" link && mkfifo pipe && touch -- '-rf' 'two
    lines' "$(printf 'no\\377text')" && mkdir "$(printf 'no\\377folder')" && touch "$(printf 'no\\377folder/\\376')"
    mkdir closed && touch closed/file && chmod 0 closed
    mkdir -p "$(printf 'deep/%.0s' $(seq 500))"`
  const execution = await app.finished('prints-three-lines')
  const folder = folderOf(app, execution)
  t.equal(spawnSync('/bin/sh', ['-c', litter, folder, outside]).status, 0)
  await app.app.chores.run(daysLater(7))
  t.same([await knownIds(app), existsSync(folder)], [[], false])
  t.equal(readFileSync(join(outside, 'file'), 'utf8'), 'not of the bot')
})

const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
const skip = mayMount || process.env.CI === 'true' ? false : 'only root can mount something that cannot be removed'

t.test('what cannot be removed stays, others go, and it is said', { skip }, async t => {
  const said: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void said.push(line) })
  const app = await buildApp(t, { logger, config: { keep: { ...ENDLESS, executions: 1 } } })
  const bot = await app.makeBot('prints-three-lines')
  const ids: string[] = []
  for (let i = 0; i < 3; i++) ids.push((await app.ended((await app.start(bot)).id)).id)
  const mounted = join(folderOf(app, { id: ids[0]! }), 'mounted')
  mkdirSync(mounted)
  t.equal(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', mounted]).status, 0)
  t.teardown(() => spawnSync('umount', ['-l', mounted]))

  await app.app.chores.run()
  t.same(await knownIds(app), [ids[0], ids[2]])
  t.match(JSON.parse(said[0]!), { executions: 1, msg: /Remove them by hand/ })
  t.equal(spawnSync('umount', [mounted]).status, 0)
  await app.app.chores.run()
  t.same([await knownIds(app), said.length], [[ids[2]], 1])
})

t.test('a folder that belongs to no attempt goes after a day, unless somebody still works in it', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const known = attemptsOf(app, id)[0]!
  const [old, young, used] = [newId(), newId(), newId()]
  for (const name of [old, young, used, 'somebody else’s']) {
    mkdirSync(app.attemptFolder(name))
    writeFileSync(join(app.attemptFolder(name), 'log'), 'whose?')
  }
  const now = Date.now()
  for (const name of [known, old, used, 'somebody else’s']) {
    utimesSync(app.attemptFolder(name), new Date(now - 2 * DAY_MS), new Date(now - 2 * DAY_MS))
  }
  const worker = spawn('sleep', ['600'], { cwd: app.attemptFolder(used) })
  await once(worker, 'spawn')
  await app.app.chores.run(now)
  t.same(readdirSync(app.attemptFolder('.')).sort(), [known, young, used, 'somebody else’s'].sort())

  worker.kill()
  await once(worker, 'exit')
  await app.app.chores.run(now)
  t.same(readdirSync(app.attemptFolder('.')).sort(), [known, young, 'somebody else’s'].sort())
  t.equal((await app.downloadLog(id)).toString(), 'one\ntwo\nthree\n')
})
