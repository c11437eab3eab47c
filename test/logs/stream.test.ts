import fc from 'fast-check'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { textOf } from '../support/client.ts'
import { Feed, follow, printing, type Reader, runs, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { seeded } from '../support/properties.ts'
import { rawHttp } from '../support/raw-http.ts'
import { eventually } from '../support/wait.ts'

const pathOf = (id: string) => `/api/executions/${id}/log/stream`

/** What a stream says, without times: `state running`, `log 1:4 one`, `end succeeded`. */
const story = (reader: Reader) =>
  reader.events.map(({ event, id, data }) =>
    event === 'log' ? `log ${id} ${JSON.stringify(data.text)}` : `${event} ${data.state}`
  )

t.test('a reader that reconnects continues at the byte it last saw', async t => {
  const app = await buildApp(t)
  const execution = await app.finished('prints-three-lines')

  const events = await app.readLog(execution.id, { lastEventId: '1:4' })

  t.equal(textOf(events), 'two\nthree\n')
})

t.test('a stream begins at once, and tells proxies to let it pass', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const stream = await app.stream(pathOf(id))

  t.equal(stream.status, 200)
  t.match(stream.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff'
  })
  t.equal(stream.headers['content-length'], undefined)
  await eventually('the first bytes', () => stream.raw().includes('\n\n'))
  const [, retry] = /^:.*\nretry: (\d+)\n\n/.exec(stream.raw()) ?? []
  t.ok(Number(retry) >= 1000 && Number(retry) <= 3000, 'a comment, and when to come back')

  await feed.end()
  await stream.closed
})

t.test('a stream tells of the states, the log and the end, from before the bot runs', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command)
  const blocker = await app.makeBot(['/bin/sh', '-c', 'sleep 600'], { concurrency: { limit: 1, policy: 'queue' } })
  const first = await app.start(blocker)
  const second = await app.start(blocker)
  const waiting = await follow(app, second.id)
  await eventually('the first state', () => waiting.events.length > 0)
  t.same(story(waiting), ['state queued'])

  const { id } = await app.start(bot)
  const reader = await follow(app, id)
  await feed.write('one\n')
  await reader.sees('one\n')
  await feed.write('two')
  await reader.sees('two')
  await feed.end()
  await reader.done
  t.same(
    story(reader).filter(line => line !== 'state queued'),
    ['state running', 'log 1:4 "one\\n"', 'log 1:7 "two"', 'state succeeded', 'end succeeded']
  )
  t.same(reader.events.at(-1)!.data, { state: 'succeeded', reason: null, exitCode: 0 })
  t.ok(
    reader.events.filter(({ event }) => event === 'log').every(({ data }) => Math.abs(data.at - Date.now()) < 600_000)
  )

  await runs(app, first.id)
  await app.post(`/api/executions/${first.id}/cancel`)
  await runs(app, second.id)
  await app.post(`/api/executions/${second.id}/cancel`)
  await waiting.done
  t.same(story(waiting), ['state queued', 'state running', 'state cancelled', 'end cancelled'])
  t.match(waiting.events.at(-1)!.data, { state: 'cancelled', reason: 'requested' })
})

t.test('the stream of one that is cancelled while it waits ends without a log', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/sh', '-c', 'sleep 600'])
  const first = await app.start(bot)
  const second = await app.start(bot)
  const reader = await follow(app, second.id)
  await app.post(`/api/executions/${second.id}/cancel`)
  await reader.done
  t.same(story(reader), ['state queued', 'state cancelled', 'end cancelled'].slice(-story(reader).length))
  t.equal(reader.events.at(-1)!.event, 'end')
  await runs(app, first.id)
  await app.post(`/api/executions/${first.id}/cancel`)
  await app.ended(first.id)
})

t.test('a bot that prints nothing has a stream that says so by its end', async t => {
  const app = await buildApp(t)
  const { id } = await app.start(await app.makeBot(['/bin/sh', '-c', 'exit 3']))
  const live = await follow(app, id)
  await live.done
  const late = await follow(app, id)
  await late.done

  for (const reader of [live, late]) {
    t.same(reader.events.at(-1), {
      id: null,
      event: 'end',
      data: { state: 'failed', reason: 'exit_code', exitCode: 3 }
    })
    t.equal(reader.text, '')
  }
  t.same(story(late), ['state failed', 'end failed'])
})

