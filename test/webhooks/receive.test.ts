import { once } from 'node:events'
import { createRequire } from 'node:module'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { sign } from '@octokit/webhooks-methods'
import { Webhook as Reference } from 'standardwebhooks'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isProblem } from '../support/problems.ts'
import { rawHttp } from '../support/raw-http.ts'
import {
  deliveriesOf,
  executionsOf,
  githubHeaders,
  hex,
  makeWebhook,
  SECRET,
  send,
  sendGithub
} from '../support/webhooks.ts'

interface Example {
  name: string
  examples: { action?: string }[]
}
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as Example[]
const PRINTS_PAYLOAD = ['/bin/sh', '-c', 'cat "$BOTYARD_PAYLOAD"']

t.test('what GitHub sends starts the bot, once, and the bot is given it as it was sent', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(PRINTS_PAYLOAD)
  const trigger = await makeWebhook(app, bot)
  const payload = examples.find(({ name }) => name === 'pull_request')!.examples[0]
  const body = JSON.stringify(payload, null, 1)
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'pull_request',
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-hub-signature-256': await sign(SECRET, body)
  }
  const answer = await send(app, trigger, body, headers)
  t.equal(answer.status, 202, answer.text)
  t.equal(answer.body.verdict, 'started')
  const execution = await app.ended(answer.body.executionId)
  t.match(execution, { state: 'succeeded', trigger: 'webhook', by: null, triggerId: trigger.id, triggerName: 'hook' })
  t.equal((await app.downloadLog(execution.id)).toString(), body)

  const again = await send(app, trigger, body, headers)
  t.equal(again.status, 200)
  t.same(again.body, { ...answer.body, verdict: 'repeated' })
  t.equal((await executionsOf(app, bot)).length, 1)
  const [repeat, first] = await deliveriesOf(app, trigger)
  t.match(first, { verdict: 'started', verified: true, key: headers['x-github-delivery'], executionId: execution.id })
  t.match(first, { bodyBytes: Buffer.byteLength(body), replayOf: null, repeatOf: null })
  t.match(repeat, { verdict: 'repeated', repeatOf: first!.id, executionId: execution.id })
})

t.test('a ping is answered and kept, and starts nothing', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const answer = await sendGithub(app, trigger, { zen: 'Keep it logically awesome.', hook_id: 1 }, { event: 'ping' })
  t.equal(answer.status, 200)
  t.match(answer.body, { verdict: 'ping', executionId: null })
  t.match(await deliveriesOf(app, trigger), [{ verdict: 'ping', verified: true }])
  t.same(await executionsOf(app, bot), [])
})

