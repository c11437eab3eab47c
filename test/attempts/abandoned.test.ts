/** What a server that was killed can leave behind, made by hand on one data folder, and what the next one makes of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { AttemptDirectory } from '../../src/attempts/attempt-directory.ts'
import { hasEnded } from '../../src/executions/execution.ts'
import {
  allExecutions,
  bootIdLine,
  type ClaimedAttempt,
  claim,
  earlier,
  endOf,
  enqueue,
  journal,
  launchByHand,
  lives,
  makeZombie,
  seededRandom,
  startWrapper,
  statLine
} from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const dir = testFolder(t, { data: {}, here: {} })
const dataDir = join(dir, 'data')
const notes = join(dir, 'journal')
const notesOf = (id: string) => journal(notes).filter(note => note.endsWith(id))

const first = await startServer(t, dataDir)
const limit = { concurrency: { limit: 100, policy: 'queue' as const } }
const quick = await first.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), notes], {
  name: 'quick',
  ...limit
})
const waits = await first.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-journals.sh'), notes, join(dir, 'go')], {
  name: 'waits',
  ...limit
})
const stubborn = await first.makeBot('ignores-signals', limit)
await first.kill('SIGKILL')

/** The folder of an attempt as its wrapper would have left it, with what the pid file is to say. */
function leave(attempt: ClaimedAttempt, files: Record<string, string>): ClaimedAttempt {
  mkdirSync(attempt.folder)
  const record = { argv: attempt.launch.argv, cwd: '/', path: '/usr/bin', maxLogBytes: 2 ** 30 }
  writeFileSync(join(attempt.folder, 'launch.json'), JSON.stringify(record))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(attempt.folder, name), text)
  return attempt
}
const pidFile = (wrapper: string, bot: string, boot = bootIdLine()) => `${[boot, wrapper, bot].join('\n')}\n`

async function launched(attempt: ClaimedAttempt): Promise<AttemptDirectory> {
  await launchByHand(attempt)
  const directory = new AttemptDirectory(join(attempt.folder, '..'), attempt.id)
  await eventually('the bot', () => directory.identity())
  return directory
}

async function ended(attempt: ClaimedAttempt): Promise<ClaimedAttempt> {
  await launchByHand(attempt)
  const directory = new AttemptDirectory(join(attempt.folder, '..'), attempt.id)
  await eventually('its end', () => directory.files().closed !== null)
  return attempt
}

/** Somebody else's session: its leader and a child of it. */
const foreign = spawn('/bin/sh', [join(FIXTURE_BOTS, 'run-hears-signals.sh')], { detached: true, cwd: '/' })
let heard = ''
foreign.stdout.on('data', chunk => {
  heard += chunk
})
t.teardown(async () => {
  process.kill(-foreign.pid!, 'SIGKILL')
  await once(foreign, 'exit')
})
await eventually('the other session', () => heard === 'ready\n')
const its = statLine(foreign.pid!)

const zombie = (await makeZombie(t)).before

const someone = spawn('/usr/bin/sleep', ['300'], { detached: true, cwd: join(dir, 'here') })
t.teardown(() => someone.kill('SIGKILL'))

const random = seededRandom(t)
const now = Date.now()
const attempts = {
  claimed: claim(dataDir, quick),
  halfWritten: leave(claim(dataDir, quick), { 'launch.json': '{"argv":["/bin' }),
  raced: claim(dataDir, quick),
  begun: leave(claim(dataDir, quick), { started: '' }),
  begunSlow: leave(claim(dataDir, quick), { started: '' }),
  cutPid: leave(claim(dataDir, quick), { started: '', pid: `${bootIdLine()}\n${its.slice(0, 20)}` }),
  killed: claim(dataDir, waits),
  reused: leave(claim(dataDir, quick), { started: '', log: 'old\n', pid: pidFile(earlier(its), earlier(its)) }),
  reusedEnded: leave(claim(dataDir, quick), {
    started: '',
    'exit.0': '',
    log: '',
    pid: pidFile(earlier(its), earlier(its))
  }),
  reusedCancelled: leave(claim(dataDir, quick, { ending: 'cancel' }), {
    started: '',
    pid: pidFile(earlier(its), earlier(its))
  }),
  zombie: leave(claim(dataDir, quick), { started: '', pid: pidFile(zombie, zombie) }),
  rebooted: leave(claim(dataDir, quick), {
    started: '',
    pid: pidFile(its, its, '00000000-0000-4000-8000-000000000000')
  }),
  rebootedLate: leave(claim(dataDir, quick, { deadline_at: now - 50_000 }), {
    started: '',
    pid: pidFile(its, its, '00000000-0000-4000-8000-000000000000')
  }),
  overdue: claim(dataDir, waits, { started_at: now - 60_000, deadline_at: now - 50_000 }),
  overdueButDone: claim(dataDir, quick, { started_at: now - 60_000, deadline_at: now - 50_000 }),
  cancelled: claim(dataDir, stubborn, { ending: 'cancel' })
}
const cancelledEarly = Array.from({ length: 8 }, () => claim(dataDir, quick, { ending: 'cancel' }))
const queued = enqueue(dataDir, quick)
const shot = Array.from({ length: 12 }, () => claim(dataDir, quick))

const killed = (await launched(attempts.killed)).identity()!
await eventually('its start', () => notesOf(attempts.killed.executionId).length === 1)
for (const { pid } of [killed.wrapper, killed.bot]) process.kill(-pid, 'SIGKILL')
await launched(attempts.overdue)
await ended(attempts.overdueButDone)
await launched(attempts.cancelled)
// Whole sessions of wrappers, killed at any moment of their first milliseconds.
await Promise.all(
  shot.map(async ({ folder, launch }) => {
    mkdirSync(folder)
    const wrapper = startWrapper(folder, launch.argv, { env: launch.env })
    const exit = once(wrapper, 'exit')
    await delay(random() * 30)
    if (wrapper.exitCode === null) process.kill(-wrapper.pid!, 'SIGKILL')
    await exit
  })
)
const inFolder = spawn('/usr/bin/sleep', ['300'], { cwd: attempts.begunSlow.folder })
t.teardown(() => inFolder.kill('SIGKILL'))

