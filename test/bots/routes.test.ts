import t, { type Test } from 'tap'
import { defaultBot } from '../../src/bots/schemas.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { isProblem, wrongFields } from '../support/problems.ts'

const make = (app: TestApp, body: unknown) => app.post('/api/bots', body)

/** Bodies that cannot be saved, and the fields each must name. */
async function refuses(
  t: Test,
  bodies: [what: string, body: Record<string, unknown>, fields: string[]][]
): Promise<void> {
  const app = await buildApp(t)
  for (const [what, body, fields] of bodies) {
    const answer = await make(app, { name: 'a bot', command: ['true'], ...body })
    isProblem(t, answer, 400, 'invalid_request', what)
    t.same(wrongFields(answer), fields, `${what}: names ${fields.join(', ')}`)
  }
  t.same((await app.get('/api/bots')).body.items, [], 'none was made')
}

t.test('a bot needs a name and a command; all else has a default', async t => {
  const app = await buildApp(t)
  const answer = await make(app, { name: 'Nightly report (EU)', command: ['echo', 'hello'] })
  t.equal(answer.status, 201)
  const { id, createdAt, updatedAt, ...rest } = answer.body
  t.same(rest, { ...defaultBot(), name: 'Nightly report (EU)', slug: 'nightly-report-eu', command: ['echo', 'hello'] })
  t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(createdAt, updatedAt)
  t.equal(answer.headers.get('location'), `/api/bots/${id}`)
})

t.test('a bot is read by its id and by its slug as it was made', async t => {
  const app = await buildApp(t)
  const whole = {
    name: 'Ünïcode 🤖',
    slug: 'every-field',
    description: 'all of it',
    command: ['/bin/echo', '{{parameters.a}}', ''],
    cwd: '/tmp',
    env: { GREETING: 'hello\nthere', EMPTY: '' },
    parameters: { type: 'object', properties: { a: { type: 'string' } } },
    timeoutMs: 1,
    killGraceMs: 0,
    maxLogBytes: 4096,
    concurrency: { limit: 3, policy: 'queue' },
    tags: ['one', 'two'],
    enabled: false
  }
  const made = (await make(app, whole)).body
  t.match(made, { ...whole, kind: 'command' })
  t.same((await app.get(`/api/bots/${made.id}`)).body, made)
  t.same((await app.get('/api/bots/every-field')).body, made)
  for (const ref of ['nobody', made.id.replace(/.$/, (c: string) => (c === '0' ? '1' : '0')), made.id.toUpperCase()]) {
    isProblem(t, await app.get(`/api/bots/${ref}`), 404, 'not_found', ref)
  }
})

t.test('bots are listed newest first, page by page', async t => {
  const app = await buildApp(t)
  const names = ['one', 'two', 'three', 'four', 'five']
  for (const name of names) await make(app, { name, command: ['true'] })

  const seen: string[] = []
  let cursor = ''
  do {
    const page = (await app.get(`/api/bots?limit=2${cursor && `&cursor=${cursor}`}`)).body
    t.ok(page.items.length <= 2)
    seen.push(...page.items.map((bot: { name: string }) => bot.name))
    cursor = page.nextCursor ?? ''
  } while (cursor)
  t.same(seen, names.toReversed())
  t.equal((await app.get('/api/bots?limit=5')).body.nextCursor, null, 'a page that holds the rest is the last')
  t.equal((await app.get('/api/bots')).body.items.length, 5)
  for (const query of [
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1.5',
    'cursor=x',
    "cursor=' OR 1=1",
    'sort=name',
    'limit=1&limit=2'
  ]) {
    isProblem(t, await app.get(`/api/bots?${query}`), 400, 'invalid_request', query)
  }
})

t.test('only what is sent of a bot is changed', async t => {
  const app = await buildApp(t)
  const bot = (await make(app, { name: 'a', command: ['true'], tags: ['x'], timeoutMs: 5000 })).body
  const changed = await app.patch(`/api/bots/${bot.slug}`, { description: 'new', slug: 'b' })
  t.equal(changed.status, 200)
  const { updatedAt, ...rest } = changed.body
  t.same({ ...rest, updatedAt: bot.updatedAt }, { ...bot, description: 'new', slug: 'b' })
  t.ok(updatedAt >= bot.updatedAt)
  t.same((await app.get('/api/bots/b')).body, changed.body)
  isProblem(t, await app.get('/api/bots/a'), 404, 'not_found')
  t.equal((await app.patch('/api/bots/b', { slug: 'b', enabled: false })).status, 200, 'its own slug is free to it')
})

