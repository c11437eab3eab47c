import { pino } from 'pino'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { makeWebhook, send } from '../support/webhooks.ts'

t.test('what stands in the query of an address is not in the log of the server', async t => {
  const lines: string[] = []
  const app = await buildApp(t, { logger: pino({}, { write: line => lines.push(line) }) })
  const trigger = await makeWebhook(app, await app.makeBot(['true']))
  await send(app, trigger, '{}', {}, '?token=told-to-nobody')
  await app.get('/nowhere?token=told-to-nobody')
  const said = lines.filter(line => line.includes(`/api/webhooks/${trigger.id}`)).map(line => JSON.parse(line))
  t.match(said[0].req, { method: 'POST', url: `/api/webhooks/${trigger.id}`, remoteAddress: '127.0.0.1' })
  t.notMatch(lines.join(''), 'told-to-nobody')
})
