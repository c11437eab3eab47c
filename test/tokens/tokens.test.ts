import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { isProblem } from '../support/problems.ts'
import { chain } from '../support/triggers.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

async function make(by: Client, wanted: object) {
  const answer = await by.post('/api/tokens', { password: ADMIN.password, name: 'ci', role: 'operator', ...wanted })
  const program = new Client(by.url)
  program.token = answer.body?.value ?? null
  return { answer, token: answer.body?.token, program }
}

t.test('a token is shown once, works, and is told from others by its last characters', async t => {
  const app = await buildApp(t)
  const { answer, token, program } = await make(app, { name: ' deploys ' })
  t.equal(answer.status, 201)
  t.match(program.token, /^byd_[\w-]{43}$/)
  t.match(token, { name: 'deploys', role: 'operator', bots: null, expiresAt: null, usedAt: null })
  t.equal(token.hint, program.token!.slice(-4))
  t.match((await program.get('/api/auth/me')).body, { email: 'admin@example.com', role: 'operator' })
  t.equal((await program.post('/api/bots', { name: 'made by it', command: ['true'] })).status, 201)

  const list = await eventually('that it was used to be kept', async () => {
    const answer = await app.get('/api/tokens')
    return answer.body.items[0].usedAt === null ? null : answer
  })
  t.match(list.body.items, [{ id: token.id, usedAt: Number, usedFrom: '127.0.0.1' }])
  t.notOk(list.text.includes(program.token!))
  const rows = withDatabase(app.config.dataDir, db => JSON.stringify(db.prepare('SELECT * FROM api_tokens').all()))
  t.notOk(rows.includes(program.token!))
})

t.test('a token that is none of ours names nobody', async t => {
  const app = await buildApp(t)
  const { program } = await make(app, {})
  const good = program.token!
  for (const token of [`${good}x`, good.slice(0, -1), 'byd_', 'byd_x', good.toUpperCase()]) {
    program.token = token
    const answer = await program.get('/api/auth/me')
    isProblem(t, answer, 401, 'unauthenticated', token)
    t.equal(answer.body.detail.startsWith('This token is not known: revoked'), token.startsWith('byd_'), token)
  }
  program.token = null
  const cookie = `botyard_access=${good}`
  t.equal((await program.get('/api/auth/me', { cookie })).status, 401, 'nor does one in a cookie')
})

t.test('a token may not do more than its role, nor than its owner may by now', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  isProblem(t, (await make(operator, { role: 'admin' })).answer, 403, 'forbidden')
  const viewer = await make(operator, { role: 'viewer' })
  isProblem(t, await viewer.program.post('/api/bots', { name: 'x', command: ['true'] }), 403, 'forbidden')
  const { program } = await make(operator, {})
  t.equal((await program.post('/api/bots', { name: 'x', command: ['true'] })).status, 201)

  const { id } = (await operator.get('/api/auth/me')).body
  await app.patch(`/admin/users/${id}`, { role: 'viewer' })
  isProblem(t, await program.post('/api/bots', { name: 'x', command: ['true'] }), 403, 'forbidden')
  await app.patch(`/admin/users/${id}`, { disabled: true })
  isProblem(t, await program.get('/api/bots'), 401, 'unauthenticated')
  await app.patch(`/admin/users/${id}`, { disabled: false })
  t.equal((await program.get('/api/bots')).status, 200)
  await app.delete(`/admin/users/${id}`)
  isProblem(t, await program.get('/api/bots'), 401, 'unauthenticated')
})

