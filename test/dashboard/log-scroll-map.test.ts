import fc from 'fast-check'
import t from 'tap'
import {
  type Extent,
  listEnd,
  MAX_SCROLL_HEIGHT,
  type Place,
  scrolled,
  scrollHeight,
  toList,
  toScroll
} from '../../src/dashboard/log/scroll-map.ts'
import { seeded } from '../support/properties.ts'

const SHORT: Extent = { list: 50_000, view: 600 }
const LONG: Extent = { list: 2_000_000_000, view: 600 }

const extents = fc.record({
  list: fc.oneof(fc.nat(20_000), fc.integer({ min: 1, max: 40e6 }), fc.integer({ min: 8e6, max: 2e9 })),
  view: fc.integer({ min: 1, max: 3000 })
})

const scrollEnd = (extent: Extent) => Math.max(0, scrollHeight(extent) - extent.view)

t.test('a list that fits is scrolled as it is', async t => {
  t.equal(scrollHeight(SHORT), 50_000)
  for (const place of [0, 1, 12_345, listEnd(SHORT)]) {
    t.equal(toList(place, SHORT), place)
    t.equal(toScroll(place, SHORT), place)
  }
})

t.test('a list that is too long is scrolled over as much as a browser can lay out', async t => {
  t.equal(scrollHeight(LONG), MAX_SCROLL_HEIGHT)
  t.equal(toList(scrollEnd(LONG), LONG), listEnd(LONG))
  t.ok(Math.abs(toList(scrollEnd(LONG) / 2, LONG) / listEnd(LONG) - 0.5) < 0.001, 'half way is half way')
})

t.test('both ends belong to each other, whatever the sizes', async t => {
  fc.assert(
    fc.property(extents, extent => {
      return (
        toList(0, extent) === 0 &&
        toScroll(0, extent) === 0 &&
        toList(scrollEnd(extent), extent) === listEnd(extent) &&
        toScroll(listEnd(extent), extent) === scrollEnd(extent)
      )
    }),
    seeded(t)
  )
})

t.test('there and back is the same place, and further is further', async t => {
  fc.assert(
    fc.property(
      extents,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (e, a, b) => {
        const [one, other] = [a * listEnd(e), b * listEnd(e)]
        const back = toList(toScroll(one, e), e)
        return Math.abs(back - one) < 0.01 && (one <= other ? toScroll(one, e) <= toScroll(other, e) : true)
      }
    ),
    seeded(t)
  )
})

t.test('a wheel or a key moves the list by as much as the container', async t => {
  const from = { scroll: 4_000_000, list: toList(4_000_000, LONG) }
  t.same(scrolled(from, 4_000_120, LONG), { scroll: 4_000_120, list: from.list + 120 })
  t.same(scrolled(from, 3_999_000, LONG), { scroll: 3_999_000, list: from.list - 1000 })
})

t.test('a dragged scrollbar goes where it points', async t => {
  const from = { scroll: 4_000_000, list: toList(4_000_000, LONG) }
  t.same(scrolled(from, 6_000_000, LONG), { scroll: 6_000_000, list: toList(6_000_000, LONG) })
  t.same(scrolled(from, 0, LONG), { scroll: 0, list: 0 })
})

t.test('small steps with rests between them reach both ends of the longest list exactly', async t => {
  for (const direction of [1, -1]) {
    const end = direction > 0 ? listEnd(LONG) : 0
    const start = Math.abs(end - 300_000)
    let place: Place = { list: start, scroll: toScroll(start, LONG) }
    let steps = 0
    for (; place.list !== end && steps < 10_000; steps++) {
      const before = place.list
      const scroll = Math.max(0, Math.min(scrollEnd(LONG), place.scroll + direction * 100))
      place = scrolled(place, scroll, LONG)
      t.ok(Math.abs(place.list - before) <= 100, 'never by a leap')
      if (steps % 30 === 0) place.scroll = toScroll(place.list, LONG)
    }
    t.equal(steps, 3000)
  }
})

t.test('no step leads out of the list', async t => {
  const steps = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: -3000, max: 3000 })))
  fc.assert(
    fc.property(extents, steps, (extent, steps) => {
      let place: Place = { scroll: 0, list: 0 }
      return steps.every(([jump, step]) => {
        const to = step % 2 ? jump * scrollEnd(extent) : place.scroll + step
        place = scrolled(place, Math.max(0, Math.min(scrollEnd(extent), to)), extent)
        return place.list >= 0 && place.list <= listEnd(extent)
      })
    }),
    seeded(t)
  )
})
