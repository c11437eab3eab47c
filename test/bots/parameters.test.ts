import t, { type Test } from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { isProblem, wrongFields } from '../support/problems.ts'

/** A bot that prints its parameters, in an app of its own. */
async function appWithBot(
  t: Test,
  parameters: Record<string, unknown>,
  command?: string[]
): Promise<{ app: TestApp; bot: Bot }> {
  const app = await buildApp(t)
  const names = Object.keys((parameters.properties as object | undefined) ?? {})
  const bot = await app.makeBot(command ?? ['printf', '%s\\n', ...names.map(name => `{{parameters.${name}}}`)], {
    parameters
  })
  return { app, bot }
}

const start = (app: TestApp, bot: Bot, parameters: unknown) =>
  app.post(`/api/bots/${bot.slug}/executions`, { parameters })

const printed = async (app: TestApp, bot: Bot, parameters: Record<string, unknown>) => {
  const { id } = await app.start(bot, parameters)
  await app.ended(id)
  return (await app.downloadLog(id)).toString()
}

t.test('each wrong parameter is named', async t => {
  const { app, bot } = await appWithBot(t, {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 2 },
      days: { type: 'integer', minimum: 1, maximum: 14 },
      unit: { enum: ['C', 'F'] },
      to: { type: 'string', format: 'email' },
      places: { type: 'array', items: { type: 'object', properties: { zip: { type: 'integer' } } } }
    },
    required: ['city', 'days'],
    additionalProperties: false
  })
  const answer = await start(app, bot, {
    city: 'W',
    unit: 'K',
    to: 'nobody',
    places: [{ zip: 1 }, { zip: 'x' }],
    colour: 'red'
  })
  isProblem(t, answer, 400, 'invalid_parameters')
  t.same(
    wrongFields(answer),
    ['city', 'colour', 'days', 'places/1/zip', 'to', 'unit'].map(name => `/parameters/${name}`)
  )
  t.match(
    answer.body.errors.find((error: { path: string }) => error.path === '/parameters/unit').message,
    'must be equal to one of the allowed values: "C", "F"'
  )
  t.same((await app.get('/api/executions')).body.items, [], 'and nothing was started')
})

t.test('values keep their types: text is no number', async t => {
  const { app, bot } = await appWithBot(t, { type: 'object', properties: { days: { type: 'integer' } } })
  isProblem(t, await start(app, bot, { days: '7' }), 400, 'invalid_parameters')
  for (const parameters of [[], 'days', null, 7]) {
    isProblem(t, await start(app, bot, parameters), 400, 'invalid_request', JSON.stringify(parameters))
  }
})

t.test('defaults are filled in, and stand in the execution', async t => {
  const { app, bot } = await appWithBot(t, {
    type: 'object',
    properties: { city: { type: 'string', default: 'Wien' }, days: { type: 'integer', default: 3 } },
    additionalProperties: false
  })
  const { id } = await app.start(bot, { days: 5 })
  t.same((await app.ended(id)).parameters, { city: 'Wien', days: 5 })
  t.equal((await app.downloadLog(id)).toString(), 'Wien\n5\n')
  t.equal(await printed(app, bot, {}), 'Wien\n3\n', 'what one start gave is not there for the next')
})

t.test('a bot without parameters is started without a body, and takes none', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const answer = await app.post(`/api/bots/${bot.slug}/executions`)
  t.equal(answer.status, 202)
  await app.ended(answer.body.id)
  const refused = await start(app, bot, { a: 1 })
  isProblem(t, refused, 400, 'invalid_parameters')
  t.same(wrongFields(refused), ['/parameters/a'])
  isProblem(t, await app.post(`/api/bots/${bot.slug}/executions`, { parameter: {} }), 400, 'invalid_request')
})

t.test('a value is one argument, whatever it holds', async t => {
  const { app, bot } = await appWithBot(t, {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } }
  })
  const a = '$(id); `id` && "\' \\ * ~ \n {{parameters.b}}'
  t.equal(await printed(app, bot, { a, b: '--help' }), `${a}\n--help\n`)
})

t.test('a value that no argument can hold is refused by its name', async t => {
  const { app, bot } = await appWithBot(t, { type: 'object', properties: { a: {}, b: { type: 'string' } } })
  const answer = await start(app, bot, { a: { deep: ['x\0y'] }, b: 'x\0' })
  isProblem(t, answer, 400, 'invalid_parameters')
  t.ok(wrongFields(answer).includes('/parameters/b'))
})

