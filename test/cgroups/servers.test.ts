/** Limits and control groups across the lives of servers, and servers on a machine that has none of them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { AttemptGroups } from '../../src/cgroups/attempt-groups.ts'
import { NO_LIMITS } from '../../src/cgroups/limits.ts'
import { endOf, lives } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { gone, groupIn, isGone, needsLimits } from '../support/groups.ts'
import { startServer, startServerWithoutGroups } from '../support/server.ts'

const MIB = 2 ** 20

function numberIn(file: string): number {
  return Number(readFileSync(file, 'utf8'))
}

t.test('limits hold across a restart of the server', needsLimits('memory', 'pids'), async t => {
  const dir = testFolder(t)
  const dataDir = join(dir, 'data')
  const flag = join(dir, 'flag')
  const first = await startServer(t, dataDir)
  const script = `echo ready; until [ -e ${flag} ]; do sleep 0.05; done; exec tail /dev/zero`
  const bot = await first.makeBot(['/bin/sh', '-c', script], { limits: { memoryBytes: 64 * MIB, pids: 20 } })
  const { id } = await first.start(bot)
  await first.printed(id, 'ready')
  const group = groupIn(dataDir)
  await first.kill('SIGKILL')
  const pids = group.folders.map(folder => join(folder, 'pids.max')).find(existsSync)!
  writeFileSync(pids, 'max')

  const second = await startServer(t, dataDir)
  t.match(await second.execution(id), { state: 'running' })
  t.equal(numberIn(pids), 20, 'a limit that was taken away meanwhile is set again')
  writeFileSync(flag, '')

  t.match(await endOf(second, id), { state: 'failed', reason: 'memory', exitCode: 137 })
  await gone(group)
})

t.test('what a killed server has left of groups is removed by the next one', needsLimits('pids'), async t => {
  const dir = testFolder(t)
  const dataDir = join(dir, 'data')
  const flag = join(dir, 'flag')
  const first = await startServer(t, dataDir)
  const command = ['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '0']
  const { id } = await first.start(await first.makeBot(command, { limits: { pids: 20 } }))
  await first.printed(id, 'ready')
  const live = groupIn(dataDir)
  const { group: forgotten } = new AttemptGroups(dataDir).make('forgotten', { ...NO_LIMITS, pids: 5 })
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)

  t.ok(isGone(forgotten!), 'of an attempt that does not live')
  t.notOk(isGone(live), 'not of one that does')
  writeFileSync(flag, '')
  t.match(await endOf(second, id), { state: 'succeeded' })
  await gone(live)
  await second.kill('SIGTERM')
  t.ok(
    live.folders.every(folder => !existsSync(dirname(folder))),
    'a server that stops leaves nothing'
  )
})

t.test('without control groups everything works, and who has limits is told', async t => {
  const dataDir = join(testFolder(t), 'data')
  const server = await startServerWithoutGroups(t, dataDir)
  t.same((await server.get('/api/machine')).body.limits, { memory: false, cpus: false, pids: false })

  t.match(await server.finished(['/bin/true']), { state: 'succeeded', detail: null })
  const limited = { limits: { memoryBytes: 64 * MIB, cpus: 2, pids: 1 } }
  t.match(await server.finished(['/bin/true'], { name: 'limited', ...limited }), {
    state: 'succeeded',
    detail: 'This machine cannot keep its limit of 64 MiB of memory and 2 processors and 1 process: it ran without.'
  })
  t.match(server.output, /a bot runs without limits that it has/)

  const { id } = await server.start(await server.makeBot('ignores-signals', { ...limited, killGraceMs: 50 }))
  await server.printed(id, 'ready')
  await server.post(`/api/executions/${id}/cancel`)
  t.match(await endOf(server, id), { state: 'cancelled', exitCode: 137 })
})

t.test('a server without control groups still ends a child that has cleared its environment', async t => {
  const dir = testFolder(t)
  const server = await startServerWithoutGroups(t, join(dir, 'data'))
  const file = join(dir, 'pid')
  const script = `env -i setsid /bin/sh -c 'echo $$ >${file}; exec sleep 300' & until [ -s ${file} ]; do sleep 0.05; done; echo ready; wait`
  const { id } = await server.start(await server.makeBot(['/bin/sh', '-c', script]))
  await server.printed(id, 'ready')

  await server.post(`/api/executions/${id}/cancel`)

  t.match(await endOf(server, id), { state: 'cancelled' })
  t.notOk(lives(numberIn(file)))
})
