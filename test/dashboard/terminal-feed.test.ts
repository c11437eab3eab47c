import t, { type Test } from 'tap'
import { ApiProblem } from '../../src/dashboard/api/problem.ts'
import { type LogSource, TerminalFeed } from '../../src/dashboard/terminal/terminal-feed.ts'
import { buildApp } from '../support/app.ts'
import type { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, printing, startFed } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** An execution's log over HTTP, and from where it was asked for. */
function sourceOf(server: () => Client, id: string): LogSource & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async size() {
      const answer = await server().get(`/api/executions/${id}/log?tail=1`)
      if (answer.status !== 200) throw new ApiProblem(answer.body, answer.status)
      return answer.body.logBytes
    },
    async read(after, abort, onEvent) {
      asked.push(after)
      const stream = await server().followLog(id, { after })
      abort.signal.addEventListener('abort', () => stream.close())
      for await (const { id, event, data } of stream) {
        await onEvent({ id: id ?? undefined, event, data: JSON.stringify(data) })
      }
    }
  }
}

/** A feed and what it has shown, until the test ends. */
function feedOf(t: Test, source: LogSource, attempt = 1) {
  const shown = { text: '', old: '', leftOut: 0 }
  const feed = new TerminalFeed(
    attempt,
    source,
    {
      async write(text, { old }) {
        shown.text += text
        if (old) shown.old += text
      },
      leap(bytes) {
        Object.assign(shown, { text: '', old: '', leftOut: bytes })
      }
    },
    () => {}
  )
  t.teardown(() => feed.hold())
  feed.go()
  return { feed, shown, shows: (text: string) => eventually(`to show ${text}`, () => shown.text.endsWith(text)) }
}

t.test('a terminal is fed the whole log, and knows what had been printed before', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('before\n')
  await app.printed(id, 'before')
  const {
    feed: fed,
    shown,
    shows
  } = feedOf(
    t,
    sourceOf(() => app, id)
  )
  await shows('before\n')
  await feed.write('after\n')
  await shows('after\n')
  t.same(shown, { text: 'before\nafter\n', old: 'before\n', leftOut: 0 })
  await feed.end()
  await eventually('the end', () => fed.state === 'ended')
})

t.test('it goes on at its byte after a break, and after it was held', async t => {
  const dataDir = testFolder(t)
  let server = await startServer(t, dataDir)
  const feed = await Feed.open(t)
  const id = await startFed(server, feed)
  const source = sourceOf(() => server, id)
  const { feed: fed, shown, shows } = feedOf(t, source)
  await feed.write('öne\n')
  await shows('öne\n')
  await server.kill('SIGKILL')
  await eventually('the break', () => fed.state === 'off')
  await feed.write('two\n')
  server = await startServer(t, dataDir)
  await shows('two\n')
  fed.hold()
  await feed.write('three\n')
  await server.printed(id, 'three')
  t.equal(shown.text, 'öne\ntwo\n')
  fed.go()
  await shows('three\n')
  t.equal(shown.text, 'öne\ntwo\nthree\n')
  t.equal(shown.old, 'two\nthree\n')
  t.same([source.asked[0], ...new Set(source.asked.slice(1))], ['1:0', '1:5', '1:9'])
  await feed.end()
  await eventually('the end', () => fed.state === 'ended')
})

t.test('of a log longer than a megabyte it is fed the end, from where a line or a sequence begins', async t => {
  const app = await buildApp(t)
  const line = `${'x'.repeat(99)}\n`
  const { id } = await app.finished(printing(t, line.repeat(20_000)))
  const { feed: fed, shown } = feedOf(
    t,
    sourceOf(() => app, id)
  )
  await eventually('the end', () => fed.state === 'ended')
  t.equal(shown.leftOut, 2_000_000 - 2 ** 20)
  t.equal(shown.text, line.repeat(Math.floor(2 ** 20 / 100)))

  const colours = '\x1b[31mred\x1b[32mgreen'
  const { id: other } = await app.finished(printing(t, colours.repeat(100_000)), { name: 'other' })
  const next = feedOf(
    t,
    sourceOf(() => app, other)
  )
  await eventually('the end', () => next.feed.state === 'ended')
  t.match(next.shown.text, /^\x1b\[3/)
  t.ok(next.shown.text.length > 2 ** 20 - 20)
})

t.test('what is refused for good is not asked for again by itself', async t => {
  const app = await buildApp(t)
  const source = sourceOf(() => app, '019c0000-0000-7000-8000-000000000000')
  const { feed } = feedOf(t, source)
  await eventually('the refusal', () => feed.state === 'failed')
  t.match(feed.error, { status: 404 })
})
