import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { lockForWriting, withDatabase } from '../support/database.ts'
import { eventually } from '../support/wait.ts'

const HEALTHY = { status: 'healthy' }
const UNHEALTHY = { status: 'unhealthy' }

/** Waits for a probe's answer to be asked anew: for a moment all get the same one. */
async function becomes(app: TestApp, path: string, status: 200 | 503) {
  const answer = await eventually(`${status} of ${path}`, async () => {
    const answer = await app.get(path)
    return answer.status === status ? answer : null
  })
  return answer.body
}

t.test('all is well on a server that has just started, without signing in', async t => {
  const app = await buildApp(t)
  app.token = null
  for (const path of ['/health', '/health/db', '/health/storage']) {
    const answer = await app.get(path)
    t.equal(answer.status, 200, path)
    t.equal(answer.text, '{"status":"healthy"}')
    t.match(answer.headers.get('content-type'), 'application/json')
  }
})

t.test('probes leave nothing behind where they write', async t => {
  const app = await buildApp(t)
  for (let i = 0; i < 3; i++) await app.get('/health/storage')
  t.throws(() => rmSync(app.attemptFolder(`.probe-${process.pid}`)), { code: 'ENOENT' })
  const rows = withDatabase(app.config.dataDir, db => db.prepare('SELECT id FROM health_probe').all())
  t.ok(rows.length <= 1)
})

t.test('storage is unhealthy while its folder is gone, and recovers', async t => {
  const app = await buildApp(t)
  const folder = join(app.config.dataDir, 'attempts')
  renameSync(folder, `${folder}.away`)
  t.same(await becomes(app, '/health/storage', 503), UNHEALTHY)
  t.same((await app.get('/health')).body, HEALTHY, 'the server itself still answers')
  t.equal((await app.get('/health/db')).status, 200, 'and so does the database')
  renameSync(`${folder}.away`, folder)
  t.same(await becomes(app, '/health/storage', 200), HEALTHY)
})

t.test('storage is unhealthy while something else is in its place, and recovers', async t => {
  const app = await buildApp(t)
  const folder = join(app.config.dataDir, 'attempts')
  renameSync(folder, `${folder}.away`)
  writeFileSync(folder, 'not a folder')
  t.same(await becomes(app, '/health/storage', 503), UNHEALTHY)
  rmSync(folder)
  renameSync(`${folder}.away`, folder)
  t.same(await becomes(app, '/health/storage', 200), HEALTHY)
})

t.test('the database is unhealthy while it takes no writes, and recovers', async t => {
  const app = await buildApp(t)
  const release = lockForWriting(app.config.dataDir)
  t.same(await becomes(app, '/health/db', 503), UNHEALTHY)
  t.equal((await app.get('/health/db')).headers.get('cache-control'), 'no-store')
  t.same((await app.get('/health')).body, HEALTHY)
  t.equal((await app.get('/api/bots')).status, 200, 'what only reads goes on')
  release()
  t.same(await becomes(app, '/health/db', 200), HEALTHY)
})

t.test('many who ask at the same moment share one look', async t => {
  const app = await buildApp(t)
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.get('/health/storage')))
  t.ok(answers.every(answer => answer.status === 200))
})
