import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { startHttpTarget } from '../support/http-target.ts'
import {
  ALLOWED,
  bodiesOf,
  makeChannel,
  makeHook,
  makeRule,
  noticesOf,
  WEBHOOK_SECRET
} from '../support/notifications.ts'
import { eventually } from '../support/wait.ts'

const config = { ...ALLOWED, publicUrl: 'http://bots.example.com' }
const FLIPS = ['/bin/sh', '-c', 'exit {{parameters.code}}']
const flips = {
  name: 'Flips',
  parameters: { type: 'object', properties: { code: { type: 'integer' } }, required: ['code'] }
}

/** Runs a bot that exits as it is told, again and again. */
async function runs(app: TestApp, bot: { id: string }, codes: number[]) {
  for (const code of codes) await app.ended((await app.start(bot, { code })).id)
}

t.test('somebody is told of a failure, with what is to be known of it, signed', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['failed'], { logLines: 2 })
  await app.request('PUT', '/api/secrets/HUSH', { body: { value: 'hush hush hush' } })
  const execution = await app.finished(['/bin/sh', '-c', 'echo one; echo "$HUSH two"; echo three; exit 3'], {
    secrets: ['HUSH']
  })
  const [body] = await bodiesOf(target, 1)
  t.match(body, {
    type: 'execution.failed',
    timestamp: new Date(execution.endedAt!).toISOString(),
    data: {
      rule: { name: 'rule' },
      bot: { id: execution.botId, slug: 'bot', name: 'bot' },
      execution: { id: execution.id, state: 'failed', reason: 'exit_code', exitCode: 3, trigger: 'api' },
      log: ['************** two', 'three'],
      url: `http://bots.example.com/executions/${execution.id}`
    }
  })
  const { headers, body: text } = target.arrived[0]!
  new Webhook(WEBHOOK_SECRET).verify(text, headers as Record<string, string>)
  const [notice] = await eventually('it to be kept', async () => {
    const notices = await noticesOf(app)
    return notices[0]?.state === 'sent' ? notices : null
  })
  t.match(notice, {
    id: headers['webhook-id'],
    ruleName: 'rule',
    channelName: 'hook',
    event: 'failed',
    title: 'bot failed',
    executionId: execution.id,
    tries: 1,
    nextAt: null,
    detail: 'It answered 204.'
  })
})

t.test('what was cancelled, skipped, only tried, or is of another bot concerns nobody', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  const hook = await makeHook(app, target)
  const events = ['failed', 'first_failure', 'recovered', 'succeeded'] as const
  await makeRule(app, hook, [...events])
  const other = await app.makeBot(['true'], { name: 'other' })
  await makeRule(app, hook, ['succeeded', 'failed'], { bot: other.slug })
  await makeRule(app, hook, ['failed', 'succeeded'], { enabled: false })

  const endless = await app.makeBot(['sleep', '60'], { concurrency: { limit: 1, policy: 'skip', key: null } })
  const running = await app.start(endless)
  t.equal((await app.start(endless)).state, 'skipped')
  await app.post(`/api/executions/${running.id}/cancel`)
  await app.ended(running.id)
  const trial = await app.post('/api/bots/trials', { bot: { name: 'x', command: ['false'] }, parameters: {} })
  await app.ended(trial.body.id)
  await app.finished(['true'], { name: 'the one' })
  const bodies = await bodiesOf(target, 1)
  t.match(bodies, [{ type: 'execution.succeeded', data: { bot: { name: 'the one' } } }])
  t.equal((await noticesOf(app)).length, 1)
})

t.test('the first failure and the recovery are told, and what lies between is not', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  const hook = await makeHook(app, target)
  await makeRule(app, hook, ['first_failure', 'recovered'])
  const bot = await app.makeBot(FLIPS, flips)
  await runs(app, bot, [0, 1, 1, 0, 0, 2, 0])
  const bodies = await bodiesOf(target, 4)
  t.same(
    (await noticesOf(app)).map(({ event }) => event),
    ['recovered', 'first_failure', 'recovered', 'first_failure'],
    'newest first'
  )
  t.equal(bodies.length, 4)
})

