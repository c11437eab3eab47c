import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf, journal, lives } from '../support/attempts.ts'

import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'

const app = await buildApp(t, { dataDir: testFolder(t) })
const cancel = (id: string) => app.post(`/api/executions/${id}/cancel`)

t.test('a bot that ignores SIGINT and SIGTERM is killed after its graces', async t => {
  const bot = await app.makeBot('ignores-signals')
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')

  t.equal((await cancel(id)).status, 202)

  t.match(await endOf(app, id), {
    state: 'cancelled',
    reason: 'requested',
    exitCode: 137,
    attempts: [{ signal: 'SIGKILL' }]
  })
})

t.test('a bot that cleans up at SIGINT is given the time to, and is cancelled', async t => {
  const bot = await app.makeBot(
    [
      '/bin/sh',
      '-c',
      "trap 'echo cleaning; sleep 0.3; echo clean; exit 0' INT; echo ready; while :; do sleep 0.05; done"
    ],
    { killGraceMs: 60_000 }
  )
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')

  await cancel(id)

  t.match(await endOf(app, id), { state: 'cancelled', exitCode: 0 })
  t.equal((await app.downloadLog(id)).toString(), 'ready\ncleaning\nclean\n')
})

t.test('that a bot is being ended is told at once, and can be read for as long as it takes', async t => {
  const go = join(testFolder(t), 'go')
  const bot = await app.makeBot(
    ['/bin/sh', '-c', `trap '' INT TERM; echo ready; until [ -e ${go} ]; do sleep 0.05; done`],
    { killGraceMs: 60_000 }
  )
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')
  t.equal((await app.execution(id)).attempts[0]!.ending, null)

  const told = app.until(id, ({ attempts }) => attempts[0]?.ending === 'cancel')
  t.match((await cancel(id)).body, { state: 'running', attempts: [{ ending: 'cancel' }] })
  t.equal((await told).state, 'running')
  t.match(await app.execution(id), { state: 'running', attempts: [{ ending: 'cancel' }] })

  writeFileSync(go, '')
  t.match(await app.ended(id), { state: 'cancelled', attempts: [{ ending: 'cancel' }] })
})

t.test('a bot that only heeds SIGTERM gets it after one grace', async t => {
  const bot = await app.makeBot([
    '/bin/sh',
    '-c',
    "trap '' INT; trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"
  ])
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')

  await cancel(id)

  t.match(await endOf(app, id), { state: 'cancelled', exitCode: 5 })
})

t.test('an execution that waits never starts once it is cancelled', async t => {
  const notes = join(testFolder(t), 'journal')
  const bot = await app.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), notes, join(t.testdirName, 'go')])
  const [first, second, third] = [await app.start(bot), await app.start(bot), await app.start(bot)]
  await eventually('the first', () => journal(notes).length === 1)

  const answer = await cancel(second.id)
  t.match(answer, { status: 202, body: { state: 'cancelled', reason: 'requested', startedAt: null, attempts: [] } })
  await cancel(first.id)
  await eventually('the third', () => journal(notes).includes(`start ${third.id}`))
  await cancel(third.id)
  await endOf(app, third.id)

  t.same(journal(notes), [`start ${first.id}`, `start ${third.id}`])
})

t.test('cancelling twice is cancelling once', async t => {
  const bot = await app.makeBot('ignores-signals')
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')

  const answers = await Promise.all([cancel(id), cancel(id), cancel(id)])

  t.same(
    answers.map(answer => answer.status),
    [202, 202, 202]
  )
  t.match(await endOf(app, id), { state: 'cancelled', exitCode: 137 })
})

t.test('what has ended cannot be cancelled, and stays as it ended', async t => {
  const { id } = await app.finished(['/usr/bin/true'])

  t.match(await cancel(id), { status: 409, body: { code: 'execution_ended', detail: /succeeded/ } })
  t.match(await app.execution(id), { state: 'succeeded', exitCode: 0 })
})

t.test('what never was cannot be cancelled', async t => {
  t.match(await cancel('0198d3a0-0000-7000-8000-000000000000'), { status: 404, body: { code: 'not_found' } })
})

t.test('cancelling at any moment between queue and end leaves one outcome and no process', async t => {
  const bot = await app.makeBot(['/bin/sh', '-c', 'sleep 0.05'], { concurrency: { limit: 4, policy: 'queue' } })
  const executions = await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const { id } = await app.start(bot)
      if (i % 3 === 1) await app.until(id, execution => execution.state !== 'queued')
      if (i % 3 === 2) await eventually('its process', async () => (await app.execution(id)).attempts[0]?.pid)
      const { status } = await cancel(id)
      return { status, execution: await endOf(app, id) }
    })
  )
  for (const { status, execution } of executions) {
    t.match(execution.state, status === 202 ? /^(cancelled|succeeded)$/ : 'succeeded')
    t.ok(execution.endedAt)
  }
})

t.test('cancelling at any moment of a bot that is tried again and again ends it', async t => {
  const bot = await app.makeBot(['/bin/false'], {
    concurrency: { limit: 4, policy: 'queue' },
    retry: { maxAttempts: 50, backoffMs: 0 }
  })
  await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const { id } = await app.start(bot)
      await app.until(id, execution => execution.attempts.length > i % 4)
      const { status } = await cancel(id)
      const execution = await endOf(app, id)
      t.match({ status, execution }, { status: 202, execution: { state: 'cancelled', reason: 'requested' } })
      t.ok(execution.attempts.length < 50)
    })
  )
})

t.test('what a cancelled bot has started ends with it, though it ignores SIGINT and holds no log', async t => {
  const notes = join(testFolder(t), 'pids')
  // A shell's background processes ignore SIGINT; one of the two has a session of its own.
  const script = `for run in '' setsid; do $run sleep 300 >/dev/null 2>&1 & echo $! >>'${notes}'; done; echo ready; wait`
  const bot = await app.makeBot(['/bin/sh', '-c', script])
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')
  const pids = readFileSync(notes, 'utf8').trim().split('\n').map(Number)
  t.teardown(() => {
    for (const pid of pids) if (lives(pid)) process.kill(pid, 'SIGKILL')
  })

  await cancel(id)

  t.equal((await endOf(app, id)).state, 'cancelled')
  await eventually('the end of both', () => !pids.some(lives), 10_000)
})
