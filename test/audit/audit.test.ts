import { join } from 'node:path'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { makeUser, signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

interface Entry {
  id: string
  at: number
  actor: { kind: string; id: string | null; name: string; address: string | null }
  action: string
  subject: { type: string; id: string | null; name: string }
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

const entries = async (app: TestApp, query = ''): Promise<Entry[]> =>
  (await app.get(`/admin/audit?limit=200${query}`)).body.items

t.test('who did what to which bot is written down, with what differs', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const me = (await operator.get('/api/auth/me')).body
  const { body: bot } = await operator.post('/api/bots', {
    name: 'Nightly',
    command: ['true'],
    env: { TOKEN: 'swordfish-in-plain', COLOUR: 'red' }
  })
  const changes = { name: 'Daily', timeoutMs: 5000, env: { TOKEN: 'another-in-plain', COLOUR: 'red' } }
  await app.patch(`/api/bots/${bot.id}`, changes)
  await app.delete(`/api/bots/${bot.id}`)

  const [deleted, changed, created] = await entries(app, `&subject=${bot.id}`)
  t.match(created, {
    actor: { kind: 'user', id: me.id, name: 'operator@example.com', address: '127.0.0.1' },
    action: 'bot.created',
    subject: { type: 'bot', id: bot.id, name: 'nightly' },
    before: null,
    after: { name: 'Nightly', command: ['true'], env: ['COLOUR', 'TOKEN'] }
  })
  t.match(changed, { actor: { name: ADMIN.email }, action: 'bot.changed' })
  t.same(changed!.before, { name: 'Nightly', timeoutMs: bot.timeoutMs })
  t.same(changed!.after, { name: 'Daily', timeoutMs: 5000, envValues: ['TOKEN'] })
  t.match(deleted, { action: 'bot.deleted', before: { name: 'Daily' }, after: null })
  t.notMatch(JSON.stringify([deleted, changed, created]), /in-plain/)
})

t.test('what is refused changes nothing, and nothing is written down', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'])
  const before = (await entries(app)).length
  isProblem(t, await app.post('/api/bots', { name: 'x', slug: bot.slug, command: ['true'] }), 409, 'slug_taken')
  isProblem(t, await app.patch('/api/bots/nothing', { name: 'x' }), 404, 'not_found')
  isProblem(t, await app.delete('/api/secrets/NOTHING'), 404, 'not_found')
  const { id } = (await app.get('/api/auth/me')).body
  isProblem(t, await app.delete(`/admin/users/${id}`), 409, 'last_admin')
  t.equal((await entries(app)).length, before)
})

t.test(
  'secrets, accounts, tokens, sessions, cancellations and the drain are written down, and no secret with them',
  async t => {
    const app = await buildApp(t)
    const put = (value: string, description?: string) =>
      app.request('PUT', '/api/secrets/API_KEY', { body: { value, ...(description && { description }) } })
    await put('first-value-of-it', 'for the api')
    await put('second-value-of-it')
    await app.delete('/api/secrets/API_KEY')
    const user = await makeUser(app, 'viewer')
    await app.patch(`/admin/users/${user.id}`, { role: 'operator' })
    const { token, value } = (await app.post('/api/tokens', { password: ADMIN.password, name: 'ci', role: 'viewer' }))
      .body
    await app.delete(`/api/tokens/${token.id}`)
    await app.delete('/api/auth/sessions')
    const bot = await app.makeBot(['/bin/sleep', '600'])
    const { id } = await app.start(bot)
    await app.post(`/api/executions/${id}/cancel`)
    await app.ended(id)
    await app.request('PUT', '/api/machine/drain', { body: { enabled: true } })
    await app.request('PUT', '/api/machine/drain', { body: { enabled: false } })

    const all = (await entries(app)).reverse()
    t.same(
      all.map(({ action }) => action),
      [
        ...['user.created', 'session.began', 'secret.created', 'secret.changed', 'secret.deleted'],
        ...['user.invited', 'user.password_set', 'user.changed', 'token.created', 'token.revoked'],
        ...['bot.created', 'execution.cancelled', 'machine.drained', 'machine.resumed']
      ]
    )
    t.match(
      all.find(one => one.action === 'user.changed'),
      { before: { role: 'viewer' }, after: { role: 'operator' } }
    )
    t.match(
      all.find(one => one.action === 'execution.cancelled'),
      { subject: { id, name: bot.slug } }
    )
    const text = JSON.stringify(all)
    for (const secret of ['value-of-it', value, ADMIN.password]) t.notOk(text.includes(secret))
  }
)