t.test('a challenge is answered, where it is signed, and starts nothing', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const slack = await makeWebhook(app, bot, {
    verification: 'hmac',
    header: 'X-Slack-Signature',
    prefix: 'v0=',
    signed: 'v0:{timestamp}:{body}',
    timestampHeader: 'X-Slack-Request-Timestamp'
  })
  const body = JSON.stringify({
    token: 'Jhj5dZrVaK7ZwHHjRyZWjbDl',
    challenge: '3eZbrw1aBm2rZgRNF',
    type: 'url_verification'
  })
  const seconds = Math.floor(Date.now() / 1000)
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${hex(SECRET, `v0:${seconds}:${body}`)}`
  }
  const answer = await send(app, slack, body, headers)
  t.equal(answer.status, 200)
  t.same(answer.body, { challenge: '3eZbrw1aBm2rZgRNF' })
  const unsigned = await send(app, slack, body, { 'content-type': 'application/json' })
  isProblem(t, unsigned, 401, 'invalid_signature', 'not signed')
  t.notMatch(unsigned.text, '3eZbrw1aBm2rZgRNF')
  t.match(
    (await deliveriesOf(app, slack)).map(({ verdict }) => verdict),
    ['invalid_signature', 'challenge']
  )
  t.same(await executionsOf(app, bot), [])
})

t.test('Standard Webhooks are taken as the reference library signs them, and not a second time', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(PRINTS_PAYLOAD)
  const key = Buffer.alloc(32, 3).toString('base64')
  const trigger = await makeWebhook(app, bot, { verification: 'standard', secret: `whsec_${key}` })
  const body = '{"type":"invoice.paid","data":{"id":12345678901234567890}}'
  const now = new Date()
  const headers = {
    'content-type': 'application/json',
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Reference(key).sign('msg_p5jXN8AQM9LWM0D4loKWxJek', now, body)
  }
  const answer = await send(app, trigger, body, headers)
  t.equal(answer.status, 202, answer.text)
  await app.ended(answer.body.executionId)
  t.equal((await app.downloadLog(answer.body.executionId)).toString(), body, 'large numbers stay what they are')
  t.equal((await send(app, trigger, body, headers)).body.verdict, 'repeated')
})

t.test('what is not signed rightly is told one thing, and its owner is told why', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const github = await makeWebhook(app, bot)
  const standard = await makeWebhook(app, bot, { verification: 'standard' })
  const gitlab = await makeWebhook(app, bot, { verification: 'gitlab' })
  const body = '{"action":"opened"}'
  const right = githubHeaders(SECRET, body)
  const old = Math.floor(Date.now() / 1000) - 3600
  const oldHeaders = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(old),
    'webhook-signature': new Reference(SECRET, { format: 'raw' }).sign('msg_1', new Date(old * 1000), body)
  }
  const { 'x-hub-signature-256': _, ...unsigned } = right
  const details = new Set<string>()
  for (const [what, trigger, sent, headers, verdict, why] of [
    ['a bad signature', github, body, githubHeaders('another secret', body), 'invalid_signature', /wrong/],
    ['a changed body', github, body.replace('opened', 'closed'), right, 'invalid_signature', /wrong/],
    ['a missing header', github, body, unsigned, 'invalid_signature', /missing/],
    [
      'a short signature',
      github,
      body,
      { ...right, 'x-hub-signature-256': 'sha256=abc' },
      'invalid_signature',
      /wrong/
    ],
    [
      'a long signature',
      github,
      body,
      { ...right, 'x-hub-signature-256': `sha256=${'a'.repeat(9000)}` },
      'invalid_signature',
      /wrong/
    ],
    ['an old time', standard, body, oldHeaders, 'stale', /60 minutes ago/],
    ['another token', gitlab, body, { 'x-gitlab-token': 'another token' }, 'invalid_signature', /X-Gitlab-Token/],
    ['no JSON and a bad signature', github, '{', right, 'invalid_signature', /wrong/]
  ] as const) {
    const answer = await send(app, trigger, sent, headers)
    isProblem(t, answer, 401, 'invalid_signature', what)
    details.add(answer.body.detail)
    const [delivery] = await deliveriesOf(app, trigger)
    t.match(delivery, { verdict, verified: false, executionId: null }, what)
    t.match(delivery!.detail, why, what)
  }
  t.equal(details.size, 1, 'all are told the same')
  t.same(await executionsOf(app, bot), [])
})

t.test('what cannot be read is refused, starts nothing, and is kept with the reason', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const deep = '['.repeat(10_000) + ']'.repeat(10_000)
  for (const [body, why] of [
    ['{"action":', /not JSON/],
    ['', null],
    [deep, /100 levels/],
    ['{"__proto__":{"isAdmin":true}}', /__proto__/],
    ['"\xff"', null]
  ] as const) {
    const bytes = Buffer.from(body, 'latin1')
    const answer = await send(app, trigger, bytes, githubHeaders(SECRET, bytes))
    const [delivery] = await deliveriesOf(app, trigger)
    if (body === '') {
      t.equal(delivery!.verdict, 'started', 'nothing is null')
      await app.ended(delivery!.executionId!)
      continue
    }
    isProblem(t, answer, 400, 'invalid_json', body.slice(0, 20))
    t.match(delivery, { verdict: 'unreadable', verified: true, executionId: null })
    t.match(delivery!.detail, why ?? /UTF-8/)
  }
  t.equal((await executionsOf(app, bot)).length, 1)
})

t.test('eleven megabytes are not taken, be it said beforehand or not, and ten are', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/sh', '-c', 'wc -c <"$BOTYARD_PAYLOAD"'])
  const trigger = await makeWebhook(app, bot)
  const large = Buffer.from(`"${'x'.repeat(11 * 1024 * 1024)}"`)
  isProblem(t, await send(app, trigger, large, githubHeaders(SECRET, large)), 413, 'body_too_large', 'as one')
  t.match(await deliveriesOf(app, trigger), [{ verdict: 'too_large', verified: false, bodyBytes: 0 }])

  const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`
  const head = `POST /api/webhooks/${trigger.id} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`
  const chunked = await rawHttp(app.url, `${head}${chunk.repeat(176)}0\r\n\r\n`, answer =>
    answer.includes('body_too_large')
  )
  t.match(chunked, /^HTTP\/1.1 413 /)
  t.equal((await deliveriesOf(app, trigger)).length, 2)

  const fits = Buffer.from(`"${'x'.repeat(10 * 1024 * 1024 - 2)}"`)
  const answer = await send(app, trigger, fits, githubHeaders(SECRET, fits))
  t.equal(answer.status, 202, answer.text)
  await app.ended(answer.body.executionId)
  t.equal((await app.downloadLog(answer.body.executionId)).toString().trim(), String(fits.length))
  t.equal((await executionsOf(app, bot)).length, 1)
})

