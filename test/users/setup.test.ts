import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp, readSetupToken } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { countUsers } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem, wrongFields } from '../support/problems.ts'
import { refusalOf } from '../support/refusal.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const setupFile = (dataDir: string) => join(dataDir, 'setup-token')

t.test('the first start prints a link with a token that only its owner can read, and its use ends it', async t => {
  const dataDir = join(testFolder(t), 'data')
  const server = await startServer(t, dataDir, { PUBLIC_URL: 'https://bots.example.com' })

  const link = /https:\/\/bots\.example\.com\/setup#([\w-]{32})\n[\s\S]*Setup token: \1\n/
  const token = await eventually('the link on the terminal', () => link.exec(server.output)?.[1])
  t.notOk(existsSync(setupFile(dataDir)), 'the file is gone once there is an administrator')
  isProblem(t, await server.post('/api/auth/setup', { setupToken: token, ...ADMIN }), 409, 'already_set_up')

  await server.kill('SIGTERM')
  const next = await startServer(t, dataDir)
  t.notMatch(next.output, 'Setup token')
  t.notOk(existsSync(setupFile(dataDir)))
})

t.test('the setup token is kept in a file for its owner, and is the same after a restart until it is used', async t => {
  const dataDir = testFolder(t)
  const first = await buildApp(t, { dataDir, setUp: false })
  const token = first.app.setupToken!
  t.match(token, /^[\w-]{32}$/)
  t.equal(readSetupToken(dataDir), token)
  t.equal(statSync(setupFile(dataDir)).mode & 0o777, 0o600)
  await first.app.http.close()

  const second = await buildApp(t, { dataDir, setUp: false })
  t.equal(second.app.setupToken, token)
  await second.setUp(token)
  t.notOk(existsSync(setupFile(dataDir)))
  await second.app.http.close()

  const third = await buildApp(t, { dataDir })
  t.equal(third.app.setupToken, null)
})

t.test('setup makes an administrator who is signed in, and nothing else', async t => {
  const app = await buildApp(t, { setUp: false })
  const answer = await app.post('/api/auth/setup', {
    setupToken: app.app.setupToken,
    email: 'Admin@Example.com',
    password: ADMIN.password
  })
  t.equal(answer.status, 201)
  t.match(answer.body, { expiresIn: 900, user: { email: 'admin@example.com', role: 'admin' } })
  app.token = answer.body.accessToken
  t.same((await app.get('/api/auth/me')).body, answer.body.user)
  t.same((await app.get('/api/bots')).body.items, [])
})

t.test('setup makes the bundled bots when it is asked to', async t => {
  const app = await buildApp(t, { setUp: false })
  const answer = await app.post('/api/auth/setup', { setupToken: app.app.setupToken, ...ADMIN, bundledBots: true })
  app.token = answer.body.accessToken
  const { items } = (await app.get('/api/bots')).body
  t.same(items.map((bot: { slug: string }) => bot.slug).sort(), ['clock', 'self-check', 'system-report'])
})

t.test('of twenty who set up at the same moment one succeeds', async t => {
  const app = await buildApp(t, { setUp: false })
  const setupToken = app.app.setupToken
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      app.post('/api/auth/setup', { setupToken, email: `admin${i}@example.com`, password: ADMIN.password })
    )
  )
  const winners = answers.filter(answer => answer.status === 201)
  t.equal(winners.length, 1)
  for (const answer of answers.filter(answer => answer.status !== 201)) {
    // Whoever comes after the file is gone and before the account is seen has a token that is none any more.
    t.ok(['already_set_up', 'invalid_setup_token'].includes(answer.body.code), `refused: ${answer.body.code}`)
  }
  t.equal(countUsers(app.config.dataDir), 1)
  app.token = winners[0]!.body.accessToken
  t.equal((await app.get('/api/auth/me')).body.email, winners[0]!.body.user.email)
})

