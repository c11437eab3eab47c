import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, type Answer } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { claimsOf } from '../support/tokens.ts'
import { cookiesOf, signedInAs } from '../support/users.ts'

/** Signs in as a client without cookies; answers its tokens. */
async function signIn(app: TestApp): Promise<{ accessToken: string; refreshToken: string }> {
  return (await app.post('/api/auth/login', { ...ADMIN, delivery: 'body' })).body
}

const refresh = (app: TestApp, refreshToken: string) => app.post('/api/auth/refresh', { refreshToken })
const me = (app: TestApp, token: string) => app.get('/api/auth/me', { authorization: `Bearer ${token}` })

/** Lets time pass for the refresh tokens that have been used. */
function ageUsedTokens(app: TestApp, ms: number): void {
  withDatabase(app.config.dataDir, db => db.prepare('UPDATE refresh_tokens SET used_at = used_at - ?').run(ms))
}

function hasSessionCookies(t: Test, answer: Answer, secure: boolean): void {
  const cookies = cookiesOf(answer.headers)
  const prefix = secure ? '__Host-' : ''
  t.same(Object.keys(cookies).sort(), [`${prefix}botyard_access`, `${prefix}botyard_refresh`])
  const { [`${prefix}botyard_access`]: access, [`${prefix}botyard_refresh`]: refresh } = cookies
  const flags = ['httponly', 'samesite=strict', ...(secure ? ['secure'] : [])]
  t.same(access?.attributes, [...flags, 'max-age=900', 'path=/'].sort())
  t.same(refresh?.attributes, [...flags, 'max-age=2592000', `path=${secure ? '/' : '/api/auth'}`].sort())
  t.equal(access?.value, answer.body.accessToken)
  t.notOk('refreshToken' in answer.body, 'the refresh token is in the cookie alone')
}

t.test(
  'signing in gives an access token, the user, and cookies that no script reads and no other site sends',
  async t => {
    const app = await buildApp(t)
    const answer = await app.post('/api/auth/login', ADMIN)
    t.equal(answer.status, 200)
    t.same(Object.keys(answer.body).sort(), ['accessToken', 'expiresIn', 'user'])
    t.match(answer.body, { expiresIn: 900, user: { email: ADMIN.email, role: 'admin' } })
    t.notOk('passwordHash' in answer.body.user)
    t.equal(answer.headers.get('cache-control'), 'no-store')
    hasSessionCookies(t, answer, false)
  }
)

t.test('cookies are kept from plain http and from other hosts exactly when people come by https', async t => {
  const app = await buildApp(t, { config: { publicUrl: 'https://bots.example.com' } })
  hasSessionCookies(t, await app.post('/api/auth/login', ADMIN), true)
  const plain = await buildApp(t, {
    dataDir: `${testFolder(t)}/plain`,
    config: { publicUrl: 'http://bots.example.com' }
  })
  hasSessionCookies(t, await plain.post('/api/auth/login', ADMIN), false)
})

t.test('a client without cookies gets its refresh token in the answer, and no cookie', async t => {
  const app = await buildApp(t)
  const answer = await app.post('/api/auth/login', { ...ADMIN, delivery: 'body' })
  t.equal(answer.status, 200)
  t.match(answer.body.refreshToken, /^[\w-]{43}$/)
  t.same(answer.headers.getSetCookie(), [])

  const refreshed = await refresh(app, answer.body.refreshToken)
  t.match(refreshed.body.refreshToken, /^[\w-]{43}$/)
  t.same(refreshed.headers.getSetCookie(), [])
})

t.test('an access token is good for fifteen minutes', async t => {
  const app = await buildApp(t)
  const { accessToken } = await signIn(app)
  const { iat, exp, aud, iss } = claimsOf(accessToken)
  t.equal((exp as number) - (iat as number), 15 * 60)
  t.match({ aud, iss }, { aud: 'botyard:access', iss: 'botyard' })
})

t.test('the address is taken in whatever spelling', async t => {
  const app = await buildApp(t)
  for (const email of ['ADMIN@EXAMPLE.COM', ' admin@example.com ']) {
    t.equal((await app.post('/api/auth/login', { ...ADMIN, email })).status, 200, email)
  }
})

t.test('an unknown account and a wrong password get the same answer', async t => {
  const app = await buildApp(t)
  const unknown = await app.post('/api/auth/login', { email: 'nobody@example.com', password: ADMIN.password })
  const wrong = await app.post('/api/auth/login', { email: ADMIN.email, password: 'something else' })
  isProblem(t, unknown, 401, 'invalid_credentials')
  const { instance: _, ...withoutInstance } = unknown.body
  t.match(wrong.body, withoutInstance)
  const names = (answer: Answer) => [...answer.headers.keys()].sort()
  t.same(names(unknown), names(wrong))
})

t.test('a refresh token brings the next one, for the same session', async t => {
  const app = await buildApp(t)
  const first = await signIn(app)
  const second = (await refresh(app, first.refreshToken)).body
  const third = (await refresh(app, second.refreshToken)).body
  t.equal(new Set([first.refreshToken, second.refreshToken, third.refreshToken]).size, 3)
  t.equal(claimsOf(third.accessToken).sid, claimsOf(first.accessToken).sid)
  t.equal((await me(app, third.accessToken)).status, 200)
  t.equal((await me(app, first.accessToken)).status, 200, 'an access token is good until it runs out')
})

t.test('a browser refreshes with its cookie and gets new cookies', async t => {
  const app = await buildApp(t)
  const { botyard_refresh: old } = cookiesOf((await app.post('/api/auth/login', ADMIN)).headers)
  const answer = await app.post('/api/auth/refresh', undefined, { cookie: `botyard_refresh=${old!.value}` })
  t.equal(answer.status, 200)
  hasSessionCookies(t, answer, false)
  t.not(cookiesOf(answer.headers).botyard_refresh?.value, old!.value)
})

