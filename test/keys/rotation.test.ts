import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { ADMIN, type Client } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { printsHashOf, putSecret, secretsOf } from '../support/secrets.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const [FIRST, SECOND, THIRD] = ['first', 'second', 'third'].map(word => `${word} key, `.repeat(4)) as [
  string,
  string,
  string
]

const statusOf = async (client: Client, token: string | null) =>
  (await client.get('/api/auth/me', { authorization: `Bearer ${token}` })).status

t.test('with a new key nobody signs in again, and what the old one kept is kept with the new one', async t => {
  const dataDir = testFolder(t)
  const start = (secretKey: string, previousSecretKey: string | null) =>
    buildApp(t, { dataDir, config: { secretKey, previousSecretKey }, setUp: false })

  let app = await start(FIRST, null)
  await app.setUp(app.app.setupToken!)
  const before = app.token
  await putSecret(app, 'TOKEN', 'hunter22')
  const bot = await app.makeBot(printsHashOf('TOKEN'), { secrets: ['TOKEN'] })
  const { key } = (await app.post('/api/auth/second-factor', { password: ADMIN.password })).body
  const code = (steps: number) =>
    new TOTP({ secret: Secret.fromBase32(key) }).generate({ timestamp: Date.now() + steps * 30_000 })
  await app.post('/api/auth/second-factor/confirm', { code: code(-1) })
  await app.app.http.close()

  app = await start(SECOND, FIRST)
  t.equal(await statusOf(app, before), 200)
  app.token = (await app.post('/api/auth/login', { ...ADMIN, code: code(0) })).body.accessToken
  t.equal(await statusOf(app, app.token), 200)
  const since = app.token
  await app.app.http.close()

  // The old key is gone for good.
  app = await start(SECOND, null)
  t.equal(await statusOf(app, before), 401)
  t.equal(await statusOf(app, since), 200)
  app.token = since
  t.match(await secretsOf(app), [{ name: 'TOKEN', usable: true }])
  t.match(await app.ended((await app.start(bot)).id), { state: 'succeeded' })
  t.equal((await app.post('/api/auth/login', { ...ADMIN, code: code(1) })).status, 200)
  await app.app.http.close()

  app = await start(THIRD, FIRST)
  t.equal(await statusOf(app, since), 401, 'a key that was not the one before lets nobody in')
  t.equal((await app.post('/api/auth/login', { ...ADMIN, code: code(1) })).status, 503, 'nor opens what another kept')
})

t.test('what the old key signed is good for the life of a token after the change, and not longer', async t => {
  const dataDir = testFolder(t)
  const start = (secretKey: string, previousSecretKey: string | null) =>
    buildApp(t, { dataDir, config: { secretKey, previousSecretKey }, setUp: false })
  let app = await start(FIRST, null)
  await app.setUp(app.app.setupToken!)
  const { token } = app
  await app.app.http.close()

  app = await start(SECOND, FIRST)
  t.equal(await statusOf(app, token), 200)
  await app.app.http.close()

  const age = (ms: number) =>
    withDatabase(dataDir, db => {
      const read = db.prepare("SELECT value FROM settings WHERE name = 'secret_key'").pluck()
      const kept = JSON.parse(read.get() as string)
      const value = JSON.stringify({ ...kept, since: kept.since - ms })
      db.prepare("UPDATE settings SET value = ? WHERE name = 'secret_key'").run(value)
    })
  age(14 * 60_000)
  app = await start(SECOND, FIRST)
  t.equal(await statusOf(app, token), 200, 'another start does not begin the time anew')
  await app.app.http.close()

  age(60_000)
  app = await start(SECOND, FIRST)
  t.equal(await statusOf(app, token), 401, 'who has the old key makes no token any more')
})

t.test('a bot that runs while the key is changed goes on, and its log shows no secret', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir, { SECRET_KEY: FIRST })
  await putSecret(first, 'TOKEN', 'hunter22')
  const go = join(dataDir, 'go')
  const script = `echo before $TOKEN; until [ -e ${go} ]; do sleep 0.05; done; echo after $TOKEN`
  const bot = await first.makeBot(['/bin/sh', '-c', script], { secrets: ['TOKEN'] })
  const { id } = await first.start(bot)
  await eventually('its first line', async () => (await first.get(`/api/executions/${id}/log`)).text.includes('\n'))
  await first.kill()

  const second = await startServer(t, dataDir, { SECRET_KEY: SECOND, SECRET_KEY_PREVIOUS: FIRST })
  writeFileSync(go, '')
  t.match(await second.ended(id), { state: 'succeeded' })
  t.equal((await second.get(`/api/executions/${id}/log`)).text, 'before ********\nafter ********\n')
})

/** `npm run rotate-key` */
async function rotate(env: Record<string, string>): Promise<{ code: number; output: string }> {
  const script = join(import.meta.dirname, '../../src/commands/rotate-key.ts')
  const child = spawn(process.execPath, [script], { env: { PATH: process.env.PATH, ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  return { code, output }
}

t.test('a kept key is changed by a command, for the next start', async t => {
  const dataDir = join(testFolder(t), 'data')
  const nothing = await rotate({ DATA_DIR: dataDir })
  t.equal(nothing.code, 1)
  t.match(nothing.output, 'nothing was started on that folder yet')

  const first = await startServer(t, dataDir)
  await putSecret(first, 'TOKEN', 'hunter22')
  const file = join(dataDir, '.secret_key')
  const key = readFileSync(file, 'utf8')
  const changed = await rotate({ DATA_DIR: dataDir })
  t.equal(changed.code, 0)
  t.match(changed.output, 'Start the server anew')
  t.not(readFileSync(file, 'utf8'), key)
  t.match(readFileSync(file, 'utf8'), /^[0-9a-f]{64}\n$/)
  t.equal(readFileSync(`${file}.previous`, 'utf8'), key)
  for (const name of [file, `${file}.previous`]) t.equal(statSync(name).mode & 0o777, 0o600)
  t.equal(await statusOf(first, first.token), 200, 'the one that runs goes on')
  const again = await rotate({ DATA_DIR: dataDir })
  t.equal(again.code, 1, 'what it keeps would be lost with a second change')
  t.match(again.output, `${file}.previous still holds the key before this one`)
  t.equal(readFileSync(`${file}.previous`, 'utf8'), key)
  await first.kill('SIGTERM')

  const second = await startServer(t, dataDir)
  t.equal(await statusOf(second, first.token), 200)
  t.match(await secretsOf(second), [{ name: 'TOKEN', usable: true }])
  await second.kill('SIGTERM')
})

t.test('a key of the environment is changed there, and the command says how', async t => {
  const dataDir = testFolder(t)
  const { code, output } = await rotate({ DATA_DIR: dataDir, SECRET_KEY: FIRST })
  t.equal(code, 1)
  t.match(output, 'Set SECRET_KEY_PREVIOUS to it')
  t.notOk(existsSync(join(dataDir, '.secret_key')))
})

t.test('a token is not taken for one of another key', async t => {
  const app = await buildApp(t, { config: { secretKey: SECOND, previousSecretKey: FIRST } })
  const other = await buildApp(t, { config: { secretKey: THIRD } })
  isProblem(t, await app.get('/api/auth/me', { authorization: `Bearer ${other.token}` }), 401, 'unauthenticated')
})
