import fc from 'fast-check'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { type Execution, STATES, TRIGGERS } from '../../src/executions/execution.ts'
import { madeAt } from '../../src/lib/ids.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { isProblem, wrongFields } from '../support/problems.ts'
import { seeded } from '../support/properties.ts'

const BASE = Date.UTC(2026, 0, 1)
/** So few milliseconds for so many executions that many share one, and bounds fall on them. */
const SPAN_MS = 40
const COUNT = 300

type Past = Pick<Execution, 'id' | 'botId' | 'state' | 'trigger' | 'queuedAt'> & { triggerId?: string | null }

const past = fc.record({
  bot: fc.nat({ max: 3 }),
  state: fc.constantFrom(...STATES),
  trigger: fc.constantFrom(...TRIGGERS),
  startedBy: fc.nat({ max: 3 }),
  after: fc.nat({ max: SPAN_MS })
})

/** Writes executions into the history beside the server; they never ran. Newest first. */
function write(app: TestApp, executions: Omit<Past, 'id'>[]): Past[] {
  const rows = executions.map(past => ({ triggerId: null, ...past, id: v7({ msecs: past.queuedAt }) }))
  withDatabase(app.config.dataDir, db => {
    const insert = db.prepare(
      `INSERT INTO executions (id, bot_id, bot_slug, state, trigger, trigger_id, parameters, queued_at)
       VALUES (@id, @botId, 'bot', @state, @trigger, @triggerId, '{}', @queuedAt)`
    )
    for (const row of rows) insert.run(row)
  })
  return rows.sort((a, b) => (a.id < b.id ? 1 : -1))
}

/** All pages of a list, each as long as it may be. */
async function pagesOf(t: Test, app: TestApp, path: string, query: URLSearchParams): Promise<string[]> {
  const limit = Number(query.get('limit'))
  const ids: string[] = []
  for (;;) {
    const { body } = await app.get(`${path}?${query}`)
    ids.push(...body.items.map((execution: Execution) => execution.id))
    if (body.nextCursor === null) return ids
    if (body.items.length !== limit)
      t.fail(`a page of ${body.items.length} that is not the last`, { query: `${query}` })
    query.set('cursor', body.nextCursor)
  }
}

t.test('whatever is filtered, the pages hold what a plain filter leaves, in order, each once', async t => {
  const app = await buildApp(t)
  const bots = [await app.makeBot(['true']), await app.makeBot(['true']), await app.makeBot(['true'])]
  // Also of triggers that are no more, history is found.
  const triggerIds = [v7(), v7(), v7()]
  const { seed } = seeded(t)
  const [sample] = fc.sample(fc.array(past, { minLength: COUNT, maxLength: COUNT }), { seed, numRuns: 1 })
  const history = write(
    app,
    sample!.map(({ bot, state, trigger, startedBy, after }) => ({
      botId: bots[bot]?.id ?? null,
      state,
      trigger,
      triggerId: triggerIds[startedBy] ?? null,
      queuedAt: BASE + after
    }))
  )
  const time = fc.option(fc.integer({ min: BASE - 2, max: BASE + SPAN_MS + 2 }), { nil: undefined })
  const query = fc.record({
    bot: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
    bySlug: fc.boolean(),
    ofBot: fc.boolean(),
    states: fc.option(fc.subarray([...STATES], { minLength: 1 }), { nil: undefined }),
    triggers: fc.option(fc.subarray([...TRIGGERS], { minLength: 1 }), { nil: undefined }),
    triggerId: fc.option(fc.constantFrom(...triggerIds), { nil: undefined }),
    since: time,
    until: time,
    limit: fc.constantFrom(1, 7, 50, 200)
  })

  const property = fc.asyncProperty(query, async ({ bot, bySlug, ofBot, states, triggers, triggerId, ...rest }) => {
    const { since, until, limit } = rest
    const search = new URLSearchParams({ limit: String(limit) })
    const chosen = bot === undefined ? undefined : bots[bot]!
    const ref = bySlug ? chosen?.slug : chosen?.id
    if (ref && !ofBot) search.set('bot', ref)
    if (states) search.set('state', states.join(','))
    if (triggers) search.set('trigger', triggers.join(','))
    if (triggerId) search.set('triggerId', triggerId)
    if (since !== undefined) search.set('since', String(since))
    if (until !== undefined) search.set('until', String(until))
    const expected = history.filter(
      execution =>
        (!chosen || execution.botId === chosen.id) &&
        (!states || states.includes(execution.state)) &&
        (!triggers || triggers.includes(execution.trigger)) &&
        (!triggerId || execution.triggerId === triggerId) &&
        (since === undefined || execution.queuedAt >= since) &&
        (until === undefined || execution.queuedAt < until)
    )
    const path = ref && ofBot ? `/api/bots/${ref}/executions` : '/api/executions'
    const listed = await pagesOf(t, app, path, search)
    return JSON.stringify(listed) === JSON.stringify(expected.map(execution => execution.id))
  })
  await fc.assert(property, { seed, numRuns: 100 })
  t.pass('100 filters')
})

t.test('what comes while somebody reads page by page moves nothing', async t => {
  const app = await buildApp(t)
  const add = (count: number, queuedAt: number) =>
    write(app, Array(count).fill({ botId: null, state: 'failed', trigger: 'api', queuedAt }))
  const there = add(10, BASE)
  const first = (await app.get('/api/executions?state=failed,lost&limit=4')).body
  add(5, BASE + 1)
  const rest = new URLSearchParams({ state: 'failed,lost', limit: '4', cursor: first.nextCursor })
  const ids = [...first.items.map((item: Execution) => item.id), ...(await pagesOf(t, app, '/api/executions', rest))]
  t.same(
    ids,
    there.map(({ id }) => id)
  )
})

