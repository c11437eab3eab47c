import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AttemptDirectory, attemptsFolder } from '../../src/attempts/attempt-directory.ts'
import { buildApp } from '../support/app.ts'
import { endOf, inDatabase, lives } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'

const app = await buildApp(t, { dataDir: testFolder(t), config: { maxConcurrentExecutions: 20 } })
const sh = (script: string) => ['/bin/sh', '-c', script]

function folderOf(executionId: string): AttemptDirectory {
  const { dataDir } = app.config
  const { id } = inDatabase(dataDir, db =>
    db.prepare('SELECT id FROM attempts WHERE execution_id = ?').get(executionId)
  ) as { id: string }
  return new AttemptDirectory(attemptsFolder(dataDir), id)
}

t.test('exit codes are kept, and none becomes a signal that is none', async t => {
  for (const [code, reason] of [
    [1, 'exit_code'],
    [126, 'exit_code'],
    [127, 'exit_code'],
    [255, 'exit_code']
  ] as const) {
    t.match(await app.finished(sh(`exit ${code}`)), {
      state: 'failed',
      reason,
      exitCode: code,
      attempts: [{ exitCode: code, signal: null }]
    })
  }
})

t.test('a signal from outside and an exit code that looks like it are told as what they have in common', async t => {
  const exited = await app.finished(sh('exit 143'))
  const { id } = await app.start(await app.makeBot(sh('echo ready; exec sleep 300')))
  await app.printed(id, 'ready')
  process.kill((await app.execution(id)).attempts[0]!.pid!, 'SIGTERM')
  const signalled = await endOf(app, id)

  for (const execution of [exited, signalled]) {
    t.match(execution, { state: 'failed', reason: 'signal', exitCode: 143, attempts: [{ signal: 'SIGTERM' }] })
    t.match(execution.detail, /SIGTERM.* or it exited with 143 itself/)
  }
})

t.test('a bot that is killed from outside has failed by SIGKILL', async t => {
  const { id } = await app.start(await app.makeBot(sh('echo ready; exec sleep 300')))
  await app.printed(id, 'ready')
  process.kill((await app.execution(id)).attempts[0]!.pid!, 'SIGKILL')

  t.match(await endOf(app, id), { state: 'failed', reason: 'signal', exitCode: 137, attempts: [{ signal: 'SIGKILL' }] })
})

t.test('a child that holds the log of a bot that has ended is ended, and the detail says so', async t => {
  const { id } = await app.start(await app.makeBot('leaves-a-child'))
  await app.printed(id, 'left')
  const child = Number(/left (\d+)/.exec((await app.downloadLog(id)).toString())![1])
  t.ok(lives(child))

  const ended = await endOf(app, id)

  t.match(ended, { state: 'succeeded', exitCode: 0, detail: /left behind/ })
  t.notOk(lives(child))
})

t.test('a child that hides and ignores what it is told cannot keep its bot from ending', async t => {
  const hides = "trap '' TERM; echo hidden $$; while :; do sleep 0.1; done"
  const bot = await app.makeBot(['/bin/sh', '-c', 'env -i setsid sh -c "$1" & sleep 0.2', 'bot', hides])
  const { id } = await app.start(bot)
  await app.printed(id, 'hidden')
  const child = Number(/hidden (\d+)/.exec((await app.downloadLog(id)).toString())![1])
  t.teardown(() => lives(child) && process.kill(child, 'SIGKILL'))

  t.match(await endOf(app, id), { state: 'succeeded', exitCode: 0, detail: /left behind/ })
  // Without the mark nobody can know that it is to end, so the log is closed on it; unless it was seen while its bot lived. Then
  // both are ended at once, and the log may come to its end by itself.
  const { exit, closed } = folderOf(id).files()
  t.equal(exit, 0)
  if (lives(child)) t.equal(closed, 143)
  else t.ok(closed === 0 || closed === 143, `closed with ${closed}`)
})

t.test('a child that lets go of the log in time is nobody’s business', async t => {
  const execution = await app.finished(sh('(sleep 0.5; echo late) & echo early'))

  t.match(execution, { state: 'succeeded', exitCode: 0, detail: null })
  t.equal((await app.downloadLog(execution.id)).toString(), 'early\nlate\n')
})