t.test('sign-ins are written down: those that worked, those that were refused, and a token that came back', async t => {
  const app = await buildApp(t)
  const { id } = (await app.get('/api/auth/me')).body
  await app.post('/api/auth/login', { email: ADMIN.email, password: 'wrong' })
  await app.post('/api/auth/login', {
    email: 'nobody@example.com',
    password: 'a password typed where the address goes'
  })
  const refused = await eventually('the refusal to be kept', async () => {
    const [entry] = await entries(app, '&action=session.refused')
    return entry ?? null
  })
  t.match(refused, {
    actor: { id: null, name: 'somebody', address: '127.0.0.1' },
    subject: { id },
    after: { wrong: 'password' }
  })

  const { refreshToken } = (await app.post('/api/auth/login', { ...ADMIN, delivery: 'body' })).body
  await app.post('/api/auth/refresh', { refreshToken })
  withDatabase(app.config.dataDir, db => db.prepare('UPDATE refresh_tokens SET used_at = used_at - 60000').run())
  isProblem(t, await app.post('/api/auth/refresh', { refreshToken }), 401, 'unauthenticated')
  t.match(await entries(app, '&action=session.stolen'), [{ subject: { type: 'session', name: ADMIN.email } }])
  t.notMatch(JSON.stringify(await entries(app)), /nobody@|typed where/)
})

t.test('a sign-in to a disabled account is refused as any other, and written down', async t => {
  const app = await buildApp(t)
  const { id } = await makeUser(app, 'viewer')
  await app.patch(`/admin/users/${id}`, { disabled: true })
  const refusals = []
  for (const password of [ADMIN.password, 'not the password']) {
    refusals.push(await new Client(app.url).post('/api/auth/login', { email: 'viewer@example.com', password }))
  }
  refusals.push(await new Client(app.url).post('/api/auth/login', { ...ADMIN, email: 'nobody@example.com' }))
  for (const refusal of refusals) isProblem(t, refusal, 401, 'invalid_credentials')
  t.equal(new Set(refusals.map(({ body }) => body.detail)).size, 1, 'in the same words')

  const kept = await eventually('both to be kept', async () => {
    const found = await entries(app, '&action=session.refused')
    return found.length === 2 ? found : null
  })
  for (const entry of kept) t.match(entry, { subject: { id }, after: { wrong: 'account_disabled' } })
})

t.test('a refused sign-in is written down at the latest when the server stops', async t => {
  const dataDir = join(testFolder(t), 'data')
  const server = await startServer(t, dataDir)
  for (let n = 0; n < 8; n++) await server.post('/api/auth/login', { ...ADMIN, password: 'wrong' })
  t.equal((await server.kill('SIGTERM')).code, 0)
  const refused = "SELECT count(*) FROM audit WHERE action = 'session.refused'"
  t.equal(
    withDatabase(dataDir, db => db.prepare(refused).pluck().get()),
    8
  )
})

t.test('what a program does with a token is written down as done by that token', async t => {
  const app = await buildApp(t)
  const { token, value } = (await app.post('/api/tokens', { password: ADMIN.password, name: 'ci', role: 'operator' }))
    .body
  const program = new Client(app.url)
  program.token = value
  const { body: bot } = await program.post('/api/bots', { name: 'x', command: ['true'] })
  const [entry] = await entries(app, `&actor=${token.id}`)
  t.match(entry, { actor: { kind: 'token', id: token.id, name: `ci (${ADMIN.email})` }, subject: { id: bot.id } })
})

t.test('a trial is written down with what was tried, and no trial that was not begun', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const bot = { name: 'Tried', command: ['/bin/echo', 'tried'], env: { KEY: 'a-value-of-env' } }
  const parameters = { type: 'object', properties: { n: { type: 'number' } } }
  const { id } = (await operator.post('/api/bots/trials', { bot })).body
  await app.ended(id)
  const wrong = await operator.post('/api/bots/trials', { bot: { ...bot, parameters }, parameters: { n: 'x' } })
  t.equal(wrong.status, 400)
  const tried = await entries(app, '&action=bot.tried')
  t.match(tried, [
    {
      actor: { name: 'operator@example.com' },
      subject: { type: 'bot', name: 'tried' },
      before: null,
      after: { command: ['/bin/echo', 'tried'], env: ['KEY'] }
    }
  ])
  t.equal(tried.length, 1)
  t.notMatch(JSON.stringify(tried), /a-value-of-env/)
})

