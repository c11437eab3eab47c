/** No descriptors left: for the server, since too many watch too much at once, and for what looks at an attempt. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { allEnded, endOf, lives } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { scratchFolder } from '../support/logs.ts'
import {
  startServer,
  startServerWithFewDescriptors,
  startServerWithOpenFile,
  type TestServer
} from '../support/server.ts'
import type { EventStream } from '../support/sse.ts'
import { eventually } from '../support/wait.ts'

/** It needs 30 to start, and takes the rest for what it does. */
const FEW = 64

/** Prints lines until there is the file, and then how many they were. */
function prints(flag: string): string[] {
  const script = `i=0; until [ -e ${flag} ]; do i=$((i + 1)); echo "line $i"; sleep 0.05; done; echo "end $i"`
  return ['/bin/sh', '-c', script]
}

function isWhole(log: string): boolean {
  const lines = log.split('\n')
  return lines.every((line, i) =>
    i < lines.length - 2 ? line === `line ${i + 1}` : line === (i === lines.length - 2 ? `end ${i}` : '')
  )
}

/** Comes to watch again and again until the server takes nobody more. */
async function crowd(server: TestServer, path: string): Promise<EventStream[]> {
  const viewers: EventStream[] = []
  for (let refused = 0; refused < 5; ) {
    if (viewers.length > FEW) throw new Error('descriptors do not run out')
    const viewer = await server.stream(path).catch(() => null)
    if (viewer?.status === 200) viewers.push(viewer)
    else refused++
  }
  return viewers
}

