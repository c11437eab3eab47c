import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { accessOfPlugins, auth } from '../../src/plugins/auth.ts'
import { problemDetails } from '../../src/plugins/problem-details.ts'
import { SessionCookies } from '../../src/plugins/session-cookies.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'
import { buildAppWithRoutes, exampleOf, type LiveRoute } from '../support/routes.ts'
import { accessKeyOf, claimsOf, sign } from '../support/tokens.ts'
import { signedInAs } from '../support/users.ts'

/** Every address that answers a stranger. One more is a decision: add it here, knowing what it gives away. */
const OPEN = [
  'GET /',
  'GET /account',
  'GET /api/auth/means',
  'GET /api/auth/oidc/callback',
  'GET /api/auth/oidc/start',
  'GET /api/shared/artifacts/:id/:attempt/*',
  'GET /assets/*',
  'GET /audit',
  'GET /bots',
  'GET /bots/:bot',
  'GET /bots/:bot/edit',
  'GET /bots/:bot/triggers/new',
  'GET /bots/new',
  'GET /choose-password',
  'GET /docs',
  'GET /docs/',
  'GET /docs/json',
  'GET /docs/static/*',
  'GET /docs/static/index.html',
  'GET /docs/static/swagger-initializer.js',
  'GET /docs/yaml',
  'GET /executions',
  'GET /executions/:id',
  'GET /favicon.svg',
  'GET /health',
  'GET /health/db',
  'GET /health/live',
  'GET /health/ready',
  'GET /health/storage',
  'GET /index.html',
  'GET /machine',
  'GET /notifications',
  'GET /openapi/openapi.json',
  'GET /people',
  'GET /schedule',
  'GET /secrets',
  'GET /setup',
  'GET /sign-in',
  'GET /tokens',
  'GET /triggers/:id',
  'GET /triggers/:id/edit',
  'POST /api/auth/link',
  'POST /api/auth/link/password',
  'POST /api/auth/login',
  'POST /api/auth/logout',
  'POST /api/auth/refresh',
  'POST /api/auth/setup',
  'POST /api/webhooks/:triggerId'
]

const nameOf = ({ method, url }: LiveRoute) => `${method.replace('HEAD', 'GET')} ${url}`

/** Asks for a route as it would be asked for, with a body that is not even JSON where there may be one. */
function call(client: Client, { method, url }: LiveRoute, headers: Record<string, string> = {}) {
  return client.request(method, exampleOf(url), method === 'GET' ? { headers } : { raw: '{', headers })
}

t.test('a stranger gets 401 from every route but those that are open, whatever he sends', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  t.ok(routes.length > 40, `${routes.length} routes`)
  app.token = null
  const open = new Set<string>()
  for (const route of routes) {
    // Only the door itself sends this header: signing in with a wrong password is a 401 as well.
    if (route.method === 'HEAD') {
      const { status, headers } = await fetch(app.url + exampleOf(route.url), { method: 'HEAD' })
      if (headers.get('www-authenticate') === null) open.add(nameOf(route))
      else t.equal(status, 401, `HEAD ${route.url}`)
      continue
    }
    const answer = await call(app, route)
    if (answer.headers.get('www-authenticate') === null) open.add(nameOf(route))
    else isProblem(t, answer, 401, 'unauthenticated', nameOf(route))
  }
  t.same([...open].sort(), OPEN)
})

t.test('what is not there under /api is not told to a stranger', async t => {
  const app = await buildApp(t)
  const { token } = app
  for (const [method, path] of [
    ['GET', '/api'],
    ['GET', '/api/'],
    ['GET', '/api?x'],
    ['GET', '/api/nothing'],
    ['POST', '/api/nothing'],
    ['PUT', '/api/bots'],
    ['DELETE', '/api/auth/login'],
    ['GET', '/api/auth/login'],
    ['OPTIONS', '/api/bots'],
    ['GET', '/admin'],
    ['GET', '/admin/nothing']
  ] as const) {
    app.token = null
    isProblem(t, await app.request(method, path), 401, 'unauthenticated', `a stranger's ${method} ${path}`)
    app.token = token
    isProblem(t, await app.request(method, path), 404, 'not_found', `${method} ${path}`)
  }
  app.token = null
  isProblem(t, await app.get('/nothing'), 404, 'not_found', 'elsewhere it is an ordinary 404')
})

t.test('each role may call the routes it is named for, and no others', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const clients = { viewer: await signedInAs(app, 'viewer'), operator: await signedInAs(app, 'operator'), admin: app }
  const ranks = { viewer: 1, operator: 2, admin: 3 }
  const closed = routes.filter(route => route.access !== 'open' && !route.stream && route.method !== 'HEAD')
  t.ok(closed.length > 10, `${closed.length} routes`)
  for (const route of closed) {
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const { status } = await call(clients[role], route)
      const may = ranks[role] >= ranks[route.access as keyof typeof ranks]
      t.ok(may ? ![401, 403].includes(status) : status === 403, `${role}: ${nameOf(route)} answers ${status}`)
    }
  }
})

