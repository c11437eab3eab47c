import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { SseStream } from '../../src/events/sse.ts'
import { Streams } from '../../src/events/streams.ts'
import { newUser } from '../../src/users/people.ts'
import type { Principal } from '../../src/users/principal.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, follow, Reader, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { rawHttp } from '../support/raw-http.ts'
import { startServer } from '../support/server.ts'
import { openStream } from '../support/sse.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const STREAMS = ['/api/events', '/api/heartbeat']

/** Another session of the administrator, as another browser would have. */
async function anotherSession(app: TestApp): Promise<Client> {
  const client = new Client(app.url)
  await client.signIn()
  return client
}

/** How many streams the server says are open, the one that asks left out. */
async function openStreams(app: Client): Promise<number> {
  const stream = await app.stream('/api/heartbeat')
  for await (const { data } of stream) {
    stream.close()
    return data.streams - 1
  }
  throw new Error('no heartbeat')
}

t.test('a stream is for those who are signed in', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const paths = [...STREAMS, `/api/executions/${id}/log/stream`]
  const { token } = app
  const expired = app.app.http.jwt.sign({ sub: 'x', sid: 'y', role: 'viewer' }, { expiresIn: '1s' })
  await eventually('a token to run out', () => {
    try {
      return !app.app.http.jwt.verify(expired)
    } catch {
      return true
    }
  })
  for (const nobody of [null, 'nonsense', expired, `${token}x`]) {
    app.token = nobody
    for (const path of paths) {
      const answer = await app.get(path)
      isProblem(t, answer, 401, 'unauthenticated', `${path} for ${nobody?.slice(0, 8)}`)
      t.match(answer.headers.get('www-authenticate'), /^Bearer/)
    }
  }
})

t.test('no more streams are opened than there may be, and a place becomes free when a reader leaves', async t => {
  const app = await buildApp(t, { config: { maxStreams: 3 } })
  const { id } = await app.finished('prints-three-lines')
  const open = await Promise.all([1, 2, 3].map(() => app.stream('/api/events')))
  for (const path of [...STREAMS, `/api/executions/${id}/log/stream`]) {
    const answer = await app.get(path)
    isProblem(t, answer, 503, 'too_many_streams', path)
    t.match(answer.headers.get('retry-after'), /^\d+$/, `${path}: says when to come back`)
  }
  t.equal((await app.get('/api/bots')).status, 200, 'ordinary requests are not streams')

  open[1]!.close()
  await eventually('a free place', async () => (await app.stream('/api/events')).status === 200)
})

t.test('one person has so many streams in all his sessions, a token as many, and others have theirs', async t => {
  const app = await buildApp(t, { config: { maxStreamsPerAccount: 3 } })
  const operator = await signedInAs(app, 'operator')
  const elsewhere = new Client(app.url)
  const login = await elsewhere.post('/api/auth/login', { ...ADMIN, email: 'operator@example.com' })
  elsewhere.token = login.body.accessToken
  const wanted = { name: 'ci', role: 'viewer', password: ADMIN.password }
  const program = new Client(app.url)
  program.token = (await operator.post('/api/tokens', wanted)).body.value
  const open = [
    await operator.stream('/api/events'),
    await elsewhere.stream('/api/heartbeat'),
    await elsewhere.stream('/api/events')
  ]
  for (const client of [operator, elsewhere]) {
    const answer = await client.get('/api/events')
    isProblem(t, answer, 503, 'too_many_streams')
    t.match(answer.body.detail, /^You have 3 streams open, .*Close some/)
    t.match(answer.headers.get('retry-after'), /^\d+$/)
  }
  const others = await Promise.all([1, 2, 3].map(() => program.stream('/api/events')))
  t.ok(
    others.every(({ status }) => status === 200),
    'a program does not take its owner the places, nor he its'
  )
  t.match((await program.get('/api/events')).body.detail, /^This token has 3 streams open/)
  const admins = await app.stream('/api/events')
  t.equal(admins.status, 200)
  for (const stream of [...others, admins]) stream.close()
  open[0]!.close()
  await eventually('a free place', async () => (await elsewhere.stream('/api/events')).status === 200)
})

/** Streams without the rest of a server; who asks is whoever `asker` says at that moment. */
function streamsAlone(t: Test) {
  const streams = new Streams({ max: 10, maxPerAccount: 10 })
  const asker: { now: Principal | null } = {
    now: {
      user: newUser('somebody@example.com', 'operator'),
      role: 'operator',
      bots: null,
      credential: { kind: 'session', id: 's' },
      expiresAt: null
    }
  }
  const http = Fastify()
  http.decorateRequest('principal', null)
  http.decorateRequest('authenticate', async () => asker.now)
  http.addHook('onRequest', (request, _reply, done) => {
    request.principal = asker.now
    done()
  })
  t.teardown(async () => {
    await streams.close()
    await http.close()
  })
  return { streams, asker, http }
}

t.test('a stream whose credential came to its end just before it was opened is ended', async t => {
  const { streams, asker, http } = streamsAlone(t)
  const meanwhile: Record<string, () => void> = {
    nothing: () => {},
    demoted: () => {
      asker.now = { ...asker.now!, role: 'viewer' }
    },
    ended: () => {
      asker.now = null
    }
  }
  http.get<{ Params: { what: string } }>('/:what', async (request, reply) => {
    meanwhile[request.params.what]!()
    streams.open(request, reply)
  })
  const url = await http.listen({ host: '127.0.0.1', port: 0 })
  const lives = await openStream(`${url}/nothing`, {})
  for (const what of ['demoted', 'ended']) await (await openStream(`${url}/${what}`, {})).closed
  t.equal(streams.size, 1)
  lives.close()
})

