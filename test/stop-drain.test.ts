/** A stop with DRAIN_SECONDS set, as where bots end with the server: real servers, bots that end in all ways. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Execution } from '../src/executions/execution.ts'
import { endOf, journal } from './support/attempts.ts'
import { withDatabase } from './support/database.ts'
import { testFolder } from './support/folder.ts'
import { fixture, follow } from './support/logs.ts'
import { startServer, type TestServer } from './support/server.ts'
import { startInTerminal } from './support/terminal.ts'
import { chain } from './support/triggers.ts'
import { needsScript } from './support/typing.ts'
import { eventually } from './support/wait.ts'
import { makeWebhook, send } from './support/webhooks.ts'

/** Asks a server to stop, and waits until it says that it is about to. */
async function askToStop(server: TestServer): Promise<void> {
  server.process.kill('SIGTERM')
  await eventually('the server to say that it stops', async () => (await server.get('/api/machine')).body.stopsBy)
}

async function executionsOf(server: TestServer, bot: { id: string }): Promise<Execution[]> {
  return (await server.get(`/api/bots/${bot.id}/executions`)).body.items
}

t.test(
  'a stop waits for what runs, serves everybody meanwhile, and leaves what is started to the next server',
  async t => {
    const dir = testFolder(t, { data: {} })
    const [dataDir, notes, go] = [join(dir, 'data'), join(dir, 'journal'), join(dir, 'go')]
    const first = await startServer(t, dataDir, { DRAIN_SECONDS: '600' })
    t.match((await first.get('/api/machine')).body, { stopsBy: null, draining: false })
    const runs = await first.makeBot(fixture('counts-until-file', go, notes), { name: 'runs' })
    const after = await first.makeBot(fixture('run-journals', notes), { name: 'after it' })
    const called = await first.makeBot(fixture('run-journals', notes), { name: 'called' })
    await chain(first, runs, after)
    const hook = await makeWebhook(first, called, { verification: 'none' })
    const { id } = await first.start(runs)
    await first.printed(id, 'line 1')
    const reader = await follow(first, id)
    const changes = await first.stream('/api/events?topics=machine')
    for await (const { event } of changes) if (event === 'resync') break

    first.process.kill('SIGTERM')
    for await (const { event, data } of changes) {
      if (event !== 'machine.changed') continue
      t.match(data, { stopsBy: Number, draining: false })
      break
    }
    t.match(await send(first, hook, '{}', { 'content-type': 'application/json' }), { status: 202 })
    const byWebhook = await eventually('what the webhook starts', async () => (await executionsOf(first, called))[0])
    const byHand = await first.start(called)
    const seen = reader.text.length
    await eventually('more of the log', () => reader.text.length > seen)
    t.same(
      [(await first.execution(byHand.id)).state, (await first.execution(byWebhook.id)).state],
      ['queued', 'queued']
    )
    t.equal(first.process.exitCode, null)
    t.match(first.output, /"signal":"SIGTERM","drainMs":600000,"msg":"the server was told to stop"/)
    writeFileSync(go, '')

    t.same(await first.exit, { code: 0, signal: null })
    t.same(journal(notes), [`start ${id}`, `end ${id}`], 'nothing else has begun')
    const second = await startServer(t, dataDir)
    t.match(await second.execution(id), { state: 'succeeded', attempts: [{ exitCode: 0 }] })
    for (const waited of [byWebhook, byHand]) t.match(await endOf(second, waited.id), { state: 'succeeded' })
    const chained = await eventually('what the chain starts', async () => (await executionsOf(second, after))[0])
    t.match(await endOf(second, chained.id), { state: 'succeeded' })
    t.match((await second.get('/api/machine')).body, { stopsBy: null })
  }
)

