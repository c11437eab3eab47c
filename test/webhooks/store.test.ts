import t, { type Test } from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import { newId } from '../../src/lib/ids.ts'
import { DeliveryStore } from '../../src/webhooks/store.ts'
import { testFolder } from '../support/folder.ts'

async function storeWithTriggers(t: Test) {
  const db = openDatabase(testFolder(t))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  const [bot, one, two] = [newId(), newId(), newId()]
  await db
    .insertInto('bots')
    .values({
      ...{ id: bot, slug: 'bot', name: 'bot', description: '', kind: 'command', command: '[]', cwd: null, env: '{}' },
      ...{ parameters: '{}', secrets: '[]', timeout_ms: 1, idle_timeout_ms: null, kill_grace_ms: 1, max_log_bytes: 1 },
      ...{
        terminal: 0,
        input: 0,
        priority: 0,
        concurrency_limit: 1,
        concurrency_policy: 'queue',
        concurrency_key: null
      },
      ...{ retry: '{}', limits: '{}', assertions: '{}', tags: '[]', search_text: '', enabled: 1, trial_of: null },
      ...{ created_at: 1, updated_at: 1 }
    })
    .execute()
  for (const id of [one, two]) {
    await db
      .insertInto('triggers')
      .values({
        ...{ id, bot_id: bot, name: 'hook', kind: 'webhook', enabled: 1, parameters: '{}', settings: '{}' },
        ...{ after_bot_id: null, created_at: 1, updated_at: 1 }
      })
      .execute()
  }
  const arrival = (triggerId: string, body = '', key: string | null = null) => ({
    ...{ triggerId, key, address: '192.0.2.1', headers: {}, query: {} },
    body: Buffer.from(body)
  })
  const ids = async (triggerId: string) =>
    (await store.list(triggerId, { verdict: undefined, limit: 1000, cursor: undefined })).map(({ id }) => id)
  const store = new DeliveryStore(db)
  return { store, one, two, arrival, ids }
}

const refusal = { verdict: 'invalid_signature', detail: 'wrong' } as const

t.test('of what is not believed the newest hundred of each trigger are kept, and the beginning of each', async t => {
  const { store, one, two, arrival, ids } = await storeWithTriggers(t)
  const { delivery } = await store.receive(arrival(one, 'believed'))
  const other = await store.refuse(arrival(two), refusal)
  const refused: string[] = []
  for (let n = 0; n < 105; n++) refused.push((await store.refuse(arrival(one, 'x'.repeat(5000)), refusal)).id)
  t.same(await ids(one), [...refused.slice(5).reverse(), delivery.id])
  t.same(await ids(two), [other.id])
  t.equal((await store.body(refused.at(-1)!))!.length, 4096)
  t.equal((await store.find(refused.at(-1)!))!.bodyBytes, 5000)
})

t.test('the oldest go first: beyond so many, beyond so many bytes, and after so long', async t => {
  const { store, one, two, arrival, ids } = await storeWithTriggers(t)
  const { delivery: other } = await store.receive(arrival(two, 'x'.repeat(1000)))
  const all: string[] = []
  for (let n = 0; n < 10; n++) all.unshift((await store.receive(arrival(one, 'x'.repeat(100), `${n}`))).delivery.id)
  const limits = { count: 100, bytes: 100_000, since: 0 }
  t.equal(await store.prune(one, limits), 0)
  t.equal(await store.prune(one, { ...limits, count: 8 }), 2)
  t.same(await ids(one), all.slice(0, 8))
  t.equal(await store.prune(one, { ...limits, bytes: 500 }), 3)
  t.same(await ids(one), all.slice(0, 5))
  const { receivedAt } = (await store.find(all[2]!))!
  await store.prune(one, { ...limits, since: receivedAt })
  t.ok((await ids(one)).includes(all[2]!))
  await store.prune(one, { ...limits, since: Date.now() + 1000 })
  t.same(await ids(one), [])
  t.same(await ids(two), [other.id], 'nobody else is concerned')
  t.same(await store.triggerIds(), [two])
})

t.test('a delivery that is sent again and again is not forgotten for it', async t => {
  const { store, one, arrival, ids } = await storeWithTriggers(t)
  const { delivery } = await store.receive(arrival(one, 'body', 'key'))
  const repeats: string[] = []
  for (let n = 0; n < 10; n++) repeats.unshift((await store.receive(arrival(one, 'body', 'key'))).repeat!.id)
  t.equal(await store.prune(one, { count: 5, bytes: 100_000, since: 0 }), 5)
  t.same(await ids(one), [...repeats.slice(0, 5), delivery.id])
})

t.test('what has started something stays as it is, whoever settles it later', async t => {
  const { store, one, arrival } = await storeWithTriggers(t)
  const { delivery } = await store.receive(arrival(one))
  t.ok(await store.settle(delivery.id, { verdict: 'automation_off', detail: 'off', executionId: null }))
  t.ok(await store.settle(delivery.id, { verdict: 'started', detail: null, executionId: 'one' }))
  t.notOk(await store.settle(delivery.id, { verdict: 'queue_full', detail: 'full', executionId: null }))
  t.notOk(await store.settle(delivery.id, { verdict: 'started', detail: null, executionId: 'two' }))
  t.match(await store.find(delivery.id), { verdict: 'started', detail: null, executionId: 'one' })
})

t.test('a key says that a delivery is the same for its trigger alone, and for nobody who is not believed', async t => {
  const { store, one, two, arrival } = await storeWithTriggers(t)
  await store.refuse(arrival(one, 'forged', 'key'), refusal)
  const first = await store.receive(arrival(one, 'first', 'key'))
  t.equal(first.repeat, null)
  const second = await store.receive(arrival(one, 'second', 'key'))
  t.equal(second.delivery.id, first.delivery.id)
  t.equal(second.delivery.body.toString(), 'first')
  t.match(second.repeat, { verdict: 'repeated', repeatOf: first.delivery.id })
  t.equal((await store.receive(arrival(one, 'third', 'key'))).delivery.id, first.delivery.id)
  t.equal((await store.receive(arrival(two, 'other', 'key'))).repeat, null)
  for (const _ of [1, 2]) t.equal((await store.receive(arrival(one, 'no key'))).repeat, null)
})