const starting = startServer(t, dataDir)
// Wrappers that the last server had asked for and that begin late, all around the start of the next one.
const late: Promise<void>[] = []
const startingEnds = starting.then(() => true)
while (!(await Promise.race([startingEnds, delay(50, false)]))) late.push(launchByHand(attempts.raced))
const server = await starting
await Promise.all(late)
const found = (attempt: ClaimedAttempt) => server.execution(attempt.executionId)

// The ones that nobody is left to tell of take longest. Should one not end, the test that is about it says so.
await eventually('the end of all but one', async () => {
  const running = (await allExecutions(server)).filter(execution => !hasEnded(execution))
  return running.every(({ id }) => id === attempts.begunSlow.executionId)
}).catch(error => t.comment(error.message))

t.test('what waited runs', async t => {
  t.equal((await server.execution(queued)).state, 'succeeded')
  t.same(notesOf(queued), [`start ${queued}`, `end ${queued}`])
})

t.test('what was claimed and not launched is launched, once', async t => {
  for (const attempt of [attempts.claimed, attempts.halfWritten]) {
    t.match(await found(attempt), { state: 'succeeded', exitCode: 0 })
    t.same(notesOf(attempt.executionId), [`start ${attempt.executionId}`, `end ${attempt.executionId}`])
  }
})

t.test('an attempt that several launch at the same time runs once', async t => {
  t.ok(late.length > 1)
  t.match(await found(attempts.raced), { state: 'succeeded', exitCode: 0 })
  t.same(notesOf(attempts.raced.executionId), [
    `start ${attempts.raced.executionId}`,
    `end ${attempts.raced.executionId}`
  ])
})

t.test('a bot that was killed with all that watched it is lost, and not run again', async t => {
  t.match(await found(attempts.killed), { state: 'lost', reason: 'unknown_end', exitCode: null })
  t.same(notesOf(attempts.killed.executionId), [`start ${attempts.killed.executionId}`])
})

t.test('an attempt whose pids others use by now is lost', async t => {
  t.match(await found(attempts.reused), { state: 'lost', exitCode: null })
  t.equal((await server.downloadLog(attempts.reused.executionId)).toString(), 'old\n')
})

t.test('an attempt that was being cancelled and whose pids others use by now is cancelled', async t => {
  t.match(await found(attempts.reusedCancelled), { state: 'cancelled', exitCode: null })
})

t.test('a session that uses the wrapper’s pid by now is not taken for who holds the log', async t => {
  t.equal((await found(attempts.reusedEnded)).exitCode, 0)
})

t.test('zombies are dead', async t => {
  t.match(await found(attempts.zombie), { state: 'lost', exitCode: null })
})

t.test('what ran before the machine was started anew is lost, whoever has its pids', async t => {
  t.match(await found(attempts.rebooted), { state: 'lost', exitCode: null })
})

t.test('a deadline that passed after the machine went down ended nobody: lost, not timed out', async t => {
  t.match(await found(attempts.rebootedLate), { state: 'lost', reason: 'unknown_end', exitCode: null })
})

t.test('time that passed without a server counts', async t => {
  t.match(await found(attempts.overdue), { state: 'timed_out', reason: 'wall_clock' })
  t.same(notesOf(attempts.overdue.executionId), [`start ${attempts.overdue.executionId}`])
})

t.test('a bot that was done before anybody looked has not timed out', async t => {
  t.match(await found(attempts.overdueButDone), { state: 'succeeded', exitCode: 0 })
})

t.test('a cancellation that was begun is brought to its end', async t => {
  t.match(await found(attempts.cancelled), { state: 'cancelled', exitCode: 137 })
})

t.test('an attempt that was cancelled before it was launched is not launched any more', async t => {
  for (const attempt of cancelledEarly) {
    t.match(await found(attempt), { state: 'cancelled', exitCode: null })
    t.same(notesOf(attempt.executionId), [])
  }
})

t.test('wrappers killed at any moment leave attempts that end, and none that runs twice', async t => {
  for (const attempt of shot) {
    const { state, exitCode } = await found(attempt)
    const noted = notesOf(attempt.executionId).map(note => note.split(' ')[0])
    t.ok(noted.filter(note => note === 'start').length <= 1, noted.join())
    if (exitCode === 0) t.same(noted, ['start', 'end'], state)
    else t.match({ state, exitCode }, { state: 'lost', exitCode: null })
  }
})

t.test('an attempt that began and left nobody is lost, one in whose folder somebody stands is not', async t => {
  t.match(await found(attempts.begun), { state: 'lost', exitCode: null })
  t.match(await found(attempts.cutPid), { state: 'lost', exitCode: null })
  t.equal((await server.execution(attempts.begunSlow.executionId)).state, 'running')

  inFolder.kill('SIGKILL')

  t.match(await endOf(server, attempts.begunSlow.executionId), { state: 'lost', exitCode: null })
  for (const { executionId } of [attempts.begun, attempts.cutPid, attempts.begunSlow]) t.same(notesOf(executionId), [])
})

// After all others: by then everything that could have been signalled by mistake has been.
t.test('nobody else was sent a signal', async t => {
  t.equal(heard, 'ready\n')
  t.ok(lives(foreign.pid!))
  t.ok(lives(someone.pid!))
})
