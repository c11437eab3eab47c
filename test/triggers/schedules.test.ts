import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { allExecutions } from '../support/attempts.ts'
import { ADMIN } from '../support/client.ts'
import { lockForWriting, withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { EACH_SECOND, makeSchedule, slotsKept, slotsStarted, startedBy } from '../support/schedules.ts'
import { eventually } from '../support/wait.ts'

const TRUE = ['/usr/bin/true']
const HOUR = 3_600_000

function areSecondsInARow(slots: number[]): boolean {
  return slots.every((slot, index) => slot % 1000 === 0 && (index === 0 || slot === slots[index - 1]! + 1000))
}

t.test('a schedule of each second starts one execution for each second', async t => {
  const app = await buildApp(t)
  const before = Date.now()
  const schedule = await makeSchedule(app, await app.makeBot(TRUE), { cron: EACH_SECOND })
  await eventually('six of them', async () => (await startedBy(app, schedule)).length >= 6)
  t.equal((await app.patch(`/api/triggers/${schedule.id}`, { enabled: false })).body.nextAt, null)

  const executions = await startedBy(app, schedule)
  const slots = await slotsStarted(app, schedule)
  t.ok(slots[0]! > before)
  t.ok(areSecondsInARow(slots), String(slots))
  t.ok(
    executions.every(
      ({ trigger, by, queuedAt, occasion }) => trigger === 'schedule' && by === null && queuedAt >= Number(occasion)
    )
  )
  const { body } = await app.get(`/api/triggers/${schedule.id}/occurrences?from=${before}&count=100`)
  t.same(
    body.items.map(({ at, state, executionId }: Record<string, unknown>) => [String(at), state, executionId]),
    executions.map(({ occasion, id }) => [occasion, 'started', id])
  )
})

t.test('what runs once runs once, and then has nothing more to come', async t => {
  const app = await buildApp(t)
  const at = Date.now() + 2000
  const schedule = await makeSchedule(app, await app.makeBot(TRUE), { at })
  t.equal(schedule.nextAt, at)
  await eventually('its end', async () => (await app.get(`/api/triggers/${schedule.id}`)).body.nextAt === null)
  t.same(await slotsStarted(app, schedule), [at])
  t.same((await app.get(`/api/triggers/${schedule.id}/occurrences`)).body.items, [])
  t.equal((await app.patch(`/api/triggers/${schedule.id}`, { name: 'done' })).status, 200, 'it can still be named')
})

t.test('one that is off, or whose bot is, has no slots; on again, it begins from then', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(TRUE)
  const schedule = await makeSchedule(app, bot, { cron: EACH_SECOND, missed: 'all' }, { enabled: false })
  t.equal(schedule.nextAt, null)
  const path = `/api/triggers/${schedule.id}`
  t.ok((await app.patch(path, { enabled: true })).body.nextAt)
  await app.patch(`/api/bots/${bot.id}`, { enabled: false })
  t.equal((await app.get(path)).body.nextAt, null)
  t.same((await app.get(`${path}/occurrences`)).body.items, [])
  const offAt = Date.now()
  await delay(2100) // two slots pass
  const onAt = Date.now()
  await app.patch(`/api/bots/${bot.id}`, { enabled: true })
  await eventually('another', async () => (await slotsStarted(app, schedule)).some(slot => slot > onAt))
  t.same(
    (await slotsStarted(app, schedule)).filter(slot => slot > offAt && slot <= onAt),
    []
  )
})

t.test('a schedule that is changed goes on by what it says now', async t => {
  const app = await buildApp(t)
  const dataDir = app.config.dataDir
  const schedule = await makeSchedule(app, await app.makeBot(TRUE), { cron: '@yearly', timezone: 'Europe/Berlin' })
  const yearly = schedule.nextAt
  t.equal((await app.patch(`/api/triggers/${schedule.id}`, { name: 'another' })).body.nextAt, yearly)
  const { body } = await app.patch(`/api/triggers/${schedule.id}`, { schedule: { everyMs: HOUR } })
  t.match(body.schedule, { cron: null, everyMs: HOUR, timezone: 'Europe/Berlin' })
  t.equal(body.nextAt, body.schedule.startAt + HOUR, 'counted from now')
  t.same(
    slotsKept(dataDir, schedule).map(({ at }) => at),
    [body.nextAt]
  )
})

t.test('says what is wrong with a schedule, and keeps none that is', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(TRUE, { parameters: { type: 'object', properties: {}, additionalProperties: false } })
  const tries: [Record<string, unknown>, string][] = [
    [{ cron: '*/90 * * * *' }, '/schedule/cron'],
    [{ cron: '0 0 30 2 *' }, '/schedule/cron'],
    [{ at: 1 }, '/schedule/at'],
    [{ cron: '@daily', timezone: 'Mars/Phobos' }, '/schedule/timezone'],
    [{}, '/schedule']
  ]
  for (const [schedule, path] of tries) {
    for (const route of ['/api/triggers', '/api/triggers/preview']) {
      const given = route === '/api/triggers' ? { bot: bot.id, kind: 'schedule', name: 'x', schedule } : { schedule }
      const answer = await app.post(route, given)
      t.match(answer, { status: 400, body: { code: 'invalid_request', errors: [{ path }] } }, `${route} ${path}`)
    }
  }
  const strange = { bot: bot.id, kind: 'schedule', name: 'x', schedule: { cron: '@daily' }, parameters: { a: 1 } }
  t.match(await app.post('/api/triggers', strange), { status: 400, body: { errors: [{ path: '/parameters/a' }] } })
  t.same((await app.get('/api/triggers')).body.items, [])
})