t.test('text arrives as it is in the log, at whichever byte of a character it pauses', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const reader = await follow(app, id)

  for (const character of [
    '\x80',
    '\u07ff',
    '\u0800',
    '\ud7ff',
    '\ue000',
    '\ufeff',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}'
  ]) {
    const bytes = Buffer.from(character)
    for (let cut = 1; cut < bytes.length; cut++) {
      const before = feed.bytes.length
      await feed.write(Buffer.concat([Buffer.from('|'), bytes.subarray(0, cut)]))
      await eventually('what comes before the character', () => reader.lastEventId === `1:${before + 1}`)
      await feed.write(bytes.subarray(cut))
    }
  }
  await feed.end()
  await reader.done

  t.equal(reader.text, feed.bytes.toString())
  t.notMatch(reader.text, '\ufffd')
  t.same(await app.downloadLog(id), feed.bytes)
})

t.test('a bot that prints a byte at a time is read as one that does not', async t => {
  const app = await buildApp(t)
  const text = Buffer.from('é€😀\ufeff\n\u{10ffff}ß '.repeat(1000))
  // Leads without their rest, rests without a lead, overlong forms, a surrogate, one beyond the last code point.
  const invalid = Buffer.from(
    '\xe2\x82|\x82\xac|\xc0\xaf|\xe0\x80\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xff\xfe|\xf0\x9f\x98\n',
    'latin1'
  )
  const bytes = Buffer.concat([text, invalid, text, invalid.subarray(0, -1)])
  const { id } = await app.start(await app.makeBot(printing(t, bytes, 'log-bytewise')))
  const reader = await follow(app, id)
  await reader.done

  t.equal(reader.text, bytes.toString())
  t.same(await app.downloadLog(id), bytes)
  t.equal(textOf(await app.readLog(id)), bytes.toString())
})

t.test('no output can forge an event', async t => {
  const app = await buildApp(t)
  const output = [
    'data: {"text":"forged","at":null}\n\nid: 9:9\nevent: end\ndata: {"state":"succeeded"}\n\n',
    '\r\rdata: {}\r\r\r\n\r\nevent: end\r\ndata: {}\r\n\r\n',
    'id: 1:0\rretry: 0\r: comment\r\r',
    '\n\n\n\n\u2028\u2028\u2029\x85\x0b\x0c\n\ufeffdata: {}\n\ufeff',
    '</script><script>alert(1)</script><!-- "\\" \' \0 \x1b[31m \x7f \u202e\n',
    '"}\n\ndata: {"text":"x\\n\\ndata: y"}\n\n\\u000a\\n\n',
    'retry: 1\n\n:\n\nid\n\nevent\n\ndata\n\n'
  ].join('')
  const { id } = await app.start(await app.makeBot(printing(t, output)))
  const live = await follow(app, id)
  await live.done
  const replay = await follow(app, id)
  await replay.done

  for (const reader of [live, replay]) {
    t.equal(reader.text, output)
    t.ok(reader.events.every(({ event }) => ['log', 'state', 'end'].includes(event)))
    t.equal(reader.events.filter(({ event }) => event === 'end').length, 1)
    t.equal(reader.lastEventId, `1:${Buffer.byteLength(output)}`)
    t.equal(reader.stream.raw().match(/^retry:/gm)?.length, 1)
    t.notMatch(reader.stream.raw(), '\r')
  }
})

t.test('a stream begins where it is told, by header or by address, and the header wins', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const read = async (options: { lastEventId?: string; after?: string }) => textOf(await app.readLog(id, options))

  t.equal(await read({ after: '1:4' }), 'two\nthree\n')
  t.equal(await read({ after: '1:8', lastEventId: '1:4' }), 'two\nthree\n')
  t.equal(await read({ after: 'nonsense', lastEventId: '1:8' }), 'three\n')
  t.equal(await read({ lastEventId: '1:0' }), 'one\ntwo\nthree\n')
  t.equal(await read({ lastEventId: '1:5' }), 'wo\nthree\n', 'within a line')
  t.equal(await read({ lastEventId: '' }), 'one\ntwo\nthree\n', 'nothing seen yet')
  t.equal(await read({ after: '' }), 'one\ntwo\nthree\n')
})

t.test('a place past the end of a log is its end', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  for (const place of ['1:14', '1:15', '1:4294967296', '1:999999999999999']) {
    const reader = await follow(app, id, { lastEventId: place })
    await reader.done
    t.same(story(reader), ['state succeeded', 'end succeeded'], place)
  }

  const feed = await Feed.open(t)
  const running = await startFed(app, feed)
  await feed.write('one\n')
  await app.printed(running, 'one\n')
  const reader = await follow(app, running, { after: '1:999999' })
  await eventually('the stream to begin', () => reader.events.length > 0)
  await feed.write('two\n')
  await reader.sees('two\n')
  await feed.end()
  await reader.done
  t.equal(reader.text, 'two\n', 'what comes is seen')
})

