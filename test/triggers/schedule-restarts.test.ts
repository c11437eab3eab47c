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
    await eventually('that all are at work again', async () =>
      (await Promise.all([skip!, latest!, all!].map(schedule => slotsStarted(server, schedule)))).every(
        slots => slots.at(-1)! > last
      )
    )
    const until = Date.now() - 1500
    for (const schedule of [skip!, latest!, all!]) await server.delete(`/api/triggers/${schedule.id}`)
    await allEnded(server)

    const started = async (schedule: typeof skip) => {
      const slots = (await startedBy(server, schedule!)).map(({ occasion }) => Number(occasion))
      t.equal(new Set(slots).size, slots.length, 'no slot twice')
      return new Set(slots)
    }
    const [skipped, newest, every] = [await started(skip), await started(latest), await started(all)]
    for (let slot = Math.ceil(begun / 1000) * 1000 + 1000; slot < until; slot += 1000) {
      t.ok(every.has(slot), `${slot} with policy \`all\``)
      // One that was due just before may have been on its way.
      if (down.some(([from, until]) => slot > from - 2000 && slot < until)) continue
      t.ok(skipped.has(slot) && newest.has(slot), `${slot}, at which a server was there`)
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
