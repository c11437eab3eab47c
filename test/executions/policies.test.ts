import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hasEnded } from '../../src/executions/execution.ts'
import { buildApp } from '../support/app.ts'
import { endOf, journal } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'

const WAITS = ['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh')]
const journals = (...args: string[]) => ['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), ...args]
const REPO = { type: 'object', properties: { repo: { type: 'string' } } }
const SLEEPS = ['/bin/sleep', '600']

t.test('policy `skip`: one more is kept as skipped and says why; when the first has ended, the next runs', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const go = join(dir, 'go')
  const bot = await app.makeBot([...WAITS, go], { concurrency: { policy: 'skip' } })
  const first = await app.start(bot)
  const second = await app.start(bot)

  t.match(second, { state: 'skipped', reason: 'overlap', detail: /had not ended/, attempts: [], startedAt: null })
  t.ok(second.endedAt)
  t.same(await app.execution(second.id), second)

  writeFileSync(go, '')
  t.equal((await app.ended(first.id)).state, 'succeeded')
  t.equal((await endOf(app, (await app.start(bot)).id)).state, 'succeeded')
  const { items } = (await app.get('/api/executions?state=skipped')).body
  t.same(
    items.map((execution: { id: string }) => execution.id),
    [second.id]
  )
})

t.test('policy `skip` under load: of fifty at once one runs', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(SLEEPS, { concurrency: { policy: 'skip' } })
  const started = await Promise.all(Array.from({ length: 50 }, () => app.start(bot)))
  const live = started.filter(execution => !hasEnded(execution))
  t.equal(live.length, 1)
  t.equal(started.filter(({ state }) => state === 'skipped').length, 49)
  await app.post(`/api/executions/${live[0]!.id}/cancel`)
  t.equal((await endOf(app, live[0]!.id)).state, 'cancelled')
})

t.test('policy `replace`: what runs is ended and what waits never starts, for the newest', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(SLEEPS, { concurrency: { policy: 'replace' } })
  const first = await app.start(bot)
  await app.until(first.id, ({ state }) => state === 'running')
  const second = await app.start(bot)
  const third = await app.start(bot)

  t.match(await endOf(app, first.id), { state: 'cancelled', reason: 'replaced', attempts: [{ ending: 'replace' }] })
  t.match(await endOf(app, second.id), { state: 'cancelled', reason: 'replaced' })
  await app.until(third.id, ({ state }) => state === 'running')
  await app.post(`/api/executions/${third.id}/cancel`)
  t.match(await endOf(app, third.id), { state: 'cancelled', reason: 'requested' })
})

t.test('policy `replace`: nobody waits for what has ended and is still looked through', async t => {
  const app = await buildApp(t)
  // Most of its log are zeros that were never written, to be looked through for seconds all the same.
  const bot = await app.makeBot(['/bin/sh', '-c', 'truncate -s 1000M "$(dirname "$BOTYARD_OUTPUT")/log"; echo'], {
    assert: { mustPrint: ['nowhere to be seen'], mustNotPrint: [], mustCreate: [] },
    concurrency: { policy: 'replace' },
    retry: { maxAttempts: 2, backoffMs: 0, maxBackoffMs: 0, on: ['assertion'] }
  })
  const first = await app.start(bot)
  const attempts = app.attemptFolder('.')
  await eventually('the end of the bot', () => {
    const [attempt] = existsSync(attempts) ? readdirSync(attempts) : []
    return attempt && readdirSync(join(attempts, attempt)).some(name => name.startsWith('closed.'))
  })
  // The server knows of it when it is well into the log.
  await eventually('the look through its log', async () => {
    const [attempt] = (await app.execution(first.id)).attempts
    return attempt && attempt.logBytes > 64 * 1024 * 1024
  })

  const second = await app.start(bot)

  t.match(await app.execution(first.id), { state: 'running', attempts: [{ number: 1 }] })
  await app.post(`/api/executions/${second.id}/cancel`)
  t.match(await endOf(app, second.id), { state: 'cancelled', reason: 'requested' })
  const replaced = await endOf(app, first.id)
  t.match(replaced, { state: 'cancelled', reason: 'replaced' })
  t.match(replaced.attempts, [{ state: 'failed', reason: 'assertion', exitCode: 0 }], 'and never tried again')
})

t.test('policy `replace` under load: of fifty at once the newest is left', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(SLEEPS, { concurrency: { policy: 'replace' } })
  const started = await Promise.all(Array.from({ length: 50 }, () => app.start(bot)))
  const newest = started
    .map(({ id }) => id)
    .sort()
    .at(-1)!
  for (const { id } of started) {
    if (id !== newest) t.match(await endOf(app, id), { state: 'cancelled', reason: 'replaced' })
  }
  await app.until(newest, ({ state }) => state === 'running')
  await app.post(`/api/executions/${newest}/cancel`)
  await endOf(app, newest)
})