t.test('who sends very much at a time is sent away, also when he does not say how much', async t => {
  const app = await buildApp(t)
  const trigger = await makeWebhook(app, await app.makeBot(['true']))
  const head = `POST /api/webhooks/${trigger.id} HTTP/1.1\r\nHost: x\r\n`
  const flood = async (count: number, length: string, bytes: number) => {
    const { hostname, port } = new URL(app.url)
    const sockets = Array.from({ length: count }, () => net.connect(Number(port), hostname))
    const { promise: sentAway, resolve } = Promise.withResolvers<string>()
    for (const socket of sockets) {
      socket.on('data', chunk => resolve(String(chunk)))
      // Who goes on sending may be cut off before he has read the answer.
      socket.on('error', () => resolve('HTTP/1.1 503 "overloaded"'))
      socket.write(`${head}${length}\r\n\r\n`)
      // Whatever more is to come, never comes.
      socket.write(length.startsWith('T') ? `${(bytes + 1).toString(16)}\r\n` : '')
      socket.write(Buffer.alloc(bytes, 'x'))
    }
    t.match(await sentAway, /^HTTP\/1.1 503 .*"overloaded"/s, length)
    for (const socket of sockets) socket.destroy()
  }
  await flood(8, 'Transfer-Encoding: chunked', 9 * 1024 * 1024)
  await flood(8, `Content-Length: ${9 * 1024 * 1024 + 1}`, 9 * 1024 * 1024)
  await flood(1100, `Content-Length: ${64 * 1024}`, 64 * 1024 - 1)
})

t.test('any Content-Type is taken, and what it says decides how the body is read', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(PRINTS_PAYLOAD)
  const trigger = await makeWebhook(app, bot, { verification: 'none' })
  const given = async (contentType: string | null, body: string) => {
    const answer = await send(app, trigger, body, contentType === null ? {} : { 'content-type': contentType })
    t.equal(answer.status, 202, `${contentType}: ${answer.text}`)
    await app.ended(answer.body.executionId)
    return (await app.downloadLog(answer.body.executionId)).toString()
  }
  t.equal(await given('application/json;\tcharset=utf-8', '{"a":1}'), '{"a":1}')
  t.equal(await given('application/x-www-form-urlencoded', 'payload=%7B%22a%22%3A1%7D'), '{"a":1}')
  t.equal(await given('application/x-www-form-urlencoded', 'a=1&b=%C3%A4'), '{"a":"1","b":"ä"}')
  t.equal(await given('text/plain', 'a "text"'), '"a \\"text\\""')
  t.equal(await given('image/png', 'no image'), '"no image"')
  const tab = await rawHttp(
    app.url,
    `POST /api/webhooks/${trigger.id} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\t\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{`
  )
  t.match(tab, /^HTTP\/1.1 400 /, 'a tab does not make it something else')
  const strange = await rawHttp(
    app.url,
    `POST /api/webhooks/${trigger.id} HTTP/1.1\r\nHost: x\r\nContent-Type: \tapplication\t/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{`
  )
  t.match(strange, /^HTTP\/1.1 4/, 'nor within it')
})

t.test('an address that is no webhook is not there, and no GET does anything', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const other = await app.makeBot(['true'])
  const chain = await app.post('/api/triggers', {
    bot: bot.id,
    kind: 'chain',
    name: 'chain',
    chain: { afterBotId: other.id }
  })
  t.equal(chain.status, 201, chain.text)
  const trigger = await makeWebhook(app, bot, { verification: 'none' })
  for (const id of [chain.body.id, crypto.randomUUID(), 'none', '__proto__', '%00', '..%2Ftriggers']) {
    const answer = await send(app, { id }, '{}')
    isProblem(t, answer, 404, 'not_found', id)
    t.match(answer.body.detail, /^There is nothing at POST \/api\/webhooks\//)
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const answer = await fetch(`${app.url}/api/webhooks/${trigger.id}`, { method })
    t.ok([401, 404].includes(answer.status), `${method}: ${answer.status}`)
  }
  const forged = await send(app, trigger, '{}', { origin: 'https://elsewhere.example' })
  isProblem(t, forged, 403, 'cross_site', 'by a page of another site')
  t.same(await executionsOf(app, bot), [])
  t.same(await deliveriesOf(app, trigger), [])
})

