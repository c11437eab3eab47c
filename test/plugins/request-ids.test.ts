import { pino } from 'pino'
import t from 'tap'
import { isId } from '../../src/lib/ids.ts'
import { buildApp } from '../support/app.ts'
import { lockForWriting } from '../support/database.ts'
import { isProblem } from '../support/problems.ts'
import { rawHttp } from '../support/raw-http.ts'

t.test('ids of requests', async t => {
  const lines: { requestId?: string; msg: string }[] = []
  const app = await buildApp(t, { logger: pino({}, { write: line => lines.push(JSON.parse(line)) }) })

  t.test('a request is called what its sender calls it, in the answer and in each line of the log', async t => {
    for (const [path, status] of [
      ['/health/db', 200],
      ['/api/bots', 200],
      ['/api/nothing', 404],
      ['/nowhere', 404]
    ] as const) {
      const id = `from-the-proxy:${path.replaceAll('/', '.')}`
      const answer = await app.get(path, { 'x-request-id': id })
      t.equal(answer.status, status)
      t.equal(answer.headers.get('x-request-id'), id, path)
      // Health is only in the log when it is bad.
      if (!path.startsWith('/health')) {
        const said = lines.filter(line => line.requestId === id).map(line => line.msg)
        t.same(said, ['incoming request', 'request completed'], path)
      }
    }
  })

  t.test('what is no id is not taken for one', async t => {
    const wrong = ['', ' ', 'a b', 'a"b', '{"level":60}', '-begins-wrong', 'x'.repeat(129), 'ä', 'a,b', '../etc']
    for (const id of wrong) {
      const answer = await rawHttp(
        app.url,
        `GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: ${id}\r\n\r\n`,
        () => false
      )
      const given = /^x-request-id: (.*)\r$/im.exec(answer)?.[1]
      t.ok(isId(given!), `${JSON.stringify(id)} becomes ${given}`)
    }
    t.equal((await app.get('/health', { 'x-request-id': 'x'.repeat(128) })).headers.get('x-request-id')?.length, 128)
  })

  t.test('a stream, a refusal and an address that is none have one as well', async t => {
    const stream = await fetch(`${app.url}/api/events`, {
      headers: { authorization: `Bearer ${app.token}`, 'x-request-id': 'a-stream' }
    })
    t.equal(stream.headers.get('x-request-id'), 'a-stream')
    await stream.body!.cancel()
    const refused = await app.get('/api/bots', { authorization: 'none', 'x-request-id': 'a-refusal' })
    t.equal(refused.headers.get('x-request-id'), 'a-refusal')
    t.notOk('requestId' in refused.body, 'which says all there is to say')
    const bad = await app.get('/%zz', { 'x-request-id': 'no-address' })
    t.equal(bad.status, 400)
    t.equal(bad.headers.get('x-request-id'), 'no-address')
  })
})

t.test('who is told that something went wrong is told by which id to ask about it', async t => {
  const lines: { requestId?: string; msg: string; err?: { message: string } }[] = []
  const app = await buildApp(t, { logger: pino({}, { write: line => lines.push(JSON.parse(line)) }) })
  const release = lockForWriting(app.config.dataDir)
  const answer = await app.request('POST', '/api/bots', {
    body: { name: 'Held up', command: ['true'] },
    headers: { 'x-request-id': 'held-up' }
  })
  release()
  isProblem(t, answer, 503, 'unavailable')
  t.equal(answer.body.requestId, 'held-up')
  t.equal(answer.body.instance, 'urn:botyard:request:held-up')
  t.match(
    lines.filter(line => line.requestId === 'held-up').find(line => line.err),
    { msg: /^a request failed: another program holds the database/ }
  )
})
