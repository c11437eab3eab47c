import t from 'tap'
import type { CalendarEntry } from '../../src/dashboard/api/types.ts'
import { addDays, boundsOf, countStates, linesOf, readDate } from '../../src/dashboard/calendar/days.ts'

const HOUR = 3_600_000

function entry(triggerId: string, dueAt: number, state: CalendarEntry['state'] = 'expected'): CalendarEntry {
  return {
    triggerId,
    triggerName: triggerId,
    botId: 'b',
    botSlug: 'b',
    botName: 'B',
    timezone: 'UTC',
    at: dueAt,
    dueAt,
    state,
    reason: null,
    executionId: null
  }
}

t.test('a day has as many hours as its clocks say', async t => {
  const hours = (date: string) => {
    const { from, until } = boundsOf(date, 'Europe/Berlin')
    return (until - from) / HOUR
  }
  t.same(['2026-03-28', '2026-03-29', '2026-10-25'].map(hours), [24, 23, 25])
})

t.test('dates are counted over the ends of months and years', async t => {
  t.equal(addDays('2026-12-28', 7), '2027-01-04')
  t.equal(addDays('2028-03-01', -1), '2028-02-29')
})

t.test('an address names a date that there is, or none', async t => {
  t.equal(readDate('2026-11-23'), '2026-11-23')
  for (const text of [undefined, '', 'today', '2026-02-30', '2026-13-01', '23.11.2026'])
    t.equal(readDate(text), undefined)
})

t.test('a schedule that is due often has one line, in the place of its first time', async t => {
  const often = Array.from({ length: 24 }, (_, hour) => entry('often', hour * HOUR))
  const lines = linesOf([...often, entry('early', HOUR / 2), entry('late', 9 * HOUR), entry('late', 20 * HOUR)])
  t.same(
    lines.map(({ first, entries }) => [first.triggerId, entries.length]),
    [
      ['often', 24],
      ['early', 1],
      ['late', 1],
      ['late', 1]
    ]
  )
  t.equal(lines[0]!.last.dueAt, 23 * HOUR)
})

t.test('a schedule of which there is more than is known says so', async t => {
  const lines = linesOf([entry('often', 1), entry('rarely', 2)], ['often'])
  t.same(
    lines.map(({ more }) => more),
    [true, false]
  )
})

t.test('what became of its times is counted, the most first', async t => {
  const entries = [entry('a', 1, 'missed'), entry('a', 2, 'started'), entry('a', 3, 'started'), entry('a', 4)]
  t.same(countStates(linesOf(entries)[0]!), [
    ['started', 2],
    ['missed', 1],
    ['expected', 1]
  ])
})
