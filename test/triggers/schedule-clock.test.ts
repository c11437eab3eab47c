/** Schedules of a machine whose clock somebody sets. */
import t from 'tap'
import type { Schedule } from '../../src/triggers/trigger.ts'
import { allEnded } from '../support/attempts.ts'
import { needsClock } from '../support/clock.ts'
import { EACH_SECOND, makeSchedule, serverAt, slotsKept, slotsStarted, utc } from '../support/schedules.ts'
import { eventually } from '../support/wait.ts'

const TRUE = ['/usr/bin/true']
const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

const times = (slots: number[]) => slots.map(slot => new Date(slot).toISOString().slice(11, 19))

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

t.test('schedules are not silent for the year that a clock was ahead', needsClock, async t => {
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
  const { server: again } = await serverAt(t, now + HOUR, server.dataDir)
  await eventually(
    'that it comes again soon',
    async () => (await again.get(`/api/triggers/${hourly.id}`)).body.nextAt === utc('2027-06-01T10:00:00')
  )
  await allEnded(again)
})

t.test('with jitter a slot is due later by chance, and stays due at that time', needsClock, async t => {
  const { server } = await serverAt(t, utc('2027-06-01T10:00:00'))
  const bot = await server.makeBot(TRUE)
  const made = await Promise.all([1, 2, 3, 4].map(() => makeSchedule(server, bot, { cron: '@daily', jitterMs: HOUR })))
  const dues = made.map(({ nextAt }) => nextAt! - utc('2027-06-02T00:00:00'))
  t.ok(dues.every(late => late >= 0 && late <= HOUR))
  t.equal(new Set(dues).size, 4)
  await server.kill()
  const { server: again } = await serverAt(t, utc('2027-06-01T11:00:00'), server.dataDir)
  for (const { id, nextAt } of made) t.equal((await again.get(`/api/triggers/${id}`)).body.nextAt, nextAt)
})
