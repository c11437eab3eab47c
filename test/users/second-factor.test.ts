import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { isProblem } from '../support/problems.ts'
import { makeUser } from '../support/users.ts'

const STEP_MS = 30_000
const password = ADMIN.password

const codeOf = (key: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(key) }).generate({ timestamp: Date.now() + steps * STEP_MS })

const signIn = (app: TestApp, code?: string) => app.post('/api/auth/login', { ...ADMIN, ...(code && { code }) })

/** Adds a second factor to the administrator's account. Its latest code is used up by that. */
async function withSecondFactor(app: TestApp): Promise<{ key: string; recoveryCodes: string[] }> {
  const { key } = (await app.post('/api/auth/second-factor', { password })).body
  const { recoveryCodes } = (await app.post('/api/auth/second-factor/confirm', { code: codeOf(key, -1) })).body
  return { key, recoveryCodes }
}

t.test('a second factor counts once a code of it was confirmed', async t => {
  const app = await buildApp(t)
  isProblem(t, await app.post('/api/auth/second-factor', { password: 'wrong' }), 403, 'wrong_password')
  const { key, uri } = (await app.post('/api/auth/second-factor', { password })).body
  t.match(uri, /^otpauth:\/\/totp\/Botyard:admin%40example\.com\?/)
  t.equal(new URL(uri).searchParams.get('secret'), key)
  t.equal(key.length, 32, '160 bits')
  t.equal((await signIn(app)).status, 200, 'nobody is locked out by a key that nobody has')

  const confirm = (code: string) => app.post('/api/auth/second-factor/confirm', { code })
  isProblem(t, await confirm('000000'), 401, 'invalid_second_factor')
  isProblem(t, await confirm(codeOf(key, 10)), 401, 'invalid_second_factor', 'of another time')
  const confirmed = await confirm(codeOf(key, -1))
  t.equal(confirmed.status, 200)
  t.equal(new Set(confirmed.body.recoveryCodes).size, 10)
  for (const code of confirmed.body.recoveryCodes) t.match(code, /^([0-9a-z]{4}-){3}[0-9a-z]{4}$/)
  t.equal((await app.get('/api/auth/me')).body.twoFactor, true)

  isProblem(t, await signIn(app), 401, 'second_factor_required')
  isProblem(t, await app.post('/api/auth/login', { ...ADMIN, password: 'x' }), 401, 'invalid_credentials')
  t.equal((await signIn(app, codeOf(key))).status, 200)
  isProblem(t, await app.post('/api/auth/second-factor', { password }), 409, 'second_factor_exists')
})

t.test('a code is good once, and none before it is good any more', async t => {
  const app = await buildApp(t)
  const { key } = await withSecondFactor(app)
  const code = codeOf(key)
  const answers = await Promise.all([signIn(app, code), signIn(app, code), signIn(app, code)])
  t.same(answers.map(({ status }) => status).sort(), [200, 401, 401])
  isProblem(t, await signIn(app, codeOf(key, -1)), 401, 'invalid_second_factor')
  isProblem(t, await signIn(app, '12345'), 401, 'invalid_second_factor')
})

t.test('a recovery code is good once, in whatever spelling', async t => {
  const app = await buildApp(t)
  const { key, recoveryCodes } = await withSecondFactor(app)
  const [first, second] = recoveryCodes as [string, string]
  t.equal((await signIn(app, first)).status, 200)
  isProblem(t, await signIn(app, first), 401, 'invalid_second_factor')
  t.equal((await signIn(app, ` ${second.toUpperCase().replaceAll('-', ' ')}`)).status, 200)
  t.equal((await signIn(app, codeOf(key))).status, 200)
  const began = (await app.get('/admin/audit?action=session.began')).body.items
  t.same(
    began.map((entry: { after: { code?: string } }) => entry.after.code),
    ['totp', 'recovery', 'recovery', undefined],
    'and the audit log tells which kind of code it was'
  )
})

t.test('a second factor is removed with the password, or by an administrator', async t => {
  const app = await buildApp(t)
  await withSecondFactor(app)
  isProblem(t, await app.post('/api/auth/second-factor/remove', { password: 'wrong' }), 403, 'wrong_password')
  t.equal((await app.post('/api/auth/second-factor/remove', { password })).status, 204)
  t.equal((await signIn(app)).status, 200)

  await withSecondFactor(app)
  await makeUser(app, 'viewer')
  const { id } = (await app.get('/api/auth/me')).body
  t.equal((await app.delete(`/admin/users/${id}/second-factor`)).status, 204)
  t.equal((await app.get('/api/auth/me')).body.twoFactor, false)
  t.equal((await signIn(app)).status, 200)
})

t.test('a link to choose a password does not get round the second factor', async t => {
  const app = await buildApp(t)
  await withSecondFactor(app)
  const { id } = (await app.get('/api/auth/me')).body
  const { token } = (await app.post(`/admin/users/${id}/link`)).body
  t.equal((await app.post('/api/auth/link/password', { token, password })).status, 204)
  isProblem(t, await signIn(app), 401, 'second_factor_required')
})

t.test('neither the key nor a recovery code lies in the database, nor in the audit log', async t => {
  const app = await buildApp(t)
  const { key, recoveryCodes } = await withSecondFactor(app)
  const tables = ['users', 'recovery_codes', 'audit']
  const rows = withDatabase(app.config.dataDir, db =>
    tables.map(table => db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[])
  )
  const text = rows.flat().map(row => Object.values(row).map(v => (Buffer.isBuffer(v) ? v.toString('latin1') : v)))
  const flat = JSON.stringify(text)
  t.match(flat, ADMIN.email)
  for (const secret of [key, ...recoveryCodes, recoveryCodes[0]!.replaceAll('-', '')]) t.notOk(flat.includes(secret))
  t.notOk(text.flat().some(v => String(v).includes(Buffer.from(Secret.fromBase32(key).bytes).toString('latin1'))))
})