t.test('whoever had a right and has it no more gets 401 from every route', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const closed = routes.filter(route => route.access !== 'open' && route.method !== 'HEAD')
  const out = {
    'a session that was ended': await signedInAs(app, 'admin', 'ended@example.com'),
    'a user who was disabled': await signedInAs(app, 'admin', 'disabled@example.com'),
    'a user who was deleted': await signedInAs(app, 'admin', 'deleted@example.com'),
    'a token that was revoked': new Client(app.url)
  }
  const { token, value } = (await app.post('/api/tokens', { password: ADMIN.password, name: 'x', role: 'admin' })).body
  out['a token that was revoked'].token = value
  const idOf = async (client: Client) => (await client.get('/api/auth/me')).body.id
  await out['a session that was ended'].post('/api/auth/logout')
  await app.patch(`/admin/users/${await idOf(out['a user who was disabled'])}`, { disabled: true })
  await app.delete(`/admin/users/${await idOf(out['a user who was deleted'])}`)
  await app.delete(`/api/tokens/${token.id}`)
  for (const [n, [who, client]] of Object.entries(out).entries()) {
    // So many refusals at one address are not looked into any more.
    const from = { 'x-forwarded-for': `192.0.2.${n}` }
    for (const route of closed) {
      isProblem(t, await call(client, route, from), 401, 'unauthenticated', `${who}: ${nameOf(route)}`)
    }
  }
})

t.test('a program may call what its role may, apart from what is for people', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const program = new Client(app.url)
  program.token = (await app.post('/api/tokens', { password: ADMIN.password, name: 'x', role: 'admin' })).body.value
  const closed = routes.filter(route => route.access !== 'open' && !route.stream && route.method !== 'HEAD')
  t.ok(closed.some(route => route.session))
  for (const route of closed) {
    const { status } = await call(program, route)
    t.ok(route.session ? status === 403 : ![401, 403].includes(status), `${nameOf(route)} answers ${status}`)
  }
})

t.test('a token for some bots may call what says so, and there it finds nothing of other bots', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const bot = await app.makeBot(['/bin/true'])
  const other = await app.makeBot(['/bin/true'], { name: 'other' })
  const { id } = await app.ended((await app.start(other)).id)
  const chain = { bot: other.slug, kind: 'chain', name: 'after', chain: { afterBotId: bot.id } }
  const trigger = (await app.post('/api/triggers', chain)).body.id
  const program = new Client(app.url)
  program.token = (
    await app.post('/api/tokens', { password: ADMIN.password, name: 'x', role: 'admin', bots: [bot.id] })
  ).body.value
  const closed = routes.filter(route => route.access !== 'open' && route.scope !== 'some' && route.method !== 'HEAD')
  for (const route of closed) {
    const url = exampleOf(
      route.url.replace(':bot', other.slug).replace(':id', route.scope === 'trigger' ? trigger : id)
    )
    const answer = await program.request(route.method, url, route.method === 'GET' ? {} : { raw: '{' })
    if (route.scope) isProblem(t, answer, 404, 'not_found', nameOf(route))
    else isProblem(t, answer, 403, 'forbidden', nameOf(route))
  }
  const some = routes.filter(route => route.scope === 'some' && route.method !== 'HEAD').map(nameOf)
  t.same(
    some.sort(),
    [
      'GET /api/auth/me',
      'GET /api/bots',
      'GET /api/events',
      'GET /api/executions',
      'GET /api/executions/latest',
      'GET /api/occurrences',
      'GET /api/triggers',
      'POST /api/triggers/preview'
    ],
    'each of these keeps to its bots by itself: see the tests of tokens'
  )
})

t.test('a viewer who may not is told which role it takes', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const answer = await viewer.post('/api/bots', { name: 'mine', command: ['true'] })
  isProblem(t, answer, 403, 'forbidden')
  t.match(answer.body.detail, 'This takes the role operator; yours is viewer.')
})

t.test('a token works in the header and in the cookie; in the header it counts', async t => {
  const app = await buildApp(t)
  const token = app.token!
  app.token = null
  const me = (headers: Record<string, string>) => app.get('/api/auth/me', headers)
  t.equal((await me({ authorization: `Bearer ${token}` })).status, 200)
  t.equal((await me({ authorization: `bearer ${token}` })).status, 200)
  t.equal((await me({ cookie: `botyard_access=${token}` })).status, 200)
  t.equal((await me({ cookie: `other=1; botyard_access=${token}; more=2` })).status, 200)
  isProblem(t, await me({ authorization: 'Bearer x', cookie: `botyard_access=${token}` }), 401, 'unauthenticated')
})

