import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadLimit } from '../../src/plugins/load-limit.ts'
import { pressure } from '../../src/plugins/pressure.ts'
import { problemDetails } from '../../src/plugins/problem-details.ts'
import { buildApp } from '../support/app.ts'
import { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

/** How long the loop is blocked, again and again, and what is too long. A busy machine alone does not block it so. */
const BLOCKED_MS = 500
const TOO_LATE_MS = 350

/** Has the event loop of this process, which is the server's, do little else. @returns what ends it. */
function blockLoop(t: Test): () => void {
  const busy = setInterval(() => {
    const end = performance.now() + BLOCKED_MS
    while (performance.now() < end);
  }, 1)
  t.teardown(() => clearInterval(busy))
  return () => clearInterval(busy)
}

t.test('a server whose loop is blocked sends requests away, does what is vital, and recovers', async t => {
  const app = await buildApp(t, { config: { maxEventLoopDelayMs: TOO_LATE_MS } })
  const { id } = await app.start(await app.makeBot(['sleep', '600']))
  await app.until(id, ({ state }) => state === 'running')
  const watched = await app.stream(`/api/events?topics=execution:${id}`)
  const unblock = blockLoop(t)
  const refused = await eventually('it to be too late', async () => {
    const answer = await app.get('/api/bots')
    return answer.status === 503 ? answer : null
  })
  const [read, changed, stranger, live, ready, metrics, opened, cancelled, switched, drained] = await Promise.all([
    app.get('/api/executions'),
    app.post('/api/bots', { name: 'One more', command: ['true'] }),
    app.get('/api/bots', { authorization: 'none' }),
    app.get('/health/live'),
    app.get('/health/ready'),
    app.get('/metrics'),
    app.stream('/api/events'),
    app.post(`/api/executions/${id}/cancel`),
    app.request('PUT', '/api/automation', { body: { enabled: false } }),
    app.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  ])
  for await (const { event } of watched) {
    // What the stream begins with came before.
    if (event === 'resync') continue
    t.equal(event, 'execution.changed', 'a stream that is open goes on')
    break
  }
  unblock()
  for (const answer of [refused, read, changed]) {
    isProblem(t, answer, 503, 'overloaded')
    t.match(answer.headers.get('retry-after'), /^\d+$/)
  }
  isProblem(t, stranger, 401, 'unauthenticated', 'a stranger hears no more')
  t.equal(live.status, 200)
  t.match(ready.body, { status: 'healthy' })
  t.equal(metrics.status, 200, 'it can be seen')
  t.equal(opened.status, 200, 'a stream is opened')
  t.equal(cancelled.status, 202, 'a bot is stopped')
  t.equal(switched.status, 200, 'bots are kept from running by themselves')
  t.equal(drained.status, 200, 'and anything new from starting')
  for (const stream of [opened, watched]) stream.close()
  await eventually('it to take requests again', async () => (await app.get('/api/bots')).status === 200)
  t.match(await app.ended(id), { state: 'cancelled' })
})

t.test('many expensive requests at once: each is answered, some that it is too much, and then it is over', async t => {
  const dataDir = testFolder(t)
  const before = await buildApp(t, { dataDir })
  for (let i = 0; i < 20; i++) await before.makeBot(['true'], { name: `bot ${i}` })
  await before.app.http.close()
  const app = await buildApp(t, { dataDir, config: { maxEventLoopDelayMs: 50, workerConnections: 100_000 } })
  const statuses = new Set<number>()
  // Without a pause, in which a fast machine would catch up.
  const ask = async () => {
    while (!statuses.has(503)) statuses.add((await app.get('/api/bots?limit=200')).status)
  }
  await Promise.all(Array.from({ length: 300 }, ask))
  t.same(
    [...statuses].filter(status => ![200, 503].includes(status)),
    []
  )
  await eventually('it to be over', async () => (await app.get('/api/bots')).status === 200)
})

t.test('a start that takes long is no reason to send anybody away', async t => {
  const http = Fastify()
  await http.register(problemDetails)
  await http.register(loadLimit, { max: 100 })
  await http.register(pressure, { maxDelayMs: TOO_LATE_MS })
  http.get('/work', async () => 'done')
  t.teardown(() => http.close())
  await http.ready()
  // Long enough for a look at it.
  const end = performance.now() + 1500
  while (performance.now() < end);
  const client = new Client(await http.listen({ host: '127.0.0.1', port: 0 }))
  t.equal((await client.get('/work')).status, 200)
  blockLoop(t)
  await eventually('it to be judged by what comes after', async () => (await client.get('/work')).status === 503)
})

t.test('a server whose memory is nearly used up sends requests away as well', async t => {
  const http = Fastify()
  await http.register(problemDetails)
  await http.register(loadLimit, { max: 100 })
  // It takes more than this to be there at all.
  await http.register(pressure, { maxDelayMs: 800, maxHeapBytes: 1 })
  http.get('/work', async () => 'done')
  http.get('/unlimited', { config: { unlimited: true } }, async () => 'done')
  http.get('/stream', { config: { stream: true } }, async () => 'done')
  http.post('/stop', { config: { vital: true } }, async () => 'done')
  t.teardown(() => http.close())
  const client = new Client(await http.listen({ host: '127.0.0.1', port: 0 }))
  const refused = await eventually('a look at the memory', async () => {
    const answer = await client.get('/work')
    return answer.status === 503 ? answer : null
  })
  isProblem(t, refused, 503, 'overloaded')
  isProblem(t, await client.get('/nothing'), 503, 'overloaded', 'what is not there')
  for (const path of ['/unlimited', '/stream']) t.equal((await client.get(path)).status, 200, path)
  t.equal((await client.post('/stop')).status, 200)
})
