import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { deriveKey, findSecretKeys } from '../../src/keys/secret-key.ts'
import { Seal } from '../../src/secrets/seal.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { buildAppWithProvider, CLIENT_SECRET, listenLocally, type signToken } from '../support/provider.ts'
import { FIXTURE_PUBLIC } from '../support/routes.ts'
import type { Claims } from '../support/tokens.ts'
import { cookiesOf } from '../support/users.ts'
import { Visitor } from '../support/visitor.ts'

const publicDir = FIXTURE_PUBLIC
const COOKIE = 'localhost botyard_oidc'
const START_AGAIN = '/sign-in?problem=start_again'

/** An app with one person who has been invited, and is known to the provider as `a1`. */
async function withAnna(t: Test, options: Parameters<typeof buildAppWithProvider>[1] = {}) {
  const built = await buildAppWithProvider(t, { publicDir, ...options })
  await built.app.post('/admin/users', { email: 'anna@example.com', role: 'viewer' })
  built.provider.accounts.a1 = { email: 'anna@example.com', email_verified: true }
  return built
}

let visitors = 0

/** Somebody from an address of his own: so many from one would be too many in a minute. */
const newVisitor = () => new Visitor(`10.0.0.${++visitors}`)

/** Somebody who has signed in at the provider, and the address it sends him back to, where he has not gone yet. */
async function almostBack(site: string): Promise<{ visitor: Visitor; callback: string }> {
  const visitor = newVisitor()
  const { url } = await visitor.signInAt(`${site}/api/auth/oidc/start`, 'a1', /\/callback\?/)
  return { visitor, callback: url }
}

/** Going to an address lets nobody in. */
async function isTurnedAway(t: Test, site: string, visitor: Visitor, url: string, path: string, what: string) {
  t.equal((await visitor.go(url)).url, site + path, what)
  t.equal(await visitor.whoAmI(site), null, `${what}: nobody is signed in`)
}

const sealOf = (app: TestApp) => new Seal(deriveKey(findSecretKeys(app.config).current, 'sealed values'))

t.test('the way to the provider asks for no more than is needed, and proves what it must', async t => {
  const { app, provider, site } = await withAnna(t)
  const answer = await app.get('/api/auth/oidc/start?next=/machine')
  t.equal(answer.status, 302)
  const url = new URL(answer.headers.get('location')!)
  t.equal(url.origin, provider.issuer)
  const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams)
  t.same(rest, {
    client_id: 'botyard-client',
    redirect_uri: `${site}/api/auth/oidc/callback`,
    response_type: 'code',
    scope: 'openid email',
    code_challenge_method: 'S256'
  })
  for (const text of [state, nonce, challenge]) t.match(text, /^[\w-]{43}$/)
  const { botyard_oidc: cookie, ...others } = cookiesOf(answer.headers)
  t.same(others, {})
  t.same(cookie!.attributes, ['httponly', 'max-age=600', 'path=/api/auth/oidc', 'samesite=lax'])
  const plain = Buffer.from(cookie!.value, 'base64url').toString('latin1')
  for (const text of [state!, nonce!, 'machine']) t.notOk(plain.includes(text), 'what is in the cookie cannot be read')

  const again = new URL((await app.get('/api/auth/oidc/start')).headers.get('location')!).searchParams
  for (const name of ['state', 'nonce', 'code_challenge'])
    t.not(again.get(name), url.searchParams.get(name), `${name} is another each time`)
})

t.test('where people come by https, the cookie is kept from plain http, and from sibling domains', async t => {
  const publicUrl = 'https://bots.example.com'
  const client = { redirect_uris: [`${publicUrl}/api/auth/oidc/callback`] }
  const { app } = await withAnna(t, { publicUrl, client })
  const answer = await app.get('/api/auth/oidc/start')
  const cookie = cookiesOf(answer.headers)['__Host-botyard_oidc']
  t.same(cookie?.attributes, ['httponly', 'max-age=600', 'path=/', 'samesite=lax', 'secure'])

  const visitor = newVisitor()
  const { url } = await visitor.signInAt(`${app.url}/api/auth/oidc/start`, 'a1', /\/callback\?/)
  t.ok(url.startsWith(`${publicUrl}/api/auth/oidc/callback?`))
  const back = await visitor.fetch(url.replace(publicUrl, app.url))
  t.equal(back.headers.get('location'), '/')
  const { '__Host-botyard_oidc': gone, ...session } = cookiesOf(back.headers)
  t.equal(gone?.value, '')
  t.ok(gone?.attributes.includes('secure'), 'or a browser would not take it away')
  t.same(Object.keys(session).sort(), ['__Host-botyard_access', '__Host-botyard_refresh'])
})

