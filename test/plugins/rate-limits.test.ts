import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { problemDetails } from '../../src/plugins/problem-details.ts'
import { rateLimits, wrongCodeLimit } from '../../src/plugins/rate-limits.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import type { Answer } from '../support/client.ts'
import { ADMIN, Client } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const OPEN_IN_TEN_SECONDS = 1000
const FAILURES_A_MINUTE = 300

const statusesOf = (answers: Answer[]) => answers.map(({ status }) => status)
const howMany = (answers: Answer[], status: number) => answers.filter(answer => answer.status === status).length

/** As many requests as are asked for, at once; all within one window, however slow the machine is, or the test is none. */
function atOnce(count: number, ask: (n: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => ask(n)))
}

/** Asks until somebody is refused; on a slow machine windows pass meanwhile, so that more than one allowance may be used. */
async function untilRefused(ask: (n: number) => Promise<Answer>): Promise<{ answers: Answer[]; refused: Answer }> {
  const answers: Answer[] = []
  for (;;) {
    const more = await atOnce(100, n => ask(answers.length + n))
    answers.push(...more)
    const refused = more.find(({ status }) => status === 429)
    if (refused) return { answers, refused }
  }
}

function isThrottled(t: Test, answer: Answer, withinSeconds: number, label: string): void {
  isProblem(t, answer, 429, 'rate_limited', label)
  const seconds = Number(answer.headers.get('retry-after'))
  t.ok(seconds >= 1 && seconds <= withinSeconds, `${label}: Retry-After: ${seconds}`)
}

t.test('whoever is signed in may ask so often a second, from wherever, and others do not suffer for it', async t => {
  const app = await buildApp(t, { config: { requestsPerSecond: 20 } })
  const viewer = await signedInAs(app, 'viewer')
  const { answers, refused } = await untilRefused(n =>
    viewer.get('/api/bots', { 'x-forwarded-for': `198.51.100.${n % 250}` })
  )
  t.ok(howMany(answers, 200) >= 20, `${howMany(answers, 200)} were answered`)
  isThrottled(t, refused, 1, 'one too many')
  t.equal(refused.headers.get('ratelimit-limit'), '20')
  t.equal(refused.headers.get('ratelimit-remaining'), '0')
  t.equal((await app.get('/api/bots')).status, 200, 'another account is not refused')
})

t.test('an answer says how much of the allowance is left', async t => {
  const app = await buildApp(t)
  const { headers } = await app.get('/api/bots')
  t.equal(headers.get('ratelimit-limit'), String(app.config.requestsPerSecond))
  t.match(headers.get('ratelimit-remaining'), /^\d+$/)
  t.match(headers.get('ratelimit-reset'), /^[01]$/)
  t.equal(headers.get('retry-after'), null)
})

t.test('what is not there counts as well, and a request that is refused for its body', async t => {
  const app = await buildApp(t, { config: { requestsPerSecond: 10 } })
  const missing = await untilRefused(() => app.get('/api/nothing'))
  t.ok(howMany(missing.answers, 404) >= 10, `${howMany(missing.answers, 404)} were answered`)
  const unreadable = await untilRefused(() => app.request('POST', '/api/bots', { raw: '{' }))
  t.same(
    statusesOf(unreadable.answers).filter(status => status !== 400 && status !== 429),
    []
  )
})

t.test('an event stream is one request, however much it says', async t => {
  const app = await buildApp(t, { config: { requestsPerSecond: 1 } })
  const open = async (): Promise<Awaited<ReturnType<TestApp['stream']>>> => {
    const stream = await app.stream('/api/heartbeat')
    return stream.status === 200 ? stream : open()
  }
  const stream = await open()
  let beats = 0
  for await (const { event } of stream) if (event === 'heartbeat' && ++beats === 2) break
  t.equal(beats, 2)
  stream.close()
})

t.test('strangers are counted by address where all may ask', async t => {
  const app = await buildApp(t)
  const page = (address: string) => app.get('/nothing', { 'x-forwarded-for': address })
  const { answers, refused } = await untilRefused(() => page('198.51.100.1'))
  t.ok(howMany(answers, 404) >= OPEN_IN_TEN_SECONDS, `${howMany(answers, 404)} were answered`)
  isThrottled(t, refused, 10, 'one too many')
  t.equal((await page('198.51.100.2')).status, 404, 'another address is not refused')
  t.equal(
    (await app.get('/health', { 'x-forwarded-for': '198.51.100.1' })).status,
    200,
    'nor is whoever looks after it'
  )
  const { status } = await app.get('/api/bots', { 'x-forwarded-for': '198.51.100.1' })
  t.equal(status, 200, 'nor whoever is signed in')
})

