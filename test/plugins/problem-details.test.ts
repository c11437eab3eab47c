import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import type { Answer } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'
import { rawHttp } from '../support/raw-http.ts'

/** Checks that an answer is a problem of the caller's, whichever, and not a failure of ours. */
function isRefusal(t: Test, answer: Answer, label: string): void {
  t.ok(answer.status >= 400 && answer.status < 500, `${label}: ${answer.status}`)
  isProblem(t, answer, answer.status, answer.body?.code ?? 'no code', label)
}

t.test('what is not there is named', async t => {
  const app = await buildApp(t)
  isProblem(t, await app.get('/api/nothing?x=1'), 404, 'not_found')
  t.equal((await app.get('/api/nothing?secret=1')).body.detail, 'There is nothing at GET /api/nothing.')
  t.match((await app.get('/api/bots/nobody')).body, { code: 'not_found', detail: 'There is no bot "nobody".' })
  isProblem(t, await app.get('/api/executions/none'), 404, 'not_found')
  isProblem(t, await app.get('/docs/static/none'), 404, 'not_found')
})

t.test('a method that an address does not take is refused', async t => {
  const app = await buildApp(t)
  for (const [method, path] of [
    ['PUT', '/api/bots'],
    ['DELETE', '/api/bots'],
    ['GET', '/api/auth/login'],
    ['POST', '/health'],
    ['OPTIONS', '/api/bots']
  ] as const) {
    isRefusal(t, await app.request(method, path), `${method} ${path}`)
  }
})

t.test('each problem has an id of its own, by which the server log names the request', async t => {
  const app = await buildApp(t)
  const instances = await Promise.all([1, 2, 3].map(async () => (await app.get('/api/nothing')).body.instance))
  t.equal(new Set(instances).size, 3)
})

t.test('a body that is no JSON is refused', async t => {
  const app = await buildApp(t)
  const post = (raw: string | Buffer, contentType = 'application/json') =>
    app.request('POST', '/api/bots', { raw, headers: { 'content-type': contentType } })
  for (const raw of ['{', 'null,', '{"a":1}}', "{'a':1}", '\0', '[1,]', 'NaN']) {
    isProblem(t, await post(raw), 400, 'invalid_json', raw)
  }
  isProblem(t, await post(''), 400, 'invalid_json', 'an empty body')
  isProblem(t, await post(Buffer.from([0x7b, 0xff, 0xfe])), 400, 'invalid_json', 'bytes that are no UTF-8')
  for (const raw of ['null', '1', '"text"', '[]', 'true']) {
    isProblem(t, await post(raw), 400, 'invalid_request', `JSON that is no object: ${raw}`)
  }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'x'
  ]) {
    isProblem(t, await post('{"name":"a","command":["true"]}', type), 415, 'unsupported_media_type', type)
  }
  isRefusal(t, await post('{}', 'application/json\t;x'), 'a tab in the content type')
  t.same((await app.get('/api/bots')).body.items, [], 'and nothing was made')
})

t.test('a body over the limit is refused', async t => {
  const app = await buildApp(t)
  isProblem(t, await app.post('/api/bots', { name: 'x'.repeat(2 ** 20) }), 413, 'body_too_large')
  const body = { token: 'x', password: 'long enough', more: 'x'.repeat(2 ** 14) }
  for (const path of ['setup', 'login', 'refresh', 'logout', 'link', 'link/password']) {
    isProblem(t, await app.post(`/api/auth/${path}`, body), 413, 'body_too_large', `strangers send less to ${path}`)
  }
})

t.test('a body that would change the prototype of objects is refused', async t => {
  const app = await buildApp(t)
  for (const raw of [
    '{"name":"a","command":["true"],"__proto__":{"polluted":1}}',
    '{"name":"a","command":["true"],"env":{"__proto__":"x"}}',
    '{"name":"a","command":["true"],"parameters":{"type":"object","properties":{"__proto__":{"type":"string"}}}}',
    '{"name":"a","command":["true"],"constructor":{"prototype":{"polluted":1}}}'
  ]) {
    isRefusal(t, await app.request('POST', '/api/bots', { raw }), raw)
  }
  t.notOk('polluted' in {})
})

t.test('JSON ten thousand levels deep is refused', async t => {
  const app = await buildApp(t)
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  for (const depth of [10_000, 250_000]) {
    for (const raw of [
      deep(depth),
      `{"name":"a","command":${deep(depth)}}`,
      `{"name":"a","command":["true"],"tags":["a",${deep(depth)}]}`,
      `{"name":"a","command":["true"],"parameters":{"type":"object","properties":{"a":{"default":${deep(depth)}}}}}`,
      `{"name":"a","command":["true"],"parameters":{"type":"object","properties":${'{"a":{"properties":'.repeat(depth / 10)}{}${'}}'.repeat(depth / 10)}}}`
    ]) {
      isRefusal(t, await app.request('POST', '/api/bots', { raw }), `${depth} deep: ${raw.slice(0, 60)}`)
    }
  }
  t.equal((await app.get('/health')).status, 200)
})

t.test('an address that is none, or is too long, is refused', async t => {
  const app = await buildApp(t)
  for (const path of [
    `/api/bots/${'x'.repeat(65)}`,
    `/api/bots/${'x'.repeat(201)}`,
    `/api/bots/${'x'.repeat(10_000)}`,
    `/${'x/'.repeat(4000)}`,
    '/api/bots/%ff',
    '/api/bots/%zz',
    '/api/bots/%00',
    '/%',
    '/..%2f..%2fetc%2fpasswd'
  ]) {
    isRefusal(t, await app.get(path), path.slice(0, 40))
  }
})

t.test('bytes that are no HTTP are refused as a problem, and the connection is closed', async t => {
  const app = await buildApp(t)
  const host = 'host: localhost\r\n'
  for (const [what, bytes, status] of [
    ['garbage', '\x00\x01\x02 garbage\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['headers over the limit', `GET / HTTP/1.1\r\n${host}x: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', `POST / HTTP/1.1\r\n${host}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 400],
    [
      'a length and chunks',
      `POST / HTTP/1.1\r\n${host}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400
    ],
    ['a header with a NUL', `GET / HTTP/1.1\r\n${host}x: a\0b\r\n\r\n`, 400]
  ] as const) {
    const [head = '', body = ''] = (await rawHttp(app.url, bytes)).split('\r\n\r\n')
    t.ok(head.startsWith(`HTTP/1.1 ${status} `), `${what}: ${head.slice(0, 30)}`)
    t.match(head, /^content-type: application\/problem\+json/im, what)
    t.match(JSON.parse(body), { type: 'about:blank', status, code: /^\w+$/, detail: /\w/, title: /\w/ }, what)
    t.notMatch(body, /node_modules|\.[jt]s:\d+/)
  }
  // Node answers this one before anybody is asked.
  t.match(await rawHttp(app.url, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /, 'no host')
  t.equal((await app.get('/health')).status, 200, 'and the server goes on')
})

t.test('a body whose framing breaks half way is refused', async t => {
  const app = await buildApp(t)
  const head = 'POST /api/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  t.match(await rawHttp(app.url, `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`), /^HTTP\/1\.1 400 /)
  t.equal((await app.get('/health')).status, 200)
})
