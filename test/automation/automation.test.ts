import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import t from 'tap'
import type { Actor } from '../../src/audit/audit.ts'
import { Automation } from '../../src/automation/automation.ts'
import { EventHub } from '../../src/events/hub.ts'
import { hasEnded } from '../../src/executions/execution.ts'
import type { SettingStore } from '../../src/machine/store.ts'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { switchAutomation } from '../support/triggers.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'
import { executionsOf, makeWebhook, send } from '../support/webhooks.ts'

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

t.test('whoever has switched it off is answered when nothing starts any more', async t => {
  const app = await buildApp(t, { config: { maxConcurrentExecutions: 1 } })
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot, { verification: 'none' })
  const count = async () => (await executionsOf(app, bot)).length
  for (let round = 0; round < 5; round++) {
    const sent = Array.from({ length: 30 }, () => send(app, trigger, '{}'))
    await Promise.race(sent)
    await switchAutomation(app, false)
    const then = await count()
    const answers = (await Promise.all(sent)).map(({ body }) => body.verdict)
    t.equal(await count(), then, `of ${answers.length}: ${answers.filter(verdict => verdict === 'started').length}`)
    await switchAutomation(app, true)
  }
  await eventually('all have ended', async () => (await executionsOf(app, bot)).every(hasEnded))
})

t.test('a start that goes on as somebody switches it off has ended when he is answered', async t => {
  const settings = { get: async () => null, set: async () => {} } as unknown as SettingStore
  const automation = new Automation({ settings, events: new EventHub(), logger: pino({ level: 'silent' }) })
  const { promise, resolve } = Promise.withResolvers<string>()
  const started = automation.whileOn(() => promise)
  let answered = false
  const off = automation.switch(false, {} as Actor).then(() => {
    answered = true
  })
  t.equal(await automation.whileOn(async () => 'another'), null, 'nothing begins any more')
  await setImmediate()
  t.notOk(answered)
  resolve('done')
  t.equal(await started, 'done')
  await off
})