t.test('a bot that runs too long has timed out', async t => {
  const execution = await app.finished('ignores-signals', { timeoutMs: 300, killGraceMs: 100 })

  t.match(execution, { state: 'timed_out', reason: 'wall_clock', exitCode: 137 })
  t.ok(execution.endedAt! - execution.startedAt! >= 300)
})

t.test('a bot that is done in time has not', async t => {
  t.match(await app.finished(['/usr/bin/true'], { timeoutMs: 60_000 }), { state: 'succeeded' })
})

t.test('a bot that floods its log is ended at the limit, and the last line says so', async t => {
  const execution = await app.finished(['/usr/bin/yes', '0123456789'], { maxLogBytes: 10_000 })

  t.match(execution, { state: 'failed', reason: 'log_limit' })
  const log = (await app.downloadLog(execution.id)).toString()
  const cap = Math.floor(10_000 / 512) * 512
  t.equal(log.slice(0, cap), '0123456789\n'.repeat(cap).slice(0, cap))
  t.equal(log.slice(cap), `\n[botyard] The log reached its limit of ${cap} bytes, so the bot was ended.\n`)
  t.equal(execution.attempts[0]!.logBytes, log.length)
  t.equal(statSync(folderOf(execution.id).log).size, log.length)
})

t.test('a bot that does not care for its broken log is ended at the limit as well', async t => {
  const bot = await app.makeBot(sh("trap '' PIPE INT; while :; do echo 0123456789; sleep 0.001; done 2>/dev/null"), {
    maxLogBytes: 4096,
    timeoutMs: 30_000
  })

  t.match(await endOf(app, (await app.start(bot)).id), { state: 'failed', reason: 'log_limit' })
})

t.test('a bot reaches its limit also when somebody has removed the log', async t => {
  const go = join(t.testdir({}), 'go')
  const script = `echo ready; while [ ! -e '${go}' ]; do sleep 0.02; done; exec yes`
  const { id } = await app.start(await app.makeBot(sh(script), { maxLogBytes: 4096 }))
  await app.printed(id, 'ready')
  rmSync(folderOf(id).log)
  writeFileSync(go, '')

  t.match(await endOf(app, id, 20_000), { state: 'failed', reason: 'log_limit' })
})

t.test('a bot whose folder is removed is ended and lost', async t => {
  const { id } = await app.start(await app.makeBot(sh('echo ready; exec sleep 300')))
  await app.printed(id, 'ready')
  const { pid } = (await app.execution(id)).attempts[0]!
  rmSync(folderOf(id).path, { recursive: true })

  t.match(await endOf(app, id), { state: 'lost', exitCode: null, detail: /folder was removed/ })
  await eventually('the end of the bot', () => !lives(pid!))
})

t.test('wrapper, relay and bot killed together: lost, without an exit code, and not run again', async t => {
  const notes = join(t.testdir({}), 'journal')
  const { id } = await app.start(await app.makeBot(sh(`echo start >>'${notes}'; echo ready; exec sleep 300`)))
  await app.printed(id, 'ready')
  const directory = folderOf(id)
  const { wrapper, bot } = directory.identity()!
  process.kill(-wrapper.pid, 'SIGKILL')
  process.kill(-bot.pid, 'SIGKILL')

  t.match(await endOf(app, id), {
    state: 'lost',
    reason: 'unknown_end',
    exitCode: null,
    attempts: [{ exitCode: null, signal: null }]
  })
  t.notOk(existsSync(join(directory.path, 'exit.137')))
  t.equal(readFileSync(notes, 'utf8'), 'start\n')
  t.equal((await app.execution(id)).attempts.length, 1)
})

t.test('a wrapper that is killed alone changes nothing for the bot', async t => {
  const go = join(t.testdir({}), 'go')
  const script = `echo ready; while [ ! -e '${go}' ]; do sleep 0.02; done; echo done`
  const { id } = await app.start(await app.makeBot(sh(script)))
  await app.printed(id, 'ready')
  const directory = folderOf(id)
  process.kill(directory.identity()!.wrapper.pid, 'SIGKILL')
  await eventually('the end of the wrapper', () => !lives(directory.identity()!.wrapper.pid))
  writeFileSync(go, '')

  const ended = await endOf(app, id)

  t.match(ended, { exitCode: 0, attempts: [{ exitCode: 0 }] })
  t.equal((await app.downloadLog(id)).toString(), 'ready\ndone\n')
})
