import t, { type Test } from 'tap'
import { SERVER } from '../../src/audit/audit.ts'
import type { Bot } from '../../src/bots/bot.ts'
import { botSubject } from '../../src/bots/facts.ts'
import { defaultBot } from '../../src/bots/schemas.ts'
import { BotStore } from '../../src/bots/store.ts'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Execution } from '../../src/executions/execution.ts'
import { ExecutionHistoryStore } from '../../src/executions/history-store.ts'
import { type AttemptEnd, ExecutionStore } from '../../src/executions/store.ts'
import { newId } from '../../src/lib/ids.ts'
import { testFolder } from '../support/folder.ts'

const NOW = 1_000_000
const FAILED: AttemptEnd = {
  state: 'failed',
  reason: 'exit_code',
  detail: null,
  exitCode: 3,
  signal: null,
  endedAt: NOW,
  pid: 1,
  logBytes: 10,
  outputs: { at: 'first' },
  usage: null,
  retryAt: null
}
/** What somebody says who judges the same attempt once more, and comes to something else. */
const AGAIN: AttemptEnd = {
  ...FAILED,
  state: 'succeeded',
  reason: null,
  exitCode: 0,
  endedAt: NOW + 1,
  outputs: { at: 'second' }
}

const room = (machine: number) => () => ({ machine, now: NOW })

/** A store in which an attempt of one bot's execution runs and that of another bot waits. */
async function oneRunsAndOneWaits(t: Test) {
  const db = openDatabase(testFolder(t))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  const [store, history, bots] = [new ExecutionStore(db), new ExecutionHistoryStore(db), new BotStore(db)]
  const add = async (slug: string, machine: number) => {
    const bot: Bot = { ...defaultBot(), id: newId(), slug, name: slug, command: ['x'], createdAt: 1, updatedAt: 1 }
    await bots.insert(bot, { actor: SERVER, action: 'bot.created', subject: botSubject(bot) })
    const execution: Execution = {
      id: newId(),
      botId: bot.id,
      botSlug: slug,
      botName: slug,
      state: 'queued',
      reason: null,
      detail: null,
      trigger: 'api',
      triggerId: null,
      triggerName: null,
      occasion: null,
      payloadBytes: null,
      depth: 0,
      by: null,
      parameters: {},
      attempts: [],
      queuedAt: NOW,
      startedAt: null,
      endedAt: null,
      exitCode: null,
      priority: 0,
      concurrencyKey: null,
      notBefore: null,
      rerunOf: null,
      outputs: {},
      trial: false
    }
    const entry = { bot, maxQueued: 10, idempotency: null, payload: null, skip: null, note: null, room: room(machine) }
    const enqueued = await store.enqueue(execution, entry)
    if (enqueued.kind !== 'queued') throw new Error(enqueued.kind)
    return { id: execution.id, claimed: enqueued.claimed! }
  }
  const runs = await add('runs', 1)
  const waits = await add('waits', 1)
  t.equal(runs.claimed.length, 1)
  t.equal(waits.claimed.length, 0)
  const both = () => Promise.all([history.find(runs.id), history.find(waits.id)])
  return { store, attempt: runs.claimed[0]!, both }
}

t.test('ending an attempt once more changes nothing and claims nothing, also when the next one runs', async t => {
  const { store, attempt, both } = await oneRunsAndOneWaits(t)
  const claimed = await store.finish(attempt, { ...FAILED, retryAt: NOW }, room(1))
  t.match(claimed, [{ executionId: attempt.executionId, number: 2 }])
  const before = await both()
  t.match(before, [
    { state: 'running', attempts: [{ state: 'failed', exitCode: 3 }, { endedAt: null }] },
    { state: 'queued', attempts: [] }
  ])

  for (const retryAt of [null, NOW, NOW + 1])
    t.equal(await store.finish(attempt, { ...AGAIN, retryAt }, room(10)), null)

  t.same(await both(), before)
  t.same(
    (await store.running()).map(({ number }) => number),
    [2]
  )
})

t.test('ending an attempt once more changes nothing and claims nothing when its execution has ended', async t => {
  const { store, attempt, both } = await oneRunsAndOneWaits(t)
  // There is no room, so that the other one goes on waiting.
  t.same(await store.finish(attempt, FAILED, () => null), null)
  const before = await both()
  t.match(before, [
    { state: 'failed', exitCode: 3, outputs: { at: 'first' } },
    { state: 'queued', attempts: [] }
  ])

  for (const retryAt of [null, NOW]) t.equal(await store.finish(attempt, { ...AGAIN, retryAt }, room(10)), null)

  t.same(await both(), before)
  t.same(await store.running(), [])
})
