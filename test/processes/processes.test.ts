import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  anyProcessIn,
  isAlive,
  markedProcesses,
  parseStat,
  sessionMembers,
  signalGroup,
  signalProcess
} from '../../src/processes/processes.ts'
import { makeZombie, statLine } from '../support/attempts.ts'
import { eventually } from '../support/wait.ts'

const identityOf = (pid: number) => parseStat(statLine(pid))!

/** A process that is there until the test ends, with its whole group. */
async function started(t: Test, command: string[], options: Parameters<typeof spawn>[2] = {}): Promise<ChildProcess> {
  const child = spawn(command[0]!, command.slice(1), {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options
  })
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  await once(child, 'spawn')
  return child
}

const firstLine = async (child: ChildProcess) => String((await once(child.stdout!, 'data'))[0]).trim()

t.test('a process whose name holds spaces and parentheses is read right', async t => {
  const program = join(t.testdir({}), 'a) Z (1 2')
  copyFileSync('/usr/bin/sleep', program)
  const child = await started(t, [program, '60'])
  await eventually('its name', () => statLine(child.pid!).includes('(a) Z (1 2)'))

  const stat = parseStat(statLine(child.pid!))!

  t.match(stat, { pid: child.pid, processGroup: child.pid, session: child.pid })
  t.match(stat.state, /^[RSD]$/)
  t.ok(isAlive(stat))
})

t.test('a line cut short anywhere is not read, or gives the same process', async t => {
  const line = statLine(process.pid)
  const whole = parseStat(line)!
  t.ok(whole)
  for (let length = 0; length < line.length; length++) {
    const cut = parseStat(line.slice(0, length))
    if (cut && (cut.pid !== whole.pid || cut.startTicks !== whole.startTicks))
      t.same(cut, whole, `after ${length} bytes`)
  }
  for (const nonsense of [
    '',
    '\n',
    'x',
    '12',
    '12 (sh)',
    '12 (sh) S 1 2 3',
    '-3 (sh) S',
    `0 (sh) S ${'1 '.repeat(30)}`
  ])
    t.equal(parseStat(nonsense), null, JSON.stringify(nonsense))
})

t.test('a zombie is dead', async t => {
  const { pid, parent, before } = await makeZombie(t)

  t.match(parseStat(statLine(pid)), { state: 'Z', startTicks: parseStat(before)!.startTicks })
  t.notOk(isAlive(parseStat(before)!))
  t.same(sessionMembers(parent), [])
})

t.test('a session’s members are all of it but its leader', async t => {
  const leader = await started(t, ['/bin/sh', '-c', 'sleep 60 & echo $!; wait'])
  const pid = Number(await firstLine(leader))

  t.match(sessionMembers(leader.pid!), [{ pid }])
  t.equal(sessionMembers(leader.pid!).length, 1)
})

t.test('a pid that is used again is somebody else, and is sent nothing', async t => {
  const child = await started(t, ['/usr/bin/sleep', '60'])
  const now = identityOf(child.pid!)
  const before = { ...now, startTicks: String(Number(now.startTicks) - 1) }

  t.notOk(isAlive(before))
  signalProcess(before, 'SIGKILL')
  signalGroup(before, 'SIGKILL')
  signalProcess(now, 'SIGTERM')

  // A signal sent earlier would have ended it first.
  t.same(await once(child, 'exit'), [null, 'SIGTERM'])
  signalProcess(now, 'SIGTERM')
  signalGroup(now, 'SIGTERM')
})

t.test('a group is signalled whole', async t => {
  const leader = await started(t, ['/bin/sh', '-c', 'sleep 60 & echo $!; wait'])
  const child = identityOf(Number(await firstLine(leader)))

  signalGroup(identityOf(leader.pid!), 'SIGTERM')

  t.same(await once(leader, 'exit'), [null, 'SIGTERM'])
  await eventually('the end of the child', () => !isAlive(child))
})

t.test('a process keeps its mark in a session of its own, and only the whole id counts', async t => {
  const env = { BOTYARD_ATTEMPT: `mark-${process.pid}` }
  const parent = await started(
    t,
    ['/bin/sh', '-c', '/usr/bin/setsid /usr/bin/sleep 60 & echo $!; unset BOTYARD_ATTEMPT; exec env -i sleep 60'],
    { env }
  )
  const pid = Number(await firstLine(parent))
  t.teardown(() => process.kill(pid, 'SIGKILL'))
  await eventually('a session of its own', () => identityOf(pid).session === pid)
  await eventually('a parent without the mark', () => markedProcesses(env.BOTYARD_ATTEMPT).length === 1)

  t.match(markedProcesses(env.BOTYARD_ATTEMPT), [{ pid }])
  t.same(markedProcesses(env.BOTYARD_ATTEMPT.slice(0, -1)), [])
  t.same(markedProcesses(`${env.BOTYARD_ATTEMPT}0`), [])
})

t.test('a process stands in the folder it was started in', async t => {
  const folder = t.testdir({ here: {}, there: {} })
  const child = await started(t, ['/usr/bin/sleep', '60'], { cwd: join(folder, 'here') })
  t.ok(anyProcessIn(join(folder, 'here')))
  t.notOk(anyProcessIn(join(folder, 'there')))
  t.notOk(anyProcessIn(folder))

  child.kill('SIGKILL')
  await once(child, 'exit')

  t.notOk(anyProcessIn(join(folder, 'here')))
})
