import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { buildAppWithProvider, type TestProvider } from '../support/provider.ts'
import { FIXTURE_PUBLIC } from '../support/routes.ts'
import { cookiesOf, makeUser, signedInAs } from '../support/users.ts'
import { Visitor } from '../support/visitor.ts'

const publicDir = FIXTURE_PUBLIC
const ANNA = { email: 'anna@example.com', email_verified: true }

/** Makes an account that nobody has chosen a password for; answers the token of its link. */
async function invite(app: TestApp, email: string, role = 'viewer'): Promise<{ id: string; token: string }> {
  const { body } = await app.post('/admin/users', { email, role })
  return { id: body.user.id, token: body.link.token }
}

/** Somebody who continues with the provider as `login`, and where he comes out. */
async function comeAs(site: string, login: string, start = '/api/auth/oidc/start') {
  const visitor = new Visitor()
  const place = await visitor.signInAt(site + start, login)
  return { visitor, place, path: place.url.slice(site.length), user: await visitor.whoAmI(site) }
}

/** What was written down of an action, newest first. */
async function audited(app: TestApp, action: string) {
  return (await app.get(`/admin/audit?action=${action}`)).body.items
}

async function addresses(app: TestApp): Promise<string[]> {
  return (await app.get('/admin/users')).body.items.map((person: { email: string }) => person.email)
}

/** Nobody was let in, for that reason. */
function isRefused(t: Test, came: Awaited<ReturnType<typeof comeAs>>, problem: string, what = problem): void {
  t.equal(came.path, `/sign-in?problem=${problem}`, what)
  t.equal(came.user, null, `${what}: nobody is signed in`)
  t.notOk(
    [...came.visitor.cookies.keys()].some(key => /^localhost /.test(key)),
    `${what}: no cookie is left`
  )
}

t.test('who has been invited is signed in by the address that the provider has verified', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const { id, token } = await invite(app, ANNA.email, 'operator')
  provider.accounts.a1 = { ...ANNA, email: 'Anna@Example.com' }

  const { path, user, visitor } = await comeAs(site, 'a1', '/api/auth/oidc/start?next=/executions%3Fstate=failed')
  t.equal(path, '/executions?state=failed')
  t.match(user, { id, email: ANNA.email, role: 'operator', hasPassword: false })
  t.equal(visitor.cookies.has('localhost botyard_oidc'), false, 'what the sign-in was recognised by is gone')

  const actor = { kind: 'user', id, name: ANNA.email, address: '127.0.0.1' }
  const after = { issuer: provider.issuer, subject: 'a1', by: 'address' }
  t.match(await audited(app, 'user.identity_linked'), [{ actor, subject: { type: 'user', id }, after }])
  t.match((await audited(app, 'session.began'))[0], { actor, after: { means: 'provider' } })
  isProblem(t, await app.post('/api/auth/link', { token }), 403, 'invalid_link', 'the invitation is used up')

  const again = await comeAs(site, 'a1')
  t.equal(again.path, '/')
  t.equal(again.user?.id, id)
  t.equal((await audited(app, 'user.identity_linked')).length, 1, 'linked once')
})

t.test('the session is one as by a password: its cookies, its end', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const { id } = await invite(app, ANNA.email)
  provider.accounts.a1 = ANNA
  const visitor = new Visitor()
  const back = await visitor.signInAt(`${site}/api/auth/oidc/start`, 'a1', /\/callback\?/)
  const answer = await visitor.fetch(back.url)
  const cookies = cookiesOf(answer.headers)
  t.equal(answer.status, 302)
  t.equal(answer.headers.get('cache-control'), 'no-store')
  t.same(cookies.botyard_access?.attributes, ['httponly', 'max-age=900', 'path=/', 'samesite=strict'])
  t.same(cookies.botyard_refresh?.attributes, ['httponly', 'max-age=2592000', 'path=/api/auth', 'samesite=strict'])
  t.equal((await app.get(`/admin/users/${id}/sessions`)).body.items.length, 1)

  const refreshed = await visitor.fetch(`${site}/api/auth/refresh`, { method: 'POST' })
  t.equal(refreshed.status, 200, 'it is renewed')
  t.equal((await visitor.whoAmI(site))?.id, id)
  t.equal((await app.patch(`/admin/users/${id}`, { disabled: true })).status, 200)
  t.equal(await visitor.whoAmI(site), null, 'it ends with the account')
})

t.test('who has an account with a password can use either', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const { id } = await makeUser(app, 'operator', ANNA.email)
  provider.accounts.a1 = ANNA
  t.match((await comeAs(site, 'a1')).user, { id, hasPassword: true })
  const login = await app.post('/api/auth/login', { email: ANNA.email, password: ADMIN.password })
  t.equal(login.body.user.id, id)
})

