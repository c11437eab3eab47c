import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { END_REASONS } from '../../src/attempts/attempt.ts'
import type { Outcome } from '../../src/attempts/judgement.ts'
import type { Bot } from '../../src/bots/bot.ts'
import { defaultBot } from '../../src/bots/schemas.ts'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Execution } from '../../src/executions/execution.ts'
import { ExecutionHistoryStore } from '../../src/executions/history-store.ts'
import { retryDelay } from '../../src/executions/retry.ts'
import { ExecutionStore } from '../../src/executions/store.ts'
import { newId } from '../../src/lib/ids.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { endOf, inDatabase } from '../support/attempts.ts'
import { FIXTURE_BOTS, textOf } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const POLICY: Bot['retry'] = { ...defaultBot().retry, maxAttempts: 5, backoffMs: 1000, maxBackoffMs: 3000 }
const FAILED: Outcome = { state: 'failed', reason: 'exit_code', detail: null, exitCode: 3, signal: null }
const SOON = { backoffMs: 0, maxBackoffMs: 0 }

const fails = (folder: string, until: number, exitCode = 1) => [
  '/bin/sh',
  join(FIXTURE_BOTS, 'run-fails-at-first.sh'),
  folder,
  String(until),
  String(exitCode)
]

function waits(execution: Execution): boolean {
  return execution.state === 'queued' && execution.reason === 'retry_wait'
}

t.test('the wait doubles up to its maximum, and is never less than half of that', async t => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
      const whole = Math.min(3000, 1000 * 2 ** (attempt - 1))
      const delay = retryDelay(POLICY, attempt, FAILED, chance)!
      return delay >= whole / 2 && delay <= whole
    })
  )
  t.not(retryDelay(POLICY, 1, FAILED, 0), retryDelay(POLICY, 1, FAILED, 0.9))
})

t.test('there is no attempt after the last, and none for a reason the bot does not name', async t => {
  t.equal(retryDelay(POLICY, 5, FAILED, 0), null)
  t.equal(retryDelay({ ...POLICY, on: ['spawn'] }, 1, FAILED, 0), null)
  for (const reason of END_REASONS) {
    const retried = retryDelay(POLICY, 1, { ...FAILED, reason }, 0) !== null
    t.equal(
      retried,
      POLICY.on.some(named => named === reason),
      reason
    )
  }
  t.equal(retryDelay(POLICY, 1, { ...FAILED, state: 'succeeded', reason: null, exitCode: 0 }, 0), null)
})

t.test('exit codes narrow what is tried again, and nothing else', async t => {
  const policy = { ...POLICY, exitCodes: [75, 143] }
  t.equal(retryDelay(policy, 1, FAILED, 0), null)
  t.ok(retryDelay(policy, 1, { ...FAILED, exitCode: 75 }, 0))
  t.ok(retryDelay(policy, 1, { ...FAILED, reason: 'signal', exitCode: 143 }, 0))
  t.ok(retryDelay(policy, 1, { ...FAILED, reason: 'spawn', exitCode: null }, 0))
})