/** Leaves a process no descriptor but those it has, until the answer is called. */
function takeDescriptors(pid: number): () => void {
  const limit = (soft: string) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`])
  const [before] = execFileSync('prlimit', ['--pid', String(pid), '--nofile', '--output=SOFT', '--noheadings'], {
    encoding: 'utf8'
  }).split('\n')
  limit('3')
  return () => limit(before!.trim())
}

/** Runs a module in which `shortage()` takes all descriptors there are, and answers what gives them back. */
function runShort(t: Test, module: string): unknown {
  const program = `
    import { closeSync, openSync } from 'node:fs'
    function shortage() {
      const taken = []
      try {
        for (;;) taken.push(openSync('/dev/null'))
      } catch {
        return () => taken.forEach(fd => closeSync(fd))
      }
    }
    const codeOf = work => {
      try {
        return work()
      } catch (error) {
        return error.code
      }
    }
    ${module}`
  const file = join(scratchFolder(t), 'program.mjs')
  writeFileSync(file, program)
  const output = execFileSync('/bin/sh', ['-c', `ulimit -n ${FEW} && exec "$@"`, '-', process.execPath, file])
  return JSON.parse(output.toString())
}

t.test('a crowd takes all descriptors: the server lives, and each bot ends once with all it printed', async t => {
  const dir = testFolder(t, { data: {} })
  const flag = join(dir, 'flag')
  const server = await startServerWithFewDescriptors(t, join(dir, 'data'), FEW, { MAX_CONCURRENT_EXECUTIONS: '7' })
  const watched = await server.start(await server.makeBot(prints(join(dir, 'never')), { name: 'watched' }))
  const bot = await server.makeBot(prints(flag), { concurrency: { limit: 100, policy: 'queue' } })
  const started: string[] = []
  for (let i = 0; i < 12; i++) started.push((await server.start(bot)).id)
  const running = started.slice(0, 6)
  for (const id of running) await server.printed(id, 'line 2')
  const pids = await Promise.all(running.map(async id => (await server.execution(id)).attempts[0]!.pid!))

  const viewers = await crowd(server, `/api/executions/${watched.id}/log/stream`)
  writeFileSync(flag, '')
  await eventually('the end of bots that nobody sees', () => !pids.some(lives))
  t.equal(server.process.exitCode, null)
  for (const viewer of viewers) viewer.close()

  await eventually('an answer', async () => (await server.get('/health').catch(() => null))?.status === 200)
  await server.post(`/api/executions/${watched.id}/cancel`)
  t.match(await endOf(server, watched.id), { state: 'cancelled' })
  const executions = (await allEnded(server)).filter(({ id }) => id !== watched.id)
  t.same(
    executions.map(({ id }) => id),
    started.toReversed()
  )
  for (const { id, state, attempts } of executions) {
    t.match({ state, attempts }, { state: 'succeeded', attempts: [{ exitCode: 0 }] })
    t.equal(attempts.length, 1)
    const log = (await server.downloadLog(id)).toString()
    t.ok(isWhole(log), `the log is whole: ${JSON.stringify(log)}`)
  }
})

t.test('what cannot be launched for want of descriptors is launched once there are some', async t => {
  const server = await startServer(t, join(testFolder(t), 'data'))
  const bot = await server.makeBot(['/bin/echo', 'hello'], { concurrency: { limit: 100, policy: 'queue' } })
  const giveBack = takeDescriptors(server.process.pid!)
  // Over the connection there is: no other could be opened.
  const { id } = await server.start(bot)
  await eventually('a launch that fails', () => server.output.includes('an attempt could not be launched'))
  t.match(server.output, /an attempt could not be launched: the server has no descriptors left: raise its limit/)
  t.equal(server.process.exitCode, null, 'nor does the server end for it')
  giveBack()

  const execution = await endOf(server, id)
  t.match(execution, { state: 'succeeded', attempts: [{ number: 1, exitCode: 0 }] })
  t.equal((await server.downloadLog(id)).toString(), 'hello\n')
})

t.test('a bot inherits nothing that the server was started with', async t => {
  const dir = testFolder(t, { secret: 'of whoever started it' })
  const server = await startServerWithOpenFile(t, join(dir, 'data'), join(dir, 'secret'))
  const { id } = await server.finished(['/bin/sh', '-c', 'ls /proc/$$/fd'])
  t.same((await server.downloadLog(id)).toString().split('\n'), ['0', '1', '2', ''])
})

t.test('a bot that is to be ended while there are no descriptors is ended once there are some', async t => {
  const server = await startServer(t, join(testFolder(t), 'data'))
  const { id } = await server.start(await server.makeBot('ignores-signals', { killGraceMs: 0 }))
  await server.printed(id, 'ready')
  const giveBack = takeDescriptors(server.process.pid!)
  t.equal((await server.post(`/api/executions/${id}/cancel`)).status, 202)
  await eventually('a look that fails', () => server.output.includes('an attempt cannot be looked at'))
  t.equal((await server.execution(id)).state, 'running')
  giveBack()

  t.match(await endOf(server, id), { state: 'cancelled', reason: 'requested', exitCode: 137 })
})

t.test('what changed in a folder that could not be read is a change until it was', async t => {
  const source = join(import.meta.dirname, '../../src/attempts/attempt-directory.ts')
  const seen = runShort(
    t,
    `import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
    import { AttemptDirectory } from ${JSON.stringify(source)}
    const directory = new AttemptDirectory(${JSON.stringify(testFolder(t))}, 'attempt')
    mkdirSync(directory.path)
    writeFileSync(directory.path + '/started', '')
    // Long enough ago that nothing else can have come at the same time.
    utimesSync(directory.path, 1, 1)
    const seen = []
    const giveBack = shortage()
    seen.push(directory.change(), codeOf(() => directory.files()))
    giveBack()
    seen.push(directory.change(), directory.files().started, directory.change())
    console.log(JSON.stringify(seen))`
  )
  t.same(seen, ['some', 'EMFILE', 'some', true, 'none'])
})

t.test('a process that cannot be looked at is not taken for dead', async t => {
  const source = join(import.meta.dirname, '../../src/processes/processes.ts')
  const seen = runShort(
    t,
    `import { readFileSync } from 'node:fs'
    import { groupedProcesses, isAlive, markedProcesses, parseStat } from ${JSON.stringify(source)}
    const me = parseStat(readFileSync('/proc/self/stat', 'utf8'))
    const look = () => [
      codeOf(() => isAlive(me)),
      codeOf(() => markedProcesses('me', [me]).length),
      codeOf(() => groupedProcesses('me', [me]).length)
    ]
    const giveBack = shortage()
    const seen = [look()]
    giveBack()
    console.log(JSON.stringify([...seen, look()]))`
  )
  t.same(seen, [
    ['EMFILE', 'EMFILE', 'EMFILE'],
    [true, 0, 0]
  ])
})
