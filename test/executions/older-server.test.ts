/** What a server of an earlier version has left running, as far as files and the database can tell, and the next one adopts. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import { endOf, journal, lives } from '../support/attempts.ts'
import { textOf } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { fixture, follow } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** What the first version wrote of a launch, and the files it knew in the folder of an attempt. */
const OLD_RECORD = ['argv', 'cwd', 'path', 'maxLogBytes']
const OLD_FILES = /^(launch\.json|started|pid|log|exit\.\d+|closed\.\d+)$/

/** Takes a data folder that no server runs on back to what the first version would have made of it. */
async function makeOld(dataDir: string): Promise<void> {
  const db = openDatabase(dataDir)
  const migrator = new Migrator(db)
  while ((await migrator.down(1))[0] !== '0002-history-filters-and-trials');
  await db.destroy()
  for (const id of readdirSync(join(dataDir, 'attempts'))) {
    const folder = join(dataDir, 'attempts', id)
    for (const name of readdirSync(folder)) if (!OLD_FILES.test(name)) rmSync(join(folder, name), { recursive: true })
    const path = join(folder, 'launch.json')
    const record: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify(Object.fromEntries(OLD_RECORD.map(name => [name, record[name]]))))
  }
}

t.test('the next version goes on with what an older server has started, and with its logs', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes, go] = [join(dir, 'data'), join(dir, 'journal'), join(dir, 'go')]
  const env = { MAX_CONCURRENT_EXECUTIONS: '20' }
  const first = await startServer(t, dataDir, env)
  const many = { concurrency: { limit: 20 } }
  const counts = await first.makeBot(fixture('counts-until-file', go, notes), { name: 'counts', ...many })
  const printsALot = await first.makeBot(
    ['/bin/sh', '-c', `seq 300000; until [ -e '${go}' ]; do sleep 0.05; done; echo last; exit 3`],
    { name: 'prints a lot', ...many }
  )
  const stubborn = await first.makeBot('ignores-signals', many)
  const floods = await first.makeBot(
    ['/bin/sh', '-c', `echo ready; until [ -e '${go}' ]; do sleep 0.05; done; exec yes`],
    { name: 'floods', maxLogBytes: 8192, ...many }
  )
  const startAll = (bots: { id: string }[]) => Promise.all(bots.map(async bot => (await first.start(bot)).id))
  const [goesOn, another, lot, cancelled, overdue, flood] = await startAll([
    counts,
    counts,
    printsALot,
    stubborn,
    await first.makeBot('ignores-signals', { name: 'overdue', timeoutMs: 8000, ...many }),
    floods
  ])
  const narrow = await first.makeBot(fixture('run-journals', notes, go), { name: 'narrow' })
  const [holds, waits] = await startAll([narrow, narrow])
  const reader = await follow(first, goesOn!)
  await reader.sees('line 3\n')
  for (const id of [cancelled!, overdue!, flood!]) await first.printed(id, 'ready\n')
  await eventually('all of it', async () => (await first.execution(lot!)).attempts[0]!.logBytes === 1_988_895)
  await eventually('its start', () => journal(notes).includes(`start ${holds}`))
  const pid = (await first.execution(goesOn!)).attempts[0]!.pid!
  await first.kill('SIGKILL')
  await reader.done
  await makeOld(dataDir)

  const second = await startServer(t, dataDir, env)
  t.ok(lives(pid))
  t.match(await second.execution(goesOn!), {
    state: 'running',
    outputs: {},
    attempts: [{ number: 1, pid, terminal: false, endedAt: null }]
  })
  t.equal((await second.execution(waits!)).state, 'queued')
  const resumed = await follow(second, goesOn!, { lastEventId: reader.lastEventId })
  const page = (await second.get(`/api/executions/${lot}/log?fromLine=150000&lines=2`)).body
  t.same(
    page.items.map(({ text }: { text: string }) => text),
    ['150000', '150001'],
    'a line is found in a log that had no index'
  )
  const search = (await second.get(`/api/executions/${lot}/log/search?q=299999`)).body
  t.match(search.items, [{ line: 299_999, text: '299999' }])
  t.equal((await second.post(`/api/executions/${cancelled}/cancel`)).status, 202)
  t.match(await endOf(second, cancelled!), { state: 'cancelled', reason: 'requested', exitCode: 137 })
  t.match(await endOf(second, overdue!), { state: 'timed_out', reason: 'wall_clock', exitCode: 137 })
  writeFileSync(go, '')
  await resumed.done

  for (const id of [goesOn!, another!]) {
    await endOf(second, id)
    const log = (await second.downloadLog(id)).toString()
    const count = Number(/came to (\d+)\n$/.exec(log)?.[1])
    const lines = Array.from({ length: count }, (_, i) => `${id} line ${i + 1}\n`)
    t.equal(log, `${lines.join('')}${id} came to ${count}\n`)
    t.match(await second.execution(id), { state: 'succeeded', attempts: [{ number: 1, logBytes: log.length }] })
    t.equal(textOf(await second.readLog(id)), log)
    if (id === goesOn) t.equal(reader.text + resumed.text, log, 'a reader missed nothing and saw nothing twice')
  }
  t.match(await endOf(second, lot!), { state: 'failed', reason: 'exit_code', exitCode: 3, detail: null })
  const numbers = Array.from({ length: 300_000 }, (_, i) => `${i + 1}\n`).join('')
  t.ok((await second.downloadLog(lot!)).toString() === `${numbers}last\n`)
  t.match(await endOf(second, flood!), { state: 'failed', reason: 'log_limit' })
  for (const id of [holds!, waits!]) t.match(await endOf(second, id), { state: 'succeeded' })
  t.same(
    journal(notes).toSorted(),
    [goesOn!, another!, holds!, waits!].flatMap(id => [`end ${id}`, `start ${id}`]).toSorted(),
    'each ran once'
  )
  for (const id of [goesOn!, lot!, cancelled!]) {
    t.equal((await second.get(`/api/executions/${id}/usage`)).status, 200)
    t.same((await second.get(`/api/executions/${id}/artifacts`)).body.items, [])
  }
})

t.test('what an older server claimed and did not come to launch is launched by the next version', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes] = [join(dir, 'data'), join(dir, 'journal')]
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot(fixture('run-journals', notes, join(dir, 'never')))
  const { id } = await first.start(bot)
  await eventually('its start', () => journal(notes).length === 1)
  await first.patch(`/api/bots/${bot.id}`, { command: ['/bin/echo', 'launched'] })
  await first.kill('SIGKILL')
  const [attempt] = readdirSync(join(dataDir, 'attempts'))
  const folder = join(dataDir, 'attempts', attempt!)
  const [, wrapper, its] = readFileSync(join(folder, 'pid'), 'utf8')
    .split('\n')
    .map(line => Number.parseInt(line, 10))
  for (const pid of [wrapper!, its!]) process.kill(-pid, 'SIGKILL')
  await eventually('their end', () => ![wrapper!, its!].some(lives))
  await makeOld(dataDir)
  rmSync(folder, { recursive: true })
  mkdirSync(folder)

  const second = await startServer(t, dataDir)

  t.match(await endOf(second, id), { state: 'succeeded', attempts: [{ number: 1, exitCode: 0 }] })
  t.equal((await second.downloadLog(id)).toString(), 'launched\n')
})
