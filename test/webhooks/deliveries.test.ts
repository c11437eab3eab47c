import { join } from 'node:path'
import t from 'tap'
import { newId } from '../../src/lib/ids.ts'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'
import { deliveriesOf, executionsOf, makeWebhook, send, sendGithub } from '../support/webhooks.ts'

const replay = (id: string) => `/api/deliveries/${id}/replay`
const REPLAY_ALL = { verdict: 'automation_off' }

t.test('one delivery that comes twenty times at once starts one execution, and all are told which', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const answers = await Promise.all(Array.from({ length: 20 }, () => sendGithub(app, trigger, {}, { delivery: 'one' })))
  const [execution] = await executionsOf(app, bot)
  t.equal((await executionsOf(app, bot)).length, 1)
  for (const { status, body } of answers) {
    t.ok(
      status === 202 ? body.verdict === 'started' : status === 200 && body.verdict === 'repeated',
      `${status} ${body.verdict}`
    )
    t.equal(body.executionId, execution!.id)
  }
  const kept = await deliveriesOf(app, trigger)
  t.equal(kept.filter(({ repeatOf }) => repeatOf === null).length, 1)
  t.equal(kept.length, 20)
  await app.ended(execution!.id)

  const others = await Promise.all(['two', 'three'].map(delivery => sendGithub(app, trigger, {}, { delivery })))
  t.equal(new Set(others.map(({ body }) => body.executionId)).size, 2, 'another key is another delivery')
  const elsewhere = await sendGithub(app, await makeWebhook(app, bot), {}, { delivery: 'one' })
  t.equal(elsewhere.body.verdict, 'started', 'and so is the same key at another webhook')
  for (const { id } of await executionsOf(app, bot)) await app.ended(id)
})

t.test('while the automation is off deliveries are kept, and then replayed: the oldest first, each once', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const other = await makeWebhook(app, bot)
  await app.request('PUT', '/api/automation', { body: { enabled: false } })
  for (const n of [1, 2, 3]) {
    const answer = await sendGithub(app, trigger, { n }, { delivery: `delivery ${n}` })
    t.equal(answer.status, 202)
    t.match(answer.body, { verdict: 'automation_off', executionId: null })
  }
  t.equal((await sendGithub(app, trigger, { n: 1 }, { delivery: 'delivery 1' })).body.verdict, 'automation_off')
  await sendGithub(app, other, { n: 4 }, { delivery: 'delivery 4' })
  t.same(await executionsOf(app, bot), [])

  await app.request('PUT', '/api/automation', { body: { enabled: true } })
  const early = await sendGithub(app, trigger, { n: 2 }, { delivery: 'delivery 2' })
  t.match(early.body, { verdict: 'started' }, 'the sender may be quicker')
  const answers = await Promise.all([
    app.post('/api/deliveries/replay', { ...REPLAY_ALL, triggerId: trigger.id }),
    app.post('/api/deliveries/replay', { ...REPLAY_ALL, triggerId: trigger.id })
  ])
  for (const answer of answers) t.match(answer.body, { failed: 0, left: 0 })
  t.match(
    (await app.post('/api/deliveries/replay', REPLAY_ALL)).body,
    { started: 1, failed: 0, left: 0 },
    'of the other'
  )
  t.match(
    (await app.post('/api/deliveries/replay', REPLAY_ALL)).body,
    { started: 0, failed: 0, left: 0 },
    'none is left'
  )
  const executions = await executionsOf(app, bot)
  const payloads = []
  for (const { id } of executions.toReversed()) {
    await app.ended(id)
    payloads.push((await app.get(`/api/executions/${id}/payload`)).body.n)
  }
  t.same(payloads, [2, 1, 3, 4])
  for (const n of [1, 2, 3]) {
    const repeated = await sendGithub(app, trigger, { n }, { delivery: `delivery ${n}` })
    t.equal(repeated.body.verdict, 'repeated', `the sender's repeat of ${n} starts nothing`)
  }
  t.equal((await executionsOf(app, bot)).length, 4)
  const { items } = (await app.get('/admin/audit?action=delivery.replayed')).body
  t.match(items.at(-1), { subject: { type: 'trigger', id: trigger.id, name: 'hook' } })
})

