import t from 'tap'
import { buildApp } from '../support/app.ts'
import { fillSlots, makeSchedule, slotsKept } from '../support/schedules.ts'

const DAY_MS = 86_400_000

t.test('of the slots of a schedule the newest ten thousand of 90 days are kept', async t => {
  const app = await buildApp(t)
  const { dataDir } = app.config
  const bot = await app.makeBot(['/bin/true'])
  const often = await makeSchedule(app, bot, { cron: '0 0 1 1 *' }, { name: 'often' })
  const rarely = await makeSchedule(app, bot, { cron: '0 0 1 1 *' }, { name: 'rarely' })
  const now = Date.now()
  fillSlots(dataDir, often, { count: 10_050, before: now, stepMs: 1000 })
  fillSlots(dataDir, rarely, { count: 100, before: now, stepMs: DAY_MS })
  await app.app.chores.run(now)

  const kept = slotsKept(dataDir, often)
  t.equal(kept.length, 10_000)
  t.equal(kept.at(-1)!.state, 'waiting', 'the one to come is among them')
  t.equal(kept.at(-2)!.at, now - 1000)
  const young = slotsKept(dataDir, rarely).filter(({ state }) => state === 'started')
  t.equal(young.length, 90)
  t.equal(young[0]!.at, now - 90 * DAY_MS)
})
