/** What somebody does to a server who sets its machine's clock by an hour, while it runs and between two that run. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import type { Execution } from '../../src/executions/execution.ts'
import { allEnded, allExecutions, endOf } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { Clock, needsClock } from '../support/clock.ts'
import { testFolder } from '../support/folder.ts'
import type { TestServer } from '../support/server.ts'

const HOUR = 3600
const DIRECTIONS = [
  ['forward', HOUR],
  ['back', -HOUR]
] as const

/** Prints once and then nothing more, until it is ended. */
const WAITS = ['/bin/sh', '-c', 'echo ready; exec sleep 600']
const BRIEF = ['/bin/sleep', '0.2']

/** Its clock is set, and it has heard of it. Whoever was signed in for minutes is not after an hour. */
async function setClock(server: TestServer, clock: Clock, seconds: number): Promise<void> {
  clock.set(seconds)
  await server.signIn()
}

/** Waits for an end, and for how long that took since `begun`: by the monotonic clock, which nobody sets. */
async function endAfter(server: TestServer, id: string, begun: number) {
  const execution = await endOf(server, id)
  return { execution, tookMs: performance.now() - begun }
}

/** Starts a bot that waits, and comes back once it does. */
async function startWaiting(server: TestServer, name: string, more: Partial<Bot>): Promise<string> {
  const { id } = await server.start(await server.makeBot(WAITS, { name, ...more }))
  await server.printed(id, 'ready')
  return id
}

/** All that a server lists, read page by page. */
async function listed(server: TestServer): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const { status, body }: Awaited<ReturnType<TestServer['get']>> = await server.get(
      `/api/executions?limit=2${cursor ? `&cursor=${cursor}` : ''}`
    )
    if (status !== 200) throw new Error(`a page of the list: ${status}`)
    ids.push(...body.items.map((execution: Execution) => execution.id))
    cursor = body.nextCursor
  } while (cursor)
  return ids
}

async function runBriefly(server: TestServer, bot: Bot, times: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < times; i++) ids.push((await server.start(bot)).id)
  for (const id of ids) await endOf(server, id)
  return ids
}

// They mostly wait, and each has a server and a clock of its own.
t.jobs = 3

function hasTheSame(t: Test, found: string[], wanted: string[], what: string): void {
  t.same(found.toSorted(), wanted.toSorted(), what)
}

t.test('bots have the machine’s time, whatever the server’s is made to be', needsClock, async t => {
  const clock = new Clock(t)
  clock.set(-HOUR)
  const server = await clock.startServer(t, join(testFolder(t), 'data'))
  const before = Date.now()

  const execution = await server.finished(['/bin/sh', '-c', 'date +%s; env'])
  const [seconds, ...env] = (await server.downloadLog(execution.id)).toString().split('\n')

  t.ok(execution.queuedAt < before - (HOUR - 60) * 1000, 'the server lives an hour ago')
  t.ok(Number(seconds) >= Math.floor(before / 1000), 'its bots do not')
  t.same(
    env.filter(line => /PRELOAD|FAKETIME/.test(line)),
    []
  )
})

for (const [direction, seconds] of DIRECTIONS) {
  t.test(`the clock set ${direction}: a bot has the time it was given, to run and to be quiet`, needsClock, async t => {
    const clock = new Clock(t)
    const server = await clock.startServer(t, join(testFolder(t), 'data'))
    const begun = performance.now()
    const timed = await startWaiting(server, 'timed', { timeoutMs: 4000 })
    const quiet = await startWaiting(server, 'quiet', { idleTimeoutMs: 4000 })

    await setClock(server, clock, seconds)
    t.match(await server.finished(BRIEF), { state: 'succeeded' }, 'others run meanwhile')

    const [first, second] = await Promise.all([timed, quiet].map(id => endAfter(server, id, begun)))
    t.match(first!.execution, { state: 'timed_out', reason: 'wall_clock' })
    t.match(second!.execution, { state: 'timed_out', reason: 'idle_timeout' })
    t.ok(first!.tookMs >= 4000, 'it was not ended early')
    t.ok(second!.tookMs >= 4000, 'nor was the other')
  })

  t.test(`the clock set ${direction}: whoever waits for his next attempt waits as long`, needsClock, async t => {
    const dir = testFolder(t, { data: {}, bot: {} })
    const clock = new Clock(t)
    const server = await clock.startServer(t, join(dir, 'data'))
    // Half of the wait is left to chance: three seconds are the least.
    const bot = await server.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'run-fails-at-first.sh'), join(dir, 'bot'), '2'], {
      retry: { maxAttempts: 2, backoffMs: 6000, maxBackoffMs: 6000 }
    })
    const begun = performance.now()
    const { id } = await server.start(bot)
    await server.until(id, ({ reason }) => reason === 'retry_wait')

    await setClock(server, clock, seconds)
    // The server looks at its queue when something starts, and when something ends.
    t.match(await server.finished(BRIEF, { name: 'brief' }), { state: 'succeeded' })

    const { execution, tookMs } = await endAfter(server, id, begun)
    t.match(execution, { state: 'succeeded', attempts: [{ state: 'failed' }, { state: 'succeeded' }] })
    // To a hundredth of a second: times that are kept are whole milliseconds.
    t.ok(tookMs >= 2990, 'it did not begin at once')
  })

  t.test(`the clock set ${direction} between two servers: a bot’s time counts from its start`, needsClock, async t => {
    const dataDir = join(testFolder(t), 'data')
    const clock = new Clock(t)
    const first = await clock.startServer(t, dataDir)
    const begun = performance.now()
    const timed = await startWaiting(first, 'timed', { timeoutMs: 6000 })
    const quiet = await startWaiting(first, 'quiet', { idleTimeoutMs: 6000 })
    await first.kill('SIGKILL')
    clock.set(seconds)
    const second = await clock.startServer(t, dataDir)

    const [one, other] = await Promise.all([timed, quiet].map(id => endAfter(second, id, begun)))
    t.match(one!.execution, { state: 'timed_out', reason: 'wall_clock' })
    t.match(other!.execution, { state: 'timed_out', reason: 'idle_timeout' })
    t.ok(one!.tookMs >= 6000, 'it was not ended early')
    t.ok(other!.tookMs >= 6000, 'nor was the other')
  })
}

t.test('the list has the newest first while a clock is set back and forth', needsClock, async t => {
  const clock = new Clock(t)
  const server = await clock.startServer(t, join(testFolder(t), 'data'))
  const bot = await server.makeBot(BRIEF)
  const started: string[] = []
  for (const seconds of [0, -HOUR, HOUR, 0]) {
    await setClock(server, clock, seconds)
    started.push(...(await runBriefly(server, bot, 2)))
  }

  t.same(await listed(server), started.toReversed())
  t.same([...new Set((await allEnded(server)).map(({ state }) => state))], ['succeeded'])
})

t.test('a server that begins before the last one did lists all, and runs what is new', needsClock, async t => {
  const dataDir = join(testFolder(t), 'data')
  const clock = new Clock(t)
  const first = await clock.startServer(t, dataDir)
  const bot = await first.makeBot(BRIEF)
  const before = await runBriefly(first, bot, 3)
  await first.kill('SIGKILL')
  clock.set(-HOUR)
  const second = await clock.startServer(t, dataDir)
  const after = await runBriefly(second, bot, 3)

  hasTheSame(t, await listed(second), [...before, ...after], 'each once')
  for (const { id, state } of await allExecutions(second)) {
    t.equal(state, 'succeeded')
    t.equal((await second.get(`/api/executions/${id}`)).status, 200)
  }
})
