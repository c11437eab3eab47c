import t, { type Test } from 'tap'
import { comesFromElsewhere } from '../../src/plugins/cross-site.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { isProblem } from '../support/problems.ts'
import { buildAppWithRoutes, exampleOf } from '../support/routes.ts'

const ELSEWHERE = 'https://evil.example'
const NAMED = 'https://tools.example.com'

t.test('a browser says for which site it asks, or names the origin; programs do neither', async t => {
  const own = ['http://localhost:20000', 'https://bots.example.com']
  for (const [headers, elsewhere] of [
    [{}, false],
    [{ 'sec-fetch-site': 'same-origin' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': 'same-site' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ 'sec-fetch-site': 'whatever comes next' }, true],
    [{ 'sec-fetch-site': '' }, true],
    [{ 'sec-fetch-site': 'cross-site', origin: own[0] }, true],
    // A development server in between, which asks in its own name.
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:5173' }, false],
    [{ origin: own[0] }, false],
    [{ origin: own[1] }, false],
    [{ origin: 'https://localhost:20000' }, true],
    [{ origin: 'http://localhost' }, true],
    [{ origin: 'http://bots.example.com' }, true],
    [{ origin: 'https://bots.example.com.evil.example' }, true],
    [{ origin: 'https://other.example.com' }, true],
    [{ origin: 'null' }, true],
    [{ origin: '' }, true]
  ] as const) {
    t.equal(comesFromElsewhere(headers, own), elsewhere, JSON.stringify(headers))
  }
})

/** Asks for everything that changes something, as a page of another site would. */
async function isRefusedEverywhere(t: Test, headers: Record<string, string>): Promise<void> {
  const { app, routes } = await buildAppWithRoutes(t)
  const changing = routes.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
  t.ok(changing.length > 10, `${changing.length} routes`)
  for (const { method, url } of changing) {
    const answer = await app.request(method, exampleOf(url), { body: {}, headers })
    isProblem(t, answer, 403, 'cross_site', `${method} ${url}`)
  }
  isProblem(t, await app.request('POST', '/api/nothing', { headers }), 403, 'cross_site', 'nor what is not there')
}

t.test('a page of another site changes nothing, signed in or not', async t => {
  await isRefusedEverywhere(t, { 'sec-fetch-site': 'cross-site', origin: ELSEWHERE })
})

t.test('nor does one whose browser only names its origin', async t => {
  await isRefusedEverywhere(t, { origin: ELSEWHERE })
})

t.test('nor does a page of another host of the same domain', async t => {
  await isRefusedEverywhere(t, { 'sec-fetch-site': 'same-site' })
})

t.test('pages of the server itself do, wherever it is reached', async t => {
  const app = await buildApp(t, { config: { publicUrl: 'https://bots.example.com' } })
  const signIn = (headers: Record<string, string>) => app.post('/api/auth/login', ADMIN, headers)
  t.equal((await signIn({ 'sec-fetch-site': 'same-origin', origin: app.url })).status, 200)
  t.equal((await signIn({ origin: app.url })).status, 200)
  t.equal((await signIn({ origin: 'https://bots.example.com' })).status, 200, 'by its public name')
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'other.example.com' }
  t.equal((await signIn({ ...forwarded, origin: 'https://other.example.com' })).status, 200, 'by a trusted proxy')
  isProblem(t, await signIn({ ...forwarded, origin: 'https://third.example.com' }), 403, 'cross_site')
})

t.test('a proxy that nobody trusts does not say where the server is', async t => {
  const app = await buildApp(t, { config: { trustedProxy: ['10.0.0.1'] } })
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', origin: ELSEWHERE }
  isProblem(t, await app.post('/api/auth/login', ADMIN, headers), 403, 'cross_site')
})

t.test('nothing changes by being looked at', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const { id: bot } = await app.makeBot(['/bin/true'])
  const { id } = await app.ended((await app.start({ id: bot })).id)
  const state = () =>
    withDatabase(app.config.dataDir, db =>
      ['bots', 'executions', 'users', 'sessions', 'refresh_tokens', 'settings', 'secrets'].map(table => [
        table,
        db.prepare(`SELECT * FROM ${table}`).all()
      ])
    )
  const before = state()
  const looking = routes.filter(({ method, stream }) => method === 'GET' && !stream)
  const changing = routes.filter(({ method }) => !['GET', 'HEAD'].includes(method))
  for (const { url } of [...looking, ...changing]) {
    const path = url.replace(/:id|:executionId/, id).replace(/:bot/, bot)
    const { status } = await app.get(exampleOf(path), { 'content-type': 'application/json' })
    if (!looking.some(route => route.url === url)) t.equal(status, 404, `GET ${url}`)
    t.ok(status < 500, `GET ${url}: ${status}`)
  }
  t.strictSame(state(), before)
})

