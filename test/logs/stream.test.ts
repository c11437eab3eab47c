import t from 'tap'
import { buildApp } from '../support/app.ts'
import { textOf } from '../support/client.ts'

t.test('a reader that reconnects continues at the byte it last saw', async t => {
  const app = await buildApp(t)
  const execution = await app.finished('prints-three-lines')

  const events = await app.readLog(execution.id, { lastEventId: '1:4' })

  t.equal(textOf(events), 'two\nthree\n')
})
