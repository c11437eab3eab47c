import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { backupName, beyond, isBackupName } from '../../src/backup/archive.ts'
import { Backups } from '../../src/backup/backups.ts'
import { backupCronProblem, nextAfter } from '../../src/backup/cron.ts'
import { isMissed, NONE_YET, stateOf } from '../../src/backup/past.ts'
import { readBackupUrl, splitAddress } from '../../src/backup/url.ts'
import { buildApp } from '../support/app.ts'
import { backupsIn } from '../support/backup.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'

const DAY = 24 * 3_600_000
const noon = new Date(2026, 10, 22, 12).getTime()
const next = new Date(2026, 10, 23, 3, 30).getTime()

t.test('when the next is due, and when the last is too old', async t => {
  const cron = '30 3 * * *'
  t.equal(nextAfter(cron, noon), next)
  t.match(stateOf(NONE_YET, cron, noon), { lastAt: null, nextAt: next, overdue: false })
  const made = (at: number) => ({ lastAt: at, lastBytes: 1, lastError: null, lastUrl: '/srv/backups' })
  t.match(stateOf(made(noon - 2 * DAY), cron, noon), { overdue: false })
  t.match(stateOf(made(noon - 2 * DAY - 1), cron, noon), { overdue: true })
  t.match(stateOf(made(noon - 8 * DAY), '0 0 * * 0', noon), { overdue: false }, 'a week is its period')
  t.ok(isMissed(NONE_YET, '/srv/backups', noon))
  t.ok(isMissed(made(noon - DAY - 1), '/srv/backups', noon))
  t.notOk(isMissed(made(noon - DAY), '/srv/backups', noon))
  t.ok(isMissed(made(noon - DAY), '/srv/others', noon), 'nobody knows whether it can be written there')
})

t.test('what is no time for it is refused', async t => {
  for (const good of ['30 3 * * *', '*/5 * * * *', '0 0 1 */3 *']) t.equal(backupCronProblem(good), null, good)
  for (const bad of ['', 'daily', '30 3 * *', '0 30 3 * * *', '61 3 * * *', '0 0 31 2 *'])
    t.match(backupCronProblem(bad), /./, bad)
})

t.test('where they go', async t => {
  t.same(readBackupUrl('/srv/backups'), { kind: 'file', folder: '/srv/backups' })
  t.same(readBackupUrl('backups'), { kind: 'file', folder: join(process.cwd(), 'backups') })
  t.same(readBackupUrl('file:///srv/backups'), { kind: 'file', folder: '/srv/backups' })
  t.match(readBackupUrl('s3://bucket/prefix?region=eu-central-1'), { kind: 's3', bucket: 'bucket', prefix: 'prefix' })
  t.match(readBackupUrl('ftp://host/x'), { problem: /begins with ftp:/ })
  t.same(splitAddress('s3://bucket/a/b?region=x'), { place: 's3://bucket/a?region=x', name: 'b' })
  t.same(splitAddress('gs://bucket/b'), { place: 'gs://bucket', name: 'b' })
  t.equal(splitAddress('s3://bucket'), null)
})

t.test('which of them go: those with our names, beyond the newest', async t => {
  const [a, b, c] = [1, 2, 3].map(day => backupName(Date.UTC(2026, 0, day), day === 2))
  t.equal(b, 'botyard-2026-01-02T00-00-00Z.tar.zst.age')
  t.same(beyond([b!, 'notes.txt', `${c}.partial`, a!, c!], 2), [a])
  t.same(beyond([a!, 'x'], 1), [])
  t.notOk(isBackupName(`${a}.partial`))
})

t.test('one that was missed is made soon after the start; what fails is said until one succeeds', async t => {
  const dir = testFolder(t)
  const url = join(dir, 'backups')
  const backup = { url, cron: '30 3 * * *', keep: 14, passphrase: null }
  const app = await buildApp(t, { dataDir: join(dir, 'data'), config: { backup } })
  const state = async () => (await app.get('/api/machine')).body.backup
  t.match(await state(), { lastAt: null, lastError: null, running: false, overdue: false })

  const changes = await app.stream('/api/events?topics=machine')
  t.match(await app.post('/admin/backup'), { status: 202, body: { running: true } })
  let heard = 0
  for await (const { event } of changes)
    if (event === 'machine.changed' && ++heard > 0 && !(await state()).running) break
  changes.close()
  t.match(await state(), { lastAt: null, lastError: /Backups cannot be written into/, running: false })

  mkdirSync(url)
  await app.post('/admin/backup')
  const made = await eventually('it to be made', async () => ((await state()).lastAt ? state() : null))
  t.match(made, { lastError: null, lastBytes: Number })
  const [name] = backupsIn(url)
  t.equal(made.lastBytes, readFileSync(join(url, name!)).length)
  t.match((await app.get('/admin/audit?action=backup.made')).body.items, [{}, {}])

  // Another server on the same settings, which was away for two days.
  rmSync(join(url, name!))
  const kept = new Map([
    ['backup', JSON.stringify({ lastAt: Date.now() - 2 * DAY, lastBytes: 1, lastError: null, lastUrl: url })]
  ])
  let [held, asked] = [true, 0]
  const backups = new Backups({
    config: app.config,
    settings: {
      get: async key => kept.get(key) ?? null,
      set: async (key, value) => void kept.set(key, value)
    },
    isHeld: () => {
      asked++
      return held
    },
    onChange: () => {},
    logger: pino({ level: 'silent' })
  })
  t.teardown(() => backups.stop())
  await backups.load()
  backups.begin(0)
  await eventually('that one is due', () => asked > 0)
  t.match(backups.state(), { running: false }, 'it may be a copy, and leaves the real backups alone')
  t.ok(backups.state()!.nextAt <= Date.now(), 'and it stays due')
  held = false
  backups.begin(0)
  await eventually('the missed one', () => readdirSync(url).some(isBackupName) && !backups.state()!.running)
  t.ok(JSON.parse(kept.get('backup')!).lastAt > Date.now() - DAY)
})
