import t from 'tap'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { switchAutomation } from '../support/triggers.ts'
import { signedInAs } from '../support/users.ts'

t.test('the automation is on until somebody switches it off, which everybody hears of', async t => {
  const app = await buildApp(t)
  t.same((await app.get('/api/automation')).body, { enabled: true })
  const heard = await app.stream('/api/events?topics=automation')
  const operator = await signedInAs(app, 'operator')
  await switchAutomation(operator, false)
  for await (const event of heard) {
    if (event.event === 'resync') continue
    t.match(event, { event: 'automation.changed', data: { enabled: false } })
    break
  }
  heard.close()
  const viewer = await signedInAs(app, 'viewer')
  t.same((await viewer.get('/api/automation')).body, { enabled: false })
  isProblem(t, await viewer.request('PUT', '/api/automation', { body: { enabled: true } }), 403, 'forbidden')
  t.match((await app.get('/admin/audit?action=automation.disabled')).body.items, [{ subject: { type: 'automation' } }])
})

t.test('it stays as it was left when the server is started again', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir)
  await switchAutomation(first, false)
  await first.kill('SIGKILL')
  const second = await startServer(t, dataDir)
  t.same((await second.get('/api/automation')).body, { enabled: false })
  await switchAutomation(second, true)
  await second.kill('SIGKILL')
  const third = await startServer(t, dataDir)
  t.same((await third.get('/api/automation')).body, { enabled: true })
})
