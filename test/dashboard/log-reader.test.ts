import t, { type Test } from 'tap'
import { readLines } from '../../src/dashboard/log/copied-lines.ts'
import { LogBook } from '../../src/dashboard/log/log-book.ts'
import type { LogPage, PageQuery, ReadPage } from '../../src/dashboard/log/log-page.ts'
import { LogReader } from '../../src/dashboard/log/log-reader.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { Feed, printing, startFed } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

/** Reads an execution's log over HTTP, and notes what was asked for. */
function pagesOf(app: TestApp, id: string): { read: ReadPage; asked: PageQuery[]; aborted: PageQuery[] } {
  const asked: PageQuery[] = []
  const aborted: PageQuery[] = []
  const read: ReadPage = async (query, signal) => {
    asked.push(query)
    signal.addEventListener('abort', () => aborted.push(query))
    const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
    const headers = { authorization: `Bearer ${app.token}` }
    const response = await fetch(`${app.url}/api/executions/${id}/log?${parameters}`, { headers, signal })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return (await response.json()) as LogPage
  }
  return { read, asked, aborted }
}

/** A reader of an execution's log that is closed when the test ends. */
function readerOf(t: Test, read: ReadPage) {
  const book = new LogBook()
  let changes = 0
  const reader = new LogReader(book, read, () => changes++)
  t.teardown(() => reader.close())
  return { book, reader, changes: () => changes }
}

const knows = (book: LogBook, first: number, last: number) =>
  eventually(`lines ${first} to ${last}`, () => {
    for (let line = first; line <= last; line++) if (!book.knows(line)) return false
    return last <= book.lineCount
  })

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('')

t.test('a log is opened at its end, with one request', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(5000)))
  const pages = pagesOf(app, id)
  const { book, reader } = readerOf(t, pages.read)
  reader.follow(true)
  reader.open(null)
  await knows(book, 4960, 5000)
  reader.show(4960, 5000)
  t.equal(book.lineCount, 5000)
  t.equal(book.line(5000)?.text, 'line 5000')
  t.same(pages.asked, [{ tail: 256 }])
})

t.test('a log that was linked to is opened at that line', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(5000)))
  const pages = pagesOf(app, id)
  const { book, reader } = readerOf(t, pages.read)
  reader.open(2000)
  await knows(book, 1990, 2010)
  t.same(pages.asked, [{ fromLine: 1793, lines: 256 }])
})

t.test('only what is shown and lies around it is read', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(50_000)))
  const pages = pagesOf(app, id)
  const { book, reader } = readerOf(t, pages.read)
  reader.open(25_000)
  await knows(book, 25_000, 25_000)
  reader.show(25_000, 25_040)
  await knows(book, 24_900, 25_140)
  t.ok(pages.asked.length <= 3)
  t.equal(book.line(24_000), undefined)
  t.equal(book.line(25_040)?.text, 'line 25040')
})

