import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { inDatabase, lives } from './support/attempts.ts'
import { testFolder } from './support/folder.ts'
import { anotherInstallation, edit } from './support/installation.ts'
import { Feed, runs, startFed } from './support/logs.ts'
import { startServer, startServerOf, type TestServer } from './support/server.ts'
import { eventually } from './support/wait.ts'

/** A connection that its client keeps, with the beginning of a request on it. */
function keptConnection(server: TestServer, request: string) {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const kept = { socket, answer: '', ended: false }
  socket.setEncoding('utf8').on('data', text => {
    kept.answer += text
  })
  socket
    .on('error', () => {})
    .on('close', () => {
      kept.ended = true
    })
  socket.write(
    request.replace('\n\n', `\nhost: localhost\nauthorization: Bearer ${server.token}\n\n`).replaceAll('\n', '\r\n')
  )
  return kept
}

/** Asks a server to stop, and waits until it lets nobody in. */
async function askToStop(server: TestServer): Promise<void> {
  server.process.kill('SIGTERM')
  await eventually('nobody to be let in', () =>
    server.get('/health').then(
      () => false,
      () => true
    )
  )
}

t.test('a server that stops answers what it was asked before, and no client keeps it by its connection', async t => {
  const server = await startServer(t, testFolder(t))
  const idle = keptConnection(server, 'GET /api/bots HTTP/1.1\n\n')
  await eventually('an answer', () => idle.answer.startsWith('HTTP/1.1 200'))
  const silent = keptConnection(server, '')
  const post = 'POST /api/bots HTTP/1.1\nexpect: 100-continue\ncontent-type: application/json\ncontent-length: 2\n\n{'
  const asking = Array.from({ length: 5 }, () => keptConnection(server, post))
  await eventually('them all to be let in', () => asking.every(({ answer }) => answer.includes('100 Continue')))

  await askToStop(server)
  for (const { socket } of asking) socket.write('}')

  t.same(await server.exit, { code: 0, signal: null })
  for (const { answer } of asking) t.match(answer, /HTTP\/1\.1 400 .*"\/name"/s)
  await eventually('all connections to end', () => [idle, silent, ...asking].every(({ ended }) => ended))
})

t.test('who has begun to ask when a server is told to stop is answered as at any time', async t => {
  const server = await startServer(t, testFolder(t))
  // When the first is answered, what has come of the second has come.
  const asking = keptConnection(server, 'GET /health HTTP/1.1\n\nGET /api/bots HTTP/1.1\n')
  await eventually('an answer', () => asking.answer.includes('"status"'))
  await askToStop(server)
  asking.answer = ''
  asking.socket.write(`host: localhost\r\nauthorization: Bearer ${server.token}\r\n\r\n`)
  await eventually('the end of the connection', () => asking.ended)
  t.match(asking.answer, /^HTTP\/1\.1 200 .*connection: close/is)
  t.same(await server.exit, { code: 0, signal: null })
})

const LINE = `${'x'.repeat(1023)}\n`
const LINES = 20_000

/** A large answer of which somebody has begun to read, and for now goes no further. */
async function haltedDownload(t: Test, server: TestServer) {
  const { id } = await server.finished(['/bin/sh', '-c', `yes '${LINE.trimEnd()}' | head -n ${LINES}`])
  const download = keptConnection(server, `GET /api/executions/${id}/log HTTP/1.1\n\n`)
  await eventually('its beginning', () => download.answer.length > 0)
  download.socket.pause()
  t.teardown(() => download.socket.destroy())
  return download
}

t.test('a server that stops passes on to its end what somebody downloads', async t => {
  const server = await startServer(t, testFolder(t))
  const download = await haltedDownload(t, server)

  await askToStop(server)
  download.socket.resume()

  t.same(await server.exit, { code: 0, signal: null })
  await eventually('its end', () => download.ended)
  t.equal(download.answer.slice(download.answer.indexOf('\r\n\r\n') + 4).length, LINES * LINE.length)
})

t.test('a server that stops starts nothing more, however long it takes, and the next one does', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const env = { MAX_CONCURRENT_EXECUTIONS: '1' }
  const server = await startServer(t, dataDir, env)
  const download = await haltedDownload(t, server)
  const feed = await Feed.open(t)
  const running = await startFed(server, feed)
  await runs(server, running)
  const waiting = (await server.start(await server.makeBot(['/bin/echo', 'late'], { name: 'late' }))).id
  const stateOf = (id: string) =>
    inDatabase(dataDir, db => db.prepare('SELECT state FROM executions WHERE id = ?').pluck().get(id))

  await askToStop(server)
  await feed.end()
  // What makes room claims in the same change: by now it would have.
  await eventually('the end of what ran to be kept', () => stateOf(running) === 'succeeded')
  t.equal(stateOf(waiting), 'queued')
  download.socket.resume()
  t.same(await server.exit, { code: 0, signal: null })
  t.equal(stateOf(waiting), 'queued')

  const next = await startServer(t, dataDir, env)
  t.match(await next.ended(waiting), { state: 'succeeded' })
})

t.test('a server that stops is gone when its time is up, whatever keeps it, and bots go on', async t => {
  const installation = anotherInstallation(t)
  edit(installation, 'gunicorn-equivalent.config.ts', text =>
    text.replace(/gracefulTimeout: \d+/, 'gracefulTimeout: 2')
  )
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const server = await startServerOf(t, installation, dataDir)
  await haltedDownload(t, server)
  const feed = await Feed.open(t)
  const id = await startFed(server, feed)
  await runs(server, id)
  const pid = (await server.execution(id)).attempts[0]!.pid!

  await askToStop(server)

  t.same(await server.exit, { code: 1, signal: null })
  t.match(server.output, 'is cut off')
  t.ok(lives(pid))
  await feed.write('still here\n')
  await feed.end()
  const next = await startServer(t, dataDir)
  t.match(await next.ended(id), { state: 'succeeded' })
  t.equal((await next.downloadLog(id)).toString(), 'still here\n')
})
