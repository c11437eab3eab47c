import t from 'tap'
import { buildApp } from '../support/app.ts'
import { textOf } from '../support/client.ts'
import { Feed, printing, Reader, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'

const pathOf = (id: string, query: string) => `/api/executions/${id}/log/stream?${query}`

t.test('a stream begins so many lines before the end as it is asked to', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, 'one\ntwo\nthr€e\nfour'))
  const tails = { 1: 'four', 2: 'thr€e\nfour', 4: 'one\ntwo\nthr€e\nfour', 1000: 'one\ntwo\nthr€e\nfour' }
  for (const [tail, text] of Object.entries(tails)) {
    const reader = new Reader(await app.stream(pathOf(id, `tail=${tail}`)))
    await reader.done
    t.same([reader.text, reader.lastEventId], [text, '1:20'], `the last ${tail}`)
    t.match(reader.events.at(-1), { event: 'end', data: { state: 'succeeded' } })
  }
})

t.test('a stream that begins at the tail goes on with what comes', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\ntwo\nthree\nprompt> ')
  await app.printed(id, 'prompt> ')
  const reader = new Reader(await app.stream(pathOf(id, 'tail=2')))
  await reader.sees('three\nprompt> ')
  await feed.write('yes\nfive\n')
  await feed.end()
  await reader.done
  t.equal(reader.text, 'three\nprompt> yes\nfive\n')
})

t.test('a place in the log wins over its tail', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const from = async (query: string, headers: Record<string, string> = {}) => {
    const reader = new Reader(await app.stream(pathOf(id, query), headers))
    await reader.done
    return textOf(reader.events)
  }
  t.equal(await from('tail=1&after=1:4'), 'two\nthree\n')
  t.equal(await from('tail=1', { 'last-event-id': '1:0' }), 'one\ntwo\nthree\n')
  t.equal(await from('tail=1&after='), 'three\n')
})

t.test('the tail of nothing is where the log begins', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command)
  const [first, second] = [await app.start(bot), await app.start(bot)]
  const waiting = new Reader(await app.stream(pathOf(second.id, 'tail=5')))
  const running = new Reader(await app.stream(pathOf(first.id, 'tail=5')))
  await app.post(`/api/executions/${second.id}/cancel`)
  await waiting.done
  await feed.write('one\n')
  await feed.end()
  await running.done
  t.same([waiting.text, running.text], ['', 'one\n'])
})

t.test('a tail that cannot be asked for is refused', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  for (const tail of ['0', '-1', '1001', 'x', '1.5', '']) {
    isProblem(t, await app.get(pathOf(id, `tail=${tail}`)), 400, 'invalid_request', tail)
  }
  isProblem(t, await app.get(pathOf(id, 'tail=1&after=nonsense')), 400, 'invalid_cursor')
})

t.test('what a stream replays has the time it was printed at, also after the end', async t => {
  const app = await buildApp(t)
  const before = Date.now()
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\n')
  await app.printed(id, 'one\n')
  const printed = Date.now()
  await feed.end()
  await app.ended(id)
  const [event] = await app.readLog(id)
  t.ok(event!.data.at >= before && event!.data.at <= printed)
})