t.test('a webhook or bot that is disabled starts nothing until it is enabled and the delivery comes again', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { name: 'Nobody knows' })
  const trigger = await makeWebhook(app, bot)
  await app.patch(`/api/triggers/${trigger.id}`, { enabled: false })
  const first = await sendGithub(app, trigger, {}, { delivery: 'one' })
  t.equal(first.status, 202)
  t.match(first.body, { verdict: 'disabled', executionId: null })
  isProblem(t, await sendGithub(app, trigger, {}, { secret: 'another secret' }), 401, 'invalid_signature', 'forged')
  await app.patch(`/api/triggers/${trigger.id}`, { enabled: true })

  await app.patch(`/api/bots/${bot.id}`, { enabled: false })
  const refused = await sendGithub(app, trigger, {}, { delivery: 'two' })
  isProblem(t, refused, 409, 'bot_disabled', 'a bot that is disabled')
  t.notMatch(refused.text, bot.slug, 'a stranger is not told its name')
  t.match((await deliveriesOf(app, trigger))[0], { verdict: 'bot_disabled', detail: new RegExp(bot.slug) })
  t.same(await executionsOf(app, bot), [])
  await app.patch(`/api/bots/${bot.id}`, { enabled: true })

  for (const delivery of ['one', 'two']) {
    const again = await sendGithub(app, trigger, {}, { delivery })
    t.match(again.body, { verdict: 'started' }, delivery)
    await app.ended(again.body.executionId)
  }
  t.equal((await executionsOf(app, bot)).length, 2)
})

t.test('with a full queue the sender is told to come again, and then it works', async t => {
  const app = await buildApp(t, { config: { maxQueuedExecutions: 1, maxConcurrentExecutions: 1 } })
  const bot = await app.makeBot(['sleep', '1000'])
  const trigger = await makeWebhook(app, bot)
  const running = await app.start(bot)
  await app.until(running.id, ({ state }) => state === 'running')
  const waiting = await app.start(bot)
  const full = await sendGithub(app, trigger, {}, { delivery: 'one' })
  isProblem(t, full, 503, 'queue_full')
  t.match(full.headers.get('retry-after'), /^\d+$/)
  t.match(await deliveriesOf(app, trigger), [{ verdict: 'queue_full', executionId: null }])

  await app.request('PUT', '/api/automation', { body: { enabled: false } })
  await sendGithub(app, trigger, {}, { delivery: 'two' })
  const none = await app.post('/api/deliveries/replay', REPLAY_ALL)
  t.match(none.body, { started: 0, failed: 0, left: 1 }, 'what waits to be replayed goes on waiting')
  await app.request('PUT', '/api/automation', { body: { enabled: true } })

  await app.post(`/api/executions/${waiting.id}/cancel`)
  const again = await sendGithub(app, trigger, {}, { delivery: 'one' })
  t.equal(again.status, 202, again.text)
  for (const id of [again.body.executionId, running.id]) {
    await app.post(`/api/executions/${id}/cancel`)
    await app.ended(id)
  }
  t.match((await app.post('/api/deliveries/replay', REPLAY_ALL)).body, { started: 1, left: 0 })
  const [last] = await executionsOf(app, bot)
  await app.post(`/api/executions/${last!.id}/cancel`)
  await app.ended(last!.id)
})

t.test('while the disk is nearly full nothing is taken, and the sender is told to come again', async t => {
  const app = await buildApp(t, { config: { minFreeBytes: Number.MAX_SAFE_INTEGER } })
  const trigger = await makeWebhook(app, await app.makeBot(['true']))
  const answer = await sendGithub(app, trigger, {})
  isProblem(t, answer, 503, 'unavailable')
  t.equal(answer.headers.get('retry-after'), '60')
  t.same(await deliveriesOf(app, trigger), [])
})

