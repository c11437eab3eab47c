import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { DAY_MS } from '../../src/retention/retention.ts'
import { buildApp } from '../support/app.ts'
import { printing } from '../support/logs.ts'
import { daysLater, folderOf, storedBytes } from '../support/retention.ts'
import { eventually } from '../support/wait.ts'

const MIB = 1024 * 1024

const logsIn = (folder: string) => readdirSync(folder).filter(name => name.startsWith('log'))

t.test('a day after an attempt has ended its log is compressed, and what it takes is written down', async t => {
  const app = await buildApp(t)
  const text = 'the same line again and again\n'.repeat(50_000)
  const long = await app.finished(printing(t, text))
  const short = await app.finished('prints-three-lines')
  const silent = await app.finished(['/bin/true'])
  const folders = [long, short, silent].map(execution => folderOf(app, execution))

  await app.app.chores.run(Date.now() + DAY_MS - 60_000)
  t.same(folders.map(logsIn), [['log'], ['log'], ['log']])
  t.same(
    [long, short, silent].map(execution => storedBytes(app, execution)),
    [null, null, null]
  )

  await app.app.chores.run(daysLater(1))
  t.same(folders.map(logsIn), [['log.zst'], ['log'], ['log']], 'a small one would take as much')
  t.equal((await app.downloadLog(long.id)).toString(), text)
  t.equal((await app.execution(long.id)).attempts[0]!.logBytes, text.length)
  const [stored, ...others] = [long, short, silent].map(execution => storedBytes(app, execution)!)
  t.ok(stored! > 0 && stored! < 100_000, `${stored} bytes`)
  t.ok(others.every(bytes => bytes < 100_000))

  // Settled is settled: nobody looks again.
  const { mtimeMs } = statSync(join(folders[0]!, 'log.zst'))
  await app.app.chores.run(daysLater(2))
  t.equal(statSync(join(folders[0]!, 'log.zst')).mtimeMs, mtimeMs)
})

t.test('what a bot has put out does not stay as it was printed, when a server died as it was kept', async t => {
  const app = await buildApp(t)
  const execution = await app.finished(['/bin/sh', '-c', 'echo version=1 >$BOTYARD_OUTPUT'])
  const file = join(folderOf(app, execution), 'output')
  writeFileSync(file, 'version=1\n')
  await app.app.chores.run(daysLater(1))
  t.notOk(existsSync(file))
  t.same((await app.execution(execution.id)).outputs, { version: '1' })
})

t.test('a log that somebody may still write to is compressed when nobody does', async t => {
  const app = await buildApp(t)
  const execution = await app.finished(printing(t, randomBytes(100_000)))
  const folder = folderOf(app, execution)
  // As if its wrapper and relay had been killed, but for one that has hidden.
  rmSync(join(folder, 'closed.0'))
  const writer = spawn('sleep', ['600'], { cwd: folder })
  await once(writer, 'spawn')
  await app.app.chores.run(daysLater(1))
  t.same([logsIn(folder), storedBytes(app, execution)], [['log'], null])
  writer.kill()
  await once(writer, 'exit')
  await app.app.chores.run(daysLater(1))
  t.same(logsIn(folder), ['log.zst'])
})

t.test('a log whose compressing fails stays as it is, others are compressed, and it is said what to do', async t => {
  const said: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void said.push(line) })
  const app = await buildApp(t, { logger })
  const bot = await app.makeBot(printing(t, randomBytes(100_000)))
  const executions = [await app.ended((await app.start(bot)).id), await app.ended((await app.start(bot)).id)]
  const folders = executions.map(execution => folderOf(app, execution))
  // The compressed log cannot be written in this place.
  mkdirSync(join(folders[0]!, 'log.zst.new'))
  await app.app.chores.run(daysLater(1))
  t.same(folders.map(logsIn), [['log', 'log.zst.new'], ['log.zst']])
  t.same([storedBytes(app, executions[0]!), said.length], [null, 1])
  t.match(JSON.parse(said[0]!), { logs: 1, msg: /tried again in an hour\. See whether the disk has room/ })
})

t.test('a server that stops while it compresses leaves the log whole, and the next one goes on', async t => {
  const app = await buildApp(t)
  const execution = await app.finished(printing(t, 'a'))
  const folder = folderOf(app, execution)
  truncateSync(join(folder, 'log'), 200 * MIB)
  const round = app.app.chores.run(daysLater(1))
  await eventually('compressing to begin', () => existsSync(join(folder, 'log.zst.new')))
  await app.app.http.close()
  await round
  t.same([logsIn(folder), statSync(join(folder, 'log')).size], [['log'], 200 * MIB])

  const next = await buildApp(t, { dataDir: app.config.dataDir })
  await next.app.chores.run(daysLater(1))
  t.same(logsIn(folder), ['log.zst'])
  t.equal((await next.downloadLog(execution.id, { range: 'bytes=0-1' })).toString('latin1'), 'a\0')
})