t.test('an account is for people: no token changes it, makes tokens or lets anybody in', async t => {
  const app = await buildApp(t)
  const { program, token } = await make(app, { role: 'admin' })
  const { id } = (await app.get('/api/auth/me')).body
  for (const [method, path, body] of [
    ['PUT', '/api/auth/password', { currentPassword: 'x', newPassword: 'long enough' }],
    ['GET', '/api/auth/sessions'],
    ['DELETE', '/api/auth/sessions'],
    ['POST', '/api/auth/second-factor', { password: 'x' }],
    ['GET', '/api/tokens'],
    ['POST', '/api/tokens', { name: 'x', role: 'admin', password: ADMIN.password }],
    ['DELETE', `/api/tokens/${token.id}`],
    ['GET', '/admin/users'],
    ['POST', '/admin/users', { email: 'a@example.com', role: 'admin' }],
    ['POST', `/admin/users/${id}/link`]
  ] as const) {
    isProblem(t, await program.request(method, path, { body }), 403, 'forbidden', `${method} ${path}`)
  }
  t.equal((await program.get('/admin/audit')).status, 200, 'what it may read is another matter')
})

t.test('a token that is revoked or has run out is good for nothing, and its streams end', async t => {
  const app = await buildApp(t)
  const { program, token } = await make(app, {})
  const stream = await program.stream('/api/events')
  const operator = await signedInAs(app, 'operator')
  isProblem(t, await operator.delete(`/api/tokens/${token.id}`), 404, 'not_found', 'it is nothing of his')
  t.equal((await app.delete(`/api/tokens/${token.id}`)).status, 204)
  await stream.closed
  isProblem(t, await program.get('/api/bots'), 401, 'unauthenticated')
  isProblem(t, await app.delete(`/api/tokens/${token.id}`), 404, 'not_found')

  isProblem(t, (await make(app, { expiresAt: Date.now() - 1 })).answer, 400, 'invalid_request')
  const short = await make(app, { expiresAt: Date.now() + 1500 })
  t.equal((await short.program.get('/api/bots')).status, 200)
  await eventually('its end', async () => (await short.program.get('/api/bots')).status === 401)
})

t.test('everybody sees his own tokens, an administrator all, and revokes them', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const own = await make(app, { name: 'mine' })
  const his = await make(operator, { name: 'his' })
  const names = async (client: Client) =>
    (await client.get('/api/tokens')).body.items.map((one: { name: string }) => one.name)
  t.same(await names(operator), ['his'])
  t.same(await names(app), ['his', 'mine'])
  t.equal((await app.delete(`/api/tokens/${his.token.id}`)).status, 204)
  isProblem(t, await his.program.get('/api/bots'), 401, 'unauthenticated')
  t.equal((await own.program.get('/api/bots')).status, 200)
})

async function limited(app: TestApp) {
  const [mine, other] = [await app.makeBot(['/bin/true']), await app.makeBot(['/bin/true'], { name: 'other' })]
  const { program } = await make(app, { bots: [mine.id] })
  const execution = await app.ended((await app.start(other)).id)
  return { mine, other, program, execution }
}

t.test('a token for some bots starts and follows those', async t => {
  const app = await buildApp(t)
  const { mine, other, program } = await limited(app)
  t.match((await program.get('/api/bots')).body, { items: [{ id: mine.id }], nextCursor: null })
  const started = await program.post(`/api/bots/${mine.slug}/executions`)
  t.equal(started.status, 202)
  const { id } = await program.ended(started.body.id)
  for (const path of ['', '/log', '/log?fromLine=1', '/log/search?q=x', '/artifacts', '/usage']) {
    t.equal((await program.get(`/api/executions/${id}${path}`)).status, 200, path)
  }
  t.equal((await program.get(`/api/executions?bot=${mine.slug}`)).body.items.length, 1)
  t.equal((await program.get(`/api/bots/${mine.id}/executions`)).body.items.length, 1)
  t.equal((await program.get(`/api/executions/latest?bots=${mine.id},${other.id}`)).body.items.length, 1)
  const again = await program.post(`/api/executions/${id}/rerun`)
  t.equal(again.status, 202)
  t.match(await program.ended(again.body.id), { state: 'succeeded', rerunOf: id })
  const stream = await program.stream(`/api/events?topics=bot:${mine.id},execution:${id},log:${id}`)
  t.equal(stream.status, 200)
  stream.close()
})