t.test('an execution goes on to its next attempt until one succeeds; each keeps its log and its end', async t => {
  const dir = testFolder(t, { data: {}, bot: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const bot = await app.makeBot(fails(join(dir, 'bot'), 3), { retry: { maxAttempts: 5, ...SOON } })
  const { id } = await app.start(bot)
  const streamed = textOf(await app.readLog(id))
  const execution = await endOf(app, id)

  t.match(execution, { state: 'succeeded', reason: null, exitCode: 0, notBefore: null })
  t.match(execution.attempts, [
    { number: 1, state: 'failed', reason: 'exit_code', exitCode: 1 },
    { number: 2, state: 'failed', reason: 'exit_code', exitCode: 1 },
    { number: 3, state: 'succeeded', reason: null, exitCode: 0 }
  ])
  t.equal(execution.startedAt, execution.attempts[0]!.startedAt)
  t.equal(execution.endedAt, execution.attempts[2]!.endedAt)
  t.equal(streamed, 'call 1\ncall 2\ncall 3\n', 'the stream goes on from one attempt to the next')
  for (const number of [1, 2, 3]) {
    t.equal((await app.get(`/api/executions/${id}/log?attempt=${number}`)).text, `call ${number}\n`)
  }
})

t.test('after its last attempt an execution has failed as that did', async t => {
  const dir = testFolder(t, { data: {}, bot: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const bot = await app.makeBot(fails(join(dir, 'bot'), 99, 4), { retry: { maxAttempts: 2, ...SOON } })
  const execution = await endOf(app, (await app.start(bot)).id)
  t.match(execution, { state: 'failed', reason: 'exit_code', exitCode: 4 })
  t.equal(execution.attempts.length, 2)
})

t.test('a bot that could not be started is tried again, and so is one whose time was up', async t => {
  const app = await buildApp(t)
  const missing = await app.finished(['/no/such/program'], { retry: { maxAttempts: 2, ...SOON } })
  t.match(missing, { state: 'failed', reason: 'spawn' })
  t.same(
    missing.attempts.map(({ reason }) => reason),
    ['spawn', 'spawn']
  )
  const slow = await app.finished(['/bin/sleep', '600'], { timeoutMs: 300, retry: { maxAttempts: 2, ...SOON } })
  t.match(slow, { state: 'timed_out', reason: 'wall_clock' })
  t.same(
    slow.attempts.map(({ state }) => state),
    ['timed_out', 'timed_out']
  )
})

for (const [how, reason, giveUp] of [
  ['cancelled', 'requested', (app: TestApp, _: Bot, id: string) => app.post(`/api/executions/${id}/cancel`)],
  ['replaced', 'replaced', (app: TestApp, bot: Bot) => app.start(bot)]
] as const) {
  t.test(`what is ${how} while it is being ended as its time is up is not tried again`, async t => {
    const app = await buildApp(t)
    const flag = join(testFolder(t), 'flag')
    const script = `trap '' INT TERM; until [ -e '${flag}' ]; do sleep 0.05; done; exit 1`
    const bot = await app.makeBot(['/bin/sh', '-c', script], {
      timeoutMs: 300,
      killGraceMs: 60_000,
      concurrency: { policy: 'replace' },
      retry: { maxAttempts: 2, backoffMs: 3_600_000, maxBackoffMs: 3_600_000, on: ['wall_clock'] }
    })
    const { id } = await app.start(bot)
    await app.until(id, ({ attempts }) => attempts[0]?.ending === 'timeout')
    await giveUp(app, bot, id)
    writeFileSync(flag, '')

    const execution = await app.until(id, ({ state }) => state !== 'running')
    t.match(execution, { state: 'cancelled', reason, notBefore: null, attempts: [{ state: 'timed_out' }] })
  })
}

t.test('what somebody cancels is not tried again, whether it runs or waits for its next attempt', async t => {
  const dir = testFolder(t, { data: {}, bot: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const running = await app.makeBot(['/bin/sleep', '600'], { retry: { maxAttempts: 3, ...SOON } })
  const first = await app.start(running)
  await app.until(first.id, ({ state }) => state === 'running')
  await app.post(`/api/executions/${first.id}/cancel`)
  t.match(await endOf(app, first.id), { state: 'cancelled', reason: 'requested' })
  t.equal((await app.execution(first.id)).attempts.length, 1)

  const waiting = await app.makeBot(fails(join(dir, 'bot'), 99), {
    name: 'waiting',
    retry: { maxAttempts: 3, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 }
  })
  const second = await app.start(waiting)
  const wait = await app.until(second.id, waits)
  t.ok(wait.notBefore! - wait.attempts[0]!.endedAt! >= 1_800_000)
  t.equal(wait.endedAt, null)
  t.equal((await app.post(`/api/executions/${second.id}/cancel`)).status, 202)
  t.match(await endOf(app, second.id), { state: 'cancelled', reason: 'requested', notBefore: null })
  t.equal((await app.execution(second.id)).attempts.length, 1)
})

t.test(
  'while one waits for its next attempt, the bot’s next may run, but with policy `skip` it is skipped',
  async t => {
    const dir = testFolder(t, { data: {}, bot: {} })
    const app = await buildApp(t, { dataDir: join(dir, 'data') })
    const hour = { maxAttempts: 2, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 }
    const bot = await app.makeBot(fails(join(dir, 'bot'), 2), { retry: hour })
    const first = await app.start(bot)
    await app.until(first.id, waits)
    t.equal((await endOf(app, (await app.start(bot)).id)).state, 'succeeded')

    await app.patch(`/api/bots/${bot.id}`, { concurrency: { policy: 'skip' } })
    t.match(await app.start(bot), { state: 'skipped', reason: 'overlap' })
    await app.post(`/api/executions/${first.id}/cancel`)
    await endOf(app, first.id)
  }
)

t.test('a restart neither forgets an attempt that is to come nor shortens the wait for it', async t => {
  const dir = testFolder(t, { data: {}, bot: {} })
  const dataDir = join(dir, 'data')
  const server = await startServer(t, dataDir)
  const bot = await server.makeBot(fails(join(dir, 'bot'), 2), {
    retry: { maxAttempts: 2, backoffMs: 6000, maxBackoffMs: 6000 }
  })
  const { id } = await server.start(bot)
  const { notBefore } = await server.until(id, waits)
  await server.kill('SIGKILL')

  const next = await startServer(t, dataDir)
  const execution = await endOf(next, id)
  t.match(execution, { state: 'succeeded', attempts: [{ state: 'failed' }, { state: 'succeeded' }] })
  t.ok(execution.attempts[1]!.startedAt >= notBefore!)
})

t.test('an attempt whose end nobody saw is only tried again when the bot says so', async t => {
  const app = await buildApp(t)
  const losing = async (name: string, on: Bot['retry']['on']) => {
    const command = ['/bin/sh', '-c', 'echo on; exec sleep 600']
    const { id } = await app.start(await app.makeBot(command, { name, retry: { maxAttempts: 2, on, ...SOON } }))
    await app.printed(id, 'on')
    const folder = inDatabase(app.config.dataDir, db =>
      db.prepare('SELECT id FROM attempts WHERE execution_id = ?').pluck().get(id)
    )
    rmSync(app.attemptFolder(String(folder)), { recursive: true, maxRetries: 5 }) // the server writes into it
    return id
  }

  t.match(await endOf(app, await losing('careful', POLICY.on)), { state: 'lost', reason: 'unknown_end' })

  const id = await losing('careless', ['unknown_end'])
  await app.until(id, ({ attempts }) => attempts.length === 2)
  t.match((await app.execution(id)).attempts[0], { state: 'lost', reason: 'unknown_end' })
  await app.post(`/api/executions/${id}/cancel`)
  t.equal((await endOf(app, id)).state, 'cancelled')
})

/** A store in which executions wait for these times, and one for none; and its id. */
async function waitingFor(
  t: Test,
  times: number[]
): Promise<{
  store: ExecutionStore
  history: ExecutionHistoryStore
  fresh: string
}> {
  const db = openDatabase(testFolder(t))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  const row = { bot_slug: 'b', parameters: '{}', trigger: 'api', queued_at: 1, state: 'queued' }
  const rest = { trial: 0, priority: 0, outputs: '{}', depth: 0 }
  const fresh = newId()
  const waiting = times.map(not_before => ({ ...row, ...rest, id: newId(), not_before }))
  await db
    .insertInto('executions')
    .values([...waiting, { ...row, ...rest, id: fresh, not_before: null }])
    .execute()
  return { store: new ExecutionStore(db), history: new ExecutionHistoryStore(db), fresh }
}

t.test('whoever waits for his next attempt waits as long when somebody sets the clock', async t => {
  const { store, history, fresh } = await waitingFor(t, [1_000_000])

  await store.shiftRetries(3_600_000)
  t.equal(await store.nextRetryAt(1), 4_600_000)
  await store.shiftRetries(-3_600_000)
  t.equal(await store.nextRetryAt(1), 1_000_000)
  t.equal((await history.find(fresh))!.notBefore, null)
})

t.test('an attempt whose time has come is no time to wait for, or the queue would ask for it without end', async t => {
  const { store } = await waitingFor(t, [9_000_000, 1_000_000, 5_000_000])
  t.equal(await store.nextRetryAt(999_999), 1_000_000)
  t.equal(await store.nextRetryAt(1_000_000), 5_000_000)
  t.equal(await store.nextRetryAt(8_999_999), 9_000_000)
  t.equal(await store.nextRetryAt(9_000_000), null)
})

t.test('an attempt whose time comes while another execution of its bot runs begins when that ends', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  // It fails the first time it is called; the second time it waits for a file; then it succeeds.
  const script =
    'cd "$0"; if mkdir one; then exit 1; elif mkdir two; then echo ready; until [ -e go ]; do sleep 0.02; done; fi'
  const bot = await app.makeBot(['/bin/sh', '-c', script, dir], {
    concurrency: { limit: 1 },
    retry: { maxAttempts: 2, backoffMs: 2000, maxBackoffMs: 2000 }
  })
  const [first, second] = [await app.start(bot), await app.start(bot)]
  // With the end of the first one's attempt the second is claimed.
  await app.printed(second.id, 'ready')
  const { notBefore } = await app.execution(first.id)
  await eventually('the time of the next attempt', () => Date.now() > notBefore!)
  t.match(await app.execution(first.id), { state: 'queued', reason: 'retry_wait', attempts: [{ number: 1 }] })

  writeFileSync(join(dir, 'go'), '')

  const blocker = await endOf(app, second.id)
  const execution = await endOf(app, first.id)
  t.match(blocker, { state: 'succeeded', attempts: [{ number: 1 }] })
  t.match(execution, { state: 'succeeded', attempts: [{ state: 'failed' }, { state: 'succeeded' }] })
  t.ok(execution.attempts[1]!.startedAt >= blocker.endedAt!)
})
