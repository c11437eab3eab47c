import { createHash, randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { Feed, follow, printing, runs, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The answer to a download, its body byte by byte. */
async function download(app: TestApp, id: string, headers: Record<string, string> = {}, query = '', method = 'GET') {
  const response = await fetch(`${app.url}/api/executions/${id}/log${query}`, {
    method,
    headers: { authorization: `Bearer ${app.token}`, 'accept-encoding': 'identity', ...headers }
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, headers: response.headers, bytes, text: bytes.toString() }
}

const head = (app: TestApp, id: string, headers: Record<string, string> = {}) => download(app, id, headers, '', 'HEAD')

t.test('a log can be asked for in ranges', async t => {
  const app = await buildApp(t)
  const log = 'one\ntwo\nthree\n'
  const { id } = await app.finished('prints-three-lines')

  const ranges: [range: string, text: string, contentRange: string][] = [
    ['bytes=0-2', 'one', 'bytes 0-2/14'],
    ['bytes=0-0', 'o', 'bytes 0-0/14'],
    ['bytes=4-6', 'two', 'bytes 4-6/14'],
    ['bytes=8-', 'three\n', 'bytes 8-13/14'],
    ['bytes=0-', log, 'bytes 0-13/14'],
    ['bytes=-6', 'three\n', 'bytes 8-13/14'],
    ['bytes=-99', log, 'bytes 0-13/14'],
    ['bytes=8-99', 'three\n', 'bytes 8-13/14'],
    ['bytes=13-13', '\n', 'bytes 13-13/14']
  ]
  for (const [range, text, contentRange] of ranges) {
    const answer = await download(app, id, { range })
    t.match(
      [answer.status, answer.text, answer.headers.get('content-range'), answer.headers.get('content-length')],
      [206, text, contentRange, String(text.length)],
      range
    )
  }

  // What nobody can make sense of, several ranges at once, and a validator we never gave out: all are answered by the whole.
  const wholes: Record<string, string>[] = [
    {},
    { range: 'bytes=0-2,4-6' },
    { range: 'lines=1-2' },
    { range: 'bytes=one-two' },
    { range: 'bytes' },
    { range: 'bytes=' },
    { range: '' },
    { range: 'bytes=0-2', 'if-range': '"some-tag"' },
    { range: 'bytes=0-2', 'if-range': 'Fri, 20 Nov 2026 00:00:00 GMT' }
  ]
  for (const headers of wholes) {
    const answer = await download(app, id, headers)
    t.match(
      [answer.status, answer.text, answer.headers.get('content-range'), answer.headers.get('content-length')],
      [200, log, null, '14'],
      JSON.stringify(headers)
    )
  }

  for (const range of ['bytes=14-', 'bytes=14-20', 'bytes=999999999999-', 'bytes=3-1', 'bytes=-0']) {
    const answer = await app.get(`/api/executions/${id}/log`, { range })
    isProblem(t, answer, 416, 'range_not_satisfiable', range)
    t.equal(answer.headers.get('content-range'), 'bytes */14', range)
  }
})

t.test('a log is text that no browser takes for a page', async t => {
  const app = await buildApp(t)
  const page = '<!doctype html><script>document.title = "owned"</script>\n'
  const { id } = await app.finished(printing(t, page))

  const answer = await download(app, id)

  t.equal(answer.text, page)
  t.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8')
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  t.match(answer.headers.get('content-security-policy'), /default-src 'none'/)
  t.match(answer.headers.get('content-disposition'), /^inline; filename="[a-z0-9-]+\.log"$/)
  t.equal(answer.headers.get('accept-ranges'), 'bytes')
})

t.test('the head of a log tells its length and the ranges it comes in', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')

  const whole = await head(app, id)
  t.match([whole.status, whole.headers.get('content-length'), whole.text], [200, '14', ''])
  t.equal(whole.headers.get('accept-ranges'), 'bytes')
  t.equal(whole.headers.get('content-type'), 'text/plain; charset=utf-8')

  const empty = await app.finished(['/bin/true'])
  const none = await head(app, empty.id)
  t.match([none.status, none.headers.get('content-length')], [200, '0'])
})

t.test('a log without a byte can be read as such', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['/bin/true'])
  const answer = await download(app, id)
  t.match([answer.status, answer.text, answer.headers.get('content-length')], [200, '', '0'])
  isProblem(t, await app.get(`/api/executions/${id}/log`, { range: 'bytes=0-' }), 416, 'range_not_satisfiable')
})

