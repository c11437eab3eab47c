/** Servers that are killed around the time when slots are due. `SEED` repeats what was random. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { allEnded, seededRandom } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { EACH_SECOND, makeSchedule, slotsKept, slotsStarted, startedBy } from '../support/schedules.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const ROUNDS = rounds(3, 200)
const TRUE = ['/usr/bin/true']

t.test(
  'however often servers die as slots are due, no slot fires twice and the policy holds',
  { timeout: ROUNDS * 15_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dataDir = join(testFolder(t, { data: {} }), 'data')
    let server = await startServer(t, dataDir)
    const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
    const [skip, latest, all] = await Promise.all(
      (['skip', 'latest', 'all'] as const).map(missed => makeSchedule(server, bot, { cron: EACH_SECOND, missed }))
    )
    const begun = Date.now()
    /** From when a server was killed to when the next one is known to have begun. */
    const down: [from: number, until: number][] = []

    for (let round = 1; round <= ROUNDS; round++) {
      await delay(3000)
      // From 30 ms before a second begins to 70 ms after it: as slots fire.
      const now = Date.now()
      await delay(1000 - (now % 1000) + random() * 100 - 30)
      const from = Date.now()
      await server.kill('SIGKILL')
      await delay(random() * 2500)
      server = await startServer(t, dataDir)
      down.push([from, Date.now()])
    }
    const last = Date.now() + 2000
    // To where all have come, as a busy machine is behind.
    const until = await eventually('that all are at work again', async () => {
      const slots = await Promise.all([skip!, latest!, all!].map(schedule => slotsStarted(server, schedule)))
      const reached = Math.min(...slots.map(slots => slots.at(-1)!))
      return reached > last ? reached : null
    })
    for (const schedule of [skip!, latest!, all!]) await server.delete(`/api/triggers/${schedule.id}`)
    await allEnded(server)

    const slotsUntil = Array.from({ length: (until - begun) / 1000 - 1 }, (_, index) => until - index * 1000)
    for (const schedule of [skip!, latest!, all!]) {
      const started = (await startedBy(server, schedule)).map(({ occasion, queuedAt }) => ({
        slot: Number(occasion),
        queuedAt
      }))
      const slots = new Set(started.map(({ slot }) => slot))
      t.equal(slots.size, started.length, 'no slot twice')
      // What was due after the last that a server had come to, and before the next was there, is for the policy to say.
      const missed = down.map(([from, until]) => ({
        after: Math.max(...started.filter(({ queuedAt }) => queuedAt < from).map(({ slot }) => slot)),
        before: until
      }))
      for (const slot of slotsUntil) {
        if (schedule !== all && missed.some(({ after, before }) => slot > after && slot < before)) continue
        t.ok(slots.has(slot), `${slot} with policy \`${schedule.schedule!.missed}\``)
      }
    }
  }
)

t.test('what a server was not there for goes by the policy of its schedule, to the letter', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const server = await startServer(t, dataDir)
  const bot = await server.makeBot(TRUE, { concurrency: { limit: 100, policy: 'queue' } })
  const startAt = Date.now() + 2000
  const endAt = startAt + 4500
  const common = { everyMs: 1000, startAt, endAt }
  const [skip, latest, all, young] = await Promise.all([
    makeSchedule(server, bot, { ...common, missed: 'skip' }),
    makeSchedule(server, bot, { ...common, missed: 'latest' }),
    makeSchedule(server, bot, { ...common, missed: 'all' }),
    makeSchedule(server, bot, { ...common, missed: 'all', maxAgeMs: 0 })
  ])
  await server.kill('SIGKILL')
  await delay(endAt - Date.now())

  const next = await startServer(t, dataDir)
  const slots = [0, 1, 2, 3, 4].map(index => startAt + index * 1000)
  const outcome = (schedule: typeof skip) =>
    slotsKept(dataDir, schedule).map(({ at, state, reason }) => [at, state, reason])
  const settled = (schedule: typeof skip) => slotsKept(dataDir, schedule).every(({ state }) => state !== 'waiting')
  await eventually('that all is settled', () =>
    [skip, latest, all, young].every(schedule => outcome(schedule).length === 5 && settled(schedule))
  )

  t.same(
    outcome(skip),
    slots.map(at => [at, 'missed', 'not_caught_up'])
  )
  t.same(outcome(latest), [...slots.slice(0, 4).map(at => [at, 'skipped', 'superseded']), [slots[4], 'started', null]])
  t.same(
    outcome(all),
    slots.map(at => [at, 'started', null])
  )
  t.same(
    outcome(young),
    slots.map(at => [at, 'missed', 'too_old'])
  )
  t.same(await slotsStarted(next, skip), [])
  t.same(await slotsStarted(next, latest), slots.slice(4))
  t.same(await slotsStarted(next, all), slots)
  t.same(await slotsStarted(next, young), [])
  await allEnded(next)
})
