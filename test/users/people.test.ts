import t from 'tap'
import { buildApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { withDatabase } from '../support/database.ts'
import { isProblem } from '../support/problems.ts'
import { makeUser, signedInAs } from '../support/users.ts'

const signIn = (app: Client, email: string, password: string) => app.post('/api/auth/login', { email, password })

t.test('who is invited chooses a password by a link, once, and signs in with it', async t => {
  const app = await buildApp(t)
  const invited = await app.post('/admin/users', { email: 'Ada@Example.com', role: 'operator' })
  t.equal(invited.status, 201)
  const { user, link } = invited.body
  t.match(user, { email: 'ada@example.com', role: 'operator', hasPassword: false, signedInAt: null, disabledAt: null })
  t.equal(link.url, `${app.url}/choose-password#${link.token}`)
  t.ok(link.expiresAt > Date.now())
  isProblem(t, await signIn(app, 'ada@example.com', ''), 401, 'invalid_credentials', 'there is no password yet')

  const stranger = new Client(app.url)
  t.match((await stranger.post('/api/auth/link', { token: link.token })).body, {
    email: 'ada@example.com',
    hasPassword: false,
    expiresAt: link.expiresAt
  })
  const choose = (password: string) => stranger.post('/api/auth/link/password', { token: link.token, password })
  isProblem(t, await choose('short'), 400, 'invalid_request', 'and the link is still good')
  isProblem(t, await choose('Botyard1'), 400, 'invalid_request', 'and the link is still good')
  t.equal((await choose('a password of hers')).status, 204)
  isProblem(t, await choose('another password'), 403, 'invalid_link')
  isProblem(t, await stranger.post('/api/auth/link', { token: link.token }), 403, 'invalid_link')

  const answer = await signIn(app, 'ada@example.com', 'a password of hers')
  t.match(answer.body.user, { id: user.id, role: 'operator', hasPassword: true, signedInAt: Number })
  const people = (await app.get('/admin/users')).body.items
  t.match(
    people.map((person: { email: string; linkExpiresAt: number | null }) => [person.email, person.linkExpiresAt]),
    [
      ['ada@example.com', null],
      [ADMIN.email, null]
    ]
  )
})

t.test('links lead to where people reach the server, wherever they were asked for', async t => {
  const publicUrl = 'https://bots.example.com'
  const app = await buildApp(t, { config: { publicUrl } })
  const { user, link } = (await app.post('/admin/users', { email: 'a@example.com', role: 'viewer' })).body
  t.equal(link.url, `${publicUrl}/choose-password#${link.token}`)
  const { body: second } = await app.post(`/admin/users/${user.id}/link`)
  t.equal(second.url, `${publicUrl}/choose-password#${second.token}`)
  t.equal((await app.get('/api/machine')).body.publicUrl, publicUrl, 'for what is made of it elsewhere')
})

t.test('of two who use a link at the same moment one does', async t => {
  const app = await buildApp(t)
  const { link } = (await app.post('/admin/users', { email: 'a@example.com', role: 'viewer' })).body
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      app.post('/api/auth/link/password', { token: link.token, password: `the password ${n}` })
    )
  )
  t.same(answers.map(({ status }) => status).sort(), [204, ...Array(7).fill(403)])
})

t.test('a link that has run out, or was replaced, is good for nothing', async t => {
  const app = await buildApp(t)
  const { user, link } = (await app.post('/admin/users', { email: 'a@example.com', role: 'viewer' })).body
  const second = (await app.post(`/admin/users/${user.id}/link`)).body
  t.not(second.token, link.token)
  isProblem(t, await app.post('/api/auth/link', { token: link.token }), 403, 'invalid_link')
  t.equal((await app.post('/api/auth/link', { token: second.token })).status, 200)
  withDatabase(app.config.dataDir, db => db.prepare('UPDATE password_links SET expires_at = ?').run(Date.now() - 1))
  isProblem(t, await app.post('/api/auth/link', { token: second.token }), 403, 'invalid_link')
  const use = await app.post('/api/auth/link/password', { token: second.token, password: 'long enough' })
  isProblem(t, use, 403, 'invalid_link')
})

t.test('a password is reset by a link; until it is used the old one holds, and then sessions end', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const { id } = (await viewer.get('/api/auth/me')).body
  const link = (await app.post(`/admin/users/${id}/link`)).body
  t.equal((await signIn(app, 'viewer@example.com', ADMIN.password)).status, 200)
  t.equal((await viewer.get('/api/auth/me')).status, 200)
  t.equal((await app.post('/api/auth/link/password', { token: link.token, password: 'the new one' })).status, 204)
  isProblem(t, await viewer.get('/api/auth/me'), 401, 'unauthenticated')
  isProblem(t, await signIn(app, 'viewer@example.com', ADMIN.password), 401, 'invalid_credentials')
  t.equal((await signIn(app, 'viewer@example.com', 'the new one')).status, 200)
})

t.test('an address is given to one account only, in whatever spelling', async t => {
  const app = await buildApp(t)
  isProblem(t, await app.post('/admin/users', { email: ADMIN.email.toUpperCase(), role: 'viewer' }), 409, 'email_taken')
  const { id } = await makeUser(app, 'viewer')
  isProblem(t, await app.patch(`/admin/users/${id}`, { email: ADMIN.email }), 409, 'email_taken')
  t.match((await app.patch(`/admin/users/${id}`, { email: 'New@example.com' })).body, { email: 'new@example.com' })
  t.equal((await signIn(app, 'new@example.com', ADMIN.password)).status, 200)
})