t.test('nobody sets up without the token', async t => {
  const app = await buildApp(t, { setUp: false })
  const right = app.app.setupToken!
  const without = await app.post('/api/auth/setup', ADMIN)
  isProblem(t, without, 400, 'invalid_request')
  t.same(wrongFields(without), ['/setupToken'])
  for (const setupToken of ['x', right.slice(1), `${right}x`, right.toLowerCase().replace(/./, '-')]) {
    isProblem(t, await app.post('/api/auth/setup', { setupToken, ...ADMIN }), 403, 'invalid_setup_token')
  }
  for (const setupToken of ['', null, 1, [right], { $ne: '' }]) {
    isProblem(t, await app.post('/api/auth/setup', { setupToken, ...ADMIN }), 400, 'invalid_request')
  }
  t.equal(countUsers(app.config.dataDir), 0)
})

t.test('setup names every field that is wrong, and the token is still good afterwards', async t => {
  const app = await buildApp(t, { setUp: false })
  const wrong = await app.post('/api/auth/setup', {
    setupToken: app.app.setupToken,
    email: 'nobody',
    password: 'short',
    role: 'admin'
  })
  isProblem(t, wrong, 400, 'invalid_request')
  t.same(wrongFields(wrong), ['/email', '/password', '/role'])
  const guessable = await app.post('/api/auth/setup', {
    setupToken: app.app.setupToken,
    ...ADMIN,
    password: 'Botyard1'
  })
  isProblem(t, guessable, 400, 'invalid_request')
  t.same(wrongFields(guessable), ['/password'])
  await app.setUp(app.app.setupToken!)
})

t.test('there is no default account', async t => {
  const app = await buildApp(t, { setUp: false })
  t.equal(countUsers(app.config.dataDir), 0)
  for (const [email, password] of [
    ['admin', 'admin'],
    ['admin@example.com', 'password'],
    ['root', ''],
    ['', '']
  ]) {
    isProblem(t, await app.post('/api/auth/login', { email, password }), 401, 'invalid_credentials')
  }
})

t.test('ADMIN_EMAIL and ADMIN_PASSWORD make the administrator once', async t => {
  const dataDir = join(testFolder(t), 'data')
  const env = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const first = await startServer(t, dataDir, env)
  t.notMatch(first.output, 'Setup token', 'no token is needed')
  t.notOk(existsSync(setupFile(dataDir)))
  const me = (await first.get('/api/auth/me')).body
  t.match(me, { email: ADMIN.email, role: 'admin' })
  await first.kill('SIGTERM')

  const second = await startServer(t, dataDir, { ...env, ADMIN_PASSWORD: 'another password' })
  t.match(
    (await second.get('/api/auth/me')).body,
    { ...me, signedInAt: Number },
    'the account and its password stay as they are'
  )
  t.equal(countUsers(dataDir), 1)
  await second.kill('SIGTERM')

  const third = await startServer(t, dataDir, { ...env, ADMIN_EMAIL: 'second@example.com' })
  t.equal(countUsers(dataDir), 1, 'nor does another address make a second one')
  const stranger = new Client(third.url)
  const answer = await stranger.post('/api/auth/login', { email: 'second@example.com', password: ADMIN.password })
  isProblem(t, answer, 401, 'invalid_credentials')
})

t.test('a password that everybody tries makes no administrator of the settings', async t => {
  const message = await refusalOf(t, { DATA_DIR: testFolder(t), ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: 'Welcome1' })
  t.match(message, 'ADMIN_PASSWORD is one of those that everybody tries. Set another')
})

t.test('a setup token from before ADMIN_EMAIL was set is good for nothing', async t => {
  const dataDir = testFolder(t)
  const first = await buildApp(t, { dataDir, setUp: false })
  const token = first.app.setupToken
  await first.app.http.close()

  const second = await buildApp(t, { dataDir, config: { admin: ADMIN } })
  t.notOk(existsSync(setupFile(dataDir)))
  isProblem(t, await second.post('/api/auth/setup', { setupToken: token, ...ADMIN }), 409, 'already_set_up')
})
