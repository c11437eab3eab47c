/** Bots that take all they can get, at the same time, on a machine that keeps limits. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AttemptGroup } from '../../src/cgroups/attempt-group.ts'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { needsLimits } from '../support/groups.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const MIB = 2 ** 20

/** Ends nothing that the limits do not: should they fail, it is over soon all the same. */
const TIMEOUT_MS = 60_000

/** Whether the kernel has refused somebody in `dataDir` a process. */
function hasRefused(dataDir: string): boolean {
  return readdirSync(join(dataDir, 'attempts')).some(id => {
    const { cgroup } = JSON.parse(readFileSync(join(dataDir, 'attempts', id, 'launch.json'), 'utf8'))
    const events = new AttemptGroup(cgroup ?? []).folders.map(folder => join(folder, 'pids.events')).find(existsSync)
    return events !== undefined && /^max [1-9]/m.test(readFileSync(events, 'utf8'))
  })
}

t.test(
  'beside a fork bomb and a bot that eats memory, both within limits, the server answers and others end well',
  needsLimits('pids', 'memory'),
  async t => {
    const dataDir = join(testFolder(t), 'data')
    const server = await startServer(t, dataDir)
    const more = { timeoutMs: TIMEOUT_MS, killGraceMs: 0 }
    const bomb = await server.start(await server.makeBot('forks-for-ever', { limits: { pids: 30 }, ...more }))
    await server.printed(bomb.id, 'ready')
    await eventually('a process too many', () => hasRefused(dataDir))
    // Each time it is ended for that, it begins anew.
    const eats = ['/bin/sh', '-c', 'while :; do tail /dev/zero; echo ended; done']
    const limits = { memoryBytes: 64 * MIB, pids: 30 }
    const eater = await server.start(await server.makeBot(eats, { name: 'eater', limits, ...more }))
    await server.printed(eater.id, 'ended')

    for (const path of ['/health', '/health/db', '/health/storage']) t.equal((await server.get(path)).status, 200, path)
    const other = await server.finished(['/bin/sh', '-c', 'seq 1000'], { name: 'other' })
    t.match(other, { state: 'succeeded', exitCode: 0 })
    t.equal((await server.downloadLog(other.id)).toString().split('\n').length, 1001)
    for (const { id } of [bomb, eater]) {
      t.equal((await server.execution(id)).state, 'running', 'it was beside them')
      t.equal((await server.post(`/api/executions/${id}/cancel`)).status, 202)
    }

    for (const { id } of [bomb, eater]) t.match(await endOf(server, id), { state: 'cancelled', reason: 'requested' })
  }
)
