import t from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'

const SAYS = {
  type: 'object',
  properties: { word: { type: 'string' } },
  required: ['word'],
  additionalProperties: false
}
const ECHO = ['/bin/echo', '{{parameters.word}}']

t.test('an execution is run again with its parameters, or with others, by its bot as that is now', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(ECHO, { parameters: SAYS })
  const first = await app.start(bot, { word: 'one' })
  await endOf(app, first.id)

  const same = await app.post(`/api/executions/${first.id}/rerun`)
  t.match(same, { status: 202, body: { rerunOf: first.id, parameters: { word: 'one' }, state: 'queued' } })
  t.equal(same.headers.get('location'), `/api/executions/${same.body.id}`)
  await endOf(app, same.body.id)
  t.equal((await app.downloadLog(same.body.id)).toString(), 'one\n')

  const other = await app.post(`/api/executions/${first.id}/rerun`, { parameters: { word: 'two' } })
  await endOf(app, other.body.id)
  t.equal((await app.downloadLog(other.body.id)).toString(), 'two\n')

  await app.patch(`/api/bots/${bot.id}`, { command: ['/bin/echo', 'now {{parameters.word}}'] })
  const changed = await app.post(`/api/executions/${first.id}/rerun`)
  await endOf(app, changed.body.id)
  t.equal((await app.downloadLog(changed.body.id)).toString(), 'now one\n')
  t.equal((await app.execution(first.id)).rerunOf, null)
})

t.test('what cannot be run again says why', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(ECHO, { parameters: SAYS })
  const { id } = await app.start(bot, { word: 'one' })
  await endOf(app, id)

  t.match(await app.post(`/api/executions/${id}/rerun`, { parameters: { word: 1 } }), {
    status: 400,
    body: { code: 'invalid_parameters', errors: [{ path: '/parameters/word' }] }
  })
  t.match(await app.post(`/api/executions/${id}/rerun`, { params: {} }), { status: 400 })
  t.equal((await app.post('/api/executions/00000000-0000-7000-8000-000000000000/rerun')).status, 404)

  await app.patch(`/api/bots/${bot.id}`, { enabled: false })
  t.match(await app.post(`/api/executions/${id}/rerun`), { status: 409, body: { code: 'bot_disabled' } })
  await app.delete(`/api/bots/${bot.id}`)
  t.match(await app.post(`/api/executions/${id}/rerun`), { status: 404, body: { detail: /bot was deleted/ } })

  const trial = await app.post('/api/bots/trials', { bot: { name: 'tried', command: ['/bin/true'] } })
  await endOf(app, trial.body.id)
  t.match(await app.post(`/api/executions/${trial.body.id}/rerun`), { status: 404, body: { detail: /trial/ } })
})

t.test('a rerun with an Idempotency-Key runs once', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(ECHO, { parameters: SAYS })
  const { id } = await app.start(bot, { word: 'one' })
  await endOf(app, id)
  const again = () => app.post(`/api/executions/${id}/rerun`, {}, { 'idempotency-key': 'again' })
  const [one, two] = [await again(), await again()]
  t.equal(one.body.id, two.body.id)
  await endOf(app, one.body.id)
})
