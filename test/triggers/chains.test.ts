import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Execution } from '../../src/executions/execution.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { chain, makeTrigger, switchAutomation } from '../support/triggers.ts'
import { eventually } from '../support/wait.ts'

/** The only execution of a bot, once it has ended. */
async function onlyOf(app: Pick<TestApp, 'get' | 'ended'>, bot: { id: string }): Promise<Execution> {
  let items: Execution[] = []
  await eventually('an execution of the bot after it', async () => {
    items = (await app.get(`/api/bots/${bot.id}/executions`)).body.items
    return items.length > 0
  })
  if (items.length !== 1) throw new Error(`${items.length} executions`)
  return app.ended(items[0]!.id)
}

const TELLS = [
  '/bin/sh',
  '-c',
  'cat "$BOTYARD_PAYLOAD" >"$BOTYARD_ARTIFACTS/payload"; echo "$0"; echo "$BOTYARD_TRIGGER"'
]

t.test('a bot is started after another, and given the execution that ended', async t => {
  const app = await buildApp(t)
  const parameters = { type: 'object', properties: { who: { type: 'string' } } }
  const first = await app.makeBot(['/bin/sh', '-c', 'echo answer=42 >>"$BOTYARD_OUTPUT"'], {
    name: 'first',
    parameters
  })
  const second = await app.makeBot([...TELLS, '{{payload.outputs.answer}} {{payload.parameters.who}}'], {
    name: 'second'
  })
  const trigger = await chain(app, first, second, { name: 'Then tell' })
  const before = await app.ended((await app.start(first, { who: 'Ann' })).id)

  const after = await onlyOf(app, second)
  t.match(after, {
    state: 'succeeded',
    trigger: 'chain',
    by: null,
    triggerId: trigger.id,
    triggerName: 'Then tell',
    occasion: before.id,
    depth: 1
  })
  t.equal((await app.get(`/api/executions/${after.id}/log`)).text, '42 Ann\nchain\n')
  const payload = await app.get(`/api/executions/${after.id}/payload`)
  t.match(payload.body, { id: before.id, state: 'succeeded', outputs: { answer: '42' }, parameters: { who: 'Ann' } })
  t.equal(after.payloadBytes, Buffer.byteLength(payload.text))
  t.equal((await app.get(`/api/executions/${after.id}/artifacts/payload`)).text, payload.text)

  const again = await app.ended((await app.post(`/api/executions/${after.id}/rerun`)).body.id)
  t.match(again, { triggerId: null, occasion: null, depth: 0, payloadBytes: after.payloadBytes })
  t.match((await app.get(`/api/executions/${again.id}/log`)).text, /^42 Ann\n/, 'run again, it is given the same')
})

t.test('what one trigger has started is listed by its id, also once it has been deleted', async t => {
  const app = await buildApp(t)
  const [first, second] = [await app.makeBot(['true']), await app.makeBot(['true'])]
  const one = await chain(app, first, second, { name: 'one' })
  const other = await chain(app, first, second, { name: 'other' })
  const listed = async (query: string) =>
    (await app.get(`/api/executions?${query}`)).body.items.map(({ occasion }: Execution) => occasion)

  const began = await app.ended((await app.start(first)).id)
  await eventually('what both start', async () => (await listed(`bot=${second.id}&state=succeeded`)).length === 2)
  await app.patch(`/api/bots/${second.id}`, { enabled: false })
  const later = await app.ended((await app.start(first)).id)
  await eventually('what both would start', async () => (await listed(`bot=${second.id}`)).length === 4)

  for (const { id } of [one, other]) {
    t.same(await listed(`triggerId=${id}`), [later.id, began.id])
    t.same(await listed(`triggerId=${id}&state=succeeded`), [began.id])
    t.same(await listed(`triggerId=${id}&trigger=chain&bot=${second.id}&state=skipped,lost`), [later.id])
    t.same(await listed(`triggerId=${id}&trigger=schedule`), [])
    t.same(await listed(`triggerId=${id}&bot=${first.id}`), [])
  }
  await app.delete(`/api/triggers/${one.id}`)
  t.same(await listed(`triggerId=${one.id}`), [later.id, began.id])
})

t.test('a chain waits for the last attempt, and follows the end it was made for', async t => {
  const app = await buildApp(t)
  const retry = { maxAttempts: 2, backoffMs: 1, maxBackoffMs: 1 }
  const fails = await app.makeBot(['/bin/false'], { name: 'fails', retry })
  const onFailure = await app.makeBot(['/bin/true'], { name: 'on-failure' })
  const onSuccess = await app.makeBot(['/bin/true'], { name: 'on-success' })
  const always = await app.makeBot(['/bin/true'], { name: 'always' })
  await chain(app, fails, onFailure, { on: 'failed' })
  await chain(app, fails, onSuccess, { on: 'succeeded' })
  await chain(app, fails, always, { on: 'any' })
  t.equal((await app.ended((await app.start(fails)).id)).attempts.length, 2)
  await onlyOf(app, onFailure)
  await onlyOf(app, always)
  t.same((await app.get(`/api/bots/${onSuccess.id}/executions`)).body.items, [])
})

