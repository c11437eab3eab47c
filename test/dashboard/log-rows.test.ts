import fc from 'fast-check'
import t from 'tap'
import { Rows } from '../../src/dashboard/log/rows.ts'
import { seeded } from '../support/properties.ts'

const ROW = 20

t.test('rows that were not measured are all as high as one another', async t => {
  const rows = new Rows(ROW)
  rows.count = 100_000_000
  t.equal(rows.total, 2_000_000_000)
  t.equal(rows.offsetOf(99_999_999), 1_999_999_980)
  t.equal(rows.rowAt(1_999_999_999), 99_999_999)
  t.equal(rows.rowAt(39), 1)
})

t.test('a place outside of the list is that of its nearest row', async t => {
  const rows = new Rows(ROW)
  t.equal(rows.rowAt(50), 0, 'also where there is none')
  rows.count = 3
  t.equal(rows.rowAt(-10), 0)
  t.equal(rows.rowAt(1000), 2)
})

t.test('measuring says whether it brought news, and the last measurement counts', async t => {
  const rows = new Rows(ROW)
  rows.count = 10
  t.equal(rows.measured(4, ROW), false)
  t.equal(rows.measured(4, 60), true)
  t.equal(rows.measured(4, 60), false)
  t.equal(rows.total, 240)
  t.equal(rows.measured(4, ROW), true)
  t.equal(rows.total, 200)
})

t.test('a list that is laid out anew forgets what was measured', async t => {
  const rows = new Rows(ROW)
  rows.count = 10
  rows.measured(4, 60)
  rows.reset(25)
  t.equal(rows.total, 250)
})

t.test('offsets and rows agree with adding up the heights one by one', async t => {
  const count = fc.integer({ min: 1, max: 60 })
  const measurements = fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 8 })))
  fc.assert(
    fc.property(count, measurements, fc.array(fc.nat(5000)), (count, measurements, places) => {
      const rows = new Rows(ROW)
      rows.count = count
      const heights = new Array(count).fill(ROW)
      for (const [row, lines] of measurements) {
        if (row >= count) continue
        rows.measured(row, lines * ROW)
        heights[row] = lines * ROW
        // Asked in between, so that sums made before are made anew.
        if (rows.total !== sum(heights)) return false
      }
      for (let row = 0; row <= count; row++) if (rows.offsetOf(row) !== sum(heights.slice(0, row))) return false
      return places.every(place => {
        const row = rows.rowAt(place)
        const start = sum(heights.slice(0, row))
        const inside = place >= start && place < start + heights[row]
        return inside || (row === count - 1 && place >= sum(heights))
      })
    }),
    seeded(t)
  )
})

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
