import t from 'tap'
import { DAY_MS, mustGo } from '../../src/retention/retention.ts'

t.test('what has ended goes after so many days, or while there is too much', async t => {
  const keep = { days: 90, executions: 100, bytes: 1000 }
  const now = 1000 * DAY_MS
  const fitting = { executions: 100, bytes: 1000 }
  const goes = (endedAt: number, tally = fitting) => mustGo({ endedAt }, tally, keep, now)
  t.equal(goes(now), false)
  t.equal(goes(now - 90 * DAY_MS), false, 'to the millisecond')
  t.equal(goes(now - 90 * DAY_MS - 1), true)
  t.equal(goes(now, { ...fitting, executions: 101 }), true)
  t.equal(goes(now, { ...fitting, bytes: 1001 }), true)
})
