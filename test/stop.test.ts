import { connect } from 'node:net'
import t from 'tap'
import { testFolder } from './support/folder.ts'
import { Feed, startFed } from './support/logs.ts'
import { startServer, type TestServer } from './support/server.ts'
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

t.test('a server that stops passes on to its end what somebody downloads', async t => {
  const server = await startServer(t, testFolder(t))
  const feed = await Feed.open(t)
  const id = await startFed(server, feed)
  const line = `${'x'.repeat(1023)}\n`
  const size = 20_000 * line.length
  const printed = feed.write(line.repeat(20_000))
  await eventually('it to be printed', async () => (await server.execution(id)).attempts[0]?.logBytes === size)
  await printed
  await feed.end()
  await server.ended(id)
  const download = keptConnection(server, `GET /api/executions/${id}/log HTTP/1.1\n\n`)
  await eventually('its beginning', () => download.answer.length > 0)
  download.socket.pause()

  await askToStop(server)
  download.socket.resume()

  t.same(await server.exit, { code: 0, signal: null })
  await eventually('its end', () => download.ended)
  t.equal(download.answer.slice(download.answer.indexOf('\r\n\r\n') + 4).length, size)
})
