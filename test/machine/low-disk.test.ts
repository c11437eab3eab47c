import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'

const MIB = 1024 * 1024

const mayMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0
const skip = mayMount || process.env.CI === 'true' ? false : 'only root can mount a small disk'

t.test('below its mark nothing new starts, it is seen, and it is over once there is room', { skip }, async t => {
  const dataDir = join(testFolder(t), 'data')
  mkdirSync(dataDir)
  t.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', dataDir]).status, 0)
  t.teardown(() => spawnSync('umount', ['-l', dataDir]))
  const app = await buildApp(t, { dataDir, config: { minFreeBytes: 32 * MIB } })
  const bot = await app.makeBot(['/bin/true'])
  t.equal((await endOf(app, (await app.start(bot)).id)).state, 'succeeded')

  const changes = await app.stream('/api/events?topics=machine')
  const next = async () => {
    for await (const event of changes) if (event.event === 'machine.changed') return event.data
  }
  const running = await app.start(await app.makeBot(['/bin/sleep', '600'], { name: 'runs on' }))
  await app.until(running.id, ({ state }) => state === 'running')
  writeFileSync(join(dataDir, 'ballast'), Buffer.alloc(40 * MIB))
  t.match(await next(), { disk: { low: true, minFreeBytes: 32 * MIB } })
  const waiting = await app.start(bot)
  await app.post(`/api/executions/${running.id}/cancel`)
  t.equal((await endOf(app, running.id)).state, 'cancelled')
  const machine = (await app.get('/api/machine')).body
  t.match(machine, { queued: 1, running: 0, disk: { low: true } })
  t.ok(machine.disk.freeBytes < 32 * MIB)

  rmSync(join(dataDir, 'ballast'))
  t.match(await next(), { disk: { low: false } })
  t.equal((await endOf(app, waiting.id)).state, 'succeeded')
  changes.close()
})
