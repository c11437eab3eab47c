import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { allExecutions, childrenOf, claim, endOf, journal, lives, statLine } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { runServer, startServer, type TestServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** A server with a bot that prints `ready`, and goes on to exit with 7 once `go` is called. */
async function serverWithBot(t: Test) {
  const dir = testFolder(t, { data: {} })
  const flag = join(dir, 'flag')
  const dataDir = join(dir, 'data')
  const server = await startServer(t, dataDir)
  const bot = await server.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '7'])
  const { id } = await server.start(bot)
  await server.printed(id, 'ready')
  return { dataDir, server, id, go: () => writeFileSync(flag, '') }
}

async function endsAsItsBotDid(t: Test, server: TestServer, id: string): Promise<void> {
  t.match(await endOf(server, id), { state: 'failed', reason: 'exit_code', exitCode: 7 })
  t.equal((await server.downloadLog(id)).toString(), 'ready\ndone\n')
}

function isShell(pid: number): boolean {
  try {
    return / \((sh|dash)\) /.test(statLine(pid))
  } catch {
    return false // it has gone meanwhile
  }
}

t.test('a bot that ended while no server ran ended then, not when the next one looked', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const { id } = await first.start(await first.makeBot(['/bin/sh', '-c', 'echo ready; sleep 0.5; exit 3']))
  await first.printed(id, 'ready')
  const { startedAt } = (await first.execution(id)).attempts[0]!
  await first.kill('SIGKILL')
  const [attempt] = readdirSync(join(dataDir, 'attempts'))
  const closed = join(dataDir, 'attempts', attempt!, 'closed.0')
  await eventually('its end', () => existsSync(closed))
  utimesSync(closed, (startedAt + 300) / 1000, (startedAt + 300) / 1000)
  const second = await startServer(t, dataDir)
  const execution = await endOf(second, id)
  t.match(execution, { state: 'failed', exitCode: 3, endedAt: startedAt + 300 })
  t.equal(execution.attempts[0]!.endedAt, startedAt + 300)
})

t.test('a bot goes on when the server is killed, and the next server knows how it ended', async t => {
  const { dataDir, server: first, id, go } = await serverWithBot(t)
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  t.equal((await second.execution(id)).state, 'running')
  go()

  await endsAsItsBotDid(t, second, id)
})

t.test('a bot that ends while no server runs is known by the next one, also what it printed', async t => {
  const { dataDir, server: first, id, go } = await serverWithBot(t)
  const { pid } = (await first.execution(id)).attempts[0]!
  await first.kill('SIGKILL')
  go()
  await eventually('the end of the bot', () => !lives(pid!))

  await endsAsItsBotDid(t, await startServer(t, dataDir), id)
})

t.test('a server that is asked to stop leaves its bots running, and the next one takes them over', async t => {
  const { dataDir, server: first, id, go } = await serverWithBot(t)
  const { pid } = (await first.execution(id)).attempts[0]!

  t.same(await first.kill('SIGTERM'), { code: 0, signal: null })

  t.ok(lives(pid!))
  const second = await startServer(t, dataDir)
  t.match(await second.execution(id), { state: 'running', attempts: [{ pid }] })
  go()
  await endsAsItsBotDid(t, second, id)
})

t.test('a deadline counts from the start of the execution, whichever server sees it pass', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot('ignores-signals', { timeoutMs: 4000, killGraceMs: 100 })
  const { id } = await first.start(bot)
  await first.printed(id, 'ready')
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  const { startedAt } = await second.execution(id)
  const adoptedAt = Date.now()
  const ended = await endOf(second, id)

  t.match(ended, { state: 'timed_out', reason: 'wall_clock', exitCode: 137, startedAt })
  t.ok(ended.endedAt! >= startedAt! + 4000, 'not early')
  t.ok(adoptedAt > startedAt!, 'not counted anew')
})

t.test('a cancellation goes on when the server is killed in the middle of it', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot('ignores-signals', { killGraceMs: 300 })
  const { id } = await first.start(bot)
  await first.printed(id, 'ready')
  await first.post(`/api/executions/${id}/cancel`)
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)

  t.match(await endOf(second, id), { state: 'cancelled', reason: 'requested', exitCode: 137 })
})

t.test('a second server on the same data folder refuses to start and disturbs nothing', async t => {
  const { dataDir, server, id, go } = await serverWithBot(t)

  const second = await runServer({ DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: '0' })

  t.equal(second.code, 1)
  t.match(second.stderr, /Another Botyard server is running on .*data/)
  go()
  await endsAsItsBotDid(t, server, id)
})

t.test('a launcher that is killed under load is replaced, and every execution still runs once', async t => {
  const dir = testFolder(t, { data: {} })
  const notes = join(dir, 'journal')
  const server = await startServer(t, join(dir, 'data'))
  const bot = await server.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), notes], {
    concurrency: { limit: 100, policy: 'queue' }
  })
  const launcher = () => childrenOf(server.process.pid!).find(pid => isShell(pid) && lives(pid))
  const requests = Array.from({ length: 30 }, () => server.start(bot))
  for (let kills = 0; kills < 3; kills++) {
    const shell = await eventually('a launcher', launcher)
    process.kill(shell, 'SIGKILL')
    await eventually('its end', () => !lives(shell))
    requests.push(server.start(bot))
  }

  const started = await Promise.all(requests)
  for (const { id } of started) t.equal((await endOf(server, id)).state, 'succeeded')
  t.same(journal(notes).toSorted(), started.flatMap(({ id }) => [`end ${id}`, `start ${id}`]).toSorted())
  t.ok((await allExecutions(server)).every(({ attempts }) => attempts.length === 1))
})

t.test('an attempt that cannot be taken over does not take the server along', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot(['/usr/bin/true'])
  await first.kill('SIGKILL')
  const { folder, executionId } = claim(dataDir, bot)
  // A folder can be opened and not read; running out of descriptors does the same to a log that is in order.
  mkdirSync(join(folder, 'log'), { recursive: true })
  writeFileSync(join(folder, 'started'), '')

  const second = await startServer(t, dataDir)

  t.equal((await second.finished(['/usr/bin/true'])).state, 'succeeded')
  t.equal((await second.execution(executionId)).state, 'running')
})