t.test('a delivery is replayed with one click, as often as somebody clicks', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const bot = await app.makeBot(['cat'], { env: { N: '{{payload.n}}' } })
  const trigger = await makeWebhook(app, bot)
  const first = (await sendGithub(app, trigger, { n: 1 }, { delivery: 'one' })).body
  const answers = [await operator.post(replay(first.deliveryId)), await operator.post(replay(first.deliveryId))]
  for (const { status, body, text } of answers) {
    t.equal(status, 202, text)
    t.match(body, { verdict: 'started', verified: true, replayOf: first.deliveryId, key: null })
    const execution = await app.execution(body.executionId)
    t.match(execution, { trigger: 'webhook', triggerId: trigger.id, payloadBytes: 7 })
    t.type(execution.by, 'string', 'who did it stands with it')
  }
  t.equal(new Set([first.executionId, ...answers.map(({ body }) => body.executionId)]).size, 3)

  await app.patch(`/api/triggers/${trigger.id}`, {
    webhook: { filters: { match: 'all', rules: [{ path: '$.payload.n', op: 'equals', value: 2 }] } }
  })
  const filtered = (await sendGithub(app, trigger, { n: 3 })).body
  t.equal((await operator.post(replay(filtered.deliveryId))).body.verdict, 'filtered', 'the filters count as they are')
  await app.patch(`/api/triggers/${trigger.id}`, { enabled: false, webhook: { filters: { match: 'all', rules: [] } } })
  await app.request('PUT', '/api/automation', { body: { enabled: false } })
  const now = await operator.post(replay(filtered.deliveryId))
  t.match(now.body, { id: filtered.deliveryId, verdict: 'started', replayOf: null }, 'the switches do not')
  const repeat = await sendGithub(app, trigger, { n: 1 }, { delivery: 'one' })
  t.equal(repeat.body.verdict, 'repeated')

  const forged = await sendGithub(app, trigger, { n: 4 }, { secret: 'another secret' })
  t.equal(forged.status, 401)
  const { id } = (await deliveriesOf(app, trigger))[0]!
  isProblem(t, await operator.post(replay(id)), 409, 'not_replayable', 'forged')
  isProblem(t, await operator.post(replay(newId())), 404, 'not_found')
  isProblem(t, await operator.post('/api/deliveries/replay', { verdict: 'invalid_signature' }), 400, 'invalid_request')
  t.equal((await executionsOf(app, bot)).length, 4)
  for (const { id } of await executionsOf(app, bot)) await app.ended(id)
})

t.test('viewers see what came and what became of it; what it brought is for operators', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const operator = await signedInAs(app, 'operator')
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const { deliveryId, executionId } = (await sendGithub(app, trigger, { password: 'hunter2' })).body
  await app.ended(executionId)
  const list = await viewer.get(`/api/triggers/${trigger.id}/deliveries?verdict=started`)
  t.equal(list.body.items.length, 1)
  t.notMatch(list.text, /hunter2|x-github/)
  t.same((await viewer.get(`/api/triggers/${trigger.id}/deliveries?verdict=filtered`)).body.items, [])
  for (const path of [`/api/deliveries/${deliveryId}`, `/api/deliveries/${deliveryId}/body`]) {
    isProblem(t, await viewer.get(path), 403, 'forbidden', path)
  }
  isProblem(t, await viewer.post(replay(deliveryId)), 403, 'forbidden', 'a replay')
  t.match((await operator.get(`/api/deliveries/${deliveryId}`)).body.headers, { 'x-github-event': 'push' })
  const body = await operator.get(`/api/deliveries/${deliveryId}/body`)
  t.equal(body.text, '{"password":"hunter2"}')
  t.equal(body.headers.get('content-type'), 'application/octet-stream')
  t.match(body.headers.get('content-disposition'), /^attachment/)
  await app.delete(`/api/triggers/${trigger.id}`)
  isProblem(t, await operator.get(`/api/deliveries/${deliveryId}`), 404, 'not_found', 'it goes with its trigger')
})

t.test('whoever listens to a trigger hears of its deliveries as they are settled', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const stream = await app.stream(`/api/events?topics=trigger:${trigger.id}`)
  const verdicts: string[] = []
  for await (const { event, data } of stream) {
    if (event === 'resync') {
      const { body } = await sendGithub(app, trigger, {}, { delivery: 'one' })
      await app.ended(body.executionId)
      await sendGithub(app, trigger, {}, { delivery: 'one' })
      await sendGithub(app, trigger, {}, { secret: 'another secret' })
    } else if (event === 'delivery.received') verdicts.push(data.verdict)
    if (verdicts.length === 3) break
  }
  stream.close()
  t.same(verdicts, ['started', 'repeated', 'invalid_signature'])
})

