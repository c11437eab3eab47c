import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { allExecutions, endOf, journal } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const journals = (...args: string[]) => ['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), ...args]

/** The most that ran at a time, by what they noted themselves. */
function mostAtATime(notes: string[]): number {
  let running = 0
  let most = 0
  for (const note of notes) {
    running += note.startsWith('start') ? 1 : -1
    most = Math.max(most, running)
  }
  return most
}

t.test('sixty executions of one bot run one after the other, in order, each once', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const notes = join(dir, 'journal')
  const bot = await app.makeBot(journals(notes))
  const ids: string[] = []
  for (let i = 0; i < 60; i++) ids.push((await app.start(bot)).id)
  for (const id of ids) t.equal((await endOf(app, id)).state, 'succeeded')

  t.same(
    journal(notes),
    ids.flatMap(id => [`start ${id}`, `end ${id}`])
  )
  const executions = (await allExecutions(app)).reverse()
  t.same(
    executions.map(execution => execution.id),
    ids
  )
  t.ok(executions.every(({ attempts }) => attempts.length === 1))
  t.ok(executions.every((execution, i) => i === 0 || execution.startedAt! >= executions[i - 1]!.endedAt!))
})

const COUNT = rounds(60, 1000)

t.test('executions that are started all at once all end exactly once, and the machine’s limit holds', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data'), config: { maxConcurrentExecutions: 3 } })
  const notes = join(dir, 'journal')
  const bots = await Promise.all(
    Array.from({ length: 5 }, (_, i) =>
      app.makeBot(journals(notes), { name: `bot ${i}`, concurrency: { limit: 50, policy: 'queue' } })
    )
  )
  const started = await Promise.all(Array.from({ length: COUNT }, (_, i) => app.start(bots[i % 5]!)))
  for (const { id } of started) t.equal((await endOf(app, id, COUNT * 500)).state, 'succeeded')

  const lines = journal(notes)
  t.same(lines.toSorted(), started.flatMap(({ id }) => [`end ${id}`, `start ${id}`]).toSorted())
  t.ok(mostAtATime(lines) <= 3, `${mostAtATime(lines)} at a time`)
  const executions = (await allExecutions(app)).reverse()
  for (const bot of bots) {
    const claims = executions.filter(({ botId }) => botId === bot.id).map(({ startedAt }) => startedAt!)
    t.same(
      claims,
      claims.toSorted((a, b) => a - b),
      'those of a bot in the order they were started'
    )
  }
})

t.test('a bot at its limit holds up nobody else, and the limit is filled', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const [notes, go] = [join(dir, 'journal'), join(dir, 'go')]
  const narrow = await app.makeBot(journals(notes, go), { name: 'narrow', concurrency: { limit: 2, policy: 'queue' } })
  const waiting = await Promise.all([1, 2, 3, 4].map(() => app.start(narrow)))
  await eventually('two of them', () => journal(notes).length === 2)

  t.equal((await app.finished(['/usr/bin/true'])).state, 'succeeded')

  t.equal(journal(notes).length, 2, 'the other two still wait')
  writeFileSync(go, '')
  for (const { id } of waiting) await endOf(app, id)
  t.ok(mostAtATime(journal(notes)) <= 2)
})

t.test('a bot cannot be deleted while it runs or waits, and its history stays when it is', async t => {
  const app = await buildApp(t, { dataDir: testFolder(t) })
  const bot = await app.makeBot('ignores-signals')
  const [running, waiting] = [await app.start(bot), await app.start(bot)]
  await app.printed(running.id, 'ready')

  t.match(await app.delete(`/api/bots/${bot.id}`), { status: 409, body: { code: 'bot_busy' } })
  await app.post(`/api/executions/${waiting.id}/cancel`)
  t.match(await app.delete(`/api/bots/${bot.id}`), { status: 409, body: { code: 'bot_busy' } })
  await app.post(`/api/executions/${running.id}/cancel`)
  await endOf(app, running.id)
  t.equal((await app.delete(`/api/bots/${bot.id}`)).status, 204)

  t.match(await app.execution(running.id), { state: 'cancelled', botId: null, botSlug: bot.slug })
  t.equal((await app.downloadLog(running.id)).toString(), 'ready\n')
})
