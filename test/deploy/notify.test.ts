/** What the server says to systemd, heard by a real socket. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { runServer, startServer, type TestServer } from '../support/server.ts'
import { needsPerl, startManager } from '../support/service-manager.ts'
import { eventually } from '../support/wait.ts'

const WATCHDOG_MS = 100
/** A pause that no server makes that goes on. */
const SILENCE_MS = 10 * WATCHDOG_MS

/** Has the server's event loop run in a circle for ever, by way of its debugger. */
async function hang(server: TestServer): Promise<void> {
  server.process.kill('SIGUSR1')
  const address = await eventually('a debugger', () => /Debugger listening on (ws:\S+)/.exec(server.output)?.[1])
  const debugger_ = new WebSocket(address)
  await new Promise(resolve => debugger_.addEventListener('open', resolve, { once: true }))
  debugger_.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } }))
  debugger_.close()
}

t.test('a server says that it is ready when it listens, and that it stops when it is told to', needsPerl, async t => {
  const manager = await startManager(t)
  const server = await startServer(t, testFolder(t), { NOTIFY_SOCKET: manager.socket })
  await eventually('that it is ready', () => manager.heard.length > 0)
  t.same(manager.heard, ['READY=1'], 'and nothing else, as no watchdog was asked for')
  t.same(await server.kill('SIGTERM'), { code: 0, signal: null })
  await eventually('that it stops', () => manager.heard.length > 1)
  t.same(manager.heard, ['READY=1', 'STOPPING=1'])
})

t.test('a server that cannot listen never says that it is ready', needsPerl, async t => {
  const manager = await startManager(t)
  const other = await buildApp(t)
  const env = { NOTIFY_SOCKET: manager.socket, HOST: '127.0.0.1', PORT: new URL(other.url).port }
  t.match(await runServer({ ...env, DATA_DIR: testFolder(t) }), { code: 1, stderr: /is in use/ })
  // By then whatever the first had said would have come: messages keep their order.
  const next = await startServer(t, testFolder(t), { NOTIFY_SOCKET: manager.socket })
  await eventually('that the next is ready', () => manager.heard.length > 0)
  await next.kill('SIGTERM')
  await eventually('its end', () => manager.heard.includes('STOPPING=1'))
  t.same(
    manager.heard.filter(said => said === 'READY=1'),
    ['READY=1']
  )
})

t.test('a watched server says that it goes on until its event loop hangs', needsPerl, async t => {
  const manager = await startManager(t)
  const server = await startServer(t, testFolder(t), {
    NOTIFY_SOCKET: manager.socket,
    WATCHDOG_USEC: String(WATCHDOG_MS * 1000),
    // The debugger that a signal wakes: not at a port that others may have.
    NODE_OPTIONS: '--inspect-port=127.0.0.1:0'
  })
  await eventually('some signs of life', () => manager.heard.filter(said => said === 'WATCHDOG=1').length >= 5)
  t.equal(manager.heard[0], 'READY=1')
  await hang(server)
  await eventually('silence', () => manager.silence() > SILENCE_MS)
  t.equal((await server.kill()).signal, 'SIGKILL')
})

t.test('a server that another process is watched for gives no signs of life', needsPerl, async t => {
  const manager = await startManager(t)
  const server = await startServer(t, testFolder(t), {
    NOTIFY_SOCKET: manager.socket,
    WATCHDOG_USEC: '1000',
    WATCHDOG_PID: '1'
  })
  for (let request = 0; request < 20; request++) t.equal((await server.get('/health')).status, 200)
  await server.kill('SIGTERM')
  await eventually('that it stops', () => manager.heard.includes('STOPPING=1'))
  t.same(manager.heard, ['READY=1', 'STOPPING=1'])
})

t.test('a service manager that does not listen is no reason not to serve', async t => {
  const server = await startServer(t, testFolder(t), { NOTIFY_SOCKET: '/nowhere/notify' })
  await eventually('a warning', () => /"level":40.*the service manager could not be told/.test(server.output))
  t.equal((await server.get('/health')).status, 200)
})

t.test('bots know nothing of the service manager', needsPerl, async t => {
  const manager = await startManager(t)
  const dir = testFolder(t, { data: {} })
  const server = await startServer(t, join(dir, 'data'), { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '60000000' })
  const seen = join(dir, 'seen')
  // Of the bot, and of whoever stands between it and the server.
  const script = `for pid in self $PPID; do tr '\\0' '\\n' </proc/$pid/environ; done >'${seen}'`
  t.match(await server.finished(['/bin/sh', '-c', script]), { state: 'succeeded' })
  t.match(readFileSync(seen, 'utf8'), /^BOTYARD_ATTEMPT=/m)
  t.notMatch(readFileSync(seen, 'utf8'), /NOTIFY_SOCKET|WATCHDOG/)
})
