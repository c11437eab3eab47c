import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf, inDatabase } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'

const MIB = 1024 * 1024
const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
const skip = mayMount || process.env.CI === 'true' ? false : 'only root can mount a small disk'

/** A small disk at `folder` until the test ends. */
function mountSmall(t: Test, folder: string, options: string): void {
  mkdirSync(folder, { recursive: true })
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { encoding: 'utf8' })
  if (mount.status !== 0) throw new Error(mount.stderr)
  t.teardown(() => spawnSync('umount', ['-l', folder]))
}

/** Takes all room there is; answers what gives it back. */
function fill(folder: string): () => void {
  const ballast = join(folder, 'ballast')
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(ballast, Buffer.alloc(bavail * bsize))
  return () => rmSync(ballast)
}

t.test(
  'a log that finds no room: no false success, the cause is told, and the next one is whole',
  { skip },
  async t => {
    const dataDir = join(testFolder(t), 'data')
    mountSmall(t, join(dataDir, 'attempts'), 'size=8m')
    const app = await buildApp(t, { dataDir, config: { minFreeBytes: 0 } })
    const careless = 'trap "" PIPE; head -c 20000000 /dev/zero | tr "\\0" x 2>/dev/null; exit 0'
    const full = await app.finished(['/bin/sh', '-c', careless])
    t.match(full, { state: 'failed', reason: 'log_incomplete', exitCode: 0, detail: /disk was full/ })
    t.ok((await app.downloadLog(full.id)).length > 4 * MIB)

    inDatabase(dataDir, db => {
      for (const id of db.prepare('SELECT id FROM attempts').pluck().all())
        rmSync(join(dataDir, 'attempts', String(id)), { recursive: true })
    })
    t.match(await app.finished(['/bin/sh', '-c', 'head -c 1000000 /dev/zero'], { name: 'next' }), {
      state: 'succeeded',
      attempts: [{ logBytes: 1_000_000 }]
    })
  }
)

t.test('an exit that could not be written down: nobody says how it ended', { skip }, async t => {
  const dir = testFolder(t)
  const dataDir = join(dir, 'data')
  mountSmall(t, join(dataDir, 'attempts'), 'size=8m,nr_inodes=40')
  const app = await buildApp(t, { dataDir, config: { minFreeBytes: 0 } })
  const go = join(dir, 'go')
  const bot = await app.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), go])
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')
  const taken: string[] = []
  t.throws(() => {
    for (let i = 0; i < 100; i++) {
      const path = join(dataDir, 'attempts', `taken-${i}`)
      writeFileSync(path, '')
      taken.push(path)
    }
  }, /ENOSPC/)
  writeFileSync(go, '')
  t.match(await endOf(app, id), { state: 'lost', reason: 'unknown_end', exitCode: null })
  t.equal((await app.downloadLog(id)).toString(), 'ready\ndone\n', 'what it printed is there')

  for (const path of taken) rmSync(path)
  t.equal((await endOf(app, (await app.start(bot)).id)).state, 'succeeded')
})

t.test(
  'a database that finds no room: nothing is promised, and what ends meanwhile is kept later',
  { skip },
  async t => {
    const dir = testFolder(t)
    const dataDir = join(dir, 'data')
    mountSmall(t, dataDir, 'size=8m')
    mountSmall(t, join(dataDir, 'attempts'), 'size=8m')
    mountSmall(t, join(dataDir, 'workspaces'), 'size=1m')
    const app = await buildApp(t, { dataDir, config: { minFreeBytes: 0 } })
    const go = join(dir, 'go')
    const bot = await app.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), go, '3'])
    const { id } = await app.start(bot)
    await app.printed(id, 'ready')
    const empty = fill(dataDir)
    const refused = await untilRefused(() => app.post(`/api/bots/${bot.id}/executions`))
    t.match(refused, { status: 503, body: { code: 'unavailable' } })
    writeFileSync(go, '')
    t.equal((await app.get('/health/db')).status, 503)

    empty()
    t.match(await endOf(app, id), { state: 'failed', reason: 'exit_code', exitCode: 3 })
    t.equal((await app.get('/api/executions?state=succeeded')).body.items.length, 0)
    for (const { id: waiting } of (await app.get('/api/executions')).body.items) await endOf(app, waiting)
  }
)

/** The log of the database may have room in its last page: a few writes go through. */
async function untilRefused(ask: () => Promise<{ status: number }>) {
  for (let i = 0; i < 500; i++) {
    const answer = await ask()
    if (answer.status !== 202) return answer
  }
  throw new Error('nothing was refused')
}
