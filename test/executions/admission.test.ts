import t from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import { admit } from '../../src/executions/admission.ts'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'

t.test('a bot that is enabled may be started, a disabled one may not', async t => {
  t.same(admit({ slug: 'tidy', enabled: true } as Bot), { kind: 'queued' })
  t.match(admit({ slug: 'tidy', enabled: false } as Bot), { kind: 'rejected', code: 'bot_disabled', detail: /tidy/ })
})

t.test('starting a disabled bot is refused and leaves no execution', async t => {
  const app = await buildApp(t, { dataDir: testFolder(t) })
  const bot = await app.makeBot('prints-three-lines', { enabled: false })

  const answer = await app.post(`/api/bots/${bot.id}/executions`)

  t.match(answer, { status: 409, body: { code: 'bot_disabled' } })
  t.same((await app.get('/api/executions')).body.items, [])
})

t.test('a bot that is disabled while an execution of it waits still runs that one', async t => {
  const app = await buildApp(t, { dataDir: testFolder(t) })
  const bot = await app.makeBot(['/usr/bin/sleep', '60'])
  const [running, waiting] = [await app.start(bot), await app.start(bot)]
  await app.until(running.id, execution => execution.state === 'running')
  await app.patch(`/api/bots/${bot.id}`, { enabled: false, command: ['/usr/bin/true'] })

  await app.post(`/api/executions/${running.id}/cancel`)

  t.equal((await app.ended(waiting.id)).state, 'succeeded')
})