t.test('who is unknown is not let in, and no account is made', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  provider.accounts.a1 = ANNA
  isRefused(t, await comeAs(site, 'a1'), 'no_account')
  t.same(await addresses(app), [ADMIN.email])
})

t.test('who comes from a domain that is allowed gets an account, others do not', async t => {
  const newUsers = { domains: ['example.com'], role: 'operator' as const }
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir, newUsers })
  provider.accounts.a1 = ANNA
  const { user } = await comeAs(site, 'a1')
  t.match(user, { email: ANNA.email, role: 'operator', hasPassword: false })
  t.match(await audited(app, 'user.created'), [
    { actor: { id: user!.id }, subject: { id: user!.id }, after: { email: ANNA.email, role: 'operator' } },
    { subject: { name: ADMIN.email } }
  ])
  t.equal((await audited(app, 'user.identity_linked')).length, 1)
  t.equal((await comeAs(site, 'a1')).user?.id, user!.id, 'the second time it is the same account')

  const others = [
    'bob@sub.example.com',
    'bob@notexample.com',
    'bob@example.com.evil.example',
    '"a@example.com"@evil.example'
  ]
  for (const [index, email] of others.entries()) {
    provider.accounts[`o${index}`] = { email, email_verified: true }
    isRefused(t, await comeAs(site, `o${index}`), email.includes('"') ? 'address_unverified' : 'no_account', email)
  }
  provider.accounts.u1 = { email: 'carl@example.com', email_verified: false }
  isRefused(t, await comeAs(site, 'u1'), 'address_unverified')
  t.same(await addresses(app), [ADMIN.email, ANNA.email])
})

t.test('before there is an administrator nobody gets an account, so that the setup stays open', async t => {
  const newUsers = { domains: ['example.com'], role: 'operator' as const }
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir, newUsers, setUp: false })
  provider.accounts.a1 = ANNA
  isRefused(t, await comeAs(site, 'a1'), 'no_account')
  await app.setUp(app.app.setupToken!)
  t.match((await comeAs(site, 'a1')).user, { email: ANNA.email, role: 'operator' })
})

t.test('an address that the provider does not confirm finds nobody', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  await invite(app, ANNA.email)
  for (const email_verified of [false, undefined, null, 'true', 1]) {
    provider.accounts.a1 = { email: ANNA.email, email_verified }
    isRefused(t, await comeAs(site, 'a1'), 'address_unverified', `email_verified ${JSON.stringify(email_verified)}`)
  }
  provider.accounts.a1 = { email_verified: true }
  isRefused(t, await comeAs(site, 'a1'), 'address_unverified', 'no address')
  t.same(await audited(app, 'user.identity_linked'), [])
})

t.test('who was linked is known by what the provider calls him, whatever becomes of his address', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const { id } = await invite(app, ANNA.email)
  provider.accounts.a1 = ANNA
  t.equal((await comeAs(site, 'a1')).user?.id, id)

  provider.accounts.a1 = { email: 'anna@new.example', email_verified: false }
  t.match((await comeAs(site, 'a1')).user, { id, email: ANNA.email }, 'changed there, it changes nothing here')
  t.equal((await app.patch(`/admin/users/${id}`, { email: 'a.smith@example.com' })).status, 200)
  t.match((await comeAs(site, 'a1')).user, { id, email: 'a.smith@example.com' }, 'changed here, he is who he was')
})

t.test('who has been given the address of somebody else does not come to his account', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const { id } = await invite(app, ANNA.email)
  provider.accounts.a1 = ANNA
  await comeAs(site, 'a1')
  provider.accounts.a2 = ANNA
  isRefused(t, await comeAs(site, 'a2'), 'other_identity')
  t.match(await audited(app, 'session.refused'), [
    {
      actor: { id: null, name: 'somebody' },
      subject: { id },
      after: { means: 'provider', wrong: 'other_identity', subject: 'a2' }
    }
  ])

  t.equal((await app.delete(`/admin/users/${id}/identities`)).status, 204)
  t.equal((await comeAs(site, 'a2')).user?.id, id, 'once the account is disconnected he is linked')
  isRefused(t, await comeAs(site, 'a1'), 'other_identity', 'who was before')
})

t.test('a disabled account is closed, found by the address or by who he is', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const { id } = await invite(app, ANNA.email)
  provider.accounts.a1 = ANNA
  t.equal((await app.patch(`/admin/users/${id}`, { disabled: true })).status, 200)
  isRefused(t, await comeAs(site, 'a1'), 'account_disabled', 'never linked')
  t.same(await audited(app, 'user.identity_linked'), [])

  await app.patch(`/admin/users/${id}`, { disabled: false })
  t.equal((await comeAs(site, 'a1')).user?.id, id)
  await app.patch(`/admin/users/${id}`, { disabled: true })
  isRefused(t, await comeAs(site, 'a1'), 'account_disabled', 'linked')
  t.equal((await audited(app, 'session.refused')).length, 2)
})