t.test('parameters that are nested too deeply are refused, not a failure of ours', async t => {
  const { app, bot } = await appWithBot(t, { type: 'object', properties: { a: {} } })
  for (const depth of [10_000, 250_000]) {
    const answer = await app.request('POST', `/api/bots/${bot.slug}/executions`, {
      raw: `{"parameters":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`
    })
    t.ok([400, 413].includes(answer.status), `${depth} deep: ${answer.status}`)
  }
})

t.test('a schema of draft-07 works as one of 2020-12', async t => {
  const app = await buildApp(t)
  for (const [slug, parameters] of Object.entries({
    old: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { a: { type: 'array', items: [{ type: 'integer' }] } }
    },
    new: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { a: { type: 'array', prefixItems: [{ type: 'integer' }] } }
    }
  })) {
    const bot = await app.makeBot(['true'], { slug, parameters })
    const answer = await start(app, bot, { a: ['x'] })
    isProblem(t, answer, 400, 'invalid_parameters')
    t.same(wrongFields(answer), ['/parameters/a/0'], slug)
  }
})

t.test('two bots may have schemas of the same $id', async t => {
  const app = await buildApp(t)
  const schema = (type: string) => ({ $id: 'https://example.com/s', type: 'object', properties: { a: { type } } })
  const text = await app.makeBot(['true'], { parameters: schema('string') })
  const number = await app.makeBot(['true'], { parameters: schema('number') })
  isProblem(t, await start(app, text, { a: 1 }), 400, 'invalid_parameters')
  isProblem(t, await start(app, number, { a: 'x' }), 400, 'invalid_parameters')
})

t.test('a check that would take for ever is broken off, and the server goes on', async t => {
  const { app, bot } = await appWithBot(t, {
    type: 'object',
    properties: {
      nested: { type: 'string', pattern: '^(a+)+$' },
      either: { type: 'string', pattern: '^(a|a)*$' },
      many: { type: 'string', pattern: 'a*a*a*a*a*a*a*a*b' },
      look: { type: 'string', pattern: '^(?!.*c)(a+)+$' },
      list: { type: 'array', uniqueItems: true }
    },
    patternProperties: { '^(x+)+$': { type: 'string' } }
  })
  const a = 'a'.repeat(5000)
  const hostile: Record<string, Record<string, unknown>> = {
    'a pattern in a pattern': { nested: `${a}!` },
    'two ways to match': { either: `${a}!` },
    'many ways to match': { many: a },
    'looking ahead': { look: `${a}!` },
    'the name of a parameter': { [`${'x'.repeat(5000)}!`]: 'x' },
    'a long list': { list: Array.from({ length: 40_000 }, (_, n) => ({ n })) }
  }
  for (const [what, values] of Object.entries(hostile)) {
    const answer = await start(app, bot, values)
    isProblem(t, answer, 400, 'invalid_parameters', what)
    t.match(answer.body.errors, [{ path: '/parameters', message: /too long/ }], what)
    t.equal((await app.get('/health')).status, 200)
  }
  t.same(wrongFields(await start(app, bot, { nested: 'b', look: 'aaa' })), ['/parameters/nested'])
  t.equal((await start(app, bot, { nested: 'aaa', either: 'a', many: 'ab', list: [1, 2] })).status, 202)
  await app.ended((await app.get('/api/executions')).body.items[0].id)
})

t.test('a schema that would take for ever to read is refused, and the server goes on', async t => {
  const app = await buildApp(t)
  // All of a list of different things are compared with each other.
  const list = Array.from({ length: 70_000 }, (_, n) => ({ n }))
  const draft07 = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }
  const bot = { name: 'bot', command: ['true'] }
  const answer = await app.post('/api/bots', {
    ...bot,
    parameters: { ...draft07, properties: { one: { enum: list } } }
  })
  isProblem(t, answer, 400, 'invalid_request')
  t.match(answer.body.errors, [{ path: '/parameters', message: 'takes too long to read' }])
  t.equal((await app.get('/health')).status, 200)
  const few = { ...draft07, properties: { one: { enum: list.slice(0, 100) } } }
  t.equal((await app.post('/api/bots', { ...bot, parameters: few })).status, 201)
})