t.test('a change that cannot be saved changes nothing', async t => {
  const app = await buildApp(t)
  const bot = (
    await make(app, {
      name: 'a',
      command: ['echo', '{{parameters.x}}'],
      parameters: { type: 'object', properties: { x: {} } }
    })
  ).body
  await make(app, { name: 'b', command: ['true'] })
  const change = (body: unknown) => app.patch(`/api/bots/${bot.id}`, body)
  isProblem(t, await change({ slug: 'b' }), 409, 'slug_taken')
  isProblem(t, await change({}), 400, 'invalid_request', 'nothing to change')
  isProblem(t, await change({ id: 'x' }), 400, 'invalid_request', 'the id stays')
  isProblem(t, await change({ createdAt: 1 }), 400, 'invalid_request', 'so does the time')
  const undeclared = await change({ parameters: { type: 'object', properties: {} } })
  isProblem(t, undeclared, 400, 'invalid_request', 'a parameter the command still uses')
  t.same(wrongFields(undeclared), ['/command/1'])
  isProblem(t, await app.patch('/api/bots/nobody', { name: 'x' }), 404, 'not_found')
  t.same((await app.get(`/api/bots/${bot.id}`)).body, bot)
})

t.test('a deleted bot is gone, and its history stays', async t => {
  const app = await buildApp(t)
  const execution = await app.finished('prints-three-lines')
  const bot = execution.botSlug
  const answer = await app.delete(`/api/bots/${bot}`)
  t.equal(answer.status, 204)
  t.equal(answer.text, '')
  isProblem(t, await app.get(`/api/bots/${bot}`), 404, 'not_found')
  isProblem(t, await app.delete(`/api/bots/${bot}`), 404, 'not_found')
  t.match(await app.execution(execution.id), { botId: null, botSlug: bot, state: 'succeeded' })
  t.equal((await app.downloadLog(execution.id)).toString(), 'one\ntwo\nthree\n')
})

t.test('a bot that runs is not deleted', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['sleep', '600'])
  const { id } = await app.start(bot)
  isProblem(t, await app.delete(`/api/bots/${bot.id}`), 409, 'bot_busy')
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  t.equal((await app.delete(`/api/bots/${bot.id}`)).status, 204)
})

t.test('a disabled bot is not started', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { enabled: false })
  isProblem(t, await app.post(`/api/bots/${bot.id}/executions`, {}), 409, 'bot_disabled')
})

t.test('a slug somebody asks for is his alone; one made from a name gives way', async t => {
  const app = await buildApp(t)
  const slugs: string[] = []
  for (let i = 0; i < 3; i++) slugs.push((await make(app, { name: 'Report', command: ['true'] })).body.slug)
  t.same(slugs, ['report', 'report-2', 'report-3'])
  const taken = await make(app, { name: 'other', slug: 'report-2', command: ['true'] })
  isProblem(t, taken, 409, 'slug_taken')
  t.match(taken.body.detail, '"report-2"')
  t.equal((await make(app, { name: 'x'.repeat(100), command: ['true'] })).status, 201)
  t.equal((await make(app, { name: 'x'.repeat(100), command: ['true'] })).body.slug, `${'x'.repeat(60)}-2`)
})

t.test('of ten who make bots of one name at the same moment each gets his own slug', async t => {
  const app = await buildApp(t)
  const answers = await Promise.all(Array.from({ length: 10 }, () => make(app, { name: 'Same', command: ['true'] })))
  t.equal(new Set(answers.map(answer => answer.body.slug)).size, 10)
  const asked = await Promise.all(
    Array.from({ length: 10 }, () => make(app, { name: 'x', slug: 'mine', command: ['true'] }))
  )
  t.same(asked.map(answer => answer.status).sort(), [201, ...Array(9).fill(409)])
})

