import t from 'tap'
import { buildApp } from '../support/app.ts'
import { fillSlots, makeSchedule } from '../support/schedules.ts'

const MINUTE = 60_000

t.test('a schedule that is due often leaves room in the calendar for others', async t => {
  const app = await buildApp(t)
  const { dataDir } = app.config
  const bot = await app.makeBot(['/bin/true'])
  const yearly = { cron: '0 0 1 1 *' }
  const [often, oftener, rarely] = await Promise.all(
    ['often', 'oftener', 'rarely'].map(name => makeSchedule(app, bot, yearly, { name }))
  )
  const now = Date.now()
  fillSlots(dataDir, often!, { count: 1000, before: now, stepMs: MINUTE })
  fillSlots(dataDir, oftener!, { count: 4000, before: now, stepMs: MINUTE / 4 })
  fillSlots(dataDir, rarely!, { count: 2, before: now, stepMs: MINUTE })

  const ask = async (query: string) =>
    (await app.get(`/api/occurrences?from=${now - 2000 * MINUTE}&until=${now}&limit=100${query}`)).body
  const countOf = (items: { triggerId: string }[], id: string) => items.filter(item => item.triggerId === id).length

  const shared = await ask('&perTrigger=10')
  t.same(
    [often, oftener, rarely].map(trigger => countOf(shared.items, trigger!.id)),
    [10, 10, 2]
  )
  t.same(shared.more.sort(), [often!.id, oftener!.id].sort())
  t.equal(shared.truncated, false)
  const unshared = await ask('')
  t.equal(countOf(unshared.items, rarely!.id), 0)
  t.match(unshared, { truncated: true, more: [] })
})
