import fc from 'fast-check'
import t from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import { RETRYABLE } from '../../src/bots/retryable.ts'
import { Bot as BotSchema } from '../../src/bots/schemas.ts'
import {
  botOf,
  changes,
  type Draft,
  differs,
  draftOf,
  draftProblems,
  newDraft,
  valueAt
} from '../../src/dashboard/forms/draft.ts'
import { buildApp } from '../support/app.ts'
import { seeded, unicodeText } from '../support/properties.ts'

const draftWith = (fields: Partial<Draft>): Draft => ({ ...newDraft(), name: 'A', command: ['true'], ...fields })
const problemPaths = (fields: Partial<Draft>, all = false) =>
  draftProblems(draftWith(fields), all).map(({ path }) => path)

t.test('a new draft holds what the server takes for all that is left out', async t => {
  const app = await buildApp(t)
  const made = await app.post('/api/bots', { name: 'A', command: ['true'] })
  const { id, slug, kind, createdAt, updatedAt, ...bot } = made.body
  t.same(botOf(draftWith({}), {}), bot)
})

t.test('a bot that goes through the form unchanged is the same bot, and nothing of it is sent', async t => {
  const assertions = fc.array(unicodeText({ minLength: 1 }), { maxLength: 5 })
  const bot = fc.record({
    name: fc.string({ minLength: 1, maxLength: 100 }).filter(name => name.trim() === name && name !== ''),
    description: fc.string(),
    slug: fc.stringMatching(/^[a-z0-9]{1,10}(-[a-z0-9]{1,10})?$/),
    command: fc.array(unicodeText(), { minLength: 1 }),
    parameters: fc.dictionary(fc.string(), fc.jsonValue()).map(extra => ({ ...extra, type: 'object', properties: {} })),
    env: fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/), fc.string()),
    cwd: fc.option(fc.stringMatching(/^\/[a-z]{1,10}$/)),
    secrets: fc.uniqueArray(fc.stringMatching(/^[A-Z_]{1,10}$/)),
    terminal: fc.boolean(),
    input: fc.boolean(),
    timeoutMs: fc.integer({ min: 1, max: 2_592_000_000 }),
    idleTimeoutMs: fc.option(fc.integer({ min: 1, max: 2_592_000_000 })),
    killGraceMs: fc.integer({ min: 0, max: 600_000 }),
    maxLogBytes: fc.integer({ min: 4096, max: 2 ** 40 }),
    limits: fc.record({
      memoryBytes: fc.option(fc.integer({ min: 2 ** 20, max: 2 ** 50 })),
      cpus: fc.option(fc.double({ min: 0.01, max: 1024, noNaN: true })),
      pids: fc.option(fc.integer({ min: 1, max: 4_194_304 }))
    }),
    priority: fc.integer({ min: -100, max: 100 }),
    concurrency: fc.record({
      limit: fc.integer({ min: 1, max: 1000 }),
      policy: fc.constantFrom('queue', 'skip', 'replace'),
      key: fc.option(fc.string({ minLength: 1 }))
    }),
    retry: fc.record({
      maxAttempts: fc.integer({ min: 1, max: 100 }),
      backoffMs: fc.integer({ min: 0, max: 86_400_000 }),
      maxBackoffMs: fc.integer({ min: 0, max: 86_400_000 }),
      on: fc.uniqueArray(fc.constantFrom(...RETRYABLE)),
      exitCodes: fc.uniqueArray(fc.integer({ min: 1, max: 255 }))
    }),
    assert: fc.record({ mustPrint: assertions, mustNotPrint: assertions, mustCreate: assertions }),
    tags: fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,10}$/)),
    enabled: fc.boolean()
  })
  fc.assert(
    fc.property(bot, bot => {
      // As it comes from the server: what JSON does not keep is not there.
      const sent = JSON.parse(JSON.stringify(bot)) as typeof bot
      const draft = draftOf({ ...sent, kind: 'command' } as unknown as Bot)
      t.same(botOf(draft, {}), sent)
      t.same(changes(botOf(draft, {}), botOf(draftOf({ ...sent, kind: 'command' } as unknown as Bot), {})), {})
    }),
    seeded(t)
  )
})

t.test('only what was changed is sent', async t => {
  const before = draftWith({ slug: 'a', env: [{ name: 'A', value: '1' }] })
  const after = { ...before, name: 'B', env: [], parameters: JSON.stringify(JSON.parse(before.parameters)) }
  t.same(changes(botOf(before, {}), botOf(after, {})), { name: 'B', env: {} })
})

t.test('of what belongs together only the part that was changed is sent', async t => {
  const before = draftWith({ concurrencyKey: 'a', memoryBytes: 2 ** 20 })
  const after: Draft = { ...before, concurrencyPolicy: 'skip', cpus: 2, memoryBytes: null, mustPrint: ['done', ''] }
  t.same(changes(botOf(before, {}), botOf(after, {})), {
    concurrency: { policy: 'skip' },
    limits: { memoryBytes: null, cpus: 2 },
    assert: { mustPrint: ['done'] }
  })
})