t.test('every field that is wrong is named', async t => {
  const app = await buildApp(t)
  const answer = await make(app, {
    slug: 'Not A Slug',
    description: 1,
    kind: 'shell',
    command: 'echo',
    cwd: 'relative',
    env: { 'NOT-A-NAME': 'x', NUMBER: 1 },
    parameters: [],
    timeoutMs: 0,
    killGraceMs: -1,
    maxLogBytes: '1 GB',
    secrets: ['NOT A NAME'],
    idleTimeoutMs: 0,
    terminal: 'yes',
    input: 1,
    priority: 101,
    concurrency: { limit: 0, policy: 'wait', key: '' },
    retry: { maxAttempts: 0, backoffMs: -1, on: ['cancelled'], exitCodes: [0] },
    limits: { memoryBytes: 1, cpus: 0, pids: 0 },
    assert: { mustPrint: [''], mustNotPrint: 'x', mustCreate: [1] },
    tags: ['a', 'a'],
    enabled: 'yes',
    colour: 'red'
  })
  isProblem(t, answer, 400, 'invalid_request')
  t.same(wrongFields(answer), [
    '/assert/mustCreate/0',
    '/assert/mustNotPrint',
    '/assert/mustPrint/0',
    '/colour',
    '/command',
    '/concurrency/key',
    '/concurrency/limit',
    '/concurrency/policy',
    '/cwd',
    '/description',
    '/enabled',
    '/env/NOT-A-NAME',
    '/env/NUMBER',
    '/idleTimeoutMs',
    '/input',
    '/killGraceMs',
    '/kind',
    '/limits/cpus',
    '/limits/memoryBytes',
    '/limits/pids',
    '/maxLogBytes',
    '/name',
    '/parameters',
    '/priority',
    '/retry/backoffMs',
    '/retry/exitCodes/0',
    '/retry/maxAttempts',
    '/retry/on/0',
    '/secrets/0',
    '/slug',
    '/tags',
    '/terminal',
    '/timeoutMs'
  ])
  t.ok(
    answer.body.errors.every((error: { message: string }) => error.message),
    'each with what is wrong'
  )
})

t.test('of a group of settings, what is left out stays as it was, or is as by default', async t => {
  const app = await buildApp(t)
  const { body: bot } = await make(app, {
    name: 'tidy',
    command: ['true'],
    concurrency: { policy: 'skip' },
    retry: { maxAttempts: 3 },
    limits: { pids: 10 },
    assert: { mustPrint: ['done'] }
  })
  t.match(bot, {
    concurrency: { limit: 1, policy: 'skip', key: null },
    retry: { maxAttempts: 3, backoffMs: 10_000, maxBackoffMs: 600_000, exitCodes: [] },
    limits: { memoryBytes: null, cpus: null, pids: 10 },
    assert: { mustPrint: ['done'], mustNotPrint: [], mustCreate: [] }
  })
  const changes = {
    concurrency: { limit: 4 },
    retry: { exitCodes: [75] },
    limits: { cpus: 0.5 },
    assert: { mustCreate: ['*.pdf'] }
  }
  const { body: changed } = await app.patch(`/api/bots/${bot.id}`, changes)
  t.match(changed, {
    concurrency: { limit: 4, policy: 'skip' },
    retry: { maxAttempts: 3, exitCodes: [75], on: bot.retry.on },
    limits: { cpus: 0.5, pids: 10 },
    assert: { mustPrint: ['done'], mustCreate: ['*.pdf'] }
  })
  t.same((await app.get(`/api/bots/${bot.id}`)).body, changed)
})

t.test('a key that names a parameter there is not is refused', async t => {
  await refuses(t, [['a key', { concurrency: { key: '{{parameters.repo}}' } }, ['/concurrency/key']]])
})

t.test('a command that the system cannot run is refused', async t => {
  await refuses(t, [
    ['no program', { command: [] }, ['/command']],
    ['an empty program', { command: [''] }, ['/command/0']],
    ['a blank program', { command: [' \t', 'x'] }, ['/command/0']],
    ['a NUL in the program', { command: ['tr\0ue'] }, ['/command/0']],
    ['a NUL in an argument', { command: ['true', 'a', 'b\0'] }, ['/command/2']],
    ['a NUL in the folder', { cwd: '/tmp\0' }, ['/cwd']],
    ['a NUL in the environment', { env: { A: '\0' } }, ['/env/A']],
    ['an argument longer than Linux takes', { command: ['true', 'x'.repeat(131_072)] }, ['/command/1']],
    ['too many arguments', { command: Array(257).fill('x') }, ['/command']],
    ['an argument that is no text', { command: ['sleep', 1] }, ['/command/1']]
  ])
})