t.test('the log of what still waits is empty', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command)
  const [first, second] = [await app.start(bot), await app.start(bot)]
  const answer = await download(app, second.id)
  t.match([answer.status, answer.text], [200, ''])
  isProblem(t, await app.get(`/api/executions/${second.id}/log?attempt=1`), 404, 'not_found')

  await runs(app, first.id)
  await app.post(`/api/executions/${second.id}/cancel`)
  await app.post(`/api/executions/${first.id}/cancel`)
  await app.ended(first.id)
})

t.test('while a bot runs, what is published of its log can be read, in ranges too', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\n')
  await app.printed(id, 'one\n')
  t.equal((await download(app, id)).text, 'one\n')
  t.match(await head(app, id), { status: 200, text: '' })

  // The first byte of a character that is not whole yet is on disk and not published.
  await feed.write(Buffer.from('two\n\xe2', 'latin1'))
  await app.printed(id, 'two\n')
  await eventually('the byte on disk', async () => {
    const { attempts } = await app.execution(id)
    return attempts[0]!.logBytes === 8
  })
  t.equal((await download(app, id)).text, 'one\ntwo\n')
  const rest = await download(app, id, { range: 'bytes=4-' })
  t.match([rest.status, rest.text, rest.headers.get('content-range')], [206, 'two\n', 'bytes 4-7/8'])
  const beyond = await app.get(`/api/executions/${id}/log`, { range: 'bytes=8-' })
  isProblem(t, beyond, 416, 'range_not_satisfiable')
  t.equal(beyond.headers.get('content-range'), 'bytes */8')

  await feed.write(Buffer.from('\x82\xac\n', 'latin1'))
  await feed.end()
  await app.ended(id)
  t.same((await download(app, id)).bytes, feed.bytes)
})

t.test('a log is asked for by its attempt', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  t.equal((await download(app, id, {}, '?attempt=1')).text, 'one\ntwo\nthree\n')
  isProblem(t, await app.get(`/api/executions/${id}/log?attempt=2`), 404, 'not_found')
  for (const attempt of ['0', '-1', '1.5', 'one', '1000000', 'NaN', '1&attempt=1']) {
    isProblem(t, await app.get(`/api/executions/${id}/log?attempt=${attempt}`), 400, 'invalid_request', attempt)
  }
  isProblem(t, await app.get(`/api/executions/${id}/log?bytes=1`), 400, 'invalid_request')
})

t.test('a log that is not there, or not asked for by somebody signed in, is a problem', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  isProblem(t, await app.get('/api/executions/no-such/log'), 404, 'not_found')
  app.token = null
  isProblem(t, await app.get(`/api/executions/${id}/log`), 401, 'unauthenticated')
})

t.test('whatever a bot prints can be downloaded byte for byte', async t => {
  const app = await buildApp(t)
  const outputs: [name: string, bytes: Buffer][] = [
    ['one line of megabytes', Buffer.from('€'.repeat(1_500_000))],
    ['random bytes', randomBytes(3_000_000)],
    ['NULs', Buffer.alloc(2_000_000)],
    ['bytes that are no UTF-8', Buffer.from('\xff\xfe\xc0\x80\xed\xa0\x80\xf5 \xe2\x82'.repeat(1000), 'latin1')]
  ]
  for (const [name, bytes] of outputs) await sameWhereverRead(t, app, name, bytes)
})

async function sameWhereverRead(t: Test, app: TestApp, name: string, bytes: Buffer): Promise<void> {
  const { id } = await app.start(await app.makeBot(printing(t, bytes)))
  const reader = await follow(app, id)
  await reader.done

  t.match(reader.events.at(-1), { event: 'end', data: { state: 'succeeded' } }, `${name}: the stream comes to its end`)
  t.equal(sha256(Buffer.from(reader.text)), sha256(Buffer.from(bytes.toString())), `${name}: as text in the stream`)
  t.equal(reader.lastEventId, `1:${bytes.length}`, `${name}: the last place is the length`)
  t.equal(sha256((await download(app, id)).bytes), sha256(bytes), `${name}: as bytes in the download`)
}
