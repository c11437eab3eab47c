import { once } from 'node:events'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type Logger, pino } from 'pino'
import t, { type Test } from 'tap'
import { addresses } from '../../src/dashboard/addresses.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { exampleOf } from '../support/routes.ts'
import { PAGE, SCRIPT, writeDashboard } from '../support/written-dashboard.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

/** An app with a built dashboard. */
async function appWithDashboard(t: Test, logger?: Logger): Promise<{ app: TestApp; folder: string }> {
  const dir = testFolder(t, { data: {} })
  const folder = join(dir, 'public')
  writeDashboard(folder)
  const app = await buildApp(t, { dataDir: join(dir, 'data'), publicDir: folder, ...(logger && { logger }) })
  return { app, folder }
}

interface Reply {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

/** The answer to a request as it comes over the wire, neither followed nor unpacked; the path is sent letter for letter. */
async function ask(app: TestApp, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  const { hostname, port } = new URL(app.url)
  const request = http.request({ hostname, port, path, method, headers, agent: false }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode!, headers: response.headers, body: await buffer(response) }
}

t.test('the page is served at every address of the dashboard, and is asked for anew each time', async t => {
  const { app } = await appWithDashboard(t)
  for (const address of [...Object.values(addresses).map(exampleOf), '/setup?x=1', '/executions/%20']) {
    const { status, headers, body } = await ask(app, address)
    t.equal(status, 200, address)
    t.equal(headers['content-type'], 'text/html; charset=utf-8')
    t.equal(headers['cache-control'], 'no-cache')
    t.equal(body.toString(), PAGE)
  }
  const { etag } = (await ask(app, '/')).headers
  const again = await ask(app, '/', { 'if-none-match': etag! })
  t.match(again, { status: 304, body: { length: 0 } }, 'and is not sent again while it is the same')
})

t.test('assets are kept for ever, other files are asked for anew', async t => {
  const { app } = await appWithDashboard(t)
  for (const [path, type, cache] of [
    ['/assets/main-1a2b3c4d.js', 'application/javascript; charset=utf-8', FOR_EVER],
    ['/assets/plain-1a2b3c4d.js', 'application/javascript; charset=utf-8', FOR_EVER],
    ['/assets/font-1a2b3c4d.woff2', 'font/woff2', FOR_EVER],
    ['/favicon.svg', 'image/svg+xml', 'no-cache'],
    ['/index.html', 'text/html; charset=utf-8', 'no-cache'],
    ['/theme.js', 'application/javascript; charset=utf-8', 'no-cache']
  ] as const) {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await ask(app, path, {}, method)
      t.match(
        { status, type: headers['content-type'], cache: headers['cache-control'] },
        { status: 200, type, cache },
        `${method} ${path}`
      )
    }
  }
})

t.test('a file is sent in the form its reader likes best, and says that this varies', async t => {
  const { app } = await appWithDashboard(t)
  for (const [path, content, type] of [
    ['/', PAGE, 'text/html; charset=utf-8'],
    ['/executions', PAGE, 'text/html; charset=utf-8'],
    ['/theme.js', SCRIPT, 'application/javascript; charset=utf-8'],
    ['/favicon.svg', '<svg/>', 'image/svg+xml'],
    ['/assets/main-1a2b3c4d.js', SCRIPT, 'application/javascript; charset=utf-8']
  ] as const) {
    for (const [accepted, encoding, expected] of [
      ['gzip, deflate, br, zstd', 'br', brotliCompressSync(content)],
      ['gzip', 'gzip', gzipSync(content)],
      ['br;q=0, gzip;q=0.5', 'gzip', gzipSync(content)],
      ['identity', undefined, Buffer.from(content)],
      [undefined, undefined, Buffer.from(content)]
    ] as const) {
      const { status, headers, body } = await ask(app, path, accepted ? { 'accept-encoding': accepted } : {})
      const what = `${path} as ${accepted}`
      t.equal(status, 200, what)
      t.equal(headers['content-encoding'], encoding, `${what}: is ${encoding}`)
      t.equal(headers['content-type'], type, `${what}: has the type of what is in it`)
      t.match(headers.vary, /accept-encoding/i, `${what}: varies`)
      t.ok(body.equals(expected), `${what}: is whole`)
    }
  }
  const plain = await ask(app, '/assets/plain-1a2b3c4d.js', { 'accept-encoding': 'br, gzip' })
  t.equal(plain.headers['content-encoding'], undefined, 'one without compressed forms is sent as it is')
  t.equal(plain.body.toString(), SCRIPT)
})

