/** What no proper client sends, to every route there is; `problem-details.test.ts` has what is told of it. */
import { readdirSync } from 'node:fs'
import t from 'tap'
import { rawHttp } from '../support/raw-http.ts'
import { buildAppWithRoutes, exampleOf, type LiveRoute } from '../support/routes.ts'

/** Parts of an address that lead elsewhere where they are taken for more than text. */
const STEPS = [
  '..',
  '.',
  '%2e%2e',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%2e%2e%2f%2e%2e%2fbotyard.db',
  '..%5c..%5cbotyard.db',
  '%2fetc%2fpasswd',
  '%00',
  '..%00',
  'botyard.db%00.txt',
  '%c0%ae%c0%ae%2fbotyard.db',
  '..;',
  '*',
  '%2a',
  '~root',
  '%0d%0aset-cookie:%20a=b',
  '__proto__',
  'constructor',
  'null',
  '-1',
  "'%20OR%201=1--"
]

/** The address of a route with `step` in place of its first, and then of its last, parameter. */
function addressesWith(url: string, step: string): string[] {
  const places = [...url.matchAll(/:\w+|\*/g)]
  return [places[0], places.at(-1)].map(place => {
    const [before, after] = [url.slice(0, place!.index), url.slice(place!.index + place![0].length)]
    return exampleOf(before) + step + exampleOf(after)
  })
}

/** Everything in a folder, but what comes and goes by itself. */
function contentsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => !/botyard\.db-|\.probe-/.test(name))
    .sort()
}

const hasParameter = ({ url, method, stream }: LiveRoute) => /[:*]/.test(url) && !stream && method !== 'HEAD'

t.test('no part of an address leads out of its place: nothing is read there, nothing is removed', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const bot = await app.makeBot(['/bin/sh', '-c', 'echo x >"$BOTYARD_ARTIFACTS/a"; echo out'])
  const { id } = await app.ended((await app.start(bot)).id)
  const before = contentsOf(app.config.dataDir)
  const targets = routes.filter(route => hasParameter(route) && route.url.startsWith('/api/'))
  t.ok(targets.length > 15, `${targets.length} routes`)
  for (const { method, url } of targets) {
    const real = url.replace('/executions/:id/', `/executions/${id}/`)
    if (!/[:*]/.test(real)) continue
    for (const path of new Set(STEPS.flatMap(step => addressesWith(real, step)))) {
      const body = method === 'GET' ? '' : 'content-type: application/json\r\ncontent-length: 2\r\n'
      const answer = await rawHttp(
        app.url,
        `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${app.token}\r\n${body}connection: close\r\n\r\n${body && '{}'}`
      )
      const [head = '', text = ''] = answer.split('\r\n\r\n')
      t.match(head, /^HTTP\/1\.1 4\d\d /, `${method} ${path}`)
      t.match(head, /^content-type: application\/problem\+json/im, `${method} ${path}`)
      t.notMatch(head, /^set-cookie: a=b/im, `${method} ${path}`)
      t.notMatch(text, /root:x:|SQLite format/, `${method} ${path}`)
    }
  }
  t.strictSame(contentsOf(app.config.dataDir), before)
  t.match(await app.execution(id), { state: 'succeeded' })
  t.equal((await app.get(`/api/bots/${bot.id}`)).status, 200)
})

const deep = '['.repeat(10_000) + ']'.repeat(10_000)

/** Bodies that would be more than values where they are taken for such. */
const REFUSED: Record<string, string> = {
  'a prototype': '{"__proto__":{"polluted":1}}',
  'a prototype further in': '{"a":[{"__proto__":{"polluted":1}}]}',
  'a prototype in disguise': '{"\\u005f_proto__":{"polluted":1}}',
  'a constructor': '{"constructor":{"prototype":{"polluted":1}}}',
  'ten thousand levels': deep,
  'ten thousand levels in a field': `{"name":${deep},"parameters":${deep},"email":${deep}}`,
  'a NUL': '{"email":"\0"}'
}

/** Bodies that are only odd: a route that takes none passes over them. */
const ODD = ['[]', 'null', '{"limit":1e999999}', '"\\ud800"', '{"":{"":[{}]}}']

t.test('no body is more than a value, to whichever route it is sent', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const targets = routes.filter(({ method }) => !['GET', 'HEAD'].includes(method))
  t.ok(targets.length > 10, `${targets.length} routes`)
  for (const { method, url } of targets) {
    for (const [what, raw] of Object.entries(REFUSED)) {
      const { status, body } = await app.request(method, exampleOf(url), { raw })
      t.ok(status >= 400 && status < 500, `${method} ${url}: ${what}: ${status}`)
      t.match(body, { code: /^\w+$/ }, `${method} ${url}: ${what}`)
    }
    for (const raw of ODD) {
      const { status } = await app.request(method, exampleOf(url), { raw })
      t.ok(status < 500, `${method} ${url}: ${raw}: ${status}`)
    }
  }
  t.notOk('polluted' in {})
  t.equal((await app.get('/health')).status, 200)
})

t.test('no query is more than text', async t => {
  const { app, routes } = await buildAppWithRoutes(t)
  const queries = [
    '__proto__=1',
    '__proto__[polluted]=1',
    'constructor[prototype][polluted]=1',
    'limit=1&limit=2',
    '%ff'
  ]
  for (const { method, url, stream } of routes) {
    if (method !== 'GET' || stream || !url.startsWith('/api/')) continue
    for (const query of [
      ...queries,
      `search=${'('.repeat(5000)}`,
      `cursor=${'a'.repeat(5000)}`,
      `q=${'a*'.repeat(3000)}`
    ]) {
      const { status } = await app.get(`${exampleOf(url)}?${query}`)
      t.ok(status < 500, `${url}?${query.slice(0, 40)}: ${status}`)
    }
  }
  t.notOk('polluted' in {})
})

t.test('what is only nearly JSON by its type is not read as such', async t => {
  const { app } = await buildAppWithRoutes(t)
  const body = '{"name":"a","command":["true"]}'
  // As bytes, since no client would send them. White space around a value is no part of it.
  for (const [type, status] of [
    ['\tapplication/json\t', 201],
    ['application/json\tx', 415],
    ['application\t/json', 415],
    ['application/json\x0b', 400],
    ['text/plain\t;application/json', 415],
    ['text/plain, application/json', 415],
    ['application/json5', 415],
    ['application/jsonp', 415],
    ['', 415]
  ] as const) {
    const answer = await rawHttp(
      app.url,
      `POST /api/bots HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${app.token}\r\ncontent-type: ${type}\r\n` +
        `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
    )
    t.equal(Number(answer.split(' ')[1]), status, JSON.stringify(type))
  }
})
