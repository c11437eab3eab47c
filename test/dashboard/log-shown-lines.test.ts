import t from 'tap'
import { BLOCK_LINES, LogBook } from '../../src/dashboard/log/log-book.ts'
import { ShownLines, textOf } from '../../src/dashboard/log/shown-lines.ts'

/** A book that holds these lines, from `first` on. */
function bookOf(lines: string[], first = 1): LogBook {
  const book = new LogBook()
  book.take({
    items: lines.map((text, i) => ({ line: first + i, at: null, text, truncated: false })),
    lineCount: first + lines.length - 1,
    logBytes: 1_000_000
  })
  return book
}

const colours = (shown: ShownLines, block: number, end: number) =>
  shown.ofBlock(block, end).map(line => line?.spans[0]?.style.colour ?? null)

t.test('a colour lasts from line to line until it is reset', async t => {
  const shown = new ShownLines(bookOf(['\x1b[31mone', 'two', '\x1b[0mthree']))
  t.same(colours(shown, 0, 3), [1, 1, null])
})

t.test('a colour does not last into the next block, which may be read alone', async t => {
  const lines = new Array(BLOCK_LINES + 1).fill('same')
  lines[0] = '\x1b[31mfirst'
  const shown = new ShownLines(bookOf(lines))
  t.equal(colours(shown, 0, BLOCK_LINES).at(-1), 1)
  t.same(colours(shown, 1, 1), [null])
})

t.test('lines that are not known are left out', async t => {
  const shown = new ShownLines(bookOf(['known'], 3))
  t.same(
    shown.ofBlock(0, 4).map(line => line && textOf(line)),
    [null, null, 'known', null]
  )
  t.same(shown.ofBlock(7, 2), [null, null])
})

t.test('a line is read once, and again when it has grown or what comes before it has', async t => {
  const book = bookOf(['plain', 'last'])
  const shown = new ShownLines(book)
  const [plain, last] = shown.ofBlock(0, 2)
  t.equal(shown.ofBlock(0, 2)[0], plain)
  t.equal(shown.ofBlock(0, 2)[1], last)
  book.apply({ from: 1_000_000, to: 1_000_010, line: 2, lineCount: 3, at: 1, text: '\x1b[31m!\nnext' })
  t.equal(shown.ofBlock(0, 3)[0], plain)
  t.equal(textOf(shown.ofBlock(0, 3)[1]!), 'last!')
  t.equal(shown.ofBlock(0, 3)[2]!.spans[0]!.style.colour, 1)
})

t.test('commands are shown as what they say, also in colours', async t => {
  const shown = new ShownLines(bookOf(['\x1b[1m::error file=a.c::It \x1b[31mbroke', '::add-mask::secret', 'text']))
  const [error, mask, text] = shown.ofBlock(0, 3)
  t.match(error, { kind: 'error', place: 'a.c' })
  t.equal(textOf(error!), 'It broke')
  t.match(mask, { kind: 'aside' })
  t.notMatch(JSON.stringify(mask), 'secret')
  t.match(text, { kind: 'text', place: null })
})
