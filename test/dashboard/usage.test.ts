import fc from 'fast-check'
import t from 'tap'
import {
  axisEnd,
  HEIGHT,
  line,
  memoryOver,
  processorsOver,
  type Sample,
  steps,
  WIDTH,
  y
} from '../../src/dashboard/execution/usage.ts'
import { seeded } from '../support/properties.ts'

const sample = (at: number, cpuMs: number, memoryBytes = 0): Sample => ({ at, cpuMs, memoryBytes, pids: 1 })

t.test('how many processors were busy is told from sample to sample, and from the start to the first', async t => {
  const samples = [sample(1000, 500), sample(3000, 4500), sample(4000, 4500)]
  t.same(processorsOver(samples, 0), [
    { at: 1000, value: 0.5 },
    { at: 3000, value: 2 },
    { at: 4000, value: 0 }
  ])
})

t.test('a clock that was set back and a count that fell make no nonsense', async t => {
  t.same(processorsOver([sample(1000, 500), sample(1000, 900), sample(500, 900), sample(1500, 800)], 0), [
    { at: 1000, value: 0.5 },
    { at: 1500, value: 0 }
  ])
})

t.test('a picture goes from its lower left to its upper right, in steps or from point to point', async t => {
  const frame = { from: 100, to: 200, top: 4 }
  const points = [
    { at: 150, value: 1 },
    { at: 200, value: 4 }
  ]
  t.equal(steps(points, frame), 'M0 75L500 75L500 0L1000 0')
  t.equal(line(points, frame), 'M500 75L1000 0')
  t.equal(y(frame, 2), 50)
  t.same(memoryOver([sample(5, 0, 7)]), [{ at: 5, value: 7 }])
})

t.test('whatever is measured, it is drawn inside of the picture', async t => {
  const samples = fc.array(fc.record({ at: fc.nat(), cpuMs: fc.nat(), memoryBytes: fc.nat(), pids: fc.nat() }), {
    minLength: 1
  })
  fc.assert(
    fc.property(samples, fc.nat(), fc.nat(), (samples, from, to) => {
      for (const points of [processorsOver(samples, from), memoryOver(samples)]) {
        const frame = { from, to, top: axisEnd(Math.max(0, ...points.map(({ value }) => value)), 1024) }
        for (const path of [steps(points, frame), line(points, frame)]) {
          if (!/^(M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)*)?$/.test(path)) return false
          const numbers = path.match(/[\d.]+ [\d.]+/g) ?? []
          for (const [x, y] of numbers.map(pair => pair.split(' ').map(Number) as [number, number])) {
            if (x > WIDTH || y > HEIGHT) return false
          }
        }
      }
      return true
    }),
    seeded(t)
  )
})

t.test('an axis ends at a round number that holds all, and not at much more', async t => {
  t.same(
    [0, 0.03, 0.9, 1, 1.2, 3, 7, 42, 999].map(value => axisEnd(value, 1000)),
    [1, 0.05, 1, 1, 2, 5, 10, 50, 1000]
  )
  t.equal(axisEnd(300 * 2 ** 20, 1024), 500 * 2 ** 20)
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 2 ** 50, noNaN: true }),
      fc.constantFrom(1000 as const, 1024 as const),
      (value, base) => {
        const end = axisEnd(value, base)
        return end >= value && end <= value * 2.6
      }
    ),
    seeded(t)
  )
})