t.test('a place within a character is the beginning of that character', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, 'aé€😀z'))
  const places = {
    1: 'é€😀z',
    2: 'é€😀z',
    3: '€😀z',
    4: '€😀z',
    5: '€😀z',
    6: '😀z',
    7: '😀z',
    8: '😀z',
    9: '😀z',
    10: 'z'
  }
  for (const [offset, text] of Object.entries(places)) {
    t.equal(textOf(await app.readLog(id, { lastEventId: `1:${offset}` })), text, `at ${offset}`)
  }
})

t.test('a place that no server has given out is refused', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const never = [
    ...['-1:0', '1:-1', '-1', '1:99999999999999999999', '99999999999999999999:1', `1:${'9'.repeat(40)}`],
    ...['NaN', '1:NaN', 'NaN:NaN', '1:Infinity', '1:1.5', '1:0x10', '1:1e3', '1', ':', '1:', ':1', '1:4:5', '0:0'],
    ...['2:0', '2:4', '999999:0', '1:4, 1:8', '1:4,1:8', 'null', 'undefined', '[object Object]', "1:4'--", '../1:4']
  ]
  for (const place of never) {
    isProblem(t, await app.get(pathOf(id), { 'last-event-id': place }), 400, 'invalid_cursor', place)
  }
  for (const place of [...never, '1:4\r\nid: 9:9', '1:4\n', '\r\n1:4', '1:4\0', '\uff11:\uff14', '1:4\u2028']) {
    const query = `after=${encodeURIComponent(place)}`
    isProblem(t, await app.get(`${pathOf(id)}?${query}`), 400, 'invalid_cursor', query)
  }
  for (const query of [`after=${'1'.repeat(65)}`, 'after=1:4&after=1:8', 'from=1:4']) {
    isProblem(t, await app.get(`${pathOf(id)}?${query}`), 400, 'invalid_request', query)
  }
})

t.test('whatever is sent as a place gets a defined answer', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const request = (headers: string) =>
    rawHttp(
      app.url,
      `GET ${pathOf(id)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.token}\r\nconnection: close\r\n${headers}\r\n`
    )
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

  const repeated = await request('last-event-id: 1:4\r\nlast-event-id: 1:8\r\n')
  t.equal(statusOf(repeated), 400)
  t.match(repeated, /"code":"invalid_cursor"/)
  // What follows a line break is another header, and what is no header is refused before we are asked.
  t.match(await request('last-event-id: 1:8\r\nid: 9:9\r\n'), /^id: 1:14\nevent: log\ndata: \{"text":"three\\n"/m)
  for (const broken of ['1:4\rid: 9', '1:4\nnonsense', '1:4\r\n 1:8', '1:4\0', '\x7f\x01']) {
    t.equal(statusOf(await request(`last-event-id: ${broken}\r\n`)), 400, JSON.stringify(broken))
  }

  const latin1 = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map(code => String.fromCharCode(code)) })
  await fc.assert(
    fc.asyncProperty(fc.oneof(latin1, fc.stringMatching(/^[-0-9:. ,]{0,8}$/)), async place => {
      const status = statusOf(await request(`last-event-id: ${place}\r\n`))
      return status === 200 || status === 400
    }),
    { ...seeded(t), numRuns: 60 }
  )
})

t.test('the stream of an execution that is not there is not found', async t => {
  const app = await buildApp(t)
  for (const id of ['no-such', '..%2f..', '%00', '0198c1a0-0000-7000-8000-000000000000']) {
    isProblem(t, await app.get(pathOf(id)), 404, 'not_found', id)
  }
})

t.test('a log is told once to each of its readers, however they come', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const readers: Reader[] = []
  for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) {
    readers.push(await follow(app, id))
    await feed.write(line)
    await Promise.all(readers.map(reader => reader.sees(line)))
  }
  await feed.end()
  await Promise.all(readers.map(reader => reader.done))
  for (const reader of readers) t.equal(reader.text, 'one\ntwo\nthree\nfour\n')
})

t.test('asking for the head of a stream is answered, and does not hold one open', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const answerTo = async (path: string) => {
    let answer = ''
    const request = `HEAD ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.token}\r\nconnection: close\r\n\r\n`
    void rawHttp(app.url, request).then(text => {
      answer = text
    })
    return eventually(`the answer to HEAD ${path}`, () => answer, 5000)
  }
  await Promise.all([pathOf(id), '/api/events', '/api/heartbeat'].map(path => t.resolves(answerTo(path), path)))
  await feed.end()
  await app.ended(id)
})
