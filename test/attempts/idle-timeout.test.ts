import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { childrenOf, endOf, statLine } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

t.test('a bot that prints nothing for too long is ended, and says so', async t => {
  const app = await buildApp(t)
  const execution = await app.finished(['/bin/sh', '-c', 'echo begun; exec sleep 600'], { idleTimeoutMs: 500 })
  t.match(execution, { state: 'timed_out', reason: 'idle_timeout', attempts: [{ ending: 'idle_timeout' }] })
  t.equal((await app.downloadLog(execution.id)).toString(), 'begun\n')
})

t.test('a bot that prints now and then goes on, however long it takes', async t => {
  const app = await buildApp(t)
  const prints = 'for i in 1 2 3 4 5 6 7 8; do sleep 0.5; printf .; done'
  const execution = await app.finished(['/bin/sh', '-c', prints], { idleTimeoutMs: 2500 })
  t.match(execution, { state: 'succeeded', exitCode: 0 })
})

t.test('a restart of the server does not give a bot that is quiet more time', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot(['/bin/sh', '-c', 'echo begun; exec sleep 600'], { idleTimeoutMs: 3_600_000 })
  const { id } = await first.start(bot)
  await first.printed(id, 'begun')
  await first.kill('SIGKILL')
  // It printed more than an hour ago, by what is known of it.
  const before = new Date(Date.now() - 3_700_000)
  const [attempt] = readdirSync(join(dataDir, 'attempts'))
  utimesSync(join(dataDir, 'attempts', attempt!, 'log'), before, before)
  const second = await startServer(t, dataDir)
  t.match(await endOf(second, id), { state: 'timed_out', reason: 'idle_timeout' })
})

t.test('what a bot waits for before it begins is no time in which it prints nothing', async t => {
  const server = await startServer(t, testFolder(t))
  await server.finished(['/bin/true'])
  const launchers = childrenOf(server.process.pid!).filter(pid => / \((sh|dash)\) /.test(statLine(pid)))
  t.equal(launchers.length, 1)
  const idleTimeoutMs = 2500
  const bot = await server.makeBot(['/bin/sh', '-c', 'sleep 0.5; echo begun'], { name: 'late', idleTimeoutMs })

  process.kill(launchers[0]!, 'SIGSTOP')
  const { id } = await server.start(bot)
  await delay(idleTimeoutMs + 500)
  t.match(await server.execution(id), { state: 'running', attempts: [{ pid: null, ending: null }] })
  process.kill(launchers[0]!, 'SIGCONT')

  t.match(await endOf(server, id), { state: 'succeeded', attempts: [{ ending: null, logBytes: 6 }] })
})
