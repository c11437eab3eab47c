/** Schedules of a machine whose clock goes through both changes of daylight saving time, or is set by somebody. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Schedule } from '../../src/triggers/trigger.ts'
import { allEnded } from '../support/attempts.ts'
import { Clock, needsClock } from '../support/clock.ts'
import { testFolder } from '../support/folder.ts'
import { EACH_SECOND, makeSchedule, slotsKept, slotsStarted, utc } from '../support/schedules.ts'
import type { TestServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const TRUE = ['/usr/bin/true']
const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

/** A server whose machine's clock says so, in UTC. */
async function serverAt(
  t: Test,
  time: number
): Promise<{ clock: Clock; server: TestServer; setTo: (time: number) => Promise<void> }> {
  const clock = new Clock(t)
  clock.set(Math.round((time - Date.now()) / 1000))
  const server = await clock.startServer(t, join(testFolder(t, { data: {} }), 'data'))
  const setTo = async (time: number) => {
    clock.set(Math.round((time - Date.now()) / 1000))
    // Whoever was signed in for minutes is not after an hour.
    await server.signIn()
  }
  return { clock, server, setTo }
}

const times = (slots: number[]) => slots.map(slot => new Date(slot).toISOString().slice(11, 19))

/** What fires in the seconds round a change, which is at the time given, in UTC. */
const CHANGES = [
  // From 02:00 it is 03:00: 02:30 comes at once, and every hour goes on.
  ['Europe/Berlin', '2027-03-28T01:00:00', ['30 2 * * *', ['01:00:00']], ['0 * * * *', ['01:00:00']]],
  ['America/New_York', '2027-03-14T07:00:00', ['30 2 * * *', ['07:00:00']], ['0 * * * *', ['07:00:00']]],
  ['Australia/Lord_Howe', '2027-10-02T15:30:00', ['15 2 * * *', ['15:30:00']], ['30 * * * *', ['15:30:00']]],
  // From 03:00 it is 02:00 again: what is daily has been, and every hour goes on.
  ['Europe/Berlin', '2027-10-31T01:00:00', ['0 2 * * *', []], ['0 * * * *', ['01:00:00']]],
  ['America/New_York', '2027-11-07T06:00:00', ['0 1 * * *', []], ['0 * * * *', ['06:00:00']]],
  ['Australia/Lord_Howe', '2027-04-03T15:00:00', ['30 1 * * *', []], ['30 * * * *', ['15:00:00']]],
  ['Asia/Jakarta', '2027-03-27T19:30:00', ['30 2 * * *', ['19:30:00']], ['30 * * * *', ['19:30:00']]]
] as const

t.test(
  'as clocks go through their changes schedules run as they are said to',
  { ...needsClock, timeout: 300_000 },
  async t => {
    for (const [zone, time, [daily, dailySlots], [hourly, hourlySlots]] of CHANGES) {
      const change = utc(time)
      const { server, setTo } = await serverAt(t, change - 10 * 60_000)
      const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
      const make = (cron: string) => makeSchedule(server, bot, { cron, timezone: zone })
      const [ofDay, ofHour, ofSecond] = [await make(daily), await make(hourly), await make(EACH_SECOND)]
      await setTo(change - 4000)
      const seconds = async () => (await slotsStarted(server, ofSecond)).filter(slot => slot >= change - 1000)
      await eventually('some seconds after the change', async () => (await seconds()).length >= 4)
      t.same(times(await slotsStarted(server, ofDay)), dailySlots, `${zone} ${time}: ${daily}`)
      t.same(times(await slotsStarted(server, ofHour)), hourlySlots, `${zone} ${time}: ${hourly}`)
      t.same(
        (await seconds()).slice(0, 4),
        [-1, 0, 1, 2].map(second => change + second * 1000)
      )
      await server.delete(`/api/triggers/${ofSecond.id}`)
      await allEnded(server)
      await server.kill()
    }
  }
)