t.test('an execution was queued at the time its id says', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  for (let i = 0; i < 20; i++) {
    const { id, queuedAt } = await app.start(bot)
    t.equal(queuedAt, madeAt(id))
    const found = await app.get(`/api/executions?since=${queuedAt}&until=${queuedAt + 1}`)
    t.ok(found.body.items.some((item: Execution) => item.id === id))
    await app.ended(id)
  }
})

t.test('a filter that cannot be is refused in words that say what can', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  for (const path of ['/api/executions', `/api/bots/${bot.id}/executions`]) {
    for (const [query, field, says] of [
      ['state=done', '/state', 'must be of queued, running, succeeded, failed, cancelled, timed_out, lost'],
      ['state=', '/state', 'must be of queued'],
      ['state=failed,', '/state', 'must be of queued'],
      ['state=failed,%20lost', '/state', 'must be of queued'],
      ['trigger=cron', '/trigger', 'must be of manual, api'],
      ['triggerId=mornings', '/triggerId', 'must be the id of a trigger'],
      ['triggerId=', '/triggerId', 'must be the id of a trigger'],
      [`triggerId=${bot.id},${bot.id}`, '/triggerId', 'must NOT have more than 64 characters'],
      ['since=yesterday', '/since', 'must be integer'],
      ['since=-1', '/since', 'must be >= 0'],
      ['until=1.5', '/until', 'must be integer'],
      [`until=${2 ** 48}`, '/until', 'must be <= 281474976710655'],
      ['until=1&until=2', '/until', 'must be integer'],
      ['states=failed', '/states', 'is not known']
    ]) {
      const answer = await app.get(`${path}?${query}`)
      isProblem(t, answer, 400, 'invalid_request', query)
      t.same(wrongFields(answer), [field])
      t.match(answer.body.errors[0].message, says, `${query}: says what is allowed`)
    }
  }
  t.match((await app.get('/api/executions?state=done')).body.detail, 'state must be of queued, running')
  isProblem(t, await app.get('/api/executions?bot=nobody'), 404, 'not_found')
  isProblem(t, await app.get(`/api/bots/${bot.id}/executions?bot=${bot.id}`), 400, 'invalid_request')
  for (const nothing of ['since=5&until=5', `triggerId=${v7()}`])
    t.same((await app.get(`/api/executions?${nothing}`)).body, { items: [], nextCursor: null })
})

t.test('the latest executions are given bot by bot as asked for, newest first', async t => {
  const app = await buildApp(t)
  const bots = [await app.makeBot(['true']), await app.makeBot(['true']), await app.makeBot(['true'])]
  const idle = await app.makeBot(['true'])
  const history = write(
    app,
    Array.from({ length: 60 }, (_, i) => ({
      botId: bots[i % 3]!.id,
      state: 'failed' as const,
      trigger: 'api' as const,
      queuedAt: BASE + (i >> 1)
    }))
  )
  const newest = (botId: string, count: number) => history.filter(past => past.botId === botId).slice(0, count)
  const asked = [bots[2]!.id, idle.id, bots[0]!.id, v7(), bots[2]!.id]
  for (const [query, count] of [
    ['', 12],
    ['&perBot=1', 1],
    ['&perBot=50', 50]
  ] as const) {
    const { body } = await app.get(`/api/executions/latest?bots=${asked.join(',')}${query}`)
    t.same(
      body.items.map((item: Execution) => item.id),
      [...newest(bots[2]!.id, count), ...newest(bots[0]!.id, count)].map(past => past.id),
      query || 'twelve by default'
    )
  }
  const { id } = await app.start(bots[1]!)
  const { outputs: _, ...ended } = await app.ended(id)
  const { body } = await app.get(`/api/executions/latest?bots=${bots[1]!.id}&perBot=1`)
  t.same(body, { items: [ended] }, 'whole but for outputs, with their attempts')
})

t.test('the latest of up to 200 bots can be asked for at once', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const history = write(
    app,
    Array.from({ length: 50 }, (_, i) => ({ botId: bot.id, state: 'failed', trigger: 'api', queuedAt: BASE + i }))
  )
  const ids = [...Array.from({ length: 199 }, () => v7()), bot.id]
  const { body } = await app.get(`/api/executions/latest?perBot=50&bots=${ids}`)
  t.same(
    body.items.map((item: Execution) => item.id),
    history.map(({ id }) => id)
  )
  for (const query of [`bots=${ids},${v7()}`, 'bots=', `bots=${bot.slug}`, `bots=${bot.id},`, 'bots=x&perBot=1']) {
    const answer = await app.get(`/api/executions/latest?${query}`)
    isProblem(t, answer, 400, 'invalid_request', query.slice(0, 50))
    t.same(wrongFields(answer), ['/bots'])
    t.match(answer.body.detail, 'bots must be ids of 1 to 200 bots')
  }
  for (const query of ['', `bots=${bot.id}&perBot=0`, `bots=${bot.id}&perBot=51`]) {
    isProblem(t, await app.get(`/api/executions/latest?${query}`), 400, 'invalid_request', query)
  }
})