t.test(
  'executions with the same key never run together, those with others do, each key in a folder of its own',
  async t => {
    const dir = testFolder(t, { data: {} })
    const app = await buildApp(t, { dataDir: join(dir, 'data'), config: { maxConcurrentExecutions: 20 } })
    const bot = await app.makeBot(['/bin/sh', '-c', 'mkdir held || exit 9; pwd; sleep 0.05; rmdir held'], {
      parameters: REPO,
      concurrency: { limit: 10, key: '{{parameters.repo}}' }
    })
    const started = await Promise.all(Array.from({ length: 40 }, (_, i) => app.start(bot, { repo: `team/${i % 4}` })))
    const folders = new Map<string, Set<string>>()
    for (const { id, concurrencyKey } of started) {
      t.match(await endOf(app, id), { state: 'succeeded', exitCode: 0 })
      const cwd = (await app.downloadLog(id)).toString().trim()
      folders.set(concurrencyKey!, (folders.get(concurrencyKey!) ?? new Set()).add(cwd))
    }
    t.same([...folders.keys()].sort(), ['team/0', 'team/1', 'team/2', 'team/3'])
    t.equal(new Set([...folders.values()].flatMap(set => [...set])).size, 4)
    t.ok([...folders.values()].every(set => set.size === 1))
  }
)

t.test('a key that is busy does not hold up others behind it, and policies count by key', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(
    ['/bin/sh', '-c', '[ "$0" = slow ] && exec sleep 600 || exit 0', '{{parameters.repo}}'],
    {
      parameters: REPO,
      concurrency: { limit: 4, policy: 'skip', key: '{{parameters.repo}}' }
    }
  )
  const slow = await app.start(bot, { repo: 'slow' })
  t.match(await app.start(bot, { repo: 'slow' }), { state: 'skipped' })
  t.match(await endOf(app, (await app.start(bot, { repo: 'quick' })).id), { state: 'succeeded' })
  await app.post(`/api/executions/${slow.id}/cancel`)
  await endOf(app, slow.id)
})

t.test('of what waits, the highest priority goes first, then the oldest', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data'), config: { maxConcurrentExecutions: 1 } })
  const [notes, go] = [join(dir, 'journal'), join(dir, 'go')]
  const blocker = await app.start(await app.makeBot([...WAITS, go], { name: 'blocker' }))
  await app.until(blocker.id, ({ state }) => state === 'running')
  const bots = [
    await app.makeBot(journals(notes), { name: 'low', priority: -5 }),
    await app.makeBot(journals(notes), { name: 'plain' }),
    await app.makeBot(journals(notes), { name: 'high', priority: 10 })
  ]
  const waiting: string[] = []
  for (const bot of [...bots, ...bots]) waiting.push((await app.start(bot)).id)
  writeFileSync(go, '')
  for (const id of waiting) await endOf(app, id)

  const [low1, plain1, high1, low2, plain2, high2] = waiting
  t.same(
    journal(notes)
      .filter(note => note.startsWith('start'))
      .map(note => note.split(' ')[1]),
    [high1, high2, plain1, plain2, low1, low2]
  )
})

t.test('a bot that is started once is not behind all of one that was started a hundred times', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data'), config: { maxConcurrentExecutions: 2 } })
  const [notes, go] = [join(dir, 'journal'), join(dir, 'go')]
  const greedy = await app.makeBot(journals(notes, go), { name: 'greedy', concurrency: { limit: 100 } })
  const many = await Promise.all(Array.from({ length: 100 }, () => app.start(greedy)))
  const one = await app.start(await app.makeBot(journals(notes), { name: 'modest' }))
  writeFileSync(go, '')
  for (const { id } of [...many, one]) t.equal((await endOf(app, id)).state, 'succeeded')

  // In the order of claims: which of two processes comes to write first is the kernel's affair.
  const claimed = withDatabase(join(dir, 'data'), db =>
    db.prepare('SELECT execution_id FROM attempts ORDER BY id').pluck().all()
  )
  t.equal(claimed.length, 101)
  const place = claimed.indexOf(one.id)
  t.ok(place >= 0 && place <= 4, `it was number ${place + 1}`)
})

t.test('one more than may wait is refused, with when to ask again, and is kept nowhere', async t => {
  const app = await buildApp(t, { config: { maxConcurrentExecutions: 1, maxQueuedExecutions: 3 } })
  const bot = await app.makeBot(SLEEPS)
  const running = await app.start(bot)
  await app.until(running.id, ({ state }) => state === 'running')
  const waiting = [await app.start(bot), await app.start(bot), await app.start(bot)]

  const refused = await app.post(`/api/bots/${bot.id}/executions`)
  t.match(refused, { status: 503, body: { code: 'queue_full', detail: /wait/ } })
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  const trial = await app.post('/api/bots/trials', { bot: { name: 'tried', command: SLEEPS } })
  t.match(trial, { status: 503, body: { code: 'queue_full' } })
  t.equal((await app.get('/api/executions')).body.items.length, 4)

  for (const { id } of [...waiting, running]) await app.post(`/api/executions/${id}/cancel`)
  for (const { id } of [...waiting, running]) t.equal((await endOf(app, id)).state, 'cancelled')
  t.equal((await app.delete(`/api/bots/${bot.id}`)).status, 204)
})