t.test('the bots of a token are named by id or slug, and must be there', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/true'])
  const { token, program } = await make(app, { bots: [bot.slug] })
  t.same(token.bots, [bot.id])
  t.equal((await program.get(`/api/bots/${bot.id}`)).status, 200)
  isProblem(t, (await make(app, { bots: ['nobody'] })).answer, 404, 'not_found')
})

t.test('a token for some bots learns nothing of others, not even that they are there', async t => {
  const app = await buildApp(t)
  const { mine, other, program, execution } = await limited(app)
  const missing = '01890000-0000-7000-8000-000000000000'
  for (const [method, path] of [
    ['GET', '/api/bots/:bot'],
    ['POST', '/api/bots/:bot/executions'],
    ['GET', '/api/bots/:bot/executions'],
    ['GET', '/api/executions/:id'],
    ['GET', '/api/executions/:id/log'],
    ['GET', '/api/executions/:id/log/stream'],
    ['GET', '/api/executions/:id/artifacts/x'],
    ['POST', '/api/executions/:id/cancel'],
    ['POST', '/api/executions/:id/rerun'],
    ['POST', '/api/executions/:id/input']
  ] as const) {
    const ask = (bot: string, id: string) => program.request(method, path.replace(':bot', bot).replace(':id', id))
    const answers = [await ask(other.id, execution.id), await ask(missing, missing)]
    const [there, gone] = answers.map(({ text, status }, n) =>
      [
        status,
        text
          .replaceAll([other.id, missing][n]!, 'BOT')
          .replaceAll(execution.id, 'BOT')
          .replace(/request:\S+"/, '')
      ].join()
    )
    isProblem(t, answers[0]!, 404, 'not_found', `${method} ${path}`)
    t.equal(there, gone, `${method} ${path}`)
  }
  isProblem(t, await program.get(`/api/executions?bot=${other.slug}`), 404, 'not_found')
  isProblem(t, await program.get('/api/executions'), 403, 'forbidden')
  const ofOther = `triggerId=${(await chain(app, mine, other, { on: 'any' })).id}`
  await app.ended((await app.start(mine)).id)
  const started = async () => (await app.get(`/api/executions?${ofOther}`)).body.items[0]
  await app.ended((await eventually('what the trigger starts', started)).id)
  isProblem(t, await program.get(`/api/executions?${ofOther}`), 403, 'forbidden')
  isProblem(t, await program.get(`/api/executions?${ofOther}&bot=${other.slug}`), 404, 'not_found')
  t.same((await program.get(`/api/executions?${ofOther}&bot=${mine.slug}`)).body.items, [])
  t.same((await program.get(`/api/bots/${mine.id}/executions?${ofOther}`)).body.items, [])
  for (const topic of ['bots', 'executions', 'machine', 'secrets', `bot:${other.id}`, `execution:${execution.id}`]) {
    isProblem(t, await program.get(`/api/events?topics=${topic}`), 403, 'forbidden', topic)
  }
})

t.test('a token for some bots changes none, as a bot may be given any command and any secret', async t => {
  const app = await buildApp(t)
  const { mine, program } = await limited(app)
  for (const [method, path, body] of [
    ['PATCH', `/api/bots/${mine.id}`, { name: 'x' }],
    ['DELETE', `/api/bots/${mine.id}`],
    ['POST', '/api/bots', { name: 'x', command: ['true'] }],
    ['POST', '/api/bots/trials', { bot: { name: 'x', command: ['true'] } }],
    ['GET', '/api/secrets'],
    ['GET', '/api/machine']
  ] as const) {
    isProblem(t, await program.request(method, path, { body }), 403, 'forbidden', `${method} ${path}`)
  }
})

t.test('a token outlives the session it is made in, so making one takes the password', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  isProblem(t, (await make(operator, { password: undefined })).answer, 400, 'invalid_request')
  const statuses: number[] = []
  for (let n = 0; n < 11; n++) statuses.push((await make(operator, { password: `guess ${n}` })).answer.status)
  t.same(statuses, [...Array(10).fill(403), 429])
  isProblem(t, (await make(operator, {})).answer, 429, 'rate_limited', 'nor is the right one looked at')
  const refused = (await app.get('/admin/audit?action=session.refused')).body.items
  t.equal(refused.length, 10)
  t.match(refused[0], { actor: { name: 'operator@example.com' }, after: { wrong: 'password' } })
  t.same((await operator.get('/api/tokens')).body.items, [])
})

