import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { testFolder } from './support/folder.ts'
import { refusalOf } from './support/refusal.ts'
import { startServer } from './support/server.ts'

t.test('a port that is in use stops the start', async t => {
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }

  const message = await refusalOf(t, { PORT: String(port), DATA_DIR: testFolder(t) })

  t.equal(message, `Port ${port} is in use on 127.0.0.1. Stop what uses it, or set PORT to another.`)
})

t.test('an address this machine does not have stops the start', async t => {
  const message = await refusalOf(t, { HOST: '203.0.113.1', DATA_DIR: testFolder(t) })
  t.match(message, 'The server cannot listen on 203.0.113.1:0')
})

t.test('a data folder that cannot be made stops the start', async t => {
  const message = await refusalOf(t, { DATA_DIR: '/dev/null/botyard' })
  t.match(message, /^The data folder \/dev\/null\/botyard cannot be used: .* set DATA_DIR to another\.$/)
})

t.test('a data folder that is a file stops the start', async t => {
  const file = join(testFolder(t, { data: 'mine' }), 'data')
  const message = await refusalOf(t, { DATA_DIR: file })
  t.match(message, `The data folder ${file} cannot be used`)
  t.equal(readFileSync(file, 'utf8'), 'mine')
})

t.test('a data folder whose lock cannot be taken stops the start', async t => {
  const dataDir = testFolder(t, { '.lock': {} })
  t.match(await refusalOf(t, { DATA_DIR: dataDir }), dataDir)
})

t.test('a second server on the same data folder does not start, and the first goes on', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  t.equal(
    await refusalOf(t, { DATA_DIR: dataDir }),
    `Another Botyard server is running on ${dataDir}. Stop it first, or set DATA_DIR to another folder.`
  )
  t.equal((await first.get('/health/db')).status, 200)
})

t.test('a server that did not start leaves the data folder free for the next', async t => {
  const dataDir = testFolder(t, { '.secret_key': '' })
  await refusalOf(t, { DATA_DIR: dataDir })
  rmSync(join(dataDir, '.secret_key'))
  const server = await startServer(t, dataDir)
  t.equal((await server.get('/health')).status, 200)
})

t.test('nothing secret is in the log of the server, however talkative', async t => {
  const SECRET_KEY = randomBytes(24).toString('hex')
  const password = randomBytes(12).toString('hex')
  const server = await startServer(t, join(testFolder(t), 'data'), { SECRET_KEY, LOG_LEVEL: 'trace' })
  await server.post('/api/auth/login', { email: 'admin@example.com', password })
  await server.get('/api/auth/me')
  await server.get('/api/auth/me', { authorization: '', cookie: `botyard_access=${server.token}` })
  await server.kill('SIGTERM')
  t.match(server.output, '/api/auth/me', 'requests are logged')
  for (const secret of [SECRET_KEY, password, 'correct horse battery', server.token!]) t.notMatch(server.output, secret)
})