t.test('what is cancelled while it waits is an end, too; what was only tried is none', async t => {
  const app = await buildApp(t, { config: { maxConcurrentExecutions: 1 } })
  const sleeps = await app.makeBot(['/bin/sleep', '600'], { name: 'sleeps' })
  const after = await app.makeBot(['/bin/true'], { name: 'after' })
  await chain(app, sleeps, after, { on: 'any' })
  const runs = await app.start(await app.makeBot(['/bin/sleep', '600'], { name: 'in-the-way' }))
  await app.until(runs.id, ({ state }) => state === 'running')
  const waits = await app.start(sleeps)
  await app.post(`/api/executions/${waits.id}/cancel`)
  await app.post(`/api/executions/${runs.id}/cancel`)
  const bot = { name: 'Sleeps', slug: sleeps.slug, command: ['/bin/true'] }
  await app.ended((await app.post('/api/bots/trials', { bot })).body.id)
  t.equal((await onlyOf(app, after)).occasion, waits.id)
})

t.test('a chain that would lead round in a circle is refused, and says which way', async t => {
  const app = await buildApp(t)
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => app.makeBot(['/bin/true'], { name })))
  await chain(app, a!, b!)
  const bc = await chain(app, b!, c!)
  await app.patch(`/api/triggers/${bc.id}`, { enabled: false })
  const answer = await app.post('/api/triggers', {
    bot: 'a',
    kind: 'chain',
    name: 'back',
    chain: { afterBotId: c!.id }
  })
  isProblem(t, answer, 400, 'invalid_request')
  t.match(answer.body.errors, [{ path: '/chain/afterBotId', message: /a → b → c → a/ }])
  isProblem(t, await app.patch(`/api/triggers/${bc.id}`, { chain: { afterBotId: c!.id } }), 400, 'invalid_request')
  t.equal((await app.get('/api/triggers')).body.items.length, 2)
})

t.test('a chain that is too long is cut, and the history says so', async t => {
  const app = await buildApp(t)
  const bots = []
  for (let i = 0; i < 13; i++) bots.push(await app.makeBot(['/bin/true'], { name: `link-${i}` }))
  for (let i = 1; i < bots.length; i++) await chain(app, bots[i - 1]!, bots[i]!)
  await app.ended((await app.start(bots[0]!)).id)
  t.match(await onlyOf(app, bots[10]!), { state: 'succeeded', depth: 10 })
  t.match(await onlyOf(app, bots[11]!), { state: 'skipped', reason: 'chain_depth', depth: 11 })
  t.same((await app.get(`/api/bots/${bots[12]!.id}/executions`)).body.items, [])
})

t.test('a chain whose bot cannot be started leaves the reason in the history', async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['/bin/true'], { name: 'first' })
  const parameters = { type: 'object', required: ['must'], properties: { must: {} } }
  const picky = await app.makeBot(['/bin/true'], { name: 'picky', parameters })
  const off = await app.makeBot(['/bin/true'], { name: 'off', enabled: false })
  await chain(app, first, picky)
  await chain(app, first, off)
  await app.ended((await app.start(first)).id)
  t.match(await onlyOf(app, picky), { state: 'skipped', reason: 'invalid_parameters', detail: /must/ })
  t.match(await onlyOf(app, off), { state: 'skipped', reason: 'bot_disabled', detail: /disabled/ })
})

t.test('while the automation is off a chain starts nothing and the history says so', async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['/bin/true'], { name: 'first' })
  const second = await app.makeBot(['/bin/true'], { name: 'second' })
  await chain(app, first, second)
  await switchAutomation(app, false)
  t.equal((await app.ended((await app.start(first)).id)).state, 'succeeded', 'by hand it runs all the same')
  t.match(await onlyOf(app, second), { state: 'skipped', reason: 'automation_off' })
})

t.test('a chain that is switched off starts nothing', async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['/bin/true'], { name: 'first' })
  const off = await app.makeBot(['/bin/true'], { name: 'off' })
  const on = await app.makeBot(['/bin/true'], { name: 'on' })
  const { id } = await chain(app, first, off)
  await app.patch(`/api/triggers/${id}`, { enabled: false })
  await chain(app, first, on)
  await app.ended((await app.start(first)).id)
  await onlyOf(app, on)
  t.same((await app.get(`/api/bots/${off.id}/executions`)).body.items, [])
})