t.test('of what is not believed little is kept, however much comes', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const { body: good } = await sendGithub(app, trigger, {})
  await app.ended(good.executionId)
  const large = JSON.stringify({ text: 'x'.repeat(100_000) })
  const statuses = new Set<number>()
  for (let n = 0; n < 150; n++)
    statuses.add((await send(app, trigger, large, { 'x-forwarded-for': `198.51.100.${n}` })).status)
  t.same([...statuses], [401])
  const kept = await deliveriesOf(app, trigger)
  const forged = kept.filter(({ verified }) => !verified)
  t.ok(forged.length > 0 && forged.length <= 100, `${forged.length} are kept`)
  t.ok(
    kept.some(({ id }) => id === good.deliveryId),
    'what is believed is not lost for it'
  )
  t.equal(forged[0]!.bodyBytes, large.length)
  t.equal((await app.get(`/api/deliveries/${forged[0]!.id}/body`)).text, large.slice(0, 4096))
})

t.test('who is not believed again and again is not looked into for a while, and others are', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const forge = (address: string) => send(app, trigger, '{}', { 'x-forwarded-for': address })
  const guess = (address: string) => send(app, { id: newId() }, '{}', { 'x-forwarded-for': address })
  // By networks of IPv6, each of which is one address however many it has.
  const answers = []
  for (let n = 0; n < 50; n++) answers.push(await forge(`2001:db8::${n.toString(16)}`), await guess(`2001:db8::1:${n}`))
  t.same([...new Set(answers.map(({ status }) => status))].sort(), [401, 404])
  for (const answer of [await forge('2001:db8::ffff'), await guess('2001:db8::ffff')]) {
    isProblem(t, answer, 429, 'rate_limited', 'one too many')
    const seconds = Number(answer.headers.get('retry-after'))
    t.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
  }
  isProblem(t, await forge('2001:db8:0:1::1'), 401, 'invalid_signature', 'another network')
  t.equal((await sendGithub(app, trigger, {})).status, 202, 'and who signs, from elsewhere')
  const { id } = (await executionsOf(app, bot))[0]!
  await app.ended(id)
  t.equal((await app.get('/api/bots', { 'x-forwarded-for': '2001:db8::1' })).status, 200, 'nor does it concern the API')
})

t.test('what was written down when a server died is settled by the next one, once', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot(['true'])
  const trigger = await makeWebhook(first, bot)
  const { executionId, deliveryId } = (await sendGithub(first, trigger, { n: 1 }, { delivery: 'one' })).body
  await first.ended(executionId)
  await first.kill()
  // As it is between the row and the start, and between the start and its being written down.
  const left = newId()
  withDatabase(dataDir, db => {
    const row = db.prepare('SELECT * FROM deliveries WHERE id = ?').get(deliveryId) as Record<string, unknown>
    const copy = { ...row, id: left, key: 'two' }
    const names = Object.keys(copy)
    db.prepare(`INSERT INTO deliveries (${names}) VALUES (${names.map(name => `@${name}`)})`).run(copy)
    db.exec("UPDATE deliveries SET verdict = 'received', execution_id = NULL")
  })
  const second = await startServer(t, dataDir)
  const settled = await eventually('both are settled', async () => {
    const all = await deliveriesOf(second, trigger)
    return all.every(({ verdict }) => verdict === 'started') ? all : null
  })
  t.equal(settled.length, 2)
  t.equal(settled.find(({ id }) => id === deliveryId)!.executionId, executionId, 'it had started already')
  t.equal((await executionsOf(second, bot)).length, 2)
  const repeat = await sendGithub(second, trigger, { n: 1 }, { delivery: 'two' })
  t.match(repeat.body, { verdict: 'repeated', executionId: settled.find(({ id }) => id === left)!.executionId })
  for (const { id } of await executionsOf(second, bot)) await second.ended(id)
})