t.test('a clock set forward by an hour makes no storm: the policy says what runs of that hour', needsClock, async t => {
  const { server, setTo } = await serverAt(t, utc('2027-06-01T10:00:30'))
  const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
  const minutely = (missed: Schedule['missed'], more = {}) =>
    makeSchedule(server, bot, { cron: '* * * * *', missed, ...more })
  const [skip, latest, all] = [
    await minutely('skip'),
    await minutely('latest'),
    await minutely('all', { maxAgeMs: 10 * 60_000 })
  ]
  await setTo(utc('2027-06-01T11:00:30'))
  await eventually('what runs of it', async () => (await slotsStarted(server, all)).length === 10)
  t.same(await slotsStarted(server, skip), [])
  t.same(times(await slotsStarted(server, latest)), ['11:00:00'])
  t.equal(times(await slotsStarted(server, all)).at(-1), '11:00:00')
  await allEnded(server)
})

t.test('after a clock was set back no slot fires twice, and schedules go on', needsClock, async t => {
  const { server, setTo } = await serverAt(t, utc('2027-06-01T10:00:00'))
  const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
  const seconds = await makeSchedule(server, bot, { cron: EACH_SECOND })
  await eventually('some', async () => (await slotsStarted(server, seconds)).length >= 4)
  const before = await slotsStarted(server, seconds)
  await setTo(utc('2027-06-01T09:00:00'))
  // It is silent only where it has been.
  const after = utc('2027-06-01T09:00:05')
  await eventually(
    'some before that',
    async () => (await slotsStarted(server, seconds)).filter(slot => slot < before[0]! && slot > after).length >= 3
  )
  const slots = await slotsStarted(server, seconds)
  t.equal(new Set(slots).size, slots.length)
  t.same(
    slots.filter(slot => before.includes(slot)),
    before
  )
  await server.delete(`/api/triggers/${seconds.id}`)
  await allEnded(server)
})

t.test('schedules are not silent for the year that a clock was ahead', { ...needsClock, timeout: 90_000 }, async t => {
  const now = utc('2027-06-01T08:59:50')
  const { server, setTo } = await serverAt(t, now)
  const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
  const hourly = await makeSchedule(server, bot, { cron: '@hourly', missed: 'latest' })
  await setTo(now + YEAR)
  await eventually('one in a year', async () => (await slotsStarted(server, hourly)).length === 1)
  await setTo(now)
  await eventually(
    'that it comes again soon',
    async () => (await server.get(`/api/triggers/${hourly.id}`)).body.nextAt === utc('2027-06-01T09:00:00')
  )
  await setTo(utc('2027-06-01T08:59:58'))
  await eventually('its next', async () => (await slotsStarted(server, hourly)).includes(utc('2027-06-01T09:00:00')))
  t.ok(slotsKept(server.dataDir, hourly).length < 10, 'what did not run in that year is forgotten')

  // The same where it is set right while no server runs.
  await setTo(now + YEAR + 10 * HOUR)
  await eventually('one in a year', async () => (await slotsStarted(server, hourly)).length === 3)
  await server.kill()
  const again = await serverAtOf(t, server.dataDir, now + HOUR)
  await eventually(
    'that it comes again soon',
    async () => (await again.get(`/api/triggers/${hourly.id}`)).body.nextAt === utc('2027-06-01T10:00:00')
  )
  await allEnded(again)
})

async function serverAtOf(t: Test, dataDir: string, time: number): Promise<TestServer> {
  const clock = new Clock(t)
  clock.set(Math.round((time - Date.now()) / 1000))
  return clock.startServer(t, dataDir)
}

t.test('with jitter a slot is due later by chance, and stays due at that time', needsClock, async t => {
  const { server } = await serverAt(t, utc('2027-06-01T10:00:00'))
  const bot = await server.makeBot(TRUE)
  const made = await Promise.all([1, 2, 3, 4].map(() => makeSchedule(server, bot, { cron: '@daily', jitterMs: HOUR })))
  const dues = made.map(({ nextAt }) => nextAt! - utc('2027-06-02T00:00:00'))
  t.ok(dues.every(late => late >= 0 && late <= HOUR))
  t.equal(new Set(dues).size, 4)
  await server.kill()
  const again = await serverAtOf(t, server.dataDir, utc('2027-06-01T11:00:00'))
  for (const { id, nextAt } of made) t.equal((await again.get(`/api/triggers/${id}`)).body.nextAt, nextAt)
})
