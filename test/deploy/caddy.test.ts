/** The Caddyfile in a real Caddy, before a real server. */
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { needsCaddy, startCaddy } from '../support/caddy.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, startFed } from '../support/logs.ts'
import { freePort } from '../support/port.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'
import { writeDashboard } from '../support/written-dashboard.ts'

const BROWSER = 'text/html,application/xhtml+xml,*/*;q=0.8'
const VERSIONS = [
  ['--http1.1', '1.1'],
  ['--http2', '2']
] as const

/** What may differ between a file from Caddy and the same from the server: when, how often, which request, how each calls a script. */
const OF_ITS_OWN =
  /^(date|connection|keep-alive|server|alt-svc|etag|last-modified|ratelimit-.*|x-request-id|content-type|content-length|vary)$/

interface Site {
  app: TestApp
  url: string
  ca: string
  publicDir: string
}

/** One for all tests here, as none changes what another finds. */
let site: Site

t.before(async () => {
  if (needsCaddy.skip) return
  const dir = testFolder(t, { data: {}, public: {} })
  const publicDir = join(dir, 'public')
  writeDashboard(publicDir)
  const app = await buildApp(t, { dataDir: join(dir, 'data'), publicDir })
  site = { app, publicDir, ...(await startCaddy(t, app.url, publicDir)) }
})

interface Reply {
  version: string
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** The answer to a request as it comes over the wire. */
async function ask(ca: string, url: string, ...options: string[]): Promise<Reply> {
  const args = ['--silent', '--include', '--max-time', '30', '--cacert', ca, ...options, url]
  const { stdout } = await promisify(execFile)('curl', args, { encoding: 'buffer', maxBuffer: 2 ** 24 })
  const end = stdout.indexOf('\r\n\r\n')
  const [first, ...lines] = stdout.subarray(0, end).toString().split('\r\n')
  const [, version, status] = /^HTTP\/(\S+) (\d+)/.exec(first!)!
  const headers = lines
    .map(line => /^([^:]+): (.*)$/.exec(line)!)
    .map(([, name, value]) => [name!.toLowerCase(), value!])
  return {
    version: version!,
    status: Number(status),
    headers: Object.fromEntries(headers),
    body: stdout.subarray(end + 4)
  }
}

const get = (path: string, ...options: string[]) => ask(site.ca, site.url + path, ...options)

/** What of an answer's headers must be the same whoever gives it. */
const shared = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ITS_OWN.test(name)))

t.test(
  'the dashboard comes from Caddy as it does from the server, in the form the browser takes',
  needsCaddy,
  async t => {
    const script = readFileSync(join(site.publicDir, 'assets/main-1a2b3c4d.js'))
    const forms = { br: brotliDecompressSync, gzip: gunzipSync, identity: (bytes: Buffer) => bytes }
    for (const [form, unpacked] of Object.entries(forms)) {
      const accept = ['--header', `accept-encoding: ${form}`]
      const path = '/assets/main-1a2b3c4d.js'
      const ours = await get(path, ...accept)
      const servers = await ask(site.ca, site.app.url + path, ...accept)
      t.equal(ours.status, 200)
      t.match(ours.headers, {
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff'
      })
      t.match(ours.headers['content-type'], /^(text|application)\/javascript/)
      t.same(shared(ours.headers), shared(servers.headers), form)
      t.ok(unpacked(ours.body).equals(script), form)
      // Made beforehand, so as small as the build could make it.
      t.equal(ours.body.length, servers.body.length)
      t.notOk('ratelimit-limit' in ours.headers, 'the server was not asked')
    }
    const compressed = await get('/assets/main-1a2b3c4d.js', '--header', 'accept-encoding: br')
    t.match(compressed.headers.vary, /accept-encoding/i, 'a cache between keeps them apart')
  }
)