t.test('shows beforehand when a schedule would run, and says so in words', async t => {
  const app = await buildApp(t)
  const from = Date.parse('2030-03-30T00:00:00Z')
  const schedule = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
  const { status, body } = await app.post('/api/triggers/preview', { schedule, from, count: 3 })
  t.equal(status, 200)
  t.equal(body.sentence, 'At 02:30, Europe/Berlin time.')
  t.same(
    body.items.map(({ at }: { at: number }) => new Date(at).toISOString()),
    ['2030-03-30T01:30:00.000Z', '2030-03-31T01:00:00.000Z', '2030-04-01T00:30:00.000Z']
  )
})

t.test('the calendar has what was and what is to come of all schedules, in order', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(TRUE)
  const hourly = await makeSchedule(app, bot, { cron: '@hourly' }, { name: 'hourly' })
  const daily = await makeSchedule(app, bot, { cron: '@daily' }, { name: 'daily' })
  await makeSchedule(app, bot, { cron: '@hourly' }, { name: 'off', enabled: false })
  const from = Math.ceil(Date.now() / (24 * HOUR)) * 24 * HOUR
  const calendar = async (query: string) =>
    (await app.get(`/api/occurrences?from=${from}&until=${from + 24 * HOUR}${query}`)).body

  const { items, truncated } = await calendar('')
  t.equal(truncated, false)
  t.equal(items.length, 25)
  t.same(
    items.map(({ at }: { at: number }) => at),
    items.map(({ at }: { at: number }) => at).toSorted()
  )
  t.match(items[0], { at: from, state: 'expected', executionId: null, botSlug: bot.slug })
  t.same(new Set(items.map(({ triggerId }: { triggerId: string }) => triggerId)), new Set([hourly.id, daily.id]))
  t.match(await calendar('&limit=10'), { truncated: true })
  t.equal((await calendar('&limit=10')).items.length, 10)
  t.equal((await app.get('/api/occurrences?from=5&until=5')).status, 400)
  const shared = await calendar('&perTrigger=3')
  t.match(shared, { truncated: false, more: [hourly.id] })
  t.equal(shared.items.length, 4, 'three of one that is due often, and the other')

  const other = await app.makeBot(TRUE, { name: 'other' })
  const asked = { name: 'x', role: 'viewer', bots: [other.id], password: ADMIN.password }
  const token = (await app.post('/api/tokens', asked)).body.value
  const query = `/api/occurrences?from=${from}&until=${from + 24 * HOUR}`
  t.same(
    (await app.get(query, { authorization: `Bearer ${token}` })).body.items,
    [],
    'nor any of bots one may not know of'
  )
  const { body } = await app.get(`/api/triggers/${hourly.id}/occurrences?count=3`)
  t.same(
    body.items.map(({ at }: { at: number }) => at),
    [0, 1, 2].map(hour => hourly.nextAt! + hour * HOUR)
  )
})

t.test(
  'switched off, automation starts nothing; on again, what was missed goes by the policy of its schedule',
  async t => {
    const app = await buildApp(t)
    const bot = await app.makeBot(TRUE, { concurrency: { limit: 100 } as never })
    const made = await Promise.all(
      (['skip', 'latest', 'all'] as const).map(missed => makeSchedule(app, bot, { cron: EACH_SECOND, missed }))
    )
    await eventually('the first of each', async () =>
      (await Promise.all(made.map(schedule => slotsStarted(app, schedule)))).every(slots => slots.length > 0)
    )
    await app.request('PUT', '/api/automation', { body: { enabled: false } })
    const offAt = Date.now()
    const count = (await allExecutions(app)).length
    await delay(3100) // three slots pass
    t.equal((await allExecutions(app)).length, count)
    const onAt = Date.now()
    await app.request('PUT', '/api/automation', { body: { enabled: true } })
    await eventually('slots after that', async () =>
      (await Promise.all(made.map(schedule => slotsStarted(app, schedule)))).every(slots => slots.at(-1)! > onAt)
    )

    const missed = (slots: number[]) => slots.filter(slot => slot > offAt && slot <= onAt)
    const [skip, latest, all] = await Promise.all(made.map(schedule => slotsStarted(app, schedule)))
    t.same(missed(skip!), [])
    t.ok(missed(all!).length >= 3 && areSecondsInARow(all!), String(all))
    // The newest, and then all that were due with it on: the switch itself may have gone over a second.
    const caughtUp = latest!.filter(slot => slot > offAt)
    t.ok(areSecondsInARow(caughtUp) && caughtUp[0]! >= missed(all!).at(-1)!, String(caughtUp))
    const kept = slotsKept(app.config.dataDir, made[0]!).filter(({ at }) => at > offAt && at <= onAt)
    t.ok(kept.every(({ state, reason }) => state === 'missed' && reason === 'not_caught_up'))
    for (const { id } of made) await app.delete(`/api/triggers/${id}`)
  }
)