t.test('a token that is not ours, not now, or not for this names nobody', async t => {
  const app = await buildApp(t)
  const { refreshToken } = (await app.post('/api/auth/login', { ...ADMIN, delivery: 'body' })).body
  const token = app.token!
  const claims = claimsOf(token)
  const key = accessKeyOf(app)
  const now = Math.floor(Date.now() / 1000)
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${token.split('.')[1]}.`
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name))

  t.equal((await meWith(app, sign(claims, key))).status, 200, 'made by hand with nothing wrong, it is taken')
  const forged: Record<string, string> = {
    'alg none': unsigned,
    'alg None': unsigned.replace(/^[^.]+/, Buffer.from('{"alg":"None"}').toString('base64url')),
    'alg none with our signature': `${unsigned}${token.split('.')[2]}`,
    'no signature': token.slice(0, token.lastIndexOf('.') + 1),
    'another algorithm': sign(claims, key, { alg: 'HS512' }, 'sha512'),
    'an algorithm it was not signed with': sign(claims, key, { alg: 'HS384' }),
    'another key': sign(claims, randomBytes(32)),
    'an empty key': sign(claims, ''),
    'the key it is derived from': sign(claims, 'botyard'),
    'an unknown critical header': sign(claims, key, { crit: ['exp2'], exp2: 1 }),
    'another audience': sign({ ...claims, aud: 'botyard:refresh' }, key),
    'another issuer': sign({ ...claims, iss: 'somebody' }, key),
    'run out': sign({ ...claims, iat: now - 1000, exp: now - 1 }, key),
    'not valid yet': sign({ ...claims, nbf: now + 1000 }, key),
    'no audience': sign(without('aud'), key),
    'no issuer': sign(without('iss'), key),
    'no end': sign(without('exp'), key),
    'no session': sign(without('sid'), key),
    'no user': sign(without('sub'), key),
    'a session that is not there': sign({ ...claims, sid: 'none' }, key),
    'a session that is no text': sign({ ...claims, sid: { '!=': '' } }, key),
    "somebody else's session": sign({ ...claims, sub: 'nobody' }, key),
    'a changed claim': token.replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"x"}').toString('base64url')}.`),
    'a refresh token': refreshToken,
    garbage: 'garbage',
    dots: '..',
    'three times garbage': 'a.b.c',
    'claims that are no object': sign([] as never, key)
  }
  for (const [what, forgery] of Object.entries(forged)) {
    isProblem(t, await meWith(app, forgery), 401, 'unauthenticated', what)
    const cookie = await app.get('/api/auth/me', { authorization: '', cookie: `botyard_access=${forgery}` })
    t.equal(cookie.status, 401, `${what}: as a cookie`)
  }
})

t.test('a header that is no Bearer token names nobody', async t => {
  const app = await buildApp(t)
  const token = app.token!
  const basic = Buffer.from(`${ADMIN.email}:${ADMIN.password}`).toString('base64')
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    token,
    `Basic ${basic}`,
    `Token ${token}`,
    `Bearer ${token} x`
  ]) {
    const answer = await app.get('/api/auth/me', { authorization })
    isProblem(t, answer, 401, 'unauthenticated', JSON.stringify(authorization.slice(0, 20)))
    t.equal(answer.headers.get('www-authenticate'), 'Bearer realm="botyard"')
  }
  t.equal(
    (await app.get(`/api/auth/me?access_token=${token}`, { authorization: '' })).status,
    401,
    'nor one in the address'
  )
})

function meWith(app: TestApp, token: string) {
  return app.get('/api/auth/me', { authorization: `Bearer ${token}` })
}

/** A small server with nothing but what the door needs. */
async function guarded(t: Test) {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(problemDetails)
  const nobody = { principal: async () => null }
  await app.register(auth, {
    sessions: nobody,
    tokens: nobody,
    botOf: { bot: async () => null, execution: async () => null, trigger: async () => null },
    jwtKeys: { current: randomBytes(32), previous: () => null },
    cookies: new SessionCookies(false)
  })
  return app
}

t.test('a route that declares no access fails at the start, by its name', async t => {
  const app = await guarded(t)
  app.get('/declared', { config: { access: 'open' } }, async () => 'open')
  app.get('/forgotten', async () => 'open to all')
  app.register(
    async inner => {
      inner.post('/too', async () => 'open to all')
    },
    { prefix: '/inner' }
  )
  await t.rejects(async () => app.ready(), {
    message: /^Routes without config\.access: .*GET \/forgotten.*POST \/inner\/too/
  })
})

t.test('a server whose routes all declare their access starts', async t => {
  const app = await guarded(t)
  app.get('/open', { config: { access: 'open' } }, async () => 'open')
  app.get('/closed', { config: { access: 'viewer' } }, async () => 'closed')
  app.register(async inner => {
    await inner.register(accessOfPlugins('open'))
    inner.get('/made-by-a-library', async () => 'open')
    inner.get('/that-says-otherwise', { config: { access: 'admin' } }, async () => 'closed')
  })
  await app.ready()
  const statusOf = async (url: string) => (await app.inject(url)).statusCode
  t.equal(await statusOf('/open'), 200)
  t.equal(await statusOf('/closed'), 401)
  t.equal(await statusOf('/made-by-a-library'), 200)
  t.equal(await statusOf('/that-says-otherwise'), 401)
})
