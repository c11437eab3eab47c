import fc from 'fast-check'
import t from 'tap'
import { BLOCK_LINES, LogBook } from '../../src/dashboard/log/log-book.ts'
import type { Growth, LogPage } from '../../src/dashboard/log/log-page.ts'
import { seeded } from '../support/properties.ts'

/** A log as a server has it, which can be read as of any time. */
class Log {
  text = ''

  get bytes(): number {
    return Buffer.byteLength(this.text)
  }

  static linesOf(text: string): string[] {
    const lines = text.split('\n')
    if (lines.at(-1) === '') lines.pop()
    return lines
  }

  get lines(): string[] {
    return Log.linesOf(this.text)
  }

  /** Prints, and says so as the server does. */
  print(text: string, told = true): Growth {
    const from = this.bytes
    const line = this.text.split('\n').length
    this.text += text
    return { from, to: this.bytes, line, lineCount: this.lines.length, at: 1000, text: told ? text : null }
  }

  page(fromLine: number, count: number): LogPage {
    const items = this.lines
      .slice(fromLine - 1, fromLine - 1 + count)
      .map((text, i) => ({ line: fromLine + i, at: 500, text, truncated: false }))
    return { items, lineCount: this.lines.length, logBytes: this.bytes }
  }

  tail(count: number): LogPage {
    return this.page(Math.max(1, this.lines.length - count + 1), count)
  }
}

const textsOf = (book: LogBook, first = 1, last = book.lineCount) =>
  Array.from({ length: last - first + 1 }, (_, i) => book.line(first + i)?.text)

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('')

/** Reads what is missing, as long as something is. */
function readAll(book: LogBook, log: Log): void {
  for (let i = 0; i < 100; i++) {
    const [range] = book.missing(1, book.lineCount)
    if (!range) return
    book.take(log.page(range.fromLine, range.lines))
  }
  throw new Error('reading brings nothing')
}

t.test('a log is followed from its first byte without any request', async t => {
  const log = new Log()
  const book = new LogBook()
  for (const text of ['one\ntw', 'o', '\n', 'three\n\n', 'five']) book.apply(log.print(text))
  t.same(textsOf(book), ['one', 'two', 'three', '', 'five'])
  t.same(book.missing(1, 5), [])
})

t.test('what was added behind a page that was read stands behind it', async t => {
  const log = new Log()
  log.print('one\ntw')
  const book = new LogBook()
  book.take(log.page(1, 10))
  book.apply(log.print('o\nthree\n'))
  t.same(textsOf(book), ['one', 'two', 'three'])
  t.equal(book.line(2)?.at, 500, 'a line is as old as its beginning')
  t.equal(book.line(3)?.at, 1000)
  t.same(book.missing(1, 3), [])
})

t.test('word of what is known already changes nothing', async t => {
  const log = new Log()
  const first = log.print('one\n')
  const second = log.print('two\n')
  const book = new LogBook()
  book.take(log.page(1, 10))
  book.apply(first)
  book.apply(second)
  t.same(textsOf(book), ['one', 'two'])
  t.equal(book.lineCount, 2)
})

t.test('of much that was added only the number is known, and the rest is read when it is shown', async t => {
  const log = new Log()
  const book = new LogBook()
  book.apply(log.print('one\ntw'))
  book.apply(log.print(`o\n${numbered(1000)}`, false))
  t.equal(book.lineCount, 1002)
  t.equal(book.line(2)?.text, 'tw', 'what was shown stays until more is known')
  t.same(book.missing(1, 10), [{ block: 0, fromLine: 2, lines: BLOCK_LINES - 1 }])
  book.take(log.page(2, BLOCK_LINES - 1))
  t.same(book.missing(1, 10), [])
  t.equal(book.line(2)?.text, 'two')
})

t.test('a line that had ended is not read again for what came behind it', async t => {
  const log = new Log()
  const book = new LogBook()
  book.apply(log.print('one\n'))
  book.apply(log.print(numbered(10), false))
  t.same(book.missing(1, 1), [])
  t.same(book.missing(1, 2), [{ block: 0, fromLine: 2, lines: 10 }])
})

t.test('an answer older than what is known takes nothing back', async t => {
  const log = new Log()
  log.print('one\ntw')
  const old = log.page(1, 10)
  const book = new LogBook()
  book.apply(log.print('o\nthree\n'))
  book.take(old)
  t.equal(book.lineCount, 3)
  t.equal(book.line(1)?.text, 'one')
  t.same(book.missing(1, 3), [{ block: 0, fromLine: 2, lines: 1 }], 'its last line was not finished')

  book.take(log.page(1, 10))
  book.take(old)
  t.same(textsOf(book), ['one', 'two', 'three'])
})

t.test('after a break the end is read anew, and what has changed by then is not taken for true', async t => {
  const log = new Log()
  const book = new LogBook()
  book.apply(log.print('one\ntw'))
  log.print('o\nthree\nfo')
  book.apply(log.print('ur\n'))
  t.equal(book.lineCount, 4)
  t.same(book.missing(1, 4), [{ block: 0, fromLine: 2, lines: 3 }])
  book.take(log.tail(2))
  t.same(book.missing(1, 4), [{ block: 0, fromLine: 2, lines: 1 }], 'the line that was unfinished is still missing')
  readAll(book, log)
  t.same(textsOf(book), ['one', 'two', 'three', 'four'])
})