t.test('compressed forms and what lies outside of the folder have no address', async t => {
  const { app, folder } = await appWithDashboard(t)
  mkdirSync(join(folder, 'assets/deep'))
  for (const path of [
    '/index.html.br',
    '/theme.js.gz',
    '/assets/main-1a2b3c4d.js.br',
    '/assets/main-1a2b3c4d.js.gz',
    '/assets/nothing.js',
    '/assets/',
    '/assets/deep',
    '/assets',
    '/nothing'
  ]) {
    const { status, headers, body } = await ask(app, path, { accept: '*/*' })
    t.equal(status, 404, path)
    t.match(headers['content-type'], /^application\/problem\+json/, `${path}: is a problem`)
    t.equal(headers['cache-control'], undefined, `${path}: is not kept`)
    t.match(JSON.parse(body.toString()), { code: 'not_found' })
  }
  for (const path of [
    '/assets/../index.html',
    '/assets/../../data/botyard.db',
    '/assets/%2e%2e/%2e%2e/data/botyard.db',
    '/assets/..%2f..%2fdata/botyard.db',
    '/../data/botyard.db',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
    '/assets//main-1a2b3c4d.js'
  ]) {
    const { status } = await ask(app, path)
    t.ok(status >= 400 && status < 500, `${path}: ${status}`)
  }
})

t.test('a link in the folder leads nowhere, and one to the folder is no matter', async t => {
  const { app, folder } = await appWithDashboard(t)
  const outside = join(folder, '../data')
  writeFileSync(join(outside, 'canary.js'), 'canary')
  symlinkSync(join(outside, 'canary.js'), join(folder, 'assets/link.js'))
  symlinkSync(outside, join(folder, 'assets/folder'))
  for (const form of ['br', 'gz'])
    symlinkSync(join(outside, 'canary.js'), join(folder, `assets/plain-1a2b3c4d.js.${form}`))
  for (const path of ['link.js', 'folder/canary.js', 'folder/.secret_key', 'plain-1a2b3c4d.js']) {
    const { status, body } = await ask(app, `/assets/${path}`, { 'accept-encoding': 'br, gzip' })
    t.equal(status, 404, path)
    t.match(JSON.parse(body.toString()), { code: 'not_found' }, path)
  }
  symlinkSync(folder, join(folder, '../current'))
  const linked = await buildApp(t, { dataDir: join(folder, '../other'), publicDir: join(folder, '../current') })
  t.equal((await ask(linked, '/assets/main-1a2b3c4d.js')).status, 200)
  t.equal((await ask(linked, '/')).status, 200)
})

t.test('whoever reads pages gets the page at an address that is not known, as a 404', async t => {
  const { app } = await appWithDashboard(t)
  const { etag, 'last-modified': modified } = (await ask(app, '/')).headers
  for (const path of ['/nothing', '/bots/a/b/c', '/apis', '/nothing?x']) {
    for (const [what, extra] of [
      ['', {}],
      ['a part', { range: 'bytes=0-3' }],
      ['unless the same', { 'if-none-match': etag!, 'if-modified-since': modified! }]
    ] as const) {
      const { status, headers, body } = await ask(app, path, { accept: BROWSER, ...extra })
      t.equal(status, 404, `${path} ${what}`)
      t.equal(headers['content-type'], 'text/html; charset=utf-8')
      t.equal(headers['cache-control'], 'no-cache')
      t.equal(body.toString(), PAGE, `${path} ${what}: the whole page`)
    }
  }
  const packed = await ask(app, '/nothing', { accept: BROWSER, 'accept-encoding': 'br' })
  t.ok(packed.body.equals(brotliCompressSync(PAGE)))
})