t.test('a server that dies when a bot has ended leaves the chain to the next, which goes on once', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir)
  const marker = join(dataDir, 'go')
  const waits = ['/bin/sh', '-c', `while [ ! -e ${marker} ]; do sleep 0.02; done`]
  const before = await first.makeBot(waits, { name: 'before' })
  const after = await first.makeBot(['/bin/true'], { name: 'after' })
  await chain(first, before, after)
  const { id } = await first.start(before)
  await first.until(id, ({ state }) => state === 'running')
  await first.kill('SIGKILL')
  writeFileSync(marker, '')

  const second = await startServer(t, dataDir)
  t.equal((await second.ended(id)).state, 'succeeded')
  t.equal((await onlyOf(second, after)).occasion, id)
  await eventually(
    'all that happened to be followed up',
    () => withDatabase(dataDir, db => db.prepare('SELECT count(*) FROM happenings').pluck().get()) === 0
  )
  await second.kill('SIGKILL')
  withDatabase(dataDir, db =>
    db
      .prepare("INSERT INTO happenings (id, kind, execution_id, at) VALUES (?, 'execution.ended', ?, ?)")
      .run('01999999-0000-7000-8000-000000000000', id, Date.now())
  )
  const third = await startServer(t, dataDir)
  await eventually(
    'what was noted twice to be followed up',
    () => withDatabase(dataDir, db => db.prepare('SELECT count(*) FROM happenings').pluck().get()) === 0
  )
  t.equal((await third.get(`/api/bots/${after.id}/executions`)).body.items.length, 1)
})

t.test('a trigger goes with its bot, and with the bot it comes after; what it started keeps its place', async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['/bin/true'], { name: 'first' })
  const second = await app.makeBot(['/bin/true'], { name: 'second' })
  const { id } = await chain(app, first, second)
  await app.ended((await app.start(first)).id)
  const started = await onlyOf(app, second)
  await app.delete(`/api/bots/${first.id}`)
  isProblem(t, await app.get(`/api/triggers/${id}`), 404, 'not_found')
  t.match(await app.execution(started.id), { triggerId: id, triggerName: null, trigger: 'chain' })
  isProblem(
    t,
    await app.post('/api/triggers', { bot: 'second', kind: 'chain', name: 'x', chain: { afterBotId: first.id } }),
    404,
    'not_found'
  )
})

t.test('a trigger is made, changed and deleted, each heard of and written down', async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['/bin/true'], { name: 'first' })
  const second = await app.makeBot(['/bin/true'], { name: 'second' })
  const heard = await app.stream(`/api/events?topics=triggers`)
  const trigger = await makeTrigger(app, {
    bot: 'second',
    kind: 'chain',
    name: 'Then',
    chain: { afterBotId: first.id }
  })
  t.match(trigger, {
    botSlug: 'second',
    enabled: true,
    parameters: {},
    chain: { afterBotId: first.id, on: 'succeeded' },
    schedule: null,
    webhook: null
  })
  await app.patch(`/api/triggers/${trigger.id}`, { name: 'After', chain: { on: 'any' } })
  t.match((await app.get('/api/triggers?bot=second&kind=chain')).body.items, [
    { id: trigger.id, name: 'After', chain: { afterBotId: first.id, on: 'any' } }
  ])
  t.same((await app.get(`/api/triggers?bot=${first.id}`)).body.items, [])
  await app.delete(`/api/triggers/${trigger.id}`)
  const types: string[] = []
  for await (const { event } of heard) {
    if (event !== 'resync') types.push(event!)
    if (types.length === 3) break
  }
  heard.close()
  t.same(types, ['trigger.changed', 'trigger.changed', 'trigger.deleted'])
  const written = (await app.get(`/admin/audit?subject=${trigger.id}`)).body.items
  t.same(
    written.map(({ action }: { action: string }) => action),
    ['trigger.deleted', 'trigger.changed', 'trigger.created']
  )
  t.same(written[1].after, { name: 'After', chain: { afterBotId: first.id, on: 'any' } })
  t.equal(second.slug, 'second')
})

t.test('what no trigger can be is refused', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'])
  const refused = async (body: object, at: string) => {
    const answer = await app.post('/api/triggers', { bot: bot.id, name: 'x', ...body })
    isProblem(t, answer, 400, 'invalid_request', at)
    t.ok(
      answer.body.errors.some(({ path }: { path: string }) => path === at),
      `${at}: ${answer.text}`
    )
  }
  await refused({ kind: 'chain' }, '/chain/afterBotId')
  await refused({ kind: 'chain', chain: { afterBotId: bot.id } }, '/chain/afterBotId')
  await refused({ kind: 'chain', chain: { afterBotId: bot.id }, schedule: {} }, '/schedule')
  await refused({ kind: 'moon' }, '/kind')
  await refused({ kind: 'chain', name: ' ', chain: { afterBotId: bot.id } }, '/name')
})
