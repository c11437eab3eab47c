import t from 'tap'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { makeSchedule, slotsKept } from '../support/schedules.ts'

const DAY_MS = 86_400_000

t.test('of the slots of a schedule the newest ten thousand of 90 days are kept', async t => {
  const app = await buildApp(t)
  const { dataDir } = app.config
  const bot = await app.makeBot(['/bin/true'])
  const often = await makeSchedule(app, bot, { cron: '0 0 1 1 *' }, { name: 'often' })
  const rarely = await makeSchedule(app, bot, { cron: '0 0 1 1 *' }, { name: 'rarely' })
  const now = Date.now()
  const fill = (id: string, count: number, stepMs: number) =>
    withDatabase(dataDir, db =>
      db
        .prepare(
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
           INSERT INTO occurrences (trigger_id, slot_at, due_at, state, settled_at)
           SELECT ?, ? - i * ?, ? - i * ?, 'started', 1 FROM n`
        )
        .run(count, id, now, stepMs, now, stepMs)
    )
  fill(often.id, 10_050, 1000)
  fill(rarely.id, 100, DAY_MS)
  await app.app.chores.run(now)

  const kept = slotsKept(dataDir, often)
  t.equal(kept.length, 10_000)
  t.equal(kept.at(-1)!.state, 'waiting', 'the one to come is among them')
  t.equal(kept.at(-2)!.at, now - 1000)
  const young = slotsKept(dataDir, rarely).filter(({ state }) => state === 'started')
  t.equal(young.length, 90)
  t.equal(young[0]!.at, now - 90 * DAY_MS)
})
