import fc from 'fast-check'
import t from 'tap'
import { dueAt } from '../../src/triggers/chance.ts'
import { lastSlots, nextSlot, slotsBetween } from '../../src/triggers/slots.ts'
import { seeded } from '../support/properties.ts'
import { scheduleWith, utc } from '../support/schedules.ts'

const DAY = 86_400_000

/** The slots of a UTC day or more, as UTC times of day with the date where it changes. */
function slotsOn(cron: string, timezone: string, from: string, until: string): string[] {
  const slots = slotsBetween(scheduleWith({ cron, timezone }), utc(from) - 1, utc(until), 100)
  return slots.map(slot => new Date(slot).toISOString().slice(0, 16))
}

const BERLIN = 'Europe/Berlin'
const NEW_YORK = 'America/New_York'
const LORD_HOWE = 'Australia/Lord_Howe'
const JAKARTA = 'Asia/Jakarta'

t.test('a daily time that the clock skips comes when the clock has jumped, once', async t => {
  t.same(slotsOn('30 2 * * *', BERLIN, '2026-03-28T12:00:00', '2026-03-30T12:00:00'), [
    '2026-03-29T01:00',
    '2026-03-30T00:30'
  ])
  t.same(slotsOn('30 2 * * *', NEW_YORK, '2026-03-07T12:00:00', '2026-03-09T12:00:00'), [
    '2026-03-08T07:00',
    '2026-03-09T06:30'
  ])
  // Half an hour is skipped there: from 02:00 to 02:30.
  t.same(slotsOn('15 2 * * *', LORD_HOWE, '2026-10-03T00:00:00', '2026-10-05T00:00:00'), [
    '2026-10-03T15:30',
    '2026-10-04T15:15'
  ])
  t.same(slotsOn('15,45 2 * * *', BERLIN, '2026-03-28T12:00:00', '2026-03-29T12:00:00'), ['2026-03-29T01:00'])
})

t.test('a daily time that the clock repeats comes once, the first time', async t => {
  t.same(slotsOn('30 2 * * *', BERLIN, '2026-10-24T12:00:00', '2026-10-26T12:00:00'), [
    '2026-10-25T00:30',
    '2026-10-26T01:30'
  ])
  t.same(slotsOn('30 1 * * *', NEW_YORK, '2026-10-31T12:00:00', '2026-11-02T12:00:00'), [
    '2026-11-01T05:30',
    '2026-11-02T06:30'
  ])
  t.same(slotsOn('45 1 * * *', LORD_HOWE, '2026-04-04T00:00:00', '2026-04-06T00:00:00'), [
    '2026-04-04T14:45',
    '2026-04-05T15:15'
  ])
})

t.test('what runs all day runs evenly through both changes: 23, 24 or 25 hours, as the day has', async t => {
  const counts: [string, string, string, string, number][] = [
    // cron, zone, the local day in UTC from, until, slots
    ['0 * * * *', BERLIN, '2026-03-28T23:00:00', '2026-03-29T21:59:59', 23],
    ['0 * * * *', BERLIN, '2026-10-24T22:00:00', '2026-10-25T22:59:59', 25],
    ['0 * * * *', NEW_YORK, '2026-03-08T05:00:00', '2026-03-09T03:59:59', 23],
    ['0 * * * *', NEW_YORK, '2026-11-01T04:00:00', '2026-11-02T04:59:59', 25],
    ['*/30 * * * *', LORD_HOWE, '2026-10-03T13:30:00', '2026-10-04T12:59:59', 47],
    ['*/30 * * * *', LORD_HOWE, '2026-04-04T13:00:00', '2026-04-05T13:29:59', 49],
    ['0 * * * *', JAKARTA, '2026-03-28T17:00:00', '2026-03-29T16:59:59', 24],
    ['0 * * * *', JAKARTA, '2026-10-24T17:00:00', '2026-10-25T16:59:59', 24]
  ]
  for (const [cron, zone, from, until, count] of counts)
    t.equal(slotsOn(cron, zone, from, until).length, count, `${cron} in ${zone} on ${from}`)
})

t.test('a daily time comes once on every day of the year, in each of these zones', async t => {
  for (const timezone of [BERLIN, NEW_YORK, LORD_HOWE, JAKARTA]) {
    const name = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' })
    for (const cron of ['30 2 * * *', '30 1 * * *', '15 2 * * *', '0 0 * * *', '0 3 * * *']) {
      const slots = slotsBetween(
        scheduleWith({ cron, timezone }),
        utc('2026-01-02T00:00:00'),
        utc('2027-01-02T00:00:00'),
        400
      )
      t.equal(new Set(slots.map(slot => name.format(slot))).size, 365, `${cron} in ${timezone}`)
      t.equal(slots.length, 365)
    }
  }
})

t.test('an excluded date has no slot, by the date of the zone', async t => {
  const schedule = scheduleWith({ cron: '0 0,23 * * *', timezone: BERLIN, exclude: ['2026-12-25'] })
  const slots = slotsBetween(schedule, utc('2026-12-24T12:00:00'), utc('2026-12-26T12:00:00'), 10)
  t.same(slots, [utc('2026-12-24T22:00:00'), utc('2026-12-25T23:00:00')])
})

t.test('an interval counts from its start, whatever clocks do', async t => {
  const startAt = utc('2026-03-28T10:00:07')
  const schedule = scheduleWith({ everyMs: 7 * 3_600_000, timezone: BERLIN, startAt })
  t.equal(nextSlot(schedule, 0), startAt)
  t.equal(nextSlot(schedule, startAt), startAt + 7 * 3_600_000)
  t.equal(nextSlot(schedule, startAt + 100 * DAY), startAt + 343 * 7 * 3_600_000)
})