t.test('another role counts at once, and ends streams', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const { id } = (await operator.get('/api/auth/me')).body
  const stream = await operator.stream('/api/events')
  t.equal((await operator.post('/api/bots', { name: 'mine', command: ['true'] })).status, 201)
  t.equal((await app.patch(`/admin/users/${id}`, { role: 'viewer' })).status, 200)
  await stream.closed
  isProblem(t, await operator.post('/api/bots', { name: 'more', command: ['true'] }), 403, 'forbidden')
  t.equal((await operator.get('/api/auth/me')).body.role, 'viewer', 'who goes on signed in')
})

t.test('who is disabled is out at once, with streams and sessions; enabled again he signs in anew', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const { id } = (await viewer.get('/api/auth/me')).body
  const stream = await viewer.stream('/api/events')
  t.match((await app.patch(`/admin/users/${id}`, { disabled: true })).body, { disabledAt: Number })
  await stream.closed
  isProblem(t, await viewer.get('/api/auth/me'), 401, 'unauthenticated')
  isProblem(t, await signIn(app, 'viewer@example.com', ADMIN.password), 401, 'invalid_credentials')
  const link = (await app.post(`/admin/users/${id}/link`)).body
  isProblem(t, await app.post('/api/auth/link', { token: link.token }), 403, 'invalid_link', 'nor by a link')

  t.match((await app.patch(`/admin/users/${id}`, { disabled: false })).body, { disabledAt: null })
  isProblem(t, await viewer.get('/api/auth/me'), 401, 'unauthenticated')
  t.equal((await signIn(app, 'viewer@example.com', ADMIN.password)).status, 200)
})

t.test('a deleted account is gone with its sessions, and the address is free', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const { id } = (await viewer.get('/api/auth/me')).body
  const stream = await viewer.stream('/api/events')
  t.equal((await app.delete(`/admin/users/${id}`)).status, 204)
  await stream.closed
  isProblem(t, await viewer.get('/api/auth/me'), 401, 'unauthenticated')
  isProblem(t, await app.delete(`/admin/users/${id}`), 404, 'not_found')
  t.equal((await app.post('/admin/users', { email: 'viewer@example.com', role: 'viewer' })).status, 201)
})

t.test('somebody who may do everything always stays', async t => {
  const app = await buildApp(t)
  const { id } = (await app.get('/api/auth/me')).body
  for (const changes of [{ role: 'operator' }, { disabled: true }]) {
    isProblem(t, await app.patch(`/admin/users/${id}`, changes), 409, 'last_admin')
  }
  isProblem(t, await app.delete(`/admin/users/${id}`), 409, 'last_admin')

  // Who was invited and has not come yet is nobody to rely on.
  const { user, link } = (await app.post('/admin/users', { email: 'b@example.com', role: 'admin' })).body
  isProblem(t, await app.patch(`/admin/users/${id}`, { role: 'viewer' }), 409, 'last_admin')
  await app.post('/api/auth/link/password', { token: link.token, password: 'long enough' })
  const both = await Promise.all([
    app.patch(`/admin/users/${id}`, { role: 'viewer' }),
    app.patch(`/admin/users/${user.id}`, { role: 'viewer' })
  ])
  t.equal(both.filter(({ status }) => status === 200).length, 1, 'of two who step down at once one does')
})

t.test('an administrator sees the sessions of others and ends them', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const other = new Client(app.url)
  other.token = (await signIn(app, 'viewer@example.com', ADMIN.password)).body.accessToken
  const { id } = (await viewer.get('/api/auth/me')).body
  const sessions = (await app.get(`/admin/users/${id}/sessions`)).body.items
  t.equal(sessions.length, 2)
  t.same(Object.keys(sessions[0]).sort(), ['address', 'createdAt', 'current', 'expiresAt', 'id', 'seenAt', 'userAgent'])

  const stream = await other.stream('/api/events')
  t.equal((await app.delete(`/admin/users/${id}/sessions/${sessions[0].id}`)).status, 204)
  await stream.closed
  isProblem(t, await other.get('/api/auth/me'), 401, 'unauthenticated')
  t.equal((await viewer.get('/api/auth/me')).status, 200)
  isProblem(t, await app.delete(`/admin/users/${id}/sessions/${sessions[0].id}`), 404, 'not_found', 'it is over')
  const own = (await app.get('/api/auth/sessions')).body.items[0]
  isProblem(t, await app.delete(`/admin/users/${id}/sessions/${own.id}`), 404, 'not_found', 'it is not his')

  t.equal((await app.delete(`/admin/users/${id}/sessions`)).status, 204)
  isProblem(t, await viewer.get('/api/auth/me'), 401, 'unauthenticated')
})

t.test('what is asked wrongly is refused, and says what is wrong', async t => {
  const app = await buildApp(t)
  for (const body of [{}, { email: 'x', role: 'viewer' }, { email: 'a@example.com', role: 'root' }]) {
    isProblem(t, await app.post('/admin/users', body), 400, 'invalid_request')
  }
  const nobody = '/admin/users/01890000-0000-7000-8000-000000000000'
  isProblem(t, await app.patch(nobody, { role: 'viewer' }), 404, 'not_found')
  isProblem(t, await app.patch(nobody, {}), 400, 'invalid_request')
  for (const answer of [
    await app.delete(nobody),
    await app.post(`${nobody}/link`),
    await app.get(`${nobody}/sessions`),
    await app.delete(`${nobody}/sessions`),
    await app.delete(`${nobody}/second-factor`)
  ]) {
    isProblem(t, answer, 404, 'not_found')
  }
})