t.test(
  'what runs longer is ended with its host, says why, and may be tried again where its bot says so',
  needsScript,
  async t => {
    const dir = testFolder(t, { data: {} })
    const [dataDir, again] = [join(dir, 'data'), join(dir, 'again')]
    const first = await startServer(t, dataDir, { DRAIN_SECONDS: '1', MAX_CONCURRENT_EXECUTIONS: '20' })
    const script = (text: string) => ['/bin/sh', '-c', text]
    const start = async (command: string | string[], more: Parameters<TestServer['makeBot']>[1]) =>
      (await first.start(await first.makeBot(command, more))).id
    const polite = await start(
      script('trap "seq 20000; echo last words; exit 3" INT; echo ready; while :; do sleep 0.1; done'),
      {
        name: 'says goodbye',
        // That is no failure of its own, and nothing is tried again by itself that was half done.
        retry: {
          maxAttempts: 5,
          backoffMs: 0,
          maxBackoffMs: 0,
          on: ['exit_code', 'signal', 'unknown_end'],
          exitCodes: []
        }
      }
    )
    const resumes = await start(script(`[ -e '${again}' ] && exit; : >'${again}'; echo ready; exec sleep 600`), {
      name: 'resumes',
      retry: { maxAttempts: 2, backoffMs: 0, maxBackoffMs: 0, on: ['shutdown'], exitCodes: [] }
    })
    // Its grace is longer than any host's.
    const stubborn = await start('ignores-signals', { name: 'stubborn', killGraceMs: 600_000 })
    const cancelled = await start('ignores-signals', { name: 'cancelled before', killGraceMs: 600_000 })
    const terminal = (await startInTerminal(first, 'echo ready; exec sleep 600', { name: 'terminal' })).id
    const all = [polite, resumes, stubborn, cancelled, terminal]
    for (const id of all) await first.printed(id, 'ready')
    await first.post(`/api/executions/${cancelled}/cancel`)
    const reader = await follow(first, polite)

    await askToStop(first)
    t.same(await first.exit, { code: 0, signal: null })
    await reader.done

    const second = await startServer(t, dataDir)
    const because = (id: string) => second.execution(id).then(({ state, reason }) => `${state}: ${reason}`)
    const log = `ready\n${Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join('')}last words\n`
    t.match(await second.execution(polite), { state: 'cancelled', reason: 'shutdown', exitCode: 3, detail: null })
    t.match((await second.execution(polite)).attempts, [{ ending: 'shutdown', reason: 'shutdown' }])
    t.equal((await second.downloadLog(polite)).toString(), log)
    t.equal(reader.text, log, 'who watched has seen it all')
    t.equal(await because(stubborn), 'cancelled: shutdown')
    t.equal(await because(terminal), 'cancelled: shutdown')
    t.equal(await because(cancelled), 'cancelled: requested', 'the first cause stands')
    t.match(await endOf(second, resumes), {
      state: 'succeeded',
      attempts: [{ state: 'cancelled', reason: 'shutdown' }, { state: 'succeeded' }]
    })
    t.ok(existsSync(again))
  }
)

t.test('a second signal stops at once, and leaves what runs to the next server', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes, go] = [join(dir, 'data'), join(dir, 'journal'), join(dir, 'go')]
  const first = await startServer(t, dataDir, { DRAIN_SECONDS: '600' })
  const { id } = await first.start(await first.makeBot(fixture('counts-until-file', go, notes)))
  await first.printed(id, 'line 1')
  await askToStop(first)
  t.same(await first.kill('SIGINT'), { code: 1, signal: null })

  const second = await startServer(t, dataDir)
  t.match(await second.execution(id), { state: 'running', attempts: [{ ending: null }] })
  writeFileSync(go, '')
  t.match(await endOf(second, id), { state: 'succeeded' })
  t.equal(readFileSync(notes, 'utf8'), `start ${id}\nend ${id}\n`)
})

t.test('a database that cannot be read for a while cuts no bot short', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes, go] = [join(dir, 'data'), join(dir, 'journal'), join(dir, 'go')]
  const first = await startServer(t, dataDir, { DRAIN_SECONDS: '600' })
  const { id } = await first.start(await first.makeBot(fixture('counts-until-file', go, notes)))
  await first.printed(id, 'line 1')
  withDatabase(dataDir, db => db.exec('ALTER TABLE executions RENAME TO elsewhere'))
  first.process.kill('SIGTERM')
  await eventually('it to be noticed', () => (first.output.match(/how many bots run cannot be read/g)?.length ?? 0) > 1)
  t.equal(first.process.exitCode, null)
  withDatabase(dataDir, db => db.exec('ALTER TABLE elsewhere RENAME TO executions'))
  writeFileSync(go, '')

  t.same(await first.exit, { code: 0, signal: null })
  t.match(await (await startServer(t, dataDir)).execution(id), { state: 'succeeded' })
})