/** The headers of an answer that are about other origins. */
function corsOf(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))
}

const preflight = (app: TestApp, origin: string, path = '/api/bots') =>
  app.request('OPTIONS', path, { headers: { origin, 'access-control-request-method': 'POST', authorization: '' } })

t.test('no other origin may use the API unless it is named', async t => {
  const app = await buildApp(t)
  isProblem(t, await preflight(app, ELSEWHERE), 403, 'cross_site', 'asked beforehand')
  isProblem(t, await preflight(app, 'null'), 403, 'cross_site', 'nor one that has no name')
  const read = await app.get('/api/bots', { origin: ELSEWHERE, 'sec-fetch-site': 'cross-site' })
  t.strictSame(corsOf(read.headers), {}, 'what is read it may not see')
})

t.test('the pages of an origin that is named may use the API, with a token', async t => {
  const app = await buildApp(t, { config: { corsOrigins: [NAMED, 'http://localhost:8080'] } })
  const asked = await preflight(app, NAMED)
  t.equal(asked.status, 204)
  t.match(corsOf(asked.headers), {
    'access-control-allow-origin': NAMED,
    'access-control-allow-methods': /\bPOST\b.*\bDELETE\b/,
    'access-control-allow-headers': /\bauthorization\b/
  })
  t.notOk('access-control-allow-credentials' in corsOf(asked.headers), 'without cookies')

  const headers = { origin: NAMED, 'sec-fetch-site': 'cross-site' }
  const made = await app.post('/api/bots', { name: 'made elsewhere', command: ['true'] }, headers)
  t.equal(made.status, 201)
  t.equal(made.headers.get('access-control-allow-origin'), NAMED)
  t.equal(made.headers.get('vary'), 'Origin')
  const wrong = await app.post('/api/bots', {}, headers)
  t.equal(wrong.status, 400)
  t.equal(wrong.headers.get('access-control-allow-origin'), NAMED, 'what is wrong it may read, too')
  const stream = await app.stream('/api/events', headers)
  t.match(stream, { status: 200, headers: { 'access-control-allow-origin': NAMED } })
  stream.close()

  isProblem(t, await preflight(app, ELSEWHERE), 403, 'cross_site', 'others may not')
  isProblem(t, await preflight(app, `${NAMED}.evil.example`), 403, 'cross_site')
  isProblem(t, await app.post('/api/bots', {}, { origin: ELSEWHERE }), 403, 'cross_site')
  const other = await app.get('/api/bots', { origin: ELSEWHERE })
  t.strictSame(corsOf(other.headers), {})
  t.equal(other.headers.get('vary'), 'Origin', 'no cache takes the answer to one for that to another')
  t.strictSame(corsOf((await app.get('/', { origin: NAMED })).headers), {}, 'of the dashboard they see nothing')
})

t.test('the cookies of who looks at a page of a named origin do not count there', async t => {
  const app = await buildApp(t, { config: { corsOrigins: [NAMED] } })
  const cookie = `botyard_access=${app.token}`
  app.token = null
  t.equal((await app.get('/api/bots', { cookie })).status, 200)
  isProblem(t, await app.get('/api/bots', { cookie, origin: NAMED }), 401, 'unauthenticated')
  isProblem(t, await app.post('/api/bots', {}, { cookie, origin: NAMED }), 401, 'unauthenticated')
  t.equal((await app.post('/api/auth/logout', undefined, { cookie, origin: NAMED })).status, 204)
  t.equal((await app.get('/api/bots', { cookie })).status, 200, 'nor do they end a session')
})

t.test('a page of a named origin gets no cookies, so it signs nobody in as somebody else', async t => {
  const app = await buildApp(t, { config: { corsOrigins: [NAMED] } })
  const headers = { origin: NAMED, 'sec-fetch-site': 'same-site' }
  const login = await app.post('/api/auth/login', ADMIN, headers)
  t.equal(login.status, 200)
  t.same(login.headers.getSetCookie(), [])
  t.match(login.body.refreshToken, /^[\w-]{43}$/, 'the refresh token is in the answer')
  const refreshed = await app.post('/api/auth/refresh', { refreshToken: login.body.refreshToken }, headers)
  t.match(refreshed.body.refreshToken, /^[\w-]{43}$/)
  t.same(refreshed.headers.getSetCookie(), [])
  const out = await app.post('/api/auth/logout', undefined, headers)
  t.equal(out.status, 204)
  t.same(out.headers.getSetCookie(), [], 'nor are those of others taken away')
  t.ok((await app.post('/api/auth/login', ADMIN)).headers.getSetCookie().length > 0)
})
