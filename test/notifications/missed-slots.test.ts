/** Who is to hear of it learns, once, that a server was down when a bot should have started. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { allEnded } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { bodiesOf, makeHook, makeRule, noticesOf } from '../support/notifications.ts'
import { makeSchedule, slotsKept } from '../support/schedules.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const ENV = { OUTGOING_ALLOW: '127.0.0.1' }

t.test('of slots that were due while no server ran, and do not run any more, one notice arrives', async t => {
  const target = await startHttpTarget(t)
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const before = await startServer(t, dataDir, ENV)
  const bot = await before.makeBot(['false'])
  await makeRule(before, await makeHook(before, target), ['slot_missed', 'failed'])
  const startAt = Date.now() + 3000
  const times = { everyMs: 1000, startAt, endAt: startAt + 2500 }
  const skip = await makeSchedule(before, bot, { ...times, missed: 'skip' }, { name: 'Each second' })
  await before.kill('SIGKILL')
  await delay(times.endAt - Date.now())

  const server = await startServer(t, dataDir, ENV)
  const slots = [0, 1000, 2000].map(after => startAt + after)
  const [first] = await bodiesOf(target, 1)
  t.match(first, {
    type: 'slot.missed',
    data: { bot: { id: bot.id }, slot: { triggerName: 'Each second', slotAt: slots[2] } }
  })
  const outcome = slotsKept(dataDir, skip).map(({ at, state, reason }) => [at, state, reason])
  t.same(
    outcome,
    slots.map(at => [at, 'missed', 'not_caught_up'])
  )
  await eventually('that it is known to have been sent', async () => (await noticesOf(server))[0]?.state === 'sent')

  // Nor is it told again by the next server. What is to be sent later goes the same way, behind it.
  await server.kill('SIGKILL')
  const next = await startServer(t, dataDir, ENV)
  await next.ended((await next.start(bot)).id)
  t.same(
    (await bodiesOf(target, 2)).map(({ type }) => type),
    ['slot.missed', 'execution.failed']
  )
  t.same(
    (await noticesOf(next)).map(({ event }) => event),
    ['failed', 'slot_missed']
  )
  await allEnded(next)
})