t.test('who comes back without having begun here, or with what belongs to another, is not let in', async t => {
  const { app, site } = await withAnna(t)
  const seal = sealOf(app)
  const { visitor, callback } = await almostBack(site)
  const cookie = visitor.cookies.get(COOKIE)!
  const { until: _, ...flow } = JSON.parse(seal.unseal(Buffer.from(cookie, 'base64url'), 'oidc flow').toString())
  const sealed = (value: unknown, context = 'oidc flow') =>
    seal.seal(JSON.stringify(value), context).toString('base64url')
  const tail = cookie.at(-3) === 'A' ? 'B' : 'A'

  const other = await almostBack(site)
  const cookies: Record<string, string | null> = {
    'no cookie': null,
    'an empty one': '',
    'no sealed value': 'garbage',
    'a changed one': `${cookie.slice(0, -3)}${tail}${cookie.slice(-2)}`,
    "another sign-in's": other.visitor.cookies.get(COOKIE)!,
    'one that has run out': sealed({ ...flow, until: Date.now() - 1 }),
    'one that never runs out': sealed(flow),
    'one that was sealed for something else': sealed({ ...flow, until: Date.now() + 60_000 }, 'secret:API_TOKEN')
  }
  for (const [what, value] of Object.entries(cookies)) {
    const somebody = newVisitor()
    if (value !== null) somebody.cookies.set(COOKIE, value)
    await isTurnedAway(t, site, somebody, callback, START_AGAIN, what)
  }
  for (const [what, change] of Object.entries<(query: URLSearchParams) => void>({
    'another state': query => query.set('state', 'x'),
    'no state': query => query.delete('state'),
    "another sign-in's state": query => query.set('state', new URL(other.callback).searchParams.get('state')!)
  })) {
    const url = new URL(callback)
    change(url.searchParams)
    const somebody = newVisitor()
    somebody.cookies.set(COOKIE, cookie)
    await isTurnedAway(t, site, somebody, url.href, START_AGAIN, what)
  }
  for (const [what, change] of Object.entries<(query: URLSearchParams) => void>({
    'the state twice': query => query.append('state', query.get('state')!),
    'no code': query => query.delete('code'),
    'two codes': query => query.append('code', 'x'),
    'another issuer': query => query.set('iss', 'https://evil.example')
  })) {
    const url = new URL(callback)
    change(url.searchParams)
    const somebody = newVisitor()
    somebody.cookies.set(COOKIE, cookie)
    await isTurnedAway(t, site, somebody, url.href, '/sign-in?problem=provider_refused', what)
  }

  t.equal((await visitor.go(callback)).url, `${site}/`, 'with all in order it is let in, after all that')
  t.ok(await visitor.whoAmI(site))
})

t.test('what has been used lets nobody in again', async t => {
  const { site } = await withAnna(t)
  const { visitor, callback } = await almostBack(site)
  const cookie = visitor.cookies.get(COOKIE)!
  await visitor.go(callback)
  t.ok(await visitor.whoAmI(site))
  await visitor.fetch(`${site}/api/auth/logout`, { method: 'POST' })
  await isTurnedAway(t, site, visitor, callback, START_AGAIN, 'the address, once more in the browser')

  const thief = newVisitor()
  thief.cookies.set(COOKIE, cookie)
  await isTurnedAway(t, site, thief, callback, START_AGAIN, 'with the cookie as it was before')
})

t.test('a code that has run out at the provider is said to have, and the next sign-in works', async t => {
  const { provider, site } = await withAnna(t)
  const { visitor, callback } = await almostBack(site)
  const code = await provider.oidc.AuthorizationCode.find(new URL(callback).searchParams.get('code')!)
  await code!.destroy()
  await isTurnedAway(t, site, visitor, callback, START_AGAIN, 'the code')
  t.equal((await visitor.signInAt(`${site}/api/auth/oidc/start`, 'a1')).url, `${site}/`)
  t.ok(await visitor.whoAmI(site))
})