t.test('who looks after the server is counted once he wants to be looked up', async t => {
  const app = await buildApp(t)
  const stranger = new Client(app.url)
  const ready = (headers: Record<string, string>) =>
    stranger.get('/health/ready', { 'x-forwarded-for': '198.51.100.1', ...headers })
  const { refused } = await untilRefused(n => ready({ authorization: `Bearer byd_guess${n}` }))
  isThrottled(t, refused, 10, 'one guess too many')
  t.equal((await ready({})).status, 200)
})

t.test(
  'requests nobody has signed are refused when there were too many, and those that are signed are not',
  async t => {
    const app = await buildApp(t)
    const { token } = app
    const from = (address: string, authorization: string) =>
      app.get('/api/bots', { 'x-forwarded-for': address, authorization })
    // By networks of IPv6, each of which is one address however many it has.
    const answers = await atOnce(FAILURES_A_MINUTE, n => from(`2001:db8::${n.toString(16)}`, 'Bearer guessed'))
    t.equal(howMany(answers, 401), FAILURES_A_MINUTE)
    isThrottled(t, await from('2001:db8::ffff', 'Bearer guessed'), 60, 'a guess')
    isThrottled(t, await from('2001:db8::ffff', ''), 60, 'not even a guess')
    isProblem(t, await from('2001:db8:0:1::1', 'Bearer guessed'), 401, 'unauthenticated', 'another network')
    t.equal((await from('2001:db8::1', `Bearer ${token}`)).status, 200, 'who has a right to it')
  }
)

t.test('what a proxy names as the sender and is no address does not make him somebody else', async t => {
  const app = await buildApp(t)
  const login = (sender: string) =>
    app.post('/api/auth/login', { email: ADMIN.email, password: 'x' }, { 'x-forwarded-for': sender })
  const answers: Answer[] = []
  for (const sender of ['not an address', '<b>', '1.2.3.4:80', '::1/64', 'unknown', '_hidden']) {
    for (const more of ['', '1']) answers.push(await login(sender + more))
  }
  t.equal(howMany(answers, 429), 2, 'all of them are the proxy')
  t.equal((await login('198.51.100.7')).status, 429, 'it is the account that is locked now')
  const elsewhere = { email: 'nobody@example.com', password: 'x' }
  t.equal((await app.post('/api/auth/login', elsewhere, { 'x-forwarded-for': '198.51.100.7' })).status, 401)
  t.equal((await app.post('/api/auth/login', elsewhere, { 'x-forwarded-for': 'no address' })).status, 429)

  const refused = await eventually('the refusals to be kept', async () => {
    const { items } = (await app.get('/admin/audit?action=session.refused')).body
    return items.length >= 10 ? items : null
  })
  t.ok(refused.every((entry: { actor: { address: string } }) => entry.actor.address === '127.0.0.1'))
})

t.test('a wrong password counts as a request nobody has signed', async t => {
  const app = await buildApp(t)
  const from = (headers: Record<string, string>) => ({ 'x-forwarded-for': '198.51.100.1', ...headers })
  await atOnce(FAILURES_A_MINUTE - 1, () => app.get('/api/bots', from({ authorization: '' })))
  const wrong = { email: ADMIN.email, password: 'wrong password' }
  isProblem(t, await app.post('/api/auth/login', wrong, from({})), 401, 'invalid_credentials')
  isThrottled(t, await app.get('/api/bots', from({ authorization: '' })), 60, 'the next')
})

t.test('after twenty wrong codes of a second factor in a day none is looked at', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(problemDetails)
  await app.register(rateLimits, { requestsPerSecond: 1000 })
  const codes = wrongCodeLimit(app)
  app.post<{ Params: { account: string } }>('/:account', { config: { access: 'open' } }, async request => {
    const { account } = request.params
    await codes.check(request, account)
    await codes.count(request, account)
    return 'was looked at'
  })
  const statusOf = async (account: string) => (await app.inject({ method: 'POST', url: `/${account}` })).statusCode
  for (let n = 0; n < 20; n++) t.equal(await statusOf('ada'), 200)
  t.equal(await statusOf('ada'), 429)
  t.equal(await statusOf('bob'), 200)
})