t.test('environment names that no shell takes, or that are ours, are refused', async t => {
  await refuses(t, [
    ['a digit first', { env: { '1A': 'x' } }, ['/env/1A']],
    ['an equals sign', { env: { 'A=B': 'x' } }, ['/env/A=B']],
    ['a line end', { env: { 'A\n': 'x' } }, ['/env/A\n']],
    ['no name', { env: { '': 'x' } }, ['/env/']],
    ['ours', { env: { BOTYARD_TRIGGER: 'x', BOTYARD_NEW: 'y' } }, ['/env/BOTYARD_NEW', '/env/BOTYARD_TRIGGER']]
  ])
})

t.test('a placeholder for what nobody brings is refused where it stands', async t => {
  const parameters = { type: 'object', properties: { a: {} } }
  await refuses(t, [
    ['in an argument', { parameters, command: ['echo', '{{parameters.a}}', '{{parameters.b}}'] }, ['/command/2']],
    [
      'beside one that is declared',
      { parameters, command: ['echo', '{{parameters.a}}{{ parameters.b }}'] },
      ['/command/1']
    ],
    ['in the environment', { parameters, env: { X: '{{parameters.b.c}}' } }, ['/env/X']],
    ['a name every object has', { parameters, command: ['{{parameters.constructor}}'] }, ['/command/0']]
  ])
})

t.test('what others send is no part of a script that a shell runs', async t => {
  const told = (...command: string[]) => ({ command })
  await refuses(t, [
    ['in the script', told('bash', '-c', 'echo {{payload.title}}'), ['/command/2']],
    ['behind other options', told('/bin/sh', '-eu', '-o', 'posix', '-c', '{{payload.title}}'), ['/command/5']]
  ])
  const app = await buildApp(t)
  const env = { TITLE: '{{payload.title}}' }
  await app.makeBot(['bash', '-c', 'echo "$TITLE" "$1"', 'bash', '{{payload.title}}'], { env })
  await app.makeBot(['bash', 'a-file', '-c', '{{payload.title}}'])
})

t.test('a parameter schema that cannot be used is refused', async t => {
  const schema = (parameters: unknown): Record<string, unknown> => ({ parameters })
  await refuses(t, [
    ['no type', schema({}), ['/parameters']],
    ['not of an object', schema({ type: 'string' }), ['/parameters']],
    ['no schema', schema({ type: 'object', properties: 1 }), ['/parameters']],
    ['a type there is not', schema({ type: 'object', properties: { a: { type: 'text' } } }), ['/parameters']],
    ['asynchronous', schema({ $async: true, type: 'object' }), ['/parameters']],
    [
      'asynchronous inside',
      schema({ type: 'object', properties: { a: { $async: true, type: 'string' } } }),
      ['/parameters']
    ],
    ['an unknown keyword', schema({ type: 'object', propertys: {} }), ['/parameters']],
    [
      'an unknown format',
      schema({ type: 'object', properties: { a: { type: 'string', format: 'colour' } } }),
      ['/parameters']
    ],
    [
      'a pattern that is none',
      schema({ type: 'object', properties: { a: { type: 'string', pattern: '(' } } }),
      ['/parameters']
    ],
    [
      'a reference elsewhere',
      schema({ type: 'object', properties: { a: { $ref: 'https://example.com/x' } } }),
      ['/parameters']
    ]
  ])
})

t.test('what looks like a placeholder in a key and is none is refused: all would have the same key', async t => {
  const key = (text: string) => ({ concurrency: { key: text } })
  await refuses(t, [
    ['a slip of the pen', key('{{parameter.repo}}'), ['/concurrency/key']],
    ['no source', key('x-{{repo}}'), ['/concurrency/key']]
  ])
})

t.test('a variable that shells keep for themselves is refused, as it would break every launch', async t => {
  const names = ['OPTIND', 'UID', 'PPID', 'BASHOPTS']
  await refuses(
    t,
    names.map(name => [name, { env: { [name]: '1' } }, [`/env/${name}`]])
  )
})

t.test('a slug that could be taken for an id is refused', async t => {
  await refuses(t, [['an id', { slug: '01890a5d-ac96-774b-bcce-b302099a8057' }, ['/slug']]])
})