t.test('a reader that has gone before his stream begins is forgotten, and keeps no server from its end', async t => {
  const { streams, http } = streamsAlone(t)
  const asked = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<SseStream>()
  http.get('/', async (request, reply) => {
    asked.resolve()
    await once(reply.raw, 'close')
    opened.resolve(streams.open(request, reply))
  })
  const url = new URL(await http.listen({ host: '127.0.0.1', port: 0 }))
  const socket = net.connect(Number(url.port), url.hostname)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await asked.promise
  socket.destroy()
  const { closed } = await opened.promise
  await eventually('it to be told', () => closed.aborted)
  t.equal(streams.size, 0)
})

t.test('a reader that leaves is forgotten, wherever his stream stands', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\n')
  const readers = await Promise.all([1, 2, 3].map(() => follow(app, id)))
  await Promise.all(readers.map(reader => reader.sees('one\n')))
  const others = await Promise.all(STREAMS.map(path => app.stream(path)))
  t.equal(await openStreams(app), 5)

  for (const reader of readers) await reader.leave()
  for (const stream of others) stream.close()
  // Two asked for at once over one connection, which goes away while the second waits for the end of the first.
  const request = `GET /api/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.token}\r\n\r\n`
  await rawHttp(app.url, request + request, answer => answer.includes('resync'))

  await eventually('all to be forgotten', async () => (await openStreams(app)) === 0)
  await feed.end()
  await app.ended(id)
})

t.test('seven streams to one browser leave room for its other requests', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const readers = await Promise.all(Array.from({ length: 7 }, () => follow(app, id)))
  await feed.write('one\n')
  await Promise.all(readers.map(reader => reader.sees('one\n')))
  const answers = await Promise.all(
    ['/health', '/api/bots', '/api/executions', '/api/auth/me'].map(path => app.get(path))
  )
  t.same(
    answers.map(answer => answer.status),
    [200, 200, 200, 200]
  )
  await feed.end()
  await Promise.all(readers.map(reader => reader.done))
})

t.test('a stream outlives the access token it was opened with', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const { sub, sid } = app.app.http.jwt.decode<{ sub: string; sid: string }>(app.token!)!
  const brief = new Client(app.url)
  brief.token = app.app.http.jwt.sign({ sub, sid, role: 'admin' }, { expiresIn: '4s' })
  const reader = await follow(brief, id)
  await feed.write('before\n')
  await reader.sees('before\n')

  await eventually('the token to run out', async () => (await brief.get('/api/auth/me')).status === 401)
  await feed.write('after\n')
  await reader.sees('after\n')

  await feed.end()
  await reader.done
  t.equal(reader.events.at(-1)!.event, 'end')
})

t.test('signing out ends the streams of that session, and of no other', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const leaving = await anotherSession(app)
  const ended = [
    await follow(leaving, id),
    ...(await Promise.all(STREAMS.map(async path => new Reader(await leaving.stream(path)))))
  ]
  const staying = await follow(app, id)
  await feed.write('before\n')
  await Promise.all([ended[0]!, staying].map(reader => reader.sees('before\n')))

  t.equal((await leaving.post('/api/auth/logout')).status, 204)
  await Promise.all(ended.map(reader => reader.done))
  isProblem(t, await leaving.get('/api/events'), 401, 'unauthenticated')
  t.ok(
    ended[0]!.events.every(({ event }) => event !== 'end'),
    'the bot has not ended, and nobody says so'
  )

  await feed.write('after\n')
  await staying.sees('after\n')
  t.notMatch(ended[0]!.text, 'after')
  await feed.end()
  await staying.done
})

t.test('signing out by the refresh token alone ends the streams of its session', async t => {
  const app = await buildApp(t)
  const login = await app.post('/api/auth/login', { ...ADMIN, delivery: 'body' })
  const client = new Client(app.url)
  client.token = login.body.accessToken
  const reader = new Reader(await client.stream('/api/events'))
  await client.post('/api/auth/logout', { refreshToken: login.body.refreshToken }, { authorization: 'none' })
  await reader.done
  t.equal((await client.get('/api/auth/me')).status, 401)
})

t.test('a server that is told to stop ends its streams and itself; bots go on and readers with them', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const feed = await Feed.open(t)
  const first = await startServer(t, dataDir)
  const id = await startFed(first, feed)
  const readers = await Promise.all(Array.from({ length: 48 }, () => follow(first, id)))
  const others = await Promise.all(STREAMS.map(path => first.stream(path)))
  await feed.write('one €\ntwo')
  await Promise.all(readers.map(reader => reader.sees('two')))
  // One of them does not read, which must not keep the server.
  others[0]!.pause()

  let exit: Awaited<typeof first.exit> | undefined
  void first.exit.then(end => {
    exit = end
  })
  first.process.kill('SIGTERM')
  t.same(await eventually('the server to stop by itself', () => exit, 5000), { code: 0, signal: null })
  await Promise.all(readers.map(reader => reader.done))
  t.ok(readers.every(reader => reader.text === 'one €\ntwo' && reader.events.every(({ event }) => event !== 'end')))

  await feed.write(' and three\n')
  const second = await startServer(t, dataDir)
  t.equal((await second.execution(id)).state, 'running')
  const resumed = await Promise.all(readers.map(({ lastEventId }) => follow(second, id, { lastEventId })))
  await feed.write('four\n')
  await feed.end()
  await Promise.all(resumed.map(reader => reader.done))
  t.ok(resumed.every(reader => reader.text === ' and three\nfour\n'))
  t.match(await second.execution(id), { state: 'succeeded' })
})