t.test('an administrator is not found by an address, and connects the provider himself', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  provider.accounts.root = { email: ADMIN.email, email_verified: true }
  isRefused(t, await comeAs(site, 'root'), 'connect_first')
  await invite(app, 'second@example.com', 'admin')
  provider.accounts.second = { email: 'second@example.com', email_verified: true }
  isRefused(t, await comeAs(site, 'second'), 'connect_first', 'one who was invited')

  t.equal((await connect(app, provider, site, { as: 'work-account' })).path, '/machine')
  t.match(await audited(app, 'user.identity_linked'), [{ after: { subject: 'work-account', by: 'session' } }])
  t.match((await comeAs(site, 'work-account')).user, { email: ADMIN.email, role: 'admin' })
  isRefused(t, await comeAs(site, 'root'), 'other_identity', 'the address alone still finds nobody')
})

t.test('who has a second factor is not found by an address; connected, the provider does the asking', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const anna = await signedInAs(app, 'operator', ANNA.email)
  await addSecondFactor(anna)
  provider.accounts.a1 = ANNA
  isRefused(t, await comeAs(site, 'a1'), 'connect_first')
  t.equal((await connect(anna, provider, site, { as: 'a1' })).path, '/machine')
  t.match((await comeAs(site, 'a1')).user, { email: ANNA.email, twoFactor: true })
})

t.test('connecting takes the password, and a session that still goes on', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const anna = await signedInAs(app, 'viewer', ANNA.email)
  provider.accounts.a1 = ANNA
  isProblem(t, await anna.post('/api/auth/oidc/connect', { password: 'not it' }), 403, 'wrong_password')
  isProblem(
    t,
    await new Client(site).post('/api/auth/oidc/connect', { password: ADMIN.password }),
    401,
    'unauthenticated'
  )

  const ended = await connect(anna, provider, site, {
    as: 'a1',
    meanwhile: async () => {
      t.equal((await anna.post('/api/auth/logout', {})).status, 204)
    }
  })
  t.match(ended.path, '/sign-in?problem=start_again')
  t.same(await audited(app, 'user.identity_linked'), [])
})

t.test('who connects the provider may not try passwords for ever, and each wrong one is written down', async t => {
  const { app } = await buildAppWithProvider(t, { publicDir })
  const anna = await signedInAs(app, 'viewer', ANNA.email)
  const statuses: number[] = []
  for (let n = 0; n < 12; n++) {
    statuses.push((await anna.post('/api/auth/oidc/connect', { password: `guess ${n}` })).status)
  }
  t.same(statuses, [...Array(10).fill(403), 429, 429])
  const right = await anna.post('/api/auth/oidc/connect', { password: ADMIN.password })
  isProblem(t, right, 429, 'rate_limited', 'nor is the right one looked at')
  const items = await audited(app, 'session.refused')
  t.equal(items.length, 10)
  const { id, email } = (await anna.get('/api/auth/me')).body
  t.match(items[0], { actor: { id, name: email }, subject: { id, name: email }, after: { wrong: 'password' } })
})

t.test('one person at the provider is connected to one account, and one account to one person', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir })
  const anna = await signedInAs(app, 'viewer', ANNA.email)
  const bob = await signedInAs(app, 'viewer', 'bob@example.com')
  t.equal((await connect(anna, provider, site, { as: 'a1' })).path, '/machine')
  t.equal((await connect(anna, provider, site, { as: 'a1' })).path, '/machine', 'a second time changes nothing')
  t.match((await connect(anna, provider, site, { as: 'a2' })).path, '/sign-in?problem=other_identity')
  t.match((await connect(bob, provider, site, { as: 'a1' })).path, '/sign-in?problem=other_identity')
  t.match((await comeAs(site, 'a1')).user, { email: ANNA.email })
  t.equal((await audited(app, 'user.identity_linked')).length, 1)
})

t.test('the last way in of the last administrator is not taken away', async t => {
  const newUsers = { domains: ['example.com'], role: 'viewer' as const }
  const { app, provider, site } = await buildAppWithProvider(t, { publicDir, newUsers })
  provider.accounts.a1 = ANNA
  const { user, visitor } = await comeAs(site, 'a1')
  t.equal((await app.patch(`/admin/users/${user!.id}`, { role: 'admin' })).status, 200)
  const { body } = await app.get('/api/auth/me')
  const anna = new Client(app.url)
  anna.token = visitor.cookies.get('localhost botyard_access')!
  t.equal((await anna.delete(`/admin/users/${body.id}`)).status, 204, 'who has no password may be the only one')
  isProblem(t, await anna.delete(`/admin/users/${user!.id}/identities`), 409, 'last_admin')
  t.equal((await comeAs(site, 'a1')).user?.id, user!.id)
})