t.test('who types to a bot is written down once for each attempt, and nothing of what he types', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const bot = await app.makeBot(['/bin/sh', '-c', 'echo ready; read a; read b; read c'], { input: true })
  const type = async (by: Client, id: string, text: string) =>
    t.equal((await by.post(`/api/executions/${id}/input`, { text })).status, 204)
  for (let n = 0; n < 2; n++) {
    const { id } = await app.start(bot)
    await app.printed(id, 'ready')
    await type(operator, id, 'hunter2\n')
    await type(operator, id, 'hunter2\n')
    await type(app, id, 'hunter2\n')
    await app.ended(id)
    const typed = await entries(app, '&action=execution.typed')
    t.same(
      typed.filter(({ subject }) => subject.id === id).map(({ actor, after }) => [actor.name, after]),
      [
        [ADMIN.email, { attempt: 1 }],
        ['operator@example.com', { attempt: 1 }]
      ]
    )
  }
  t.notMatch(JSON.stringify(await entries(app)), /hunter2/)
})

t.test('the audit log is paged, and asked by who, what, which and when', async t => {
  const app = await buildApp(t)
  const me = (await app.get('/api/auth/me')).body
  const bots = []
  for (let n = 0; n < 5; n++) bots.push(await app.makeBot(['/bin/true'], { name: `bot ${n}` }))
  const all = await entries(app)
  const paged: Entry[] = []
  for (let cursor = ''; ; ) {
    const { items, nextCursor } = (await app.get(`/admin/audit?limit=2${cursor}`)).body
    paged.push(...items)
    if (nextCursor === null) break
    cursor = `&cursor=${nextCursor}`
  }
  t.same(paged, all)
  t.equal((await entries(app, '&action=bot.created')).length, 5)
  t.equal((await entries(app, `&action=bot.created&actor=${me.id}`)).length, 5)
  t.equal((await entries(app, `&subject=${bots[2]!.id}`)).length, 1)
  const [third] = await entries(app, `&subject=${bots[2]!.id}`)
  const since = await entries(app, `&action=bot.created&since=${third!.at}`)
  const until = await entries(app, `&action=bot.created&until=${third!.at}`)
  t.equal(since.length + until.length, 5)
  t.ok(since.some(({ id }) => id === third!.id))
  for (const query of ['action=nothing', 'since=-1', 'cursor=x', 'who=me']) {
    isProblem(t, await app.get(`/admin/audit?${query}`), 400, 'invalid_request', query)
  }
  const operator = await signedInAs(app, 'operator')
  for (const path of ['/admin/audit', '/admin/audit/export']) isProblem(t, await operator.get(path), 403, 'forbidden')
})

t.test('the audit log is exported as a table in which no cell is a formula', async t => {
  const app = await buildApp(t)
  // More than are read at a time.
  withDatabase(app.config.dataDir, db => {
    const insert = db.prepare(
      `INSERT INTO audit (id, at, actor_kind, actor_name, action, subject_type, subject_name)
       VALUES (?, 1, 'server', ?, 'bot.created', 'bot', ?)`
    )
    for (let n = 0; n < 1200; n++) {
      insert.run(`00000000-0000-7000-8000-${String(n).padStart(12, '0')}`, '=1+1', 'a "quoted", name\nof two lines')
    }
  })
  const answer = await app.get('/admin/audit/export?action=bot.created')
  t.match(answer.headers.get('content-type'), 'text/csv')
  t.match(answer.headers.get('content-disposition'), /^attachment; filename="?audit-\d{4}-\d\d-\d\d\.csv"?$/)
  const [head, first] = answer.text.split('\r\n')
  t.equal(head, 'time,actor_kind,actor_id,actor,address,action,subject_type,subject_id,subject,before,after')
  t.equal(first, `1970-01-01T00:00:00.001Z,server,,'=1+1,,bot.created,bot,,"a ""quoted"", name\nof two lines",,`)
  t.equal(answer.text.split('\r\n').length, 1 + 1200 + 1)
})

t.test('what is written down is never changed, whoever tries', async t => {
  const app = await buildApp(t)
  const before = await entries(app)
  t.ok(before.length > 0)
  withDatabase(app.config.dataDir, db => {
    for (const change of [
      "UPDATE audit SET actor_name = 'nobody'",
      'DELETE FROM audit',
      'REPLACE INTO audit SELECT * FROM audit'
    ]) {
      t.throws(() => db.exec(change), /the audit log is only ever added to/, change)
    }
  })
  t.same(await entries(app), before)
})

t.test('signing out is told from ending a session of one’s own', async t => {
  const app = await buildApp(t)
  const other = new Client(app.url)
  await other.signIn()
  const { items } = (await app.get('/api/auth/sessions')).body
  const { id } = items.find(({ current }: { current: boolean }) => !current)
  t.equal((await app.delete(`/api/auth/sessions/${id}`)).status, 204)
  await other.signIn()
  t.equal((await other.post('/api/auth/logout', {})).status, 204)

  const after = (await entries(app, '&action=session.ended')).map(entry => entry.after)
  t.strictSame(after, [{ count: 1, signedOut: true }, { count: 1 }])
})