t.test('everybody else, and whatever is under /api, /admin and /assets, gets a problem', async t => {
  const { app } = await appWithDashboard(t)
  isProblem(t, await app.get('/nothing', { accept: 'application/json' }), 404, 'not_found', 'a program')
  isProblem(t, await app.get('/nothing'), 404, 'not_found', 'who says nothing')
  isProblem(t, await app.get('/assets/nothing.js', { accept: BROWSER }), 404, 'not_found', 'a file of an older build')
  isProblem(t, await app.request('POST', '/nothing', { headers: { accept: BROWSER } }), 404, 'not_found', 'a POST')
  isProblem(t, await app.request('DELETE', '/', { headers: { accept: BROWSER } }), 404, 'not_found', 'a DELETE')
  for (const path of ['/api', '/api/', '/api/nothing', '/api?x', '/admin', '/admin/nothing', '/api/bots/nobody']) {
    isProblem(t, await app.get(path, { accept: BROWSER }), 404, 'not_found', path)
    isProblem(t, await app.get(path, { accept: BROWSER, authorization: '' }), 401, 'unauthenticated', path)
  }
})

t.test('a server whose dashboard is not built starts, and says what builds it', async t => {
  const dir = testFolder(t, { data: {} })
  const lines: { level: number; msg: string }[] = []
  const logger = pino({ level: 'warn' }, { write: line => void lines.push(JSON.parse(line)) })
  const app = await buildApp(t, { dataDir: join(dir, 'data'), publicDir: join(dir, 'public'), logger })
  t.match(
    lines.filter(line => line.msg.includes('dashboard')),
    [{ level: 40, msg: /not built.*npm ci.*npm run build/ }]
  )
  for (const address of Object.values(addresses).map(exampleOf)) {
    const answer = await app.get(address, { accept: BROWSER })
    isProblem(t, answer, 503, 'unavailable', address)
    t.match(answer.body.detail, /not built.*`npm ci`.*`npm run build`/)
  }
  isProblem(t, await app.get('/nothing', { accept: BROWSER }), 404, 'not_found')
  isProblem(t, await app.get('/assets/main.js'), 404, 'not_found')
  t.equal((await app.get('/api/bots')).status, 200, 'the API is there')
})

t.test('a dashboard that is built anew while the server runs is served as it is then', async t => {
  const { app, folder } = await appWithDashboard(t)
  rmSync(join(folder, 'assets'), { recursive: true })
  for (const name of ['index.html', 'index.html.br', 'index.html.gz']) rmSync(join(folder, name))
  t.equal((await ask(app, '/')).status, 503, 'in between')
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), 'new page')
  writeFileSync(join(folder, 'assets/main-5e6f7a8b.js'), 'new script')
  t.equal((await ask(app, '/', { 'accept-encoding': 'br' })).body.toString(), 'new page')
  t.equal((await ask(app, '/assets/main-5e6f7a8b.js')).body.toString(), 'new script')
  t.equal((await ask(app, '/assets/main-1a2b3c4d.js')).status, 404)
})

t.test('a reader that goes away in the middle of a file is no failure of the server', async t => {
  const lines: { level: number }[] = []
  const logger = pino({ level: 'warn' }, { write: line => void lines.push(JSON.parse(line)) })
  const { app, folder } = await appWithDashboard(t, logger)
  writeFileSync(join(folder, 'assets/large-1a2b3c4d.js'), Buffer.alloc(64 * 2 ** 20, ' '))
  const closed = new Promise<void>(resolve => {
    app.app.http.server.once('connection', socket => socket.once('close', () => resolve()))
  })
  const request = http.request(`${app.url}/assets/large-1a2b3c4d.js`, { agent: false }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  await once(response, 'data')
  response.destroy()
  await closed
  t.equal((await ask(app, '/')).status, 200)
  t.same(lines, [])
})
