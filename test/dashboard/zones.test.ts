import t from 'tap'
import { dateIn, instantOf, placeOf, toWallInput, wallClock, zonedTime } from '../../src/dashboard/lib/zones.ts'

const at = (text: string) => Date.parse(text)

t.test('a time is told in its own zone, and in that of whoever looks only where their clocks differ', async t => {
  const noon = at('2026-11-23T12:00:00Z')
  const same = zonedTime(noon, 'Europe/Berlin', 'Europe/Paris')
  t.match(same.there, /Nov/)
  t.match(same.there, /01:00|13:00/)
  t.equal(same.here, null, 'the same clocks, whatever they are called')
  t.match(zonedTime(noon, 'Europe/Berlin', 'America/New_York').here, /^0?7:00/, 'the same day: only the time')
  t.match(zonedTime(noon, 'Europe/Berlin', 'Pacific/Auckland').here, /Nov.*01:00/, 'another day: that as well')
  t.equal(zonedTime(noon, 'Nowhere/Unknown', 'UTC').here, null, 'a zone this browser does not know')
})

t.test('a time of another year says which', async t => {
  t.match(zonedTime(at('1999-05-05T12:00:00Z'), 'UTC', 'UTC').there, /1999/)
})

t.test('what clocks show is found again, also around the days on which they are changed', async t => {
  const wrong: string[] = []
  for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
    for (let hour = 0; hour < 24 * 366; hour += 5) {
      const clock = wallClock(at('2026-01-01T00:30:00Z') + hour * 3_600_000, zone)
      if (wallClock(instantOf(clock, zone)!, zone) !== clock) wrong.push(`${clock} ${zone}`)
    }
  }
  t.same(wrong, [])
})

t.test('of an hour that comes twice the first is meant, and one that is left out is the time after it', async t => {
  t.equal(instantOf('2026-10-25T02:30', 'Europe/Berlin'), at('2026-10-25T00:30:00Z'))
  t.equal(instantOf('2026-03-29T02:30', 'Europe/Berlin'), at('2026-03-29T01:30:00Z'), 'as 03:30')
  t.equal(instantOf('', 'UTC'), undefined)
  t.equal(instantOf('not a time', 'UTC'), undefined)
})

t.test('the date is that of the zone', async t => {
  t.equal(dateIn(at('2026-11-23T23:30:00Z'), 'Europe/Berlin'), '2026-11-24')
  t.equal(toWallInput(at('2026-11-23T23:30:00Z'), 'Europe/Berlin'), '2026-11-24T00:30')
  t.equal(toWallInput(null, 'Europe/Berlin'), '')
})

t.test('a zone is called by its place', async t => {
  t.equal(placeOf('America/New_York'), 'New York')
  t.equal(placeOf('UTC'), 'UTC')
})
