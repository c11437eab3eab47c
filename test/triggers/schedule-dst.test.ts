/** Schedules of a machine whose clock goes through both changes of daylight saving time. */
import t from 'tap'
import type { Trigger } from '../../src/triggers/trigger.ts'
import { allEnded } from '../support/attempts.ts'
import { needsClock } from '../support/clock.ts'
import { EACH_SECOND, makeSchedule, serverAt, slotsStarted, utc } from '../support/schedules.ts'
import { eventually } from '../support/wait.ts'

const TRUE = ['/usr/bin/true']

/** What fires in the seconds round a change, which is at the time given, in UTC; one after the other. */
const CHANGES = [
  // From 02:00 it is 03:00: what is daily comes at once, and every hour goes on.
  ['America/New_York', '2027-03-14T07:00:00', ['30 2 * * *', true], ['0 * * * *', true]],
  // Nothing ever changes there.
  ['Asia/Jakarta', '2027-03-27T19:30:00', ['30 2 * * *', true], ['30 * * * *', true]],
  ['Europe/Berlin', '2027-03-28T01:00:00', ['30 2 * * *', true], ['0 * * * *', true]],
  // From 02:00 it is 01:30 again: what is daily has been, and every hour goes on.
  ['Australia/Lord_Howe', '2027-04-03T15:00:00', ['30 1 * * *', false], ['30 * * * *', true]],
  // From 02:00 it is 02:30.
  ['Australia/Lord_Howe', '2027-10-02T15:30:00', ['15 2 * * *', true], ['30 * * * *', true]],
  // From 03:00, or 02:00, it is an hour earlier again.
  ['Europe/Berlin', '2027-10-31T01:00:00', ['0 2 * * *', false], ['0 * * * *', true]],
  ['America/New_York', '2027-11-07T06:00:00', ['0 1 * * *', false], ['0 * * * *', true]]
] as const

t.test('as clocks go through their changes schedules run as they are said to', needsClock, async t => {
  const { server, setTo } = await serverAt(t, utc('2027-03-01T00:00:00'))
  const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
  const make = (cron: string, timezone: string) => makeSchedule(server, bot, { cron, timezone, missed: 'skip' })
  const seconds = await make(EACH_SECOND, 'UTC')
  const made: [Trigger, Trigger][] = []
  for (const [zone, , [daily], [hourly]] of CHANGES) made.push([await make(daily, zone), await make(hourly, zone)])
  for (const [index, [zone, time, [daily, ofDay], [hourly, ofHour]]] of CHANGES.entries()) {
    const change = utc(time)
    await setTo(change - 3000)
    await eventually('two seconds after the change', async () =>
      (await slotsStarted(server, seconds)).includes(change + 2000)
    )
    const firedNow = async (schedule: Trigger) => (await slotsStarted(server, schedule)).includes(change)
    t.equal(await firedNow(made[index]![0]), ofDay, `${daily} in ${zone} at ${time}`)
    t.equal(await firedNow(made[index]![1]), ofHour, `${hourly} in ${zone} at ${time}`)
  }
  await server.delete(`/api/triggers/${seconds.id}`)
  await allEnded(server)
})