t.test('a part of the form differs when it holds something of its own', async t => {
  t.notOk(differs(draftWith({ timeoutMs: 1 }), ['cpus', 'retryOn', 'mustPrint']))
  t.ok(differs(draftWith({ cpus: 1 }), ['cpus', 'retryOn', 'mustPrint']))
  t.ok(differs(draftWith({ retryOn: ['spawn'] }), ['cpus', 'retryOn', 'mustPrint']))
})

t.test('what is written for people becomes what the server reads', async t => {
  const bot = botOf(
    draftWith({
      name: ' A ',
      slug: '',
      tags: ' one, two,,one ',
      cwd: '  ',
      env: [
        { name: '', value: '' },
        { name: 'A', value: ' b ' }
      ],
      concurrencyKey: '',
      retryExitCodes: ' 75, 3,,75',
      mustCreate: ['', 'report.pdf']
    }),
    {}
  )
  t.match(bot, { name: 'A', tags: ['one', 'two'], cwd: null, env: { A: ' b ' } })
  t.same([bot.concurrency?.key, bot.retry?.exitCodes, bot.assert?.mustCreate], [null, [75, 3], ['report.pdf']])
  t.notOk('slug' in bot, 'the server makes it from the name')
})

t.test('while the parameters cannot be read, those of before stand for them', async t => {
  t.same(botOf(draftWith({ parameters: '{' }), { type: 'object' }).parameters, { type: 'object' })
})

t.test('what is wrong is known before it is sent, by the paths of the server', async t => {
  t.same(problemPaths({}), [])
  t.same(problemPaths({ slug: 'Not A Slug' }), ['/slug'])
  t.same(problemPaths({ cwd: 'relative' }), ['/cwd'])
  t.same(problemPaths({ parameters: '{' }), ['/parameters'])
  t.same(problemPaths({ command: ['echo', '{{parameters.x}}'] }), ['/command/1'])
  t.same(
    problemPaths({ command: ['echo', '{{parameters.x}}'], parameters: '{' }),
    ['/parameters'],
    'nobody knows of x then'
  )
  t.same(problemPaths({ timeoutMs: 0, killGraceMs: -1, maxLogBytes: 1, concurrencyLimit: Number.NaN }), [
    '/timeoutMs',
    '/killGraceMs',
    '/maxLogBytes',
    '/concurrency/limit'
  ])
  t.same(problemPaths({ idleTimeoutMs: 0, memoryBytes: 1, cpus: 0, pids: 0.5, priority: 101 }), [
    '/idleTimeoutMs',
    '/limits/memoryBytes',
    '/limits/cpus',
    '/limits/pids',
    '/priority'
  ])
  t.same(problemPaths({ idleTimeoutMs: null, memoryBytes: null, cpus: null, pids: null }), [], 'no limit is none')
  t.same(problemPaths({ maxAttempts: 0, backoffMs: -1, maxBackoffMs: Number.NaN }), [
    '/retry/maxAttempts',
    '/retry/backoffMs',
    '/retry/maxBackoffMs'
  ])
  for (const codes of ['0', '256', '1.5', 'a', '1 2']) {
    t.same(problemPaths({ retryExitCodes: codes }), ['/retry/exitCodes'], codes)
  }
  t.same(problemPaths({ concurrencyKey: '{{parameters.x}}' }), ['/concurrency/key'])
  t.same(problemPaths({ secrets: ['A'], env: [{ name: 'A', value: '' }] }), ['/secrets/0'])
  t.same(problemPaths({ env: [{ name: '1A', value: '' }] }), ['/env/1A'])
  t.same(problemPaths({ env: [{ name: '', value: 'x' }] }), ['/env/'])
  t.same(
    problemPaths({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' }
      ]
    }),
    ['/env/A']
  )
  t.same(problemPaths({ env: [{ name: 'BOTYARD_X', value: '' }] }), ['/env/BOTYARD_X'])
  t.same(problemPaths({ env: [{ name: '', value: '' }] }), [], 'a row nobody has filled in is not wrong')
})

t.test('what is only missing as yet is told when all is asked for', async t => {
  t.same(problemPaths({ name: ' ', command: [''] }), [])
  t.same(problemPaths({ name: ' ', command: [''] }, true), ['/name', '/command/0'])
})

t.test('a slug is judged as the server does', async t => {
  const pattern = new RegExp((BotSchema.properties.slug as { pattern?: string }).pattern!)
  const near = fc
    .array(fc.constantFrom('a', '9', '-', 'A', ' ', 'ä'), { minLength: 1, maxLength: 6 })
    .map(parts => parts.join(''))
  fc.assert(
    fc.property(near, slug => t.equal(problemPaths({ slug }).includes('/slug'), !pattern.test(slug), slug)),
    seeded(t)
  )
})

t.test('the value at a path is found, also where there is none', async t => {
  const bot = { command: ['a', 'b'], env: { A: 'x' } }
  t.equal(valueAt(bot, '/command/1'), 'b')
  t.equal(valueAt(bot, '/env/A'), 'x')
  t.equal(valueAt(bot, '/env/A/deeper/still'), undefined)
  t.equal(valueAt(bot, '/none'), undefined)
})
