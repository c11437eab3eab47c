import t from 'tap'
import { formatRange, isIn, parseRange } from '../../src/dashboard/log/line-range.ts'

t.test('a line or several are read from an address, or as somebody types them', async t => {
  t.same(parseRange('#L120'), { first: 120, last: 120 })
  t.same(parseRange('#L10-L20'), { first: 10, last: 20 })
  t.same(parseRange('#L20-L10'), { first: 10, last: 20 })
  t.same(parseRange(' 10 - 20 '), { first: 10, last: 20 })
  t.same(parseRange('7'), { first: 7, last: 7 })
})

t.test('anything else is no line', async t => {
  for (const text of ['', '#', '#L0', '#L-1', '#L1-', '#L1.5', '#content', '#L9999999999', '#L1-L2-L3']) {
    t.equal(parseRange(text), null, text)
  }
})

t.test('what is written is read again', async t => {
  for (const range of [
    { first: 1, last: 1 },
    { first: 3, last: 500_000 }
  ]) {
    t.same(parseRange(formatRange(range)), range)
  }
})

t.test('a range holds both its ends and nothing beyond them', async t => {
  const range = { first: 2, last: 4 }
  t.same(
    [1, 2, 3, 4, 5].map(line => isIn(range, line)),
    [false, true, true, true, false]
  )
  t.equal(isIn(null, 1), false)
})