t.test('a token that is not for us, not now, not of this sign-in or not the provider’s lets nobody in', async t => {
  const logged: string[] = []
  const sink = new Writable({
    write(line, _encoding, done) {
      logged.push(String(line))
      done()
    }
  })
  const { app, provider, site } = await withAnna(t, { logger: pino({ level: 'trace' }, sink) })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const now = Math.floor(Date.now() / 1000)
  type Sign = typeof signToken
  const without = (claims: Claims, name: string) =>
    Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name))
  const forged: Record<string, (claims: Claims, sign: Sign) => string | null> = {
    'another nonce': (claims, sign) => sign({ ...claims, nonce: 'x'.repeat(43) }),
    'no nonce': (claims, sign) => sign(without(claims, 'nonce')),
    "another client's": (claims, sign) => sign({ ...claims, aud: 'another-client' }),
    'for us and another client': (claims, sign) =>
      sign({ ...claims, aud: ['botyard-client', 'another-client'], azp: 'another-client' }),
    'no audience': (claims, sign) => sign(without(claims, 'aud')),
    'another issuer': (claims, sign) => sign({ ...claims, iss: 'https://evil.example' }),
    'run out': (claims, sign) => sign({ ...claims, iat: now - 7200, exp: now - 3600 }),
    'no end': (claims, sign) => sign(without(claims, 'exp')),
    'not valid yet': (claims, sign) => sign({ ...claims, nbf: now + 3600 }),
    'no subject': (claims, sign) => sign(without(claims, 'sub')),
    'another key under the name of the right one': (claims, sign) => sign(claims, { key: stranger }),
    'a key nobody knows': (claims, sign) => sign(claims, { key: stranger, kid: 'other' }),
    'no signature': (claims, sign) => sign(claims, { alg: 'none' }),
    'signed with what the client knows': (claims, sign) => sign(claims, { alg: 'HS256', key: CLIENT_SECRET }),
    'somebody else than the one that is asked about': (claims, sign) => sign({ ...claims, sub: 'a2' }),
    garbage: () => 'garbage',
    'no token': () => null
  }
  for (const [what, tamper] of Object.entries(forged)) {
    provider.tamper = null
    const { visitor, callback } = await almostBack(site)
    provider.tamper = tamper
    await isTurnedAway(t, site, visitor, callback, '/sign-in?problem=provider_refused', what)
  }
  t.same((await app.get('/admin/audit?action=user.identity_linked')).body.items, [])

  provider.tamper = (claims, sign) => sign(claims)
  const { visitor, callback } = await almostBack(site)
  t.equal((await visitor.go(callback)).url, `${site}/`, 'made by hand with nothing wrong, it is taken')

  const failures = logged.filter(line => line.includes('a sign-in with the provider failed'))
  t.equal(failures.length, Object.keys(forged).length, 'each is in the log')
  const log = logged.join('')
  t.notMatch(log, CLIENT_SECRET, 'the secret is not')
  t.notMatch(log, /eyJ[\w-]{20,}/, 'nor is a token')
})

t.test('a provider that is down is said to be, and passwords go on; when it is back, so is the way in', async t => {
  const { app, provider, site } = await withAnna(t)
  await provider.stop()
  const visitor = newVisitor()
  const place = await visitor.go(`${site}/api/auth/oidc/start?next=/machine`)
  t.equal(place.url, `${site}/sign-in?problem=provider_down&next=%2Fmachine`)
  isProblem(t, await app.post('/api/auth/oidc/connect', { password: ADMIN.password }), 503, 'unavailable')
  t.equal((await app.post('/api/auth/login', ADMIN)).status, 200)

  await provider.start()
  const { visitor: anna, callback } = await almostBack(site)
  await provider.stop()
  await isTurnedAway(t, site, anna, callback, '/sign-in?problem=provider_down', 'down on the way back')
  await provider.start()
  t.equal((await newVisitor().signInAt(`${site}/api/auth/oidc/start`, 'a1')).url, `${site}/`)
})

t.test('a provider that does not answer is given up on', { timeout: 60_000 }, async t => {
  const silent = await listenLocally(t)
  const issuer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const { site } = await withAnna(t, { issuer })
  t.equal((await newVisitor().go(`${site}/api/auth/oidc/start`)).url, `${site}/sign-in?problem=provider_down`)
})