t.test('a rule is quiet for as long as it says, and then tells how often it was', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['failed', 'recovered'], { quietMs: 3_600_000 })
  const bot = await app.makeBot(FLIPS, flips)
  await runs(app, bot, [1, 1, 1])
  const other = await app.makeBot(FLIPS, { ...flips, name: 'Other' })
  await runs(app, other, [1])
  await bodiesOf(target, 2)
  const states = async () => (await noticesOf(app)).map(({ state }) => state)
  await eventually('what was sent to be kept', async () => !(await states()).includes('waiting'))
  t.same(await states(), ['sent', 'suppressed', 'suppressed', 'sent'], 'it is quiet about the one bot only')

  // An hour later.
  withDatabase(app.config.dataDir, db => db.exec('UPDATE notices SET at = at - 3600000'))
  await runs(app, bot, [1])
  const bodies = await bodiesOf(target, 3)
  t.equal(bodies[2].data.quieted, 2)
  await runs(app, bot, [0])
  t.equal((await bodiesOf(target, 4))[3].type, 'execution.recovered', 'a recovery is other news')
})

t.test('a schedule that did not start its bot is told of', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['slot_missed'])
  const bot = await app.makeBot(['true'], { name: 'Nightly' })
  const trigger = await app.post('/api/triggers', {
    bot: bot.id,
    kind: 'schedule',
    name: 'Every night',
    enabled: false,
    schedule: { cron: '0 3 * * *' }
  })
  t.equal(trigger.status, 201)
  withDatabase(app.config.dataDir, db =>
    db
      .prepare(`INSERT INTO happenings (id, kind, trigger_id, slot_at, at) VALUES (?, 'slot.missed', ?, ?, ?)`)
      .run('00000000-0000-7000-8000-000000000001', trigger.body.id, Date.UTC(2026, 0, 1, 3), Date.now())
  )
  // Whoever notes it wakes those who follow; here that is an execution's end.
  await app.ended((await app.start(bot)).id)
  const [body] = await bodiesOf(target, 1)
  t.match(body, {
    type: 'slot.missed',
    data: { bot: { name: 'Nightly' }, slot: { triggerName: 'Every night', slotAt: Date.UTC(2026, 0, 1, 3) } }
  })
})

t.test('what has been running for long is told of once, while it runs', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  await makeRule(app, await makeHook(app, target), ['long_running'], { longRunningMs: 1000 })
  const { id } = await app.start(await app.makeBot(['sleep', '600']))
  await app.until(id, ({ state }) => state === 'running')
  const [body] = await bodiesOf(target, 1)
  t.match(body, { type: 'execution.long_running', data: { execution: { id, state: 'running', endedAt: null } } })
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  t.equal((await noticesOf(app)).length, 1)
})

t.test('a dead man’s switch hears of each success, and of failures at /fail, however quiet the rule is', async t => {
  const app = await buildApp(t, { config })
  const target = await startHttpTarget(t)
  const ping = await makeChannel(app, 'ping', { url: `${target.url}/ping/uuid` })
  await makeRule(app, ping, ['succeeded', 'failed'], { quietMs: 3_600_000 })
  const bot = await app.makeBot(FLIPS, flips)
  for (const [index, code] of [0, 0, 1].entries()) {
    await runs(app, bot, [code])
    await eventually('the ping', () => target.arrived.length === index + 1)
  }
  t.same(
    target.arrived.map(({ method, path }) => `${method} ${path}`),
    ['POST /ping/uuid', 'POST /ping/uuid', 'POST /ping/uuid/fail']
  )
})

t.test('while nobody wants to know, nothing is kept of what happens', async t => {
  const app = await buildApp(t, { config })
  await app.finished(['false'])
  t.same(await noticesOf(app), [])
  t.equal(
    withDatabase(app.config.dataDir, db => db.prepare('SELECT count(*) FROM happenings').pluck().get()),
    0
  )
})