t.test('an asset that is not there is not found, and never the page', needsCaddy, async t => {
  for (const path of ['/assets/', '/assets/gone-1a2b3c4d.js', '/assets/main-1a2b3c4d.js.br']) {
    for (const accept of ['*/*', BROWSER]) {
      const { status, headers, body } = await get(path, '--path-as-is', '--header', `accept: ${accept}`)
      t.equal(status, 404, path)
      t.match(headers['content-type'], 'application/problem+json')
      t.notMatch(body.toString(), '<!doctype')
    }
  }
  t.equal((await get('/assets/main-1a2b3c4d.js', '--request', 'POST')).status, 404)
  t.equal((await get('/assets/../../../../../../etc/passwd', '--path-as-is')).status, 400)
})

t.test('pages and all else come from the server', needsCaddy, async t => {
  for (const [option, version] of VERSIONS) {
    for (const path of ['/', '/executions', '/sign-in']) {
      const page = await get(path, option, '--header', `accept: ${BROWSER}`)
      t.match(page, { version, status: 200, headers: { 'cache-control': 'no-cache' } })
      t.match(page.body.toString(), '<title>Botyard</title>')
    }
    const health = await get('/health', option, '--header', `accept: ${BROWSER}`)
    t.equal(health.body.toString(), '{"status":"healthy"}')
    const docs = await get('/docs/', option, '--header', `accept: ${BROWSER}`)
    t.match(docs.body.toString(), /swagger/i)
    const problem = await get('/api/bots', option)
    t.match(problem, { status: 401, headers: { 'cache-control': 'no-store' } })
  }
})

t.test('what is worth it is compressed on the way', needsCaddy, async t => {
  for (const form of ['gzip', 'zstd']) {
    const { headers } = await get('/openapi/openapi.json', '--header', `accept-encoding: ${form}`)
    t.equal(headers['content-encoding'], form)
  }
})

/** A client that follows a stream and is told what has come. */
function listen(t: Test, path: string, option: string) {
  const heard = { text: '' }
  const url = `${site.url}${path}`
  const auth = ['--header', `authorization: Bearer ${site.app.token}`]
  const curl = spawn('curl', ['-sN', '--include', '--compressed', option, '--cacert', site.ca, ...auth, url])
  t.teardown(() => curl.kill())
  curl.stdout.setEncoding('utf8').on('data', text => {
    heard.text += text
  })
  return heard
}

t.test('each event passes as it happens, also to who takes compressed answers', needsCaddy, async t => {
  for (const [option, version] of VERSIONS) {
    const feed = await Feed.open(t)
    const id = await startFed(site.app, feed)
    const log = listen(t, `/api/executions/${id}/log/stream`, option)
    const all = listen(t, '/api/events', option)
    await eventually('the streams to begin', () => log.text.includes('event: ') && all.text.includes('event: '))
    t.match(log.text, `HTTP/${version} 200`)
    // The next is not printed before the one before it has come.
    for (let line = 1; line <= 20; line++) {
      await feed.write(`line ${line}\n`)
      await eventually(`line ${line}`, () => log.text.includes(`line ${line}\\n`))
    }
    await feed.end()
    await eventually('its end', () => log.text.includes('event: end') && all.text.includes('"state":"succeeded"'))
  }
})

t.test('who asks while the server is restarted waits for it, and notices nothing', needsCaddy, async t => {
  const dataDir = testFolder(t)
  const env = { PORT: String(await freePort()) }
  let server = await startServer(t, dataDir, env)
  const { url, ca } = await startCaddy(t, server.url)
  let goOn = true
  const statuses: number[] = []
  const client = async () => {
    while (goOn) statuses.push((await ask(ca, `${url}/health`)).status)
  }
  const clients = Promise.all([client(), client(), client()])
  for (let restart = 0; restart < 2; restart++) {
    const before = statuses.length
    await eventually('some answers', () => statuses.length >= before + 5)
    await server.kill('SIGTERM')
    server = await startServer(t, dataDir, env)
  }
  const before = statuses.length
  await eventually('answers of the last server', () => statuses.length >= before + 5)
  goOn = false
  await clients
  t.same([...new Set(statuses)], [200])
})
