import t from 'tap'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'
import { allExecutions } from '../support/attempts.ts'

t.test('try', async t => {
  const app = await buildApp(t, { dataDir: testFolder(t) })
  const bot = await app.makeBot(['/usr/bin/true'])
  const made = await app.post('/api/triggers', { bot: bot.id, kind: 'schedule', name: 'each second', schedule: { cron: '* * * * * *' } })
  t.comment(JSON.stringify(made.body))
  await new Promise(r => setTimeout(r, 4000))
  const ex = await allExecutions(app)
  t.comment(JSON.stringify(ex.map(e => [e.occasion, e.queuedAt - Number(e.occasion), e.state])))
  await app.patch(`/api/triggers/${made.body.id}`, { enabled: false })
  t.comment(JSON.stringify((await app.get('/api/triggers')).body))
})