t.test('a webhook that is deleted while somebody sends to it is not there for him', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const body = '{"action":"opened"}'
  for (const [what, verification, signedWith] of [
    ['believed', 'github', SECRET],
    ['not believed', 'github', 'another secret'],
    ['believed as all are', 'none', SECRET]
  ] as const) {
    const trigger = await makeWebhook(app, bot, { verification })
    const headers = Object.entries(githubHeaders(signedWith, body)).map(([name, value]) => `${name}: ${value}\r\n`)
    const { hostname, port } = new URL(app.url)
    const socket = net.connect(Number(port), hostname)
    const all = text(socket)
    socket.write(
      `POST /api/webhooks/${trigger.id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n` +
        `${headers.join('')}Content-Length: ${body.length}\r\n\r\n`
    )
    // Whose webhook it is has been seen to long before another request is answered.
    await once(socket, 'readable')
    t.equal((await app.delete(`/api/triggers/${trigger.id}`)).status, 204)
    socket.write(body)
    const answer = await all
    t.match(answer, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 404 /, what)
    t.match(answer, `There is nothing at POST /api/webhooks/${trigger.id}.`, what)
  }
  t.same(await executionsOf(app, bot), [])
})

t.test('headers that hold a secret are kept without it', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const gitlab = await makeWebhook(app, bot, { verification: 'gitlab' })
  const hidden = {
    'x-gitlab-token': SECRET,
    authorization: 'Bearer hidden-1',
    cookie: 'a=hidden-2',
    'x-hub-signature-256': 'sha256=hidden-3',
    'x-api-key': 'hidden-4',
    'proxy-authorization': 'hidden-5'
  }
  const answer = await send(
    app,
    gitlab,
    '{}',
    { ...hidden, 'x-gitlab-event': 'Push Hook' },
    '?token=hidden-6&env=test&tag=a&tag=b'
  )
  t.equal(answer.status, 202, answer.text)
  await app.ended(answer.body.executionId)
  const kept = await app.get(`/api/deliveries/${answer.body.deliveryId}`)
  t.notMatch(kept.text, /hidden-\d/)
  t.notMatch(kept.text, SECRET)
  t.match(kept.body.headers, { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': '[removed]', cookie: '[removed]' })
  t.match(kept.body.query, { env: 'test', token: '[removed]', tag: 'a, b' })

  const mine = await makeWebhook(app, bot, { verification: 'hmac', header: 'X-Mine' })
  const refused = await send(app, mine, '{}', { 'x-mine': 'hidden-7' })
  t.equal(refused.status, 401)
  const { id } = (await deliveriesOf(app, mine))[0]!
  t.match((await app.get(`/api/deliveries/${id}`)).body.headers, { 'x-mine': '[removed]' })
})

t.test('filters say which deliveries start the bot, and the mapping with which parameters', async t => {
  const app = await buildApp(t)
  const parameters = {
    type: 'object',
    properties: { number: { type: 'integer' }, title: { type: 'string', default: 'none' }, event: { type: 'string' } },
    required: ['number']
  }
  const bot = await app.makeBot(
    ['printf', '%s', '{{parameters.number}} {{parameters.title}} {{parameters.event}} {{payload.action}}'],
    {
      parameters
    }
  )
  const trigger = await makeWebhook(
    app,
    bot,
    {
      verification: 'github',
      filters: {
        match: 'all',
        rules: [
          { path: '$.headers["x-github-event"]', op: 'equals', value: 'pull_request' },
          { path: '$.payload.action', op: 'matches', value: '^(opened|reopened)$' },
          { path: '$.payload.pull_request.draft', op: 'equals', value: false }
        ]
      },
      map: { number: '$.payload.number', title: '$.payload.pull_request.title' }
    },
    { parameters: { event: 'from the trigger', number: 1 } }
  )
  const payload = { action: 'opened', number: 7, pull_request: { draft: false, title: '$(id); "x"' } }
  const answer = await sendGithub(app, trigger, payload, { event: 'pull_request' })
  t.equal(answer.status, 202, answer.text)
  await app.ended(answer.body.executionId)
  t.equal((await app.downloadLog(answer.body.executionId)).toString(), '7 $(id); "x" from the trigger opened')

  for (const [other, event] of [
    [{ ...payload, action: 'closed' }, 'pull_request'],
    [{ ...payload, pull_request: { draft: true } }, 'pull_request'],
    [payload, 'push']
  ] as const) {
    const filtered = await sendGithub(app, trigger, other, { event })
    t.equal(filtered.status, 200)
    t.match(filtered.body, { verdict: 'filtered', executionId: null })
    t.match((await deliveriesOf(app, trigger))[0]!.detail, /^The filters leave it out: \$\..+ (is not|does not match) /)
  }
  const wrong = await sendGithub(app, trigger, { ...payload, number: 'seven' }, { event: 'pull_request' })
  isProblem(t, wrong, 400, 'invalid_parameters', 'what does not fit')
  t.match((await deliveriesOf(app, trigger))[0], { verdict: 'invalid_parameters', detail: /number/ })
  t.equal((await executionsOf(app, bot)).length, 1)
})

t.test('a webhook that cannot work is not saved, and each thing that is wrong is named', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const wrongIn = async (webhook: Record<string, unknown>) => {
    const answer = await app.post('/api/triggers', { bot: bot.id, kind: 'webhook', name: 'hook', webhook })
    t.equal(answer.status, 400, JSON.stringify(webhook))
    return (answer.body.errors as { path: string }[]).map(({ path }) => path)
  }
  t.same(await wrongIn({}), ['/webhook/verification'])
  t.same(await wrongIn({ secret: SECRET }), ['/webhook/verification'], 'nobody is believed by mistake')
  t.same(await wrongIn({ verification: 'github' }), ['/webhook/secret'])
  t.same(await wrongIn({ verification: 'github', secret: 'short' }), ['/webhook/secret'])
  t.same(await wrongIn({ verification: 'none', secret: SECRET }), ['/webhook/secret'])
  t.same(await wrongIn({ verification: 'github', secret: SECRET, header: 'x-mine' }), ['/webhook/header'])
  t.same(await wrongIn({ verification: 'hmac', secret: SECRET }), ['/webhook/header'])
  const hmac = { verification: 'hmac', secret: SECRET, header: 'x-mine' }
  t.same(await wrongIn({ ...hmac, signed: 'constant' }), ['/webhook/signed'])
  t.same(await wrongIn({ ...hmac, timestampHeader: 'x-time' }), ['/webhook/signed'])
  t.same(await wrongIn({ ...hmac, signed: '{timestamp}.{body}' }), ['/webhook/timestampHeader'])
  const none = { verification: 'none' }
  const rules = [
    { path: 'payload', op: 'exists' },
    { path: '$.a', op: 'matches', value: '(?=a)' }
  ]
  t.same(await wrongIn({ ...none, filters: { match: 'all', rules } }), [
    '/webhook/filters/rules/0/path',
    '/webhook/filters/rules/1/value'
  ])
  t.same(await wrongIn({ ...none, map: { unknown: '$.a' } }), ['/webhook/map/unknown'])
  const trigger = await makeWebhook(app, bot)
  t.match(trigger.webhook, {
    verification: 'github',
    hasSecret: true,
    url: `/api/webhooks/${trigger.id}`,
    header: null
  })
  t.notMatch(JSON.stringify(trigger), SECRET)
  t.equal((await app.patch(`/api/triggers/${trigger.id}`, { webhook: { map: {} } })).status, 200, 'the secret stays')
  const without = await app.patch(`/api/triggers/${trigger.id}`, { webhook: { verification: 'none' } })
  t.equal(without.status, 200, without.text)
})