t.test('what describes itself as another provider is not used, and no redirect is followed', async t => {
  const server = await listenLocally(t)
  const elsewhere = await listenLocally(t)
  let asked = 0
  elsewhere.on('request', (_request, response) => {
    asked++
    response.end()
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { provider, site } = await withAnna(t, { issuer })
  const elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  const description = { authorization_endpoint: elsewhereUrl, token_endpoint: elsewhereUrl, jwks_uri: elsewhereUrl }
  const answers: Record<string, [status: number, headers: Record<string, string>, body: string]> = {
    'a redirect': [302, { location: `${provider.issuer}/.well-known/openid-configuration` }, ''],
    'a redirect elsewhere': [302, { location: elsewhereUrl }, ''],
    'another name': [
      200,
      { 'content-type': 'application/json' },
      JSON.stringify({ issuer: elsewhereUrl, ...description })
    ],
    'no name': [200, { 'content-type': 'application/json' }, JSON.stringify(description)],
    'no description': [200, { 'content-type': 'text/html' }, '<h1>Welcome</h1>'],
    'an error': [500, {}, '']
  }
  for (const [what, [status, headers, body]] of Object.entries(answers)) {
    server.removeAllListeners('request')
    server.on('request', (_request, response) => response.writeHead(status, headers).end(body))
    const place = await newVisitor().go(`${site}/api/auth/oidc/start`)
    t.equal(place.url, `${site}/sign-in?problem=provider_down`, what)
  }
  t.equal(asked, 0)
})

t.test('the way back leads to no other host, and to no address of the API', async t => {
  const { site } = await withAnna(t)
  for (const next of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example/',
    '/\t/evil.example/',
    '/.//evil.example/',
    '/x/..//evil.example/',
    'javascript:alert(1)',
    '/%0d%0aset-cookie:x=1//../..//evil.example',
    '/api/auth/oidc/start',
    '/api/../api/auth/me',
    'bots'
  ]) {
    const { url } = await newVisitor().signInAt(`${site}/api/auth/oidc/start?next=${encodeURIComponent(next)}`, 'a1')
    t.equal(url, `${site}/`, next)
  }
  const kept = await newVisitor().signInAt(
    `${site}/api/auth/oidc/start?next=${encodeURIComponent('/bots/new?a=//b')}`,
    'a1'
  )
  t.equal(kept.url, `${site}/bots/new?a=//b`)
})

t.test('so many sign-ins from one address are too many', async t => {
  const { site } = await withAnna(t)
  const visitor = newVisitor()
  const start = () => visitor.fetch(`${site}/api/auth/oidc/start`).then(answer => answer.headers.get('location'))
  for (let n = 0; n < 20; n++) t.notMatch(await start(), 'problem', `request ${n + 1}`)
  t.equal(await start(), '/sign-in?problem=too_many')
  t.notMatch(
    await newVisitor()
      .fetch(`${site}/api/auth/oidc/start`)
      .then(a => a.headers.get('location')),
    'problem'
  )
})

t.test('the addresses of one IPv6 network are one', async t => {
  const { site } = await withAnna(t)
  const startFrom = (address: string) =>
    new Visitor(address).fetch(`${site}/api/auth/oidc/start`).then(answer => answer.headers.get('location'))
  for (let n = 1; n <= 20; n++) t.notMatch(await startFrom(`2001:db8::${n}`), 'problem', `request ${n}`)
  t.equal(await startFrom('2001:db8::ffff'), '/sign-in?problem=too_many')
  t.notMatch(await startFrom('2001:db8:0:1::1'), 'problem')
})

t.test('the ways in are told to everybody, and without a provider there is none of it', async t => {
  const { app } = await withAnna(t)
  app.token = null
  t.same((await app.get('/api/auth/means')).body, { password: true, provider: { name: 'Example ID' } })

  const plain = await buildApp(t, { dataDir: `${testFolder(t)}/plain` })
  t.same((await plain.get('/api/auth/means')).body, { password: true, provider: null })
  for (const path of ['/api/auth/oidc/start', '/api/auth/oidc/callback'])
    isProblem(t, await plain.get(path), 404, 'not_found', path)
  isProblem(t, await plain.post('/api/auth/oidc/connect', { password: ADMIN.password }), 404, 'not_found')
})