t.test('an account without a password makes tokens for a while after a sign-in', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  // As one is that signs in with a provider alone.
  withDatabase(app.config.dataDir, db => db.exec("UPDATE users SET password_hash = '' WHERE role = 'operator'"))
  const { id } = (await operator.get('/api/auth/me')).body
  await app.patch(`/admin/users/${id}`, { email: 'somebody@example.com' }) // so that the account is looked at anew
  t.equal((await make(operator, { password: undefined })).answer.status, 201)
  withDatabase(app.config.dataDir, db => db.exec('UPDATE sessions SET created_at = created_at - 600001'))
  isProblem(t, (await make(operator, { password: undefined })).answer, 403, 'session_too_old')
  t.equal((await make(app, {})).answer.status, 201, 'who has a password is asked for that')
})

t.test('a password chosen by a link revokes all tokens of its owner, and ends their streams', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const { id } = (await operator.get('/api/auth/me')).body
  const [one, two, others] = [await make(operator, {}), await make(operator, { name: 'two' }), await make(app, {})]
  const stream = await one.program.stream('/api/events')
  const link = (await app.post(`/admin/users/${id}/link`)).body
  t.equal((await one.program.get('/api/bots')).status, 200, 'not before it is used')
  await app.post('/api/auth/link/password', { token: link.token, password: 'the next password' })
  await stream.closed
  isProblem(t, await one.program.get('/api/bots'), 401, 'unauthenticated')
  isProblem(t, await two.program.get('/api/bots'), 401, 'unauthenticated')
  t.equal((await others.program.get('/api/bots')).status, 200)
  const revoked = (await app.get('/admin/audit?action=token.revoked')).body.items
  t.same(revoked.map((entry: { subject: { id: string } }) => entry.subject.id).sort(), [one.token.id, two.token.id])
  const actor = { name: 'operator@example.com' }
  t.match(revoked[0], { actor, before: { of: actor.name, role: 'operator', bots: null, expiresAt: null } })
})

t.test('who changes his own password says whether his tokens go with the old one', async t => {
  const app = await buildApp(t)
  const { program } = await make(app, {})
  const change = (currentPassword: string, newPassword: string, more: object) =>
    app.request('PUT', '/api/auth/password', { body: { currentPassword, newPassword, ...more } })
  t.equal((await change(ADMIN.password, 'the next password', {})).status, 204)
  t.equal((await program.get('/api/bots')).status, 200)
  const stream = await program.stream('/api/events')
  t.equal((await change('the next password', 'the one after it', { revokeTokens: true })).status, 204)
  await stream.closed
  isProblem(t, await program.get('/api/bots'), 401, 'unauthenticated')
})

t.test('nobody has more than a hundred tokens that are good', async t => {
  const app = await buildApp(t)
  const { token } = await make(app, {})
  withDatabase(app.config.dataDir, db => {
    const copy = db.prepare(
      `INSERT INTO api_tokens (id, hash, user_id, name, hint, role, created_at, expires_at)
       SELECT id || ?, hash || ?, user_id, name, hint, role, created_at, ? FROM api_tokens WHERE id = ?`
    )
    for (let n = 0; n < 98; n++) copy.run(n, n, null, token.id)
    copy.run('old', 'old', 1, token.id)
  })
  t.equal((await make(app, {})).answer.status, 201, 'one that has run out does not count')
  isProblem(t, (await make(app, {})).answer, 409, 'too_many_tokens')
  const operator = await signedInAs(app, 'operator')
  t.equal((await make(operator, {})).answer.status, 201, "nor do others'")
  await app.delete(`/api/tokens/${token.id}`)
  t.equal((await make(app, {})).answer.status, 201)
})