t.test('two tabs that refresh at the same moment both stay signed in', async t => {
  const app = await buildApp(t)
  const { refreshToken } = await signIn(app)
  const tabs = await Promise.all([refresh(app, refreshToken), refresh(app, refreshToken)])
  for (const tab of tabs) {
    t.equal(tab.status, 200)
    t.equal((await me(app, tab.body.accessToken)).status, 200)
    t.equal((await refresh(app, tab.body.refreshToken)).status, 200, 'and each can go on')
  }
})

t.test('a refresh token that comes back later ends its session and all tokens of it', async t => {
  const app = await buildApp(t)
  const stolen = await signIn(app)
  const other = await signIn(app)
  const current = (await refresh(app, stolen.refreshToken)).body
  ageUsedTokens(app, 60_000)

  isProblem(t, await refresh(app, stolen.refreshToken), 401, 'unauthenticated')

  isProblem(t, await refresh(app, current.refreshToken), 401, 'unauthenticated', "the thief's or the owner's newest")
  isProblem(t, await me(app, current.accessToken), 401, 'unauthenticated', 'access tokens of the session')
  t.equal((await me(app, other.accessToken)).status, 200, 'other sessions go on')
})

t.test('the stream of a session ends when one of its refresh tokens comes back', async t => {
  const app = await buildApp(t)
  const stolen = await signIn(app)
  app.token = stolen.accessToken
  const stream = await app.stream('/api/events')
  await refresh(app, stolen.refreshToken)
  ageUsedTokens(app, 60_000)
  await refresh(app, stolen.refreshToken)
  await stream.closed
  t.pass('it has ended')
})

t.test('a refresh token that nobody gave out refreshes nothing', async t => {
  const app = await buildApp(t)
  const { accessToken } = await signIn(app)
  for (const token of ['x', accessToken.slice(0, 200), "' OR 1=1 --"]) {
    isProblem(t, await refresh(app, token), 401, 'unauthenticated')
  }
  isProblem(t, await app.post('/api/auth/refresh', {}), 401, 'unauthenticated', 'none at all')
  isProblem(t, await app.post('/api/auth/refresh', { refreshToken: null }), 400, 'invalid_request')
})

t.test('signing out ends the session and takes the cookies away', async t => {
  const app = await buildApp(t)
  const { accessToken, refreshToken } = await signIn(app)
  const answer = await app.request('POST', '/api/auth/logout', { headers: { authorization: `Bearer ${accessToken}` } })
  t.equal(answer.status, 204)
  t.equal(answer.text, '')
  const cookies = cookiesOf(answer.headers)
  for (const [name, path] of Object.entries({
    botyard_access: '/',
    botyard_refresh: '/api/auth',
    '__Host-botyard_access': '/',
    '__Host-botyard_refresh': '/'
  })) {
    t.equal(cookies[name]?.value, '')
    t.equal(cookies[name]?.attributes.includes('secure'), name.startsWith('__Host-'), `${name} may be set`)
    t.ok(cookies[name]?.attributes.includes('max-age=0'), `${name} is over`)
    t.ok(cookies[name]?.attributes.includes(`path=${path}`), `${name} is the one that was set`)
  }
  isProblem(t, await me(app, accessToken), 401, 'unauthenticated')
  isProblem(t, await refresh(app, refreshToken), 401, 'unauthenticated')
})

t.test('signing out works with the refresh token alone, and does no harm twice or with none', async t => {
  const app = await buildApp(t)
  const { accessToken, refreshToken } = await signIn(app)
  app.token = null
  const logout = (body?: unknown, headers?: Record<string, string>) => app.post('/api/auth/logout', body, headers)
  t.equal((await logout({ refreshToken })).status, 204)
  isProblem(t, await me(app, accessToken), 401, 'unauthenticated')
  t.equal((await logout({ refreshToken })).status, 204)
  t.equal((await logout(undefined, { cookie: 'botyard_refresh=nonsense; botyard_access=x' })).status, 204)
  t.equal((await logout()).status, 204)
})

t.test('a user who is disabled is out at once, and cannot come back', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  t.equal((await viewer.get('/api/auth/me')).status, 200)
  const { id } = (await viewer.get('/api/auth/me')).body
  t.equal((await app.patch(`/admin/users/${id}`, { disabled: true })).status, 200)
  isProblem(t, await viewer.get('/api/auth/me'), 401, 'unauthenticated')
  const again = await viewer.post('/api/auth/login', { email: 'viewer@example.com', password: ADMIN.password })
  isProblem(t, again, 401, 'invalid_credentials')
})

t.test('a session that has run out is over', async t => {
  const app = await buildApp(t)
  const { accessToken, refreshToken } = await signIn(app)
  withDatabase(app.config.dataDir, db => db.prepare('UPDATE sessions SET expires_at = ?').run(Date.now() - 1))
  isProblem(t, await me(app, accessToken), 401, 'unauthenticated')
  isProblem(t, await refresh(app, refreshToken), 401, 'unauthenticated')
})

t.test('neither passwords nor refresh tokens lie in the database', async t => {
  const app = await buildApp(t)
  const { refreshToken } = await signIn(app)
  const rows = withDatabase(app.config.dataDir, db =>
    JSON.stringify([db.prepare('SELECT * FROM users').all(), db.prepare('SELECT * FROM refresh_tokens').all()])
  )
  t.match(rows, '$argon2id$')
  t.notMatch(rows, ADMIN.password)
  t.notMatch(rows, refreshToken)
})
