import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

/** A request that is in flight until its socket is closed or its body ends: it keeps the last byte back. */
function hold(t: Test, app: TestApp): Socket {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(
    `POST /api/bots HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${app.token}\r\n` +
      'content-type: application/json\r\ncontent-length: 2\r\n\r\n{'
  )
  return socket
}

const isFull = (app: TestApp) => eventually('the limit', async () => (await app.get('/health')).status === 503)
const hasRoom = (app: TestApp) => eventually('room', async () => (await app.get('/health')).status === 200)

t.test('one request more than the limit is answered at once, and those in flight are not disturbed', async t => {
  const app = await buildApp(t, { config: { workerConnections: 3 } })
  const held = [hold(t, app), hold(t, app), hold(t, app)]
  await isFull(app)

  const refused = await app.get('/api/bots')

  isProblem(t, refused, 503, 'overloaded')
  t.equal(refused.headers.get('retry-after'), '1')
  const answer = new Promise<string>(resolve => held[0]!.once('data', chunk => resolve(String(chunk))))
  held[0]!.write('}')
  t.match(await answer, /^HTTP\/1\.1 400 .*"\/name"/s, 'one that was in flight is answered')
  await hasRoom(app)
  t.equal((await app.get('/api/bots')).status, 200)
})

t.test('clients that go away in the middle make room', async t => {
  const app = await buildApp(t, { config: { workerConnections: 2 } })
  for (let round = 0; round < 5; round++) {
    const held = [hold(t, app), hold(t, app)]
    await isFull(app)
    for (const socket of held) socket.destroy()
    await hasRoom(app)
  }
  t.equal((await app.get('/api/bots')).status, 200)
})

t.test('many more requests than the limit leave nothing behind', async t => {
  const app = await buildApp(t, { config: { workerConnections: 5 } })
  for (let round = 0; round < 5; round++) {
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await app.get('/api/bots')).status))
    t.same(
      statuses.filter(status => ![200, 503].includes(status)),
      []
    )
    t.ok(statuses.includes(200), 'some are served')
  }
  const alone = await app.get('/api/bots')
  t.equal(alone.status, 200)
})

t.test('event streams are not counted with requests', async t => {
  const app = await buildApp(t, { config: { workerConnections: 2 } })
  const streams = await Promise.all([1, 2, 3, 4].map(() => app.stream('/api/events')))
  t.same(
    streams.map(stream => stream.status),
    [200, 200, 200, 200]
  )
  t.equal((await app.get('/api/bots')).status, 200)
  for (const stream of streams) stream.close()
})