t.test('while the queue is full a slot waits, and starts once there is room', async t => {
  const app = await buildApp(t, { config: { maxQueuedExecutions: 1 } })
  await app.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  const bot = await app.makeBot(TRUE)
  await app.start(bot)
  const at = Math.ceil(Date.now() / 1000) * 1000
  const made = await Promise.all([1, 2, 3].map(() => makeSchedule(app, bot, { at: at + 500, missed: 'skip' })))
  const dataDir = app.config.dataDir
  await eventually('that they wait', () =>
    made.every(schedule =>
      slotsKept(dataDir, schedule).some(({ state, reason }) => state === 'waiting' && reason === 'queue_full')
    )
  )
  t.equal((await allExecutions(app)).length, 1)
  await app.request('PUT', '/api/machine/drain', { body: { enabled: false } })
  for (const schedule of made) {
    await eventually('its start', async () => (await slotsStarted(app, schedule)).length === 1)
    await eventually('that this is kept', () => slotsKept(dataDir, schedule)[0]!.state === 'started')
  }
})

t.test('a slot whose parameters the bot does not take any more is missed, and the history says why', async t => {
  const app = await buildApp(t)
  const parametersOf = (type: string) => ({ type: 'object' as const, properties: { a: { type } } })
  const bot = await app.makeBot(TRUE, { parameters: parametersOf('integer') })
  const schedule = await makeSchedule(app, bot, { cron: EACH_SECOND }, { parameters: { a: 1 } })
  const parameters = parametersOf('string')
  t.equal((await app.patch(`/api/bots/${bot.id}`, { parameters })).status, 200)
  const skipped = await eventually('that in the history', async () =>
    (await startedBy(app, schedule)).find(({ state }) => state === 'skipped')
  )
  t.equal(skipped.reason, 'invalid_parameters')
  const slot = await eventually('that slot', () =>
    slotsKept(app.config.dataDir, schedule).find(({ executionId }) => executionId === skipped.id)
  )
  t.match(slot, { state: 'missed', reason: 'invalid_parameters' })
  await app.delete(`/api/triggers/${schedule.id}`)
})

t.test(
  'while the database cannot be written nothing is lost, and nothing starts twice',
  { timeout: 60_000 },
  async t => {
    const app = await buildApp(t)
    const schedule = await makeSchedule(app, await app.makeBot(TRUE, { concurrency: { limit: 9 } as never }), {
      cron: EACH_SECOND
    })
    await eventually('the first', async () => (await slotsStarted(app, schedule)).length > 0)
    const unlock = lockForWriting(app.config.dataDir)
    await delay(3000) // some slots pass
    unlock()
    const until = Date.now() + 1000
    await eventually('one after that', async () => (await slotsStarted(app, schedule)).at(-1)! >= until)
    t.ok(areSecondsInARow(await slotsStarted(app, schedule)), String(await slotsStarted(app, schedule)))
    await app.delete(`/api/triggers/${schedule.id}`)
  }
)

const MANY = 1000

t.test('a thousand that are due in the same second all start, each once', { timeout: 120_000 }, async t => {
  const app = await buildApp(t, { dataDir: join(testFolder(t), 'data'), config: { maxQueuedExecutions: 2 * MANY } })
  await app.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  const bot = await app.makeBot(TRUE)
  const one = await makeSchedule(app, bot, { cron: '@yearly' })
  const at = Date.now() + 3000
  withDatabase(app.config.dataDir, db => {
    const settings = JSON.stringify({ ...one.schedule, cron: null, at })
    const insert = db.prepare(
      'INSERT INTO triggers SELECT ?, bot_id, name, kind, enabled, parameters, ?, after_bot_id, created_at, updated_at FROM triggers WHERE id = ?'
    )
    const slot = db.prepare("INSERT INTO occurrences (trigger_id, slot_at, due_at, state) VALUES (?, ?, ?, 'waiting')")
    db.transaction(() => {
      for (let i = 0; i < MANY; i++) {
        insert.run(`many-${i}`, settings, one.id)
        slot.run(`many-${i}`, at, at)
      }
    })()
  })
  // The server looks anew at what is due next.
  await app.patch(`/api/triggers/${one.id}`, { name: 'looks' })
  const count = () =>
    withDatabase(app.config.dataDir, db =>
      db.prepare("SELECT count(*) FROM executions WHERE trigger = 'schedule'").pluck().get()
    )
  await eventually('all of them', () => count() === MANY, 60_000)
  const settled = () =>
    withDatabase(app.config.dataDir, db =>
      db.prepare("SELECT count(*) FROM occurrences WHERE state = 'started'").pluck().get()
    )
  await eventually('that they are settled', () => settled() === MANY)
  t.equal(count(), MANY)
})
