import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadLimit } from '../../src/plugins/load-limit.ts'
import { problemDetails } from '../../src/plugins/problem-details.ts'
import { buildApp } from '../support/app.ts'
import { Client } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

/** A server that does nothing else: `/work` takes until `finish` is called, each call of which lets the oldest go. */
async function limited(t: Test, max: number) {
  const http = Fastify({ forceCloseConnections: true })
  await http.register(problemDetails)
  await http.register(loadLimit, { max })
  const waiting: (() => void)[] = []
  http.get('/work', () => new Promise<string>(resolve => waiting.push(() => resolve('done'))))
  http.post('/work', async () => 'done')
  http.get('/endless', async () => Readable.from(endless()))
  http.get('/unlimited', { config: { unlimited: true } }, async () => 'done')
  http.get('/stream', { config: { stream: true } }, async () => 'done')
  await http.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => http.close())
  const client = new Client(`http://127.0.0.1:${(http.server.address() as { port: number }).port}`)
  const working = (count: number) => eventually(`${count} at work`, () => waiting.length === count)
  return { client, working, finish: () => waiting.shift()!() }
}

async function* endless() {
  yield 'the beginning'
  await new Promise(() => {})
}

/** A connection on which a request was begun, and the server has said something to it. */
async function begin(t: Test, url: string, request: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(request)
  await once(socket, 'data')
  return socket
}

/** The headers of a body that the server is told to ask for, and its first byte. */
const announce = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n` +
  'expect: 100-continue\r\n\r\n{'

t.test('one request more than the limit is answered at once, and those worked on are not disturbed', async t => {
  const { client, working, finish } = await limited(t, 3)
  const answers = [client.get('/work'), client.get('/work'), client.get('/work')]
  await working(3)

  const refused = await client.get('/work')

  isProblem(t, refused, 503, 'overloaded')
  t.equal(refused.headers.get('retry-after'), '1')
  isProblem(t, await client.get('/nothing'), 503, 'overloaded', 'what is not there')
  t.equal((await client.get('/unlimited')).status, 200, 'what is to answer always does')
  t.equal((await client.get('/stream')).status, 200, 'streams are counted elsewhere')

  finish()
  t.equal((await answers[0]!).text, 'done')
  t.equal((await client.post('/work')).text, 'done', 'then there is room')
  finish()
  finish()
  t.same(
    (await Promise.all(answers)).map(answer => answer.status),
    [200, 200, 200]
  )
})

t.test('clients that go away in the middle make room', async t => {
  const { client, working } = await limited(t, 2)
  for (let round = 1; round <= 5; round++) {
    const abandoned = [new AbortController(), new AbortController()]
    const answers = abandoned.map(({ signal }) => fetch(`${client.url}/work`, { signal }).catch(() => 'gone'))
    await working(2 * round)
    isProblem(t, await client.post('/work'), 503, 'overloaded')
    for (const each of abandoned) each.abort()
    await Promise.all(answers)
    await eventually('room', async () => (await client.post('/work')).status === 200)
  }
})

t.test('who sends a body slowly takes nobody the place', async t => {
  const { client } = await limited(t, 2)
  const held = await Promise.all(Array.from({ length: 10 }, () => begin(t, client.url, announce('/work', 2))))
  t.equal((await client.post('/work')).status, 200)
  const answer = once(held[9]!, 'data')
  held[9]!.write('}')
  t.match(String(await answer), /^HTTP\/1\.1 200 /, 'and is answered in the end')
})

t.test('nor does who reads an answer slowly', async t => {
  const { client } = await limited(t, 2)
  const request = 'GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n'
  await Promise.all(Array.from({ length: 10 }, () => begin(t, client.url, request)))
  t.equal((await client.post('/work')).status, 200)
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

t.test('strangers who withhold what they have announced keep nobody out', async t => {
  const app = await buildApp(t, { config: { workerConnections: 3 } })
  for (const path of ['/api/auth/login', '/api/auth/setup', '/api/auth/refresh', '/api/auth/logout', '/api/bots']) {
    await Promise.all(Array.from({ length: 10 }, () => begin(t, app.url, announce(path, 1000))))
    t.equal((await app.get('/api/bots')).status, 200, path)
    t.equal((await app.get('/health')).status, 200, path)
  }
})

t.test('what a stranger may send at all is little, so that many of them fill no memory', async t => {
  const app = await buildApp(t)
  const raw = JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(20_000) })
  for (const path of ['/api/auth/login', '/api/auth/setup', '/api/auth/refresh', '/api/auth/logout']) {
    isProblem(t, await app.request('POST', path, { raw }), 413, 'body_too_large', path)
  }
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
