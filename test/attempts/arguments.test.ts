import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'

const dir = testFolder(t, { data: {} })
const app = await buildApp(t, { dataDir: join(dir, 'data') })
const canary = join(dir, 'canary')
const text = { type: 'string' }
const bot = await app.makeBot(
  ['/usr/bin/printf', '%s\\0', '{{parameters.x}}', 'a{{parameters.x}}b', '{{parameters.y}}'],
  {
    env: { FROM_PARAMETER: '{{parameters.x}}' },
    parameters: { type: 'object', properties: { x: text, y: text } }
  }
)

t.test('a parameter is one argument and the same text, whatever it holds', async t => {
  for (const x of [
    `;touch ${canary}`,
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `'; touch ${canary}; '`,
    `x\ntouch ${canary}\n`,
    '"\'\\ \t',
    '--help',
    '*',
    '{{parameters.y}}',
    '{{payload.x}}',
    '$&$1$`',
    '',
    'ünï→💥'
  ]) {
    const { id } = await app.start(bot, { x, y: 'why' })
    t.equal((await endOf(app, id)).state, 'succeeded')
    t.equal((await app.downloadLog(id)).toString(), [x, `a${x}b`, 'why', ''].join('\0'), JSON.stringify(x))
  }
  t.notOk(existsSync(canary))
})

t.test('a parameter in the environment is the same text, too', async t => {
  const prints = await app.makeBot(['/usr/bin/printenv', '-0', 'VALUE'], {
    env: { VALUE: '<{{parameters.x}}>' },
    parameters: { type: 'object', properties: { x: text } }
  })
  const x = `$(touch ${canary})'\n"\\`
  const { id } = await app.start(prints, { x })
  await endOf(app, id)

  t.equal((await app.downloadLog(id)).toString(), `<${x}>\0`)
  t.notOk(existsSync(canary))
})

t.test('numbers, truths, lists and objects become their JSON', async t => {
  const any = await app.makeBot(
    ['/usr/bin/printf', '%s|', '{{parameters.n}}', '{{parameters.b}}', '{{parameters.l}}', '{{parameters.o.p}}'],
    {
      parameters: { type: 'object', properties: { n: {}, b: {}, l: {}, o: {} } }
    }
  )
  const { id } = await app.start(any, { n: 1.5, b: false, l: ['a b', 2], o: { p: 'inner' } })
  await endOf(app, id)

  t.equal((await app.downloadLog(id)).toString(), '1.5|false|["a b",2]|inner|')
})

t.test('a parameter with a NUL is refused by name, and nothing is started', async t => {
  const before = (await app.get('/api/executions')).body.items.length
  const answer = await app.post(`/api/bots/${bot.id}/executions`, { parameters: { x: 'a\0b', y: 'fine' } })

  t.match(answer, {
    status: 400,
    body: { code: 'invalid_parameters', errors: [{ path: '/parameters/x', message: /NUL/ }] }
  })
  t.equal(answer.body.errors.length, 1)
  t.equal((await app.get('/api/executions')).body.items.length, before)
})

t.test('a NUL deep in a parameter is refused as well', async t => {
  const deep = await app.makeBot(['/usr/bin/printf', '%s', '{{parameters.o.p}}'], {
    parameters: { type: 'object', properties: { o: { type: 'object' } } }
  })
  const answer = await app.post(`/api/bots/${deep.id}/executions`, { parameters: { o: { p: 'a\0b' } } })

  t.match(answer, {
    status: 400,
    body: { code: 'invalid_parameters', errors: [{ path: /^\/parameters\/o/, message: /NUL/ }] }
  })
  if (answer.status === 202) await endOf(app, answer.body.id)
})

t.test('a bot with a NUL in its command or environment cannot be made', async t => {
  for (const bad of [{ command: ['a\0b'] }, { command: ['a', 'b\0'] }, { command: ['a'], env: { X: 'a\0' } }])
    t.match(await app.post('/api/bots', { name: 'bad', ...bad }), { status: 400, body: { code: 'invalid_request' } })
})
