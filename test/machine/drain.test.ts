import t from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

t.test('a drained machine lets what runs go on and starts nothing new until it is taken back', async t => {
  const app = await buildApp(t)
  const changes = await app.stream('/api/events?topics=machine')
  const running = await app.start(await app.makeBot(['/bin/sleep', '600']))
  await app.until(running.id, ({ state }) => state === 'running')

  t.match(await app.request('PUT', '/api/machine/drain', { body: { enabled: true } }), {
    status: 200,
    body: {
      draining: true,
      running: 1,
      queued: 0,
      maxConcurrentExecutions: 8,
      disk: { low: false },
      botUser: null,
      publicUrl: null
    }
  })
  for await (const event of changes) {
    if (event.event === 'resync') continue
    t.match(event, { event: 'machine.changed', data: { draining: true } })
    break
  }
  changes.close()
  const bot = await app.makeBot(['/bin/true'], { name: 'waits' })
  const waiting = await app.start(bot)
  await app.post(`/api/executions/${running.id}/cancel`)
  t.equal((await endOf(app, running.id)).state, 'cancelled')
  t.match((await app.get('/api/machine')).body, { queued: 1, running: 0 })
  t.equal((await app.execution(waiting.id)).state, 'queued')

  await app.request('PUT', '/api/machine/drain', { body: { enabled: false } })
  t.equal((await endOf(app, waiting.id)).state, 'succeeded')
})

t.test('a machine that is drained is drained after a restart as well', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir)
  await first.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  const { id } = await first.start(await first.makeBot(['/bin/true']))
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  t.match((await second.get('/api/machine')).body, { draining: true, queued: 1 })
  await second.request('PUT', '/api/machine/drain', { body: { enabled: false } })
  t.equal((await endOf(second, id)).state, 'succeeded')
})
