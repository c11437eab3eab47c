import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { allExecutions, endOf, inDatabase } from '../support/attempts.ts'

const DEEP = { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false }
const DAY_MS = 86_400_000
const withKey = (key: string) => ({ 'idempotency-key': key })

function asking(app: TestApp, bot: { id: string }, key: string, parameters = {}) {
  return app.post(`/api/bots/${bot.id}/executions`, { parameters }, withKey(key))
}

t.test('asking twice with one key makes one execution and answers it both times', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'], { parameters: DEEP })
  const first = await asking(app, bot, 'nightly-1', { n: 1 })
  t.equal(first.status, 202)
  await endOf(app, first.body.id)
  const second = await asking(app, bot, 'nightly-1', { n: 1 })
  t.match(second, { status: 202, body: { id: first.body.id, state: 'succeeded' } })
  t.equal((await allExecutions(app)).length, 1)

  const other = await asking(app, bot, 'nightly-2', { n: 1 })
  t.not(other.body.id, first.body.id)
  await endOf(app, other.body.id)
})

t.test('twenty who ask at the same time with one key get one execution', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'])
  const answers = await Promise.all(Array.from({ length: 20 }, () => asking(app, bot, 'same')))
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  await endOf(app, answers[0]!.body.id)
  t.equal((await allExecutions(app)).length, 1)
})

t.test('a key that came with something else is refused, and starts nothing', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'], { parameters: DEEP })
  const other = await app.makeBot(['/bin/true'], { name: 'other', parameters: DEEP })
  const { body } = await asking(app, bot, 'k', { n: 1 })
  for (const again of [await asking(app, bot, 'k', { n: 2 }), await asking(app, other, 'k', { n: 1 })]) {
    t.match(again, { status: 422, body: { code: 'idempotency_key_reused', detail: /new key/ } })
  }
  await endOf(app, body.id)
  t.equal((await allExecutions(app)).length, 1)
})

t.test('a request that was refused does not use up its key', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'], { parameters: DEEP, enabled: false })
  t.equal((await asking(app, bot, 'k')).status, 409)
  t.equal((await asking(app, bot, 'k', { n: 'x' })).status, 400)
  await app.patch(`/api/bots/${bot.id}`, { enabled: true })
  const made = await asking(app, bot, 'k')
  t.equal(made.status, 202)
  await endOf(app, made.body.id)
})

t.test('a key is a word of at most 255 characters', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'])
  for (const key of ['x'.repeat(256), 'two words']) t.match(await asking(app, bot, key), { status: 400 })
  t.same((await app.get('/api/executions')).body.items, [])
})

t.test('a key is forgotten after a day, and before that when what it made is no longer kept', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'])
  const first = await asking(app, bot, 'k')
  await endOf(app, first.body.id)
  const keys = () =>
    inDatabase(app.config.dataDir, db => db.prepare('SELECT count(*) FROM idempotency_keys').pluck().get())
  t.equal(keys(), 1)

  inDatabase(app.config.dataDir, db => db.prepare('DELETE FROM executions').run())
  const second = await asking(app, bot, 'k')
  t.not(second.body.id, first.body.id)
  await endOf(app, second.body.id)

  await app.app.chores.run(Date.now() + DAY_MS - 60_000)
  t.equal(keys(), 1)
  await app.app.chores.run(Date.now() + DAY_MS)
  t.equal(keys(), 0)
})