t.test('a schedule has slots from its start, which counts, to its end, which does not', async t => {
  const startAt = utc('2026-05-01T09:00:00')
  const endAt = utc('2026-05-03T09:00:00')
  const schedule = scheduleWith({ cron: '0 9 * * *', startAt, endAt })
  t.same(slotsBetween(schedule, 0, endAt + DAY, 10), [startAt, startAt + DAY])
  t.equal(nextSlot(schedule, startAt + DAY), null)
})

t.test('what runs once has one slot', async t => {
  const schedule = scheduleWith({ at: 5000 })
  t.equal(nextSlot(schedule, 4999), 5000)
  t.equal(nextSlot(schedule, 5000), null)
})

const cron = fc
  .tuple(
    fc.constantFrom('0', '30', '*/15', '*', '5,45', '10-20', '59'),
    fc.constantFrom('*', '0', '2', '2,3', '*/6', '1-3', '23', '0,12'),
    fc.constantFrom('*', '*', '1', '29', 'L', '15W'),
    fc.constantFrom('*', '*', '3,10', 'JAN-JUN'),
    fc.constantFrom('*', '*', 'MON', '0', '5L', 'SUN#1')
  )
  .map(fields => fields.join(' '))
const kinds = fc.oneof(
  { weight: 4, arbitrary: cron.map(cron => ({ cron })) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 3 * DAY }).map(everyMs => ({ everyMs })) },
  { weight: 1, arbitrary: fc.constantFrom('@hourly', '@daily', '*/20 30 2 * * *').map(cron => ({ cron })) }
)
/** Around the changes of clocks more often than elsewhere. */
const moment = fc
  .tuple(
    fc.constantFrom('2026-03-08', '2026-03-29', '2026-04-04', '2026-10-03', '2026-10-25', '2026-11-01', '2026-07-01'),
    fc.integer({ min: -2 * DAY, max: 2 * DAY })
  )
  .map(([date, offset]) => utc(`${date}T00:00:00`) + offset)
const schedule = fc
  .record({
    kind: kinds,
    timezone: fc.constantFrom(BERLIN, NEW_YORK, LORD_HOWE, JAKARTA, 'America/Santiago', 'Africa/Casablanca', 'UTC'),
    startAt: moment.map(at => at - 30 * DAY),
    bounded: fc.boolean(),
    endAt: moment.map(at => at + 10 * DAY),
    exclude: fc.array(
      moment.map(at => new Date(at).toISOString().slice(0, 10)),
      { maxLength: 4 }
    )
  })
  .map(({ kind, bounded, endAt, ...rest }) => scheduleWith({ ...rest, endAt: bounded ? endAt : null, ...kind }))

/** For a property whose every run looks at hundreds of slots. */
function fewer({ seed, numRuns }: { seed: number; numRuns: number }): { seed: number; numRuns: number } {
  return { seed, numRuns: Math.ceil(numRuns / 5) }
}

function localDate(slot: number, timezone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' }).format(slot)
}

t.test('slots come in order, after the time asked for, within bounds, and never on an excluded date', async t => {
  fc.assert(
    fc.property(schedule, moment, (schedule, from) => {
      let last = from
      for (const slot of slotsBetween(schedule, from, from + 20 * DAY, 30)) {
        if (slot <= last || slot < schedule.startAt! || slot >= (schedule.endAt ?? Number.POSITIVE_INFINITY))
          return false
        if (schedule.exclude.includes(localDate(slot, schedule.timezone))) return false
        last = slot
      }
      return true
    }),
    seeded(t)
  )
})

t.test('the slots of two times that meet are the slots of both, and each is the next of the one before', async t => {
  fc.assert(
    fc.property(schedule, moment, fc.integer({ min: 0, max: 2 * DAY }), (schedule, from, offset) => {
      const until = from + 3 * DAY
      const all = slotsBetween(schedule, from, until, 400)
      const pieces = [
        ...slotsBetween(schedule, from, from + offset, 400),
        ...slotsBetween(schedule, from + offset, until, 400)
      ].slice(0, 400)
      if (JSON.stringify(all) !== JSON.stringify(pieces)) return false
      return all.slice(0, 40).every((slot, index) => nextSlot(schedule, all[index - 1] ?? from) === slot)
    }),
    fewer(seeded(t))
  )
})

t.test('looking back from the end finds what looking ahead from the start does', async t => {
  fc.assert(
    fc.property(schedule, moment, (schedule, from) => {
      const until = from + 2 * DAY
      const all = slotsBetween(schedule, from, until, 5000)
      const ofDay = JSON.stringify(all.slice(-30))
      return JSON.stringify(lastSlots(schedule, from, until, 30)) === ofDay
    }),
    fewer(seeded(t))
  )
})

t.test('by chance a slot is due anywhere from its time to its jitter later, always the same', async t => {
  const due = Array.from({ length: 2000 }, (_, slot) => dueAt('trigger', slot, 999) - slot)
  t.ok(due.every(late => late >= 0 && late <= 999))
  const tenths = Map.groupBy(due, late => Math.floor(late / 100))
  t.equal(tenths.size, 10)
  for (const [tenth, lates] of tenths) t.ok(lates.length > 120 && lates.length < 280, `${tenth}: ${lates.length}`)
  t.equal(dueAt('trigger', 5, 999), dueAt('trigger', 5, 999))
  t.equal(dueAt('trigger', 5, 0), 5)
})