t.test('a line that grows without end is cut where the server cuts it', async t => {
  const log = new Log()
  const book = new LogBook()
  for (let i = 0; i < 2000; i++) book.apply(log.print(`\rdone: ${i} €`))
  const line = book.line(1)!
  t.equal(line.truncated, true)
  t.ok(log.text.startsWith(line.text))
  t.ok(Buffer.byteLength(line.text) <= 16_384 && Buffer.byteLength(line.text) > 16_384 - 4)
  book.apply(log.print('\nnext\n'))
  t.equal(book.line(2)?.text, 'next')
  t.same(book.missing(1, 2), [])
})

t.test('only what is asked for is missing, block by block', async t => {
  const log = new Log()
  log.print(numbered(2000))
  const book = new LogBook()
  book.take(log.tail(100))
  t.same(book.missing(1950, 2000), [])
  t.same(book.missing(1900, 2000), [{ block: 7, fromLine: 1793, lines: 108 }], 'of a block all that is missing')
  t.same(book.missing(250, 260), [
    { block: 0, fromLine: 1, lines: BLOCK_LINES },
    { block: 1, fromLine: BLOCK_LINES + 1, lines: BLOCK_LINES }
  ])
  t.same(book.missing(-50, 0), [])
  t.same(book.missing(2001, 2010), [])
  t.same(book.missing(3000, 4000), [])
})

t.test('a page that holds less than was asked for leaves the rest missing', async t => {
  const log = new Log()
  log.print(numbered(200))
  const book = new LogBook()
  book.take(log.page(1, 50))
  t.same(book.missing(1, 50), [])
  t.same(book.missing(1, 60), [{ block: 0, fromLine: 51, lines: 150 }])
})

t.test('what was shown longest ago is forgotten first', async t => {
  const log = new Log()
  log.print(numbered(300 * BLOCK_LINES))
  const book = new LogBook()
  for (let block = 0; block < 150; block++) book.take(log.page(block * BLOCK_LINES + 1, BLOCK_LINES))
  book.missing(1, 1)
  for (let block = 150; block < 300; block++) book.take(log.page(block * BLOCK_LINES + 1, BLOCK_LINES))
  t.equal(book.blocks.length, 200)
  t.same(book.missing(1, 1), [], 'what was shown again stays')
  t.equal(book.missing(BLOCK_LINES + 1, BLOCK_LINES + 1).length, 1)
})

t.test('long lines are forgotten sooner', async t => {
  const log = new Log()
  log.print(`${'x'.repeat(16_000)}\n`.repeat(20 * BLOCK_LINES))
  const book = new LogBook()
  for (let block = 0; block < 20; block++) book.take(log.page(block * BLOCK_LINES + 1, BLOCK_LINES))
  t.ok(book.blocks.length < 9)
  t.equal(book.blocks.at(-1), 19)
})

t.test('whatever comes in whatever order, what is taken for true is true, and all of it can be read', async t => {
  const text = fc.stringMatching(/^[ab€\n]{1,12}$/)
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('print' as const), text, told: fc.boolean(), lost: fc.boolean() })
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('flood' as const), lines: fc.integer({ min: 200, max: 600 }) })
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('ask' as const),
        tail: fc.boolean(),
        place: fc.double({ min: 0, max: 1, noNaN: true })
      })
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('hear' as const), count: fc.integer({ min: 1, max: 4 }) }) }
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const log = new Log()
      const book = new LogBook()
      const texts = new Map([[0, '']])
      const answers: LogPage[] = []
      const events: Growth[] = []
      const print = (text: string, told: boolean) => {
        const event = log.print(text, told)
        texts.set(log.bytes, log.text)
        return event
      }
      let bytes = 0
      const isTrue = () => {
        if (book.logBytes < bytes) return false
        bytes = book.logBytes
        const lines = Log.linesOf(texts.get(bytes)!)
        if (book.lineCount !== lines.length) return false
        return lines.every((line, i) => !book.knows(i + 1) || book.line(i + 1)!.text === line)
      }
      for (const step of steps) {
        if (step.kind === 'print') {
          const event = print(step.text, step.told)
          if (!step.lost) events.push(event)
        } else if (step.kind === 'flood') events.push(print(numbered(step.lines), false))
        else if (step.kind === 'ask') {
          const from = 1 + Math.floor(step.place * log.lines.length)
          answers.push(step.tail ? log.tail(20) : log.page(from, 300))
        } else if (step.kind === 'answer') {
          for (const page of answers.splice(step.which % (answers.length + 1), 1)) book.take(page)
        } else for (const event of events.splice(0, step.count)) book.apply(event)
        if (!isTrue()) return false
      }
      book.take(log.tail(20))
      readAll(book, log)
      for (const answer of answers) book.take(answer)
      for (const event of events) book.apply(event)
      return isTrue() && book.lineCount === log.lines.length && log.lines.every((_, i) => book.knows(i + 1))
    }),
    seeded(t)
  )
})