t.test('a secret is changed without losing a delivery: for a while both will do', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const trigger = await makeWebhook(app, bot)
  const next = 'the-next-secret-of-many-characters'
  const change = (secret: string) => app.patch(`/api/triggers/${trigger.id}`, { webhook: { secret } })
  const statusWith = async (secret: string) => (await sendGithub(app, trigger, {}, { secret })).status
  t.equal((await change(`${next}\n${SECRET}`)).status, 200)
  t.same([await statusWith(SECRET), await statusWith(next)], [202, 202])
  t.equal((await change(next)).status, 200)
  t.same([await statusWith(SECRET), await statusWith(next)], [401, 202])
  for (const { id } of await executionsOf(app, bot)) await app.ended(id)
})

t.test('a mapping gives no more than a list of executions can show', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { parameters: { type: 'object', properties: { all: {} } } })
  const trigger = await makeWebhook(app, bot, { verification: 'github', map: { all: '$.payload' } })
  const ok = await sendGithub(app, trigger, { text: 'x'.repeat(100_000) })
  t.match(ok, { status: 202, body: { verdict: 'started' } })
  isProblem(t, await sendGithub(app, trigger, { text: 'x'.repeat(1_000_000) }), 400, 'invalid_parameters')
  t.match(await deliveriesOf(app, trigger), [{ verdict: 'invalid_parameters', detail: /128 KiB/ }, {}])
  await app.ended(ok.body.executionId)
})
