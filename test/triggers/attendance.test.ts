import t from 'tap'
import { Attendance } from '../../src/triggers/attendance.ts'

const HOUR = 3_600_000

/** Clocks that a test moves. */
class TestClocks {
  #now = 1_000_000_000
  #monotonic = 5000

  now = () => this.#now
  monotonic = () => this.#monotonic

  pass(ms: number): number {
    this.#now += ms
    this.#monotonic += ms
    return this.#now
  }

  set(by: number): void {
    this.#now += by
  }
}

t.test('somebody is there from the beginning on, however time passes', async t => {
  const clocks = new TestClocks()
  const attendance = new Attendance(clocks)
  const begun = clocks.pass(700)
  attendance.begin()
  clocks.pass(5000)
  t.equal(attendance.look(), 0)
  clocks.pass(10 * HOUR)
  t.equal(attendance.look(), 0)
  t.equal(attendance.since, begun)
})

t.test('a clock that is steered, however far in the end, is not set', async t => {
  const clocks = new TestClocks()
  const attendance = new Attendance(clocks)
  const { since } = attendance
  for (let i = 0; i < 100; i++) {
    clocks.pass(5000)
    clocks.set(400)
    t.equal(attendance.look(), 0)
  }
  t.equal(attendance.since, since)
})

t.test('nobody was there for the hour that a clock jumped over', async t => {
  const clocks = new TestClocks()
  const attendance = new Attendance(clocks)
  clocks.pass(3000)
  clocks.set(HOUR)
  const now = clocks.pass(1000)
  t.equal(attendance.look(), HOUR)
  // It may have been set right after the last look: what was due since then, by the clock as it is now, was attended to.
  t.equal(attendance.since, now - 4000)
  t.equal(attendance.look(), 0, 'it is told once')
})

t.test('with a clock that was set back somebody is there again at that earlier time', async t => {
  const clocks = new TestClocks()
  const attendance = new Attendance(clocks)
  clocks.pass(3000)
  clocks.set(-HOUR)
  const now = clocks.pass(1000)
  t.equal(attendance.look(), -HOUR)
  t.equal(attendance.since, now - 4000)
})
