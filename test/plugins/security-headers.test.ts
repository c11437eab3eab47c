import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { needsCaddy, startCaddy } from '../support/caddy.ts'
import { rawHttp } from '../support/raw-http.ts'
import { FIXTURE_PUBLIC } from '../support/routes.ts'

/** What every answer says, whatever it is. */
const ALWAYS = {
  'content-security-policy': /^default-src 'none';script-src 'self';style-src 'self';.*frame-ancestors 'none'$/,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': /^camera=\(\), .*microphone=\(\)/,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY'
}

function hasAll(t: Test, app: TestApp, headers: Headers, label: string): void {
  t.match(Object.fromEntries(headers), ALWAYS, label)
  t.notMatch(headers.get('content-security-policy'), /unsafe|https?:|\*/, label)
  t.equal(headers.has('strict-transport-security'), app.config.publicUrl?.startsWith('https:') ?? false, label)
}

t.test('every answer carries the same headers: pages, files, the API, problems and streams', async t => {
  for (const publicUrl of ['https://bots.example.com', 'http://bots.example.com', null]) {
    const app = await buildApp(t, { publicDir: FIXTURE_PUBLIC, dataDir: t.testdir({}), config: { publicUrl } })
    // Twice, as the first answer is where they are made.
    for (const path of ['/', '/', '/assets/main-1a2b3c4d.js', '/docs/', '/health', '/api/bots', '/api/no', '/no']) {
      hasAll(t, app, (await app.get(path)).headers, `${publicUrl}: ${path}`)
    }
    hasAll(t, app, (await app.get('/api/bots', { authorization: '' })).headers, '401')
    hasAll(t, app, (await app.post('/api/bots', {})).headers, '400')
    const stream = await app.stream('/api/events')
    hasAll(t, app, new Headers(stream.headers as Record<string, string>), 'a stream')
    stream.close()
    await app.app.http.close()
  }
})

t.test('a name that only this machine knows is not bound to https: it has other servers', async t => {
  const app = await buildApp(t, { config: { publicUrl: 'https://localhost' } })
  t.equal((await app.get('/health')).headers.get('strict-transport-security'), null)
})

t.test('the API is for no cache, and a header that comes twice is in none', async t => {
  const app = await buildApp(t)
  for (const path of ['/api/bots', '/api/no']) {
    const answer = await app.get(path)
    t.equal(answer.headers.get('cache-control'), 'no-store', path)
  }
  const head = await rawHttp(app.url, 'GET /api/bots HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  const names = [...head.split('\r\n\r\n')[0]!.matchAll(/^([\w-]+):/gm)].map(([, name]) => name!.toLowerCase())
  t.same(names.sort(), [...new Set(names)].sort())
})

/** Where `.ci/run` puts the scanner: it is too large a tree to be installed with the server's own. */
const OBSERVATORY = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'botyard/mdn-http-observatory-1.4.8/node_modules/@mdn/mdn-http-observatory'
)

const needsObservatory = {
  skip:
    needsCaddy.skip ||
    (existsSync(OBSERVATORY) || process.env.CI === 'true' ? false : `there is no ${OBSERVATORY}: .ci/run installs it`)
}

/** What the scanner says of the host in the second argument; the first is where it lies. */
const SCAN = `
  const { scan } = await import(process.argv[1])
  const { scan: result, tests } = await scan(process.argv[2])
  const failed = Object.entries(tests).filter(([, { pass }]) => !pass).map(([name, { result }]) => [name, result])
  console.log(JSON.stringify({ grade: result.grade, failed }))`

t.test("behind a proxy that speaks TLS the server has MDN's best grade", needsObservatory, async t => {
  const app = await buildApp(t, { publicDir: FIXTURE_PUBLIC, config: { publicUrl: 'https://bots.example.com' } })
  const { host, ca } = await startCaddy(t, app.url)
  const arguments_ = ['--input-type=module', '-e', SCAN, join(OBSERVATORY, 'src/index.js'), host]
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, {
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: ca }
  })
  t.strictSame(JSON.parse(stdout), { grade: 'A+', failed: [] })
})

t.test('through a proxy the server knows its own pages from others, and whom it answers', needsCaddy, async t => {
  const app = await buildApp(t)
  const { host, ca } = await startCaddy(t, app.url)
  const signIn = async (headers: string[]) => {
    const body = ['--json', JSON.stringify({ email: `${Math.random()}@example.com`, password: 'wrong password' })]
    const options = ['--silent', '--cacert', ca, ...headers.flatMap(header => ['--header', header]), ...body]
    return JSON.parse((await promisify(execFile)('curl', [...options, `https://${host}/api/auth/login`])).stdout)
  }
  t.match(await signIn(['Origin: https://evil.example']), { code: 'cross_site' })
  t.match(await signIn([`Origin: http://${host}`]), { code: 'cross_site' }, 'by plain http it is another site')
  t.match(await signIn([`Origin: https://${host}`]), { code: 'invalid_credentials' })
  const claims = Array.from({ length: 9 }, (_, n) => signIn([`X-Forwarded-For: 198.51.100.${n}`]))
  for (const answer of await Promise.all(claims)) t.match(answer, { code: 'invalid_credentials' })
  t.match(await signIn(['X-Forwarded-For: 198.51.100.99']), { code: 'rate_limited' }, 'an address that is claimed')
})
