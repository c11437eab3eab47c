import t from 'tap'
import { settled } from '../../src/notifications/retrying.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { ALLOWED, bodiesOf, makeHook, makeRule, noticesOf } from '../support/notifications.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** Waits until the newest notice is as expected. */
const newest = (app: TestApp, state: string, more = (_: { tries: number }) => true) =>
  eventually(`a notice that is ${state}`, async () => {
    const [notice] = await noticesOf(app)
    return notice?.state === state && more(notice) ? notice : null
  })

/** Time passes for what waits. */
const due = (app: TestApp) =>
  withDatabase(app.config.dataDir, db => db.exec('UPDATE notices SET next_at = 1 WHERE next_at > 0'))

t.test('a try that fails is made again, later each time, eight times in a day', async t => {
  const again = { kind: 'again', detail: 'x', afterMs: null } as const
  let at = 0
  for (let tries = 0; tries < 7; tries++) {
    const result = settled('webhook', again, tries, at)
    t.match(result, { state: 'waiting', tries: tries + 1 })
    t.ok(result.nextAt! > at + (tries > 0 ? 60_000 : 0))
    at = result.nextAt!
  }
  t.ok(at > 20 * 3_600_000 && at <= 24 * 3_600_000)
  t.match(settled('webhook', again, 7, at), { state: 'failed', tries: 8, nextAt: null })
  t.match(settled('webhook', { ...again, afterMs: 120_000 }, 0, 0), { nextAt: 120_000 }, 'not before it was asked to')
  t.match(settled('webhook', { ...again, afterMs: 10 }, 0, 0), { nextAt: 30_000 })
  t.match(settled('ping', again, 3, 0), { state: 'failed' }, 'a beat that comes hours late is none')
  t.match(settled('webhook', { kind: 'refused', detail: 'x' }, 0, 0), { state: 'failed' })
})

t.test('a channel that is down gets the notice when it is back, and one that refuses it does not', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['failed'])
  target.answer = response => void response.writeHead(500).end('out of order')
  await app.finished(['false'])
  const waiting = await newest(app, 'waiting', ({ tries }) => tries === 1)
  t.equal(waiting.detail, 'It answered 500: out of order')
  t.ok(waiting.nextAt! >= waiting.createdAt + 30_000)
  target.answer = response => void response.writeHead(204).end()
  t.equal((await app.post(`/api/notices/${waiting.id}/retry`)).status, 200)
  t.match(await newest(app, 'sent'), { id: waiting.id, tries: 1 })
  const ids = target.arrived.map(({ headers }) => headers['webhook-id'])
  t.same(ids, [waiting.id, waiting.id], 'it is the same notice to whoever gets it twice')

  target.answer = response => void response.writeHead(410).end('gone')
  await app.finished(['false'])
  const failed = await newest(app, 'failed')
  t.match(failed, { tries: 1, nextAt: null, detail: 'It answered 410: gone' })
  isProblem(t, await app.post(`/api/notices/${waiting.id}/retry`), 409, 'nothing_to_retry')
  isProblem(t, await app.post('/api/notices/nothing/retry'), 404, 'not_found')
})

t.test('what is tried again by itself is sent when its time has come', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['failed'])
  target.answer = response => void response.writeHead(503).end()
  await app.finished(['false'])
  await newest(app, 'waiting', ({ tries }) => tries === 1)
  target.answer = response => void response.writeHead(204).end()
  due(app)
  // Whatever else is to be sent has it looked what is due.
  await app.finished(['false'])
  await eventually('both to be sent', async () => (await noticesOf(app, '&state=sent')).length === 2)
})

t.test('a channel that asks to be left alone is, and goes on after that', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['failed'])
  target.answer = response => void response.writeHead(429, { 'retry-after': '1' }).end()
  await app.finished(['false'])
  await newest(app, 'waiting', ({ tries }) => tries === 1)
  target.answer = response => void response.writeHead(204).end()
  await app.finished(['false'])
  t.equal((await newest(app, 'sent')).tries, 1, 'the next notice waited for its turn')
  t.equal(target.arrived.length, 2)
})

t.test('a channel that hangs or refuses delays no other', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const silent = await startHttpTarget(t)
  silent.answer = () => {}
  const good = await startHttpTarget(t)
  for (let i = 0; i < 3; i++) await makeRule(app, await makeHook(app, silent, `silent ${i}`), ['failed'])
  await makeRule(app, await makeHook(app, good), ['failed'])
  const bot = await app.makeBot(['false'])
  for (let i = 0; i < 5; i++) await app.ended((await app.start(bot)).id)
  await bodiesOf(good, 5)
  t.equal(silent.arrived.length, 3, 'of a channel one is sent at a time')
})

t.test('a server that is killed leaves what waits to the next, which sends it once more with the same id', async t => {
  const target = await startHttpTarget(t)
  target.answer = () => {}
  const dataDir = testFolder(t)
  const env = { OUTGOING_ALLOW: '127.0.0.1' }
  const server = await startServer(t, dataDir, env)
  await makeRule(server, await makeHook(server, target), ['failed', 'succeeded'])
  const bot = await server.makeBot(['true'])
  for (let i = 0; i < 3; i++) await server.ended((await server.start(bot)).id)
  await eventually('three notices, the first being sent', async () => {
    return target.arrived.length === 1 && (await noticesOf(server)).length === 3
  })
  await server.kill()
  target.answer = response => void response.writeHead(204).end()
  const next = await startServer(t, dataDir, env)
  await eventually('all to be sent', async () => (await noticesOf(next, '&state=sent')).length === 3)
  const ids = target.arrived.map(({ headers }) => headers['webhook-id'])
  t.equal(new Set(ids).size, 3)
  t.equal(ids[0], ids[1], 'the first came twice')
  t.equal(ids.length, 4)
})

t.test('a server that stops waits for nobody who does not answer', async t => {
  const target = await startHttpTarget(t)
  target.answer = () => {}
  const dataDir = testFolder(t)
  const server = await startServer(t, dataDir, { OUTGOING_ALLOW: '127.0.0.1' })
  await makeRule(server, await makeHook(server, target), ['succeeded'])
  await server.finished(['true'])
  await eventually('it to be sent', () => target.arrived.length === 1)
  t.same(await server.kill('SIGTERM'), { code: 0, signal: null })
  t.same(
    withDatabase(dataDir, db => db.prepare('SELECT state, tries FROM notices').all()),
    [{ state: 'waiting', tries: 0 }]
  )
})

t.test('what was settled is kept for 30 days, what waits for longer', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['failed'])
  await app.finished(['false'])
  await newest(app, 'sent')
  const day = 24 * 3_600_000
  await app.app.chores.run(Date.now() + 29 * day)
  t.equal((await noticesOf(app)).length, 1)
  withDatabase(app.config.dataDir, db => db.exec(`UPDATE notices SET state = 'waiting', next_at = ${Date.now() + day}`))
  await app.app.chores.run(Date.now() + 31 * day)
  t.equal((await noticesOf(app)).length, 1)
  withDatabase(app.config.dataDir, db => db.exec(`UPDATE notices SET state = 'sent', next_at = NULL`))
  await app.app.chores.run(Date.now() + 31 * day)
  t.same(await noticesOf(app), [])
})
