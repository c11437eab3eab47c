/** Limits that the kernel keeps, and bots that it ends whole. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AttemptGroups } from '../../src/cgroups/attempt-groups.ts'
import { type Hierarchy, hierarchiesOf } from '../../src/cgroups/hierarchies.ts'
import { NO_LIMITS } from '../../src/cgroups/limits.ts'
import { buildApp } from '../support/app.ts'
import { endOf, lives } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { gone, groupIn, isGone, needsLimits } from '../support/groups.ts'
import { eventually } from '../support/wait.ts'

const MIB = 2 ** 20
const EATS_MEMORY = ['/usr/bin/tail', '/dev/zero']

function limits(some: Partial<typeof NO_LIMITS>): typeof NO_LIMITS {
  return { ...NO_LIMITS, ...some }
}

function numberIn(file: string): number {
  return Number(readFileSync(file, 'utf8'))
}

t.test('a bot that wants too much memory is ended for that, and nobody else is', needsLimits('memory'), async t => {
  const dir = testFolder(t)
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const flag = join(dir, 'flag')
  const other = await app.start(await app.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '7']))
  await app.printed(other.id, 'ready')

  const execution = await app.finished(EATS_MEMORY, { limits: { memoryBytes: 64 * MIB } })

  t.match(execution, {
    state: 'failed',
    reason: 'memory',
    detail: 'The kernel ended it: it wanted more than its limit of 64 MiB of memory.',
    exitCode: 137,
    attempts: [{ signal: 'SIGKILL' }]
  })
  t.equal((await app.get('/health')).status, 200)
  writeFileSync(flag, '')
  t.match(await endOf(app, other.id), { state: 'failed', reason: 'exit_code', exitCode: 7 })
})

t.test('a bot whose child wanted too much memory may go on without it', needsLimits('memory'), async t => {
  const app = await buildApp(t)
  const shell = (script: string) =>
    app.finished(['/bin/sh', '-c', `${EATS_MEMORY.join(' ')}; ${script}`], { limits: { memoryBytes: 64 * MIB } })

  t.match(await shell('exit 0'), { state: 'succeeded', reason: null, detail: null })
  t.match(await shell('exit 3'), {
    state: 'failed',
    reason: 'memory',
    detail: 'The kernel ended a process of it: it wanted more than its limit of 64 MiB of memory.',
    exitCode: 3
  })
})

t.test('a bot that was killed by somebody else did not run out of memory', needsLimits('memory'), async t => {
  const app = await buildApp(t)
  const execution = await app.finished(['/bin/sh', '-c', 'kill -9 $$'], { limits: { memoryBytes: 64 * MIB } })
  t.match(execution, { state: 'failed', reason: 'signal', exitCode: 137 })
})

t.test(
  'a bot that starts processes for ever gets no further than its limit, and is ended whole',
  needsLimits('pids'),
  async t => {
    const dataDir = join(testFolder(t), 'data')
    const app = await buildApp(t, { dataDir })
    const bot = await app.makeBot('forks-for-ever', { limits: { pids: 30 }, killGraceMs: 0 })
    const { id } = await app.start(bot)
    await app.printed(id, 'ready')
    const group = groupIn(dataDir)
    const [folder] = group.folders.filter(each => existsSync(join(each, 'pids.max')))
    const refused = () => /^max [1-9]/m.test(readFileSync(join(folder!, 'pids.events'), 'utf8'))
    await eventually('a process too many', refused)

    t.ok(numberIn(join(folder!, 'pids.current')) <= 30)
    t.match(await app.finished(['/bin/true']), { state: 'succeeded' })
    t.equal((await app.post(`/api/executions/${id}/cancel`)).status, 202)

    t.match(await endOf(app, id), { state: 'cancelled', reason: 'requested' })
    t.same(group.processes(), [], 'nothing of it is left')
    await gone(group)
  }
)

t.test('a bot gets no more of the processors than its limit', needsLimits('cpus'), async t => {
  const dataDir = join(testFolder(t), 'data')
  const app = await buildApp(t, { dataDir })
  const spin = 'while :; do :; done'
  const bot = await app.makeBot(['/bin/sh', '-c', `${spin} & ${spin}`], { limits: { cpus: 0.2 } })
  const { id } = await app.start(bot)

  const [first, , last] = await eventually('three samples', async () => {
    const { items } = (await app.get(`/api/executions/${id}/usage`)).body
    return items.length >= 3 ? items : null
  })

  // It wants all of two processors.
  const share = (last.cpuMs - first.cpuMs) / (last.at - first.at)
  t.ok(share < 0.5, `${share} processors`)
  const folder = groupIn(dataDir).folders.find(each =>
    /^nr_throttled/m.test(readFileSync(join(each, 'cpu.stat'), 'utf8'))
  )
  t.match(readFileSync(join(folder!, 'cpu.stat'), 'utf8'), /^nr_throttled [1-9]/m, 'the kernel held it')
  await app.post(`/api/executions/${id}/cancel`)
  await endOf(app, id)
})

t.test('a bot that may have no more processes is told so', needsLimits('pids'), async t => {
  const app = await buildApp(t)
  const bomb = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 >/dev/null 2>&1 & done; exit 3'
  const execution = await app.finished(['/bin/sh', '-c', bomb], { limits: { pids: 6 } })
  t.match(execution, { state: 'failed', detail: /It came to its limit of 6 processes\.$/ })
  const within = await app.finished(['/bin/sh', '-c', 'exit 3'], { limits: { pids: 6 } })
  t.match(within, { state: 'failed', detail: null })
})

t.test('a process that hides from its bot’s mark, session and parent ends with it', needsLimits('pids'), async t => {
  const dir = testFolder(t)
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const file = join(dir, 'pid')
  const command = ['/bin/sh', join(FIXTURE_BOTS, 'hides-a-child.sh'), file]
  const bot = await app.makeBot(command, { limits: { pids: 50 } })
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')
  t.ok(lives(numberIn(file)))

  await app.post(`/api/executions/${id}/cancel`)

  t.match(await endOf(app, id), { state: 'cancelled' })
  t.notOk(lives(numberIn(file)))
})

t.test('a hidden process that holds the log of a bot that has ended is ended, too', needsLimits('pids'), async t => {
  const dir = testFolder(t)
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const file = join(dir, 'pid')
  const script = `(env -i setsid /bin/sh -c 'trap "" TERM; echo $$ >${file}; while :; do sleep 1; done' &); until [ -s ${file} ]; do sleep 0.05; done`
  const execution = await app.finished(['/bin/sh', '-c', script], { limits: { pids: 50 } })

  t.match(execution, { state: 'succeeded', detail: /still held its log/ })
  t.notOk(lives(numberIn(file)))
})

t.test('groups are neither made in a folder that cannot hold them nor left there', async t => {
  const folder = testFolder(t)
  for (const version of [1, 2] as const) {
    const groups = new AttemptGroups('/data', [
      { version, controllers: ['memory', 'cpu', 'pids', 'freezer'], folder, path: '/somewhere' }
    ])
    t.same(groups.limits, { memory: false, cpus: false, pids: false })
    t.same(groups.make('attempt', limits({ pids: 5 })), { group: null, limits: limits({ pids: 5 }), kept: [] })
  }
  t.same(readdirSync(folder), [])
})

t.test('a folder is only taken for the group of an attempt if it is named like one', async t => {
  const groups = new AttemptGroups('/data', [])
  const base = '/sys/fs/cgroup/botyard-0123456789ab'
  const find = (folders: unknown) => groups.find('attempt', { cgroup: folders as string[] }).group?.folders ?? null
  t.same(find([`${base}/attempt`, `${base}-limited/attempt`]), [`${base}/attempt`, `${base}-limited/attempt`])
  for (const folders of [
    null,
    'attempt',
    [7],
    ['botyard-0123456789ab/attempt'],
    [`${base}/another`],
    ['/sys/fs/cgroup/attempt'],
    [`${base}/../attempt`],
    [`${base}/attempt`, '/']
  ]) {
    t.equal(find(folders), null, JSON.stringify(folders))
  }
  const spoilt = { limits: 7, kept: null, cgroup: [`${base}/attempt`] } as never
  t.match(groups.find('attempt', spoilt), { group: Object, limits: NO_LIMITS, kept: [] })
})

const here = hierarchiesOf(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mountinfo', 'utf8'))
for (const version of [1, 2] as const) {
  const trees = here.filter(tree => tree.version === version)
  const probe = new AttemptGroups('/the/tests', trees)
  const works = Boolean(probe.make('attempt', limits({ pids: 20 })).group?.remove())
  probe.close()
  const skip = works ? false : `no groups of version ${version} can be made on this machine`

  t.test(`with control groups of version ${version} alone, a group is ended and counted`, { skip }, async t => {
    await endsAndCounts(t, trees)
  })
}

async function endsAndCounts(t: Test, trees: Hierarchy[]): Promise<void> {
  const groups = new AttemptGroups(testFolder(t), trees)
  const { group } = groups.make('attempt', limits({ pids: 20 }))
  const enter = group!.entrances.map(file => `echo 0 >>${file}`).join('; ')
  // A loop that no signal but SIGKILL ends, and that starts a process after the other meanwhile.
  const script = `${enter}; trap '' INT TERM; (while :; do /bin/true; done) & while :; do /bin/true; done`
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' })
  const exit = once(child, 'exit')
  await eventually('processes in it', () => group!.processes().length >= 2)
  await eventually('processor time', () => group!.cpuMs()! > 0)
  groups.remove(group!)
  t.notOk(isGone(group!), 'it is not removed while something lives in it')

  group!.kill()

  t.same(await exit, [null, 'SIGKILL'])
  await eventually('the end of all', () => group!.processes().length === 0)
  groups.remove(group!)
  t.ok(isGone(group!))
  groups.close()
}