t.test('a provider that is not set any more is no way in for the last administrator', async t => {
  const dataDir = join(testFolder(t), 'data')
  const app = await buildApp(t, { dataDir })
  const operator = await signedInAs(app, 'operator', ANNA.email)
  const { id } = (await operator.get('/api/auth/me')).body
  withDatabase(dataDir, db => {
    db.prepare("INSERT INTO identities VALUES ('https://gone.example.com', 'a1', ?, 1)").run(id)
    db.prepare("UPDATE users SET role = 'admin', password_hash = '' WHERE id = ?").run(id)
  })
  const me = (await app.get('/api/auth/me')).body.id
  isProblem(t, await app.patch(`/admin/users/${me}`, { role: 'viewer' }), 409, 'last_admin')
  isProblem(t, await app.delete(`/admin/users/${me}`), 409, 'last_admin')
})

t.test('where somebody comes back from the provider, what he comes with is not in the log', async t => {
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: line => lines.push(line) })
  const { site } = await buildAppWithProvider(t, { publicDir, logger })
  await fetch(`${site}/api/auth/oidc/callback?code=a-code-nobody-used&state=a-state`, { redirect: 'manual' })
  const log = lines.join('')
  t.match(log, '"url":"/api/auth/oidc/callback"')
  t.notMatch(log, /a-code-nobody-used|a-state/)
})

t.test('an account that nobody of the provider signs in to cannot be disconnected', async t => {
  const { app } = await buildAppWithProvider(t, { publicDir })
  const { id } = await invite(app, ANNA.email)
  isProblem(t, await app.delete(`/admin/users/${id}/identities`), 404, 'not_found')
  isProblem(t, await app.delete('/admin/users/none/identities'), 404, 'not_found')
})

t.test('who breaks it off at the provider comes back to the sign-in page', async t => {
  const { site } = await buildAppWithProvider(t, { publicDir })
  const visitor = new Visitor()
  const asked = await visitor.go(`${site}/api/auth/oidc/start?next=/machine`)
  const abort = /href="([^"]+\/abort)"/.exec(asked.text)![1]!
  t.equal((await visitor.go(abort)).url, `${site}/sign-in?problem=cancelled&next=%2Fmachine`)
})

t.test('a client without a secret, and a provider that puts the address into the token', async t => {
  const { app, provider, site } = await buildAppWithProvider(t, {
    publicDir,
    client: { client_secret: undefined, token_endpoint_auth_method: 'none' },
    clientSecret: null,
    behaviour: {
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: true }, userinfo: { enabled: false } }
    }
  })
  const { id } = await invite(app, ANNA.email)
  provider.accounts.a1 = ANNA
  t.equal((await comeAs(site, 'a1')).user?.id, id)
})

t.test('the secret is in the header, and in the body for a provider that takes it there alone', async t => {
  const usual = await buildAppWithProvider(t, { publicDir })
  await comeAs(usual.site, 'a1')
  t.match(usual.provider.tokenRequests, [/^Basic [\w+/=]{20,}$/])

  const other = await buildAppWithProvider(t, {
    dataDir: join(testFolder(t), 'other'),
    publicDir,
    client: { token_endpoint_auth_method: 'client_secret_post' },
    behaviour: { clientAuthMethods: ['client_secret_post'] }
  })
  const { id } = await invite(other.app, ANNA.email)
  other.provider.accounts.a1 = ANNA
  t.equal((await comeAs(other.site, 'a1')).user?.id, id)
  t.same(other.provider.tokenRequests, [undefined])
})

/** Connects the account of a client to somebody at the provider; answers where the browser comes out. */
async function connect(
  client: Client,
  provider: TestProvider,
  site: string,
  { as, meanwhile }: { as: string; meanwhile?: () => Promise<void> }
): Promise<{ path: string }> {
  const visitor = new Visitor()
  const answer = await visitor.fetch(`${site}/api/auth/oidc/connect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ password: ADMIN.password, next: '/machine' })
  })
  const { url } = (await answer.json()) as { url: string }
  if (!url?.startsWith(provider.issuer)) throw new Error(`connect: ${answer.status} ${url}`)
  const back = await visitor.signInAt(url, as, /\/callback\?/)
  await meanwhile?.()
  return { path: (await visitor.go(back.url)).url.slice(site.length) }
}

async function addSecondFactor(client: Client): Promise<void> {
  const { Secret, TOTP } = await import('otpauth')
  const { body } = await client.post('/api/auth/second-factor', { password: ADMIN.password })
  const code = new TOTP({ secret: Secret.fromBase32(body.key) }).generate()
  const { status } = await client.post('/api/auth/second-factor/confirm', { code })
  if (status !== 200) throw new Error(`the code was answered ${status}`)
}
