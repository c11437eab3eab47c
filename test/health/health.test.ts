import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import { pino } from 'pino'
import t from 'tap'
import { Life } from '../../src/health/life.ts'
import { logsProbe } from '../../src/health/probes.ts'
import { healthRoutes } from '../../src/health/routes.ts'
import { VERSION } from '../../src/process/version.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN } from '../support/client.ts'
import { lockForWriting, withDatabase } from '../support/database.ts'
import { signedInAs } from '../support/users.ts'
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
  for (const path of ['/health', '/health/live', '/health/ready', '/health/db']) {
    const answer = await app.get(path)
    t.equal(answer.status, 200, path)
    t.equal(answer.text, '{"status":"healthy"}')
    t.match(answer.headers.get('content-type'), 'application/json')
  }
})

t.test('probes leave nothing behind where they write', async t => {
  const app = await buildApp(t)
  const logs = probeOf(app)
  for (let i = 0; i < 3; i++) await logs()
  t.throws(() => rmSync(app.attemptFolder(`.probe-${process.pid}`)), { code: 'ENOENT' })
  const rows = withDatabase(app.config.dataDir, db => db.prepare('SELECT id FROM health_probe').all())
  t.ok(rows.length <= 1)
})

/** Of the folder of logs. */
const probeOf = (app: TestApp) => logsProbe(join(app.config.dataDir, 'attempts'), pino({ level: 'silent' }))

t.test('logs cannot be written while their folder is gone, or something else is in its place', async t => {
  const app = await buildApp(t)
  const folder = join(app.config.dataDir, 'attempts')
  const logs = probeOf(app)
  t.equal(await logs(), true)
  renameSync(folder, `${folder}.away`)
  await eventually('that they cannot', async () => !(await logs()))
  t.same((await app.get('/health')).body, HEALTHY, 'the server itself still answers')
  t.equal((await app.get('/health/db')).status, 200, 'and so does the database')
  writeFileSync(folder, 'not a folder')
  t.equal(await probeOf(app)(), false)
  rmSync(folder)
  renameSync(`${folder}.away`, folder)
  await eventually('that they can', logs)
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
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.get('/health/db')))
  t.ok(answers.every(answer => answer.status === 200))
})

t.test('who is signed in is told what readiness rests on, and nobody else', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const details = {
    status: 'healthy',
    checks: { server: 'healthy', database: 'healthy', logs: 'healthy' },
    version: VERSION,
    node: process.version
  }
  const viewer = await signedInAs(app, 'viewer')
  for (const client of [app, viewer]) {
    const answer = await client.get('/health/ready')
    t.match(answer.body, details)
    t.ok(answer.body.uptimeMs > 0)
  }
  const wanted = { name: 'probe', role: 'viewer', password: ADMIN.password }
  const made = await app.post('/api/tokens', { ...wanted, bots: [bot.id] })
  for (const credential of ['nonsense', 'byd_nonsense', `${app.token}x`, made.body.value]) {
    const answer = await app.get('/health/ready', { authorization: `Bearer ${credential}` })
    t.equal(answer.status, 200)
    t.same(answer.body, HEALTHY, credential.slice(0, 8))
  }
  const whole = await app.post('/api/tokens', wanted)
  t.match((await app.get('/health/ready', { authorization: `Bearer ${whole.body.value}` })).body, details)
})

t.test('the server is not ready while logs cannot be written, says which it is, and recovers', async t => {
  const app = await buildApp(t)
  const folder = join(app.config.dataDir, 'attempts')
  renameSync(folder, `${folder}.away`)
  t.match(await becomes(app, '/health/ready', 503), {
    status: 'unhealthy',
    checks: { server: 'healthy', database: 'healthy', logs: 'unhealthy' }
  })
  const answer = await app.get('/health/ready', { authorization: 'none' })
  t.match(answer.headers.get('retry-after'), /^\d+$/)
  t.equal(answer.headers.get('cache-control'), 'no-store')
  t.same(answer.body, UNHEALTHY, 'strangers hear that it is not, and no more')
  t.equal((await app.get('/health/live')).status, 200, 'it lives')
  renameSync(`${folder}.away`, folder)
  t.match(await becomes(app, '/health/ready', 200), HEALTHY)
})

t.test('nor while the database takes no writes', async t => {
  const app = await buildApp(t)
  const release = lockForWriting(app.config.dataDir)
  t.match(await becomes(app, '/health/ready', 503), { checks: { database: 'unhealthy', logs: 'healthy' } })
  t.equal((await app.get('/health/live')).status, 200)
  release()
  t.match(await becomes(app, '/health/ready', 200), HEALTHY)
})

t.test('a drained machine is ready', async t => {
  const app = await buildApp(t)
  await app.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  t.match((await app.get('/health/ready')).body, HEALTHY)
})

t.test('nobody is sent to a server that has not begun, or stops', async t => {
  const http = Fastify()
  http.decorateRequest('authenticate', async () => null)
  const life = new Life()
  const works = async () => true
  await http.register(healthRoutes, { prefix: '/health', life, needs: { database: works, logs: works } })
  const ready = async () => {
    const { statusCode, headers } = await http.inject('/health/ready')
    return [statusCode, headers['retry-after']]
  }
  t.same(await ready(), [503, '5'], 'before it listens')
  life.begin()
  t.same(await ready(), [200, undefined])
  life.stop()
  t.same(await ready(), [503, '5'], 'while it stops')
  life.begin()
  t.same(await ready(), [503, '5'], 'which nothing takes back')
  t.equal((await http.inject('/health/live')).statusCode, 200)
})
