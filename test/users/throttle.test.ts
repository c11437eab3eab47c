import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN, type Answer } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'

/** An app nobody has signed in to yet, so that each sign-in of the test counts. */
async function freshApp(t: Test, trustedProxy = ['loopback']): Promise<TestApp> {
  const app = await buildApp(t, { setUp: false, config: { trustedProxy } })
  const { status } = await app.post('/api/auth/setup', { setupToken: app.app.setupToken, ...ADMIN })
  t.equal(status, 201)
  return app
}

const signIn = (app: TestApp, email: string, address: string, password = 'wrong password') =>
  app.post('/api/auth/login', { email, password }, { 'x-forwarded-for': address })

function isThrottled(t: Test, answer: Answer): void {
  isProblem(t, answer, 429, 'rate_limited')
  const seconds = Number(answer.headers.get('retry-after'))
  t.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
}

t.test('the eleventh sign-in for an account within a minute is refused, wherever it comes from', async t => {
  const app = await freshApp(t)
  for (let n = 1; n <= 10; n++) t.equal((await signIn(app, ADMIN.email, `198.51.100.${n}`)).status, 401)
  isThrottled(t, await signIn(app, ADMIN.email, '198.51.100.11'))
  isThrottled(t, await signIn(app, ADMIN.email, '198.51.100.12', ADMIN.password))
  isThrottled(t, await signIn(app, ' ADMIN@Example.com ', '198.51.100.13'))
  t.equal((await signIn(app, 'somebody@example.com', '198.51.100.14')).status, 401, 'other accounts are not')
})

t.test('an account that nobody has is throttled as one that somebody has', async t => {
  const app = await freshApp(t)
  for (let n = 1; n <= 10; n++) t.equal((await signIn(app, 'nobody@example.com', `198.51.100.${n}`)).status, 401)
  isThrottled(t, await signIn(app, 'nobody@example.com', '198.51.100.11'))
})

t.test('the eleventh sign-in from an address within a minute is refused, for whichever account', async t => {
  const app = await freshApp(t)
  for (let n = 1; n <= 10; n++) t.equal((await signIn(app, `user${n}@example.com`, '198.51.100.1')).status, 401)
  isThrottled(t, await signIn(app, 'user11@example.com', '198.51.100.1'))
  isThrottled(t, await signIn(app, ADMIN.email, '198.51.100.1', ADMIN.password))
  t.equal((await signIn(app, ADMIN.email, '198.51.100.2', ADMIN.password)).status, 200, 'other addresses are not')
})

t.test('addresses of one IPv6 network count as one', async t => {
  const app = await freshApp(t)
  for (let n = 1; n <= 10; n++) {
    t.equal((await signIn(app, `user${n}@example.com`, `2001:db8:1:2::${n.toString(16)}`)).status, 401)
  }
  isThrottled(t, await signIn(app, 'user11@example.com', '2001:db8:1:2:ffff::1'))
  t.equal((await signIn(app, 'user12@example.com', '2001:db8:1:3::1')).status, 401, 'another network does not')
})

t.test('an address that a peer nobody trusts claims to have is not believed', async t => {
  const app = await freshApp(t, ['10.0.0.1'])
  for (let n = 1; n <= 10; n++) t.equal((await signIn(app, `user${n}@example.com`, `198.51.100.${n}`)).status, 401)
  isThrottled(t, await signIn(app, 'user11@example.com', '198.51.100.11'))
})

t.test('twenty sign-ins at the same moment are counted as twenty', async t => {
  const app = await freshApp(t)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => signIn(app, ADMIN.email, `198.51.100.${n + 1}`))
  )
  t.same(answers.map(answer => answer.status).sort(), [...Array(10).fill(401), ...Array(10).fill(429)])
})
