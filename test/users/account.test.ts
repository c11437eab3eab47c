import t from 'tap'
import { buildApp } from '../support/app.ts'
import { ADMIN, Client } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'

t.test('somebody changes his password, which ends his other sessions and not this one', async t => {
  const app = await buildApp(t)
  const other = new Client(app.url)
  await other.signIn()
  const stream = await other.stream('/api/events')
  const change = (currentPassword: string, newPassword: string) =>
    app.request('PUT', '/api/auth/password', { body: { currentPassword, newPassword } })

  const wrong = await change('wrong', 'the next password')
  isProblem(t, wrong, 403, 'wrong_password')
  t.match(wrong.body.errors, [{ path: '/currentPassword' }])
  for (const refused of ['short', 'Password1', 'admin@example.com', ADMIN.password]) {
    const answer = await change(ADMIN.password, refused)
    isProblem(t, answer, 400, 'invalid_request', refused)
    t.match(answer.body.errors, [{ path: '/newPassword' }], refused)
  }
  t.equal((await other.get('/api/auth/me')).status, 200)
  t.equal((await change(ADMIN.password, 'the next password')).status, 204)
  await stream.closed
  isProblem(t, await other.get('/api/auth/me'), 401, 'unauthenticated')
  t.equal((await app.get('/api/auth/me')).status, 200)
  const signIn = (password: string) => app.post('/api/auth/login', { email: ADMIN.email, password })
  isProblem(t, await signIn(ADMIN.password), 401, 'invalid_credentials')
  t.equal((await signIn('the next password')).status, 200)
})

t.test('a password that is chosen uses up a link that is still about', async t => {
  const app = await buildApp(t)
  const { id } = (await app.get('/api/auth/me')).body
  const { token } = (await app.post(`/admin/users/${id}/link`)).body
  const body = { currentPassword: ADMIN.password, newPassword: 'the next password' }
  t.equal((await app.request('PUT', '/api/auth/password', { body })).status, 204)
  isProblem(t, await app.post('/api/auth/link', { token }), 403, 'invalid_link')
})

t.test('somebody sees where he is signed in, and ends what he likes', async t => {
  const app = await buildApp(t)
  const sign = async (userAgent: string) => {
    const client = new Client(app.url)
    client.token = (await client.post('/api/auth/login', ADMIN, { 'user-agent': userAgent })).body.accessToken
    return client
  }
  const [laptop, phone] = [await sign('a laptop'), await sign('a phone')]
  const listed = async () => (await laptop.get('/api/auth/sessions')).body.items
  t.match(
    (await listed()).map((one: { userAgent: string; current: boolean; address: string }) => [
      one.userAgent,
      one.current,
      one.address
    ]),
    [
      ['a phone', false, '127.0.0.1'],
      ['a laptop', true, '127.0.0.1'],
      [String, false, '127.0.0.1']
    ]
  )
  const stream = await phone.stream('/api/events')
  const [{ id }] = await listed()
  t.equal((await laptop.delete(`/api/auth/sessions/${id}`)).status, 204)
  await stream.closed
  isProblem(t, await phone.get('/api/auth/me'), 401, 'unauthenticated')
  isProblem(t, await laptop.delete(`/api/auth/sessions/${id}`), 404, 'not_found')

  t.equal((await laptop.delete('/api/auth/sessions')).status, 204)
  isProblem(t, await app.get('/api/auth/me'), 401, 'unauthenticated')
  t.equal((await listed()).length, 1)
})

t.test('nobody ends the sessions of others as his own', async t => {
  const app = await buildApp(t)
  const { link } = (await app.post('/admin/users', { email: 'a@example.com', role: 'operator' })).body
  await app.post('/api/auth/link/password', { token: link.token, password: 'long enough' })
  const other = new Client(app.url)
  other.token = (
    await app.post('/api/auth/login', { email: 'a@example.com', password: 'long enough' })
  ).body.accessToken
  const [session] = (await app.get('/api/auth/sessions')).body.items
  isProblem(t, await other.delete(`/api/auth/sessions/${session.id}`), 404, 'not_found')
  await other.delete('/api/auth/sessions')
  t.equal((await app.get('/api/auth/me')).status, 200)
})

t.test('nobody finds out a password by trying it in a browser that is signed in', async t => {
  const app = await buildApp(t)
  const tries = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      app.request('PUT', '/api/auth/password', { body: { currentPassword: `guess ${n}`, newPassword: 'long enough' } })
    )
  )
  t.same(tries.map(({ status }) => status).sort(), [...Array(10).fill(403), 429, 429])
  for (const path of ['second-factor', 'second-factor/remove']) {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => app.post(`/api/auth/${path}`, { password: 'a guess' }))
    )
    t.ok(
      answers.some(({ status }) => status === 429),
      path
    )
  }
})