t.test('all lines can be read screen by screen, also where a page is too much for one answer', async t => {
  const app = await buildApp(t)
  const text = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(12_000)}\n`).join('')
  const { id } = await app.finished(printing(t, text))
  const { book, reader } = readerOf(t, pagesOf(app, id).read)
  reader.open(null)
  await knows(book, 299, 300)
  for (let first = 1; first < 300; first += 50) {
    reader.show(first, Math.min(300, first + 49))
    await knows(book, first, Math.min(300, first + 49))
  }
  t.equal(text, Array.from({ length: 300 }, (_, i) => `${book.line(i + 1)!.text}\n`).join(''))
})

t.test('who jumps about reads where the jumping ends', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(50_000)))
  const pages = pagesOf(app, id)
  const { book, reader } = readerOf(t, pages.read)
  reader.open(null)
  await knows(book, 49_990, 50_000)
  reader.show(49_960, 50_000)
  await knows(book, 49_800, 50_000)
  const before = pages.asked.length
  for (let first = 1000; first <= 40_000; first += 1000) reader.show(first, first + 40)
  await knows(book, 40_000, 40_040)
  t.equal(book.line(20_000), undefined)
  t.ok(pages.asked.length - before <= 3, 'at most the blocks around that place')
})

t.test('what was asked for and is not wanted any more is broken off', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(50_000)))
  const pages = pagesOf(app, id)
  const { book, reader } = readerOf(t, pages.read)
  reader.open(null)
  await knows(book, 49_990, 50_000)
  reader.show(10_000, 10_040)
  reader.show(10_030, 10_070)
  t.ok(pages.asked.length > 1, 'it is asked for')
  reader.show(30_000, 30_040)
  await knows(book, 30_000, 30_040)
  t.equal(reader.error, null, 'which is no error')
  for (const query of pages.aborted) t.ok('fromLine' in query && query.fromLine < 11_000)
})

t.test('after an error nothing more is asked for until something else is shown or somebody says so', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(5000)))
  const pages = pagesOf(app, id)
  const token = app.token
  const { book, reader } = readerOf(t, pages.read)
  app.token = 'no such token'
  reader.open(null)
  await eventually('the error', () => reader.error)
  const tries = pages.asked.length
  for (let line = 1; line < 10; line++) reader.show(line, line)
  t.equal(pages.asked.length, tries, 'not with every step')
  t.match(String(reader.error), /401/)
  app.token = token
  reader.retry()
  reader.resync()
  await knows(book, 4990, 5000)

  app.token = 'no such token'
  reader.show(1000, 1040)
  await eventually('the error', () => reader.error)
  const asked = pages.asked.length
  reader.show(1000, 1040)
  t.equal(pages.asked.length, asked)
  app.token = token
  let line = 1000
  await eventually('the lines of a place further down', () => {
    line++
    reader.show(line, line + 40)
    return book.knows(line)
  })
  t.equal(reader.error, null)
})

t.test('a log that grows by more than is told is followed at its end', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const { book, reader } = readerOf(t, pagesOf(app, id).read)
  await eventually('the attempt', async () => (await app.execution(id)).attempts.length)
  await feed.write('first\n')
  await app.printed(id, 'first')
  reader.follow(true)
  reader.open(null)
  await knows(book, 1, 1)
  const text = numbered(3000)
  await feed.write(text)
  await app.printed(id, 'line 3000\n')
  book.apply({ from: 6, to: 6 + text.length, line: 2, lineCount: 3001, at: 1, text: null })
  reader.show(1, 1)
  await knows(book, 2990, 3001)
  t.equal(book.newest, 3001)
  t.equal(book.line(3001)?.text, 'line 3000')
  await feed.end()
  await app.ended(id)
})

t.test('lines are copied whole and in order, without colours and what is to be masked', async t => {
  const app = await buildApp(t)
  const text = `${numbered(2500)}\x1b[31mred\x1b[0m\r\n::add-mask::secret\n::error::stays\n`
  const { id } = await app.finished(printing(t, text))
  const pages = pagesOf(app, id)
  const { signal } = new AbortController()
  t.same(await readLines({ first: 2, last: 2501 }, pages.read, signal), {
    text: `${numbered(2500).split('\n').slice(1, -1).join('\n')}\nred`,
    count: 2500,
    cut: false
  })
  t.equal(pages.asked.length, 3)
  t.equal(
    (await readLines({ first: 2502, last: 9999 }, pages.read, signal)).text,
    '::add-mask::***\n::error::stays',
    'as far as there are some'
  )
})

t.test('a copy says when a long line is not whole', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, `${'x'.repeat(20_000)}\nshort\n`))
  const { read } = pagesOf(app, id)
  const { signal } = new AbortController()
  t.equal((await readLines({ first: 1, last: 2 }, read, signal)).cut, true)
  t.equal((await readLines({ first: 2, last: 2 }, read, signal)).cut, false)
})

t.test('after a first request that failed, trying again reads the log', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, numbered(10)))
  const pages = pagesOf(app, id)
  let down = true
  const { book, reader } = readerOf(t, (query, signal) =>
    down ? Promise.reject(new Error('the server is away')) : pages.read(query, signal)
  )
  reader.open(null)
  await eventually('word of the failure', () => reader.error !== null)
  t.equal(reader.opened, false)

  down = false
  reader.retry()
  await knows(book, 1, 10)
  t.equal(reader.error, null)
})
