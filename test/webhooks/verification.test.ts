import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { sign } from '@octokit/webhooks-methods'
import { Webhook as Reference } from 'standardwebhooks'
import t, { type Test } from 'tap'
import { isPing, secretHeaders, secretProblem, type Verified, verify } from '../../src/webhooks/verification.ts'
import { type Incoming, VERIFICATIONS, type Verification } from '../../src/webhooks/webhook.ts'
import { hex, incoming, SECRET, verificationBy } from '../support/webhooks.ts'

interface Example {
  name: string
  examples: object[]
}
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as Example[]

const OTHER = 'another-secret-of-many-characters'
const NOW = 1_760_000_000_000
const SECONDS = NOW / 1000
const BODY = '{"action":"opened","text":"ä \\u0000"}'

const believed = (t: Test, verified: Verified, key: string | null, label: string) =>
  t.same(verified, { ok: true, key }, label)

function refused(t: Test, verified: Verified, detail: RegExp, label: string, verdict = 'invalid_signature') {
  if (verified.ok) return t.fail(`${label}: it was believed`)
  t.equal(verified.verdict, verdict, label)
  return t.match(verified.detail, detail, label)
}

/** Every way to spoil a signature: each is refused, and none of them throws. */
function spoilt(padded: string): [what: string, signature: string][] {
  const signature = padded.replace(/=+$/, '')
  const other = signature.at(-2) === 'a' ? 'b' : 'a'
  return [
    ['empty', ''],
    ['one character less', signature.slice(0, -1)],
    ['one character more', `${signature}a`],
    ['another character', `${signature.slice(0, -2)}${other}${signature.at(-1)}`],
    ['half', signature.slice(0, signature.length / 2)],
    ['twice', signature + signature],
    ['long', 'a'.repeat(15_000)],
    ['no ASCII', signature.replace(/.$/, 'ä')],
    ['not encoded', '\0'.repeat(32)]
  ]
}

t.test('what GitHub sends is believed when GitHub has signed it, event by event', async t => {
  const settings = verificationBy('github')
  for (const { name, examples: payloads } of examples) {
    const body = JSON.stringify(payloads[0])
    const headers = {
      'x-github-event': name,
      'x-github-delivery': `delivery-of-${name}`,
      'x-hub-signature-256': await sign(SECRET, body)
    }
    const verified = verify(settings, incoming(headers, body), SECRET, NOW)
    t.same(verified, { ok: true, key: `delivery-of-${name}` }, name)
    t.equal(isPing(settings, headers), name === 'ping')
    refused(t, verify(settings, incoming(headers, `${body} `), SECRET, NOW), /wrong/, `${name} with a blank more`)
  }
  t.ok(examples.length > 40, `${examples.length} events`)
})

t.test('a GitHub signature that is missing, of another kind, or spoilt is not believed', async t => {
  const settings = verificationBy('github')
  const right = hex(SECRET, BODY)
  const tryWith = (headers: Record<string, string>) => verify(settings, incoming(headers, BODY), SECRET, NOW)
  believed(t, tryWith({ 'x-hub-signature-256': `sha256=${right}` }), null, 'right')
  believed(t, tryWith({ 'x-hub-signature-256': `sha256=${right.toUpperCase()}` }), null, 'in capitals')
  refused(t, tryWith({}), /missing/, 'none')
  refused(t, tryWith({ 'x-hub-signature': `sha1=${hex(SECRET, BODY, 'sha1')}` }), /missing/, 'only the old one')
  refused(t, tryWith({ 'x-hub-signature-256': right }), /begin with sha256=/, 'without its prefix')
  refused(t, tryWith({ 'x-hub-signature-256': `sha1=${right}` }), /begin with sha256=/, 'of another algorithm')
  refused(t, tryWith({ 'x-hub-signature-256': `sha256=${hex(OTHER, BODY)}` }), /wrong/, 'of another secret')
  for (const [what, signature] of spoilt(right)) {
    refused(t, tryWith({ 'x-hub-signature-256': `sha256=${signature}` }), /wrong/, what)
  }
})

t.test('what the reference library of Standard Webhooks signs is believed', async t => {
  const settings = verificationBy('standard')
  const now = new Date(NOW)
  for (const [secret, reference] of [
    [`whsec_${Buffer.alloc(32, 7).toString('base64')}`, new Reference(Buffer.alloc(32, 7).toString('base64'))],
    [SECRET, new Reference(SECRET, { format: 'raw' })]
  ] as const) {
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(SECONDS),
      'webhook-signature': reference.sign('msg_1', now, BODY)
    }
    believed(t, verify(settings, incoming(headers, BODY), secret, NOW), 'msg_1', secret)
    const many = `v1,AAAA v1a,${'a'.repeat(88)} ${headers['webhook-signature']} v2,x`
    const rotating = { ...headers, 'webhook-signature': many }
    believed(t, verify(settings, incoming(rotating, BODY), secret, NOW), 'msg_1', 'among several signatures')
    refused(t, verify(settings, incoming(headers, `${BODY} `), secret, NOW), /No signature/, 'a changed body')
    for (const changed of [{ 'webhook-id': 'msg_2' }, { 'webhook-timestamp': String(SECONDS + 1) }]) {
      const verified = verify(settings, incoming({ ...headers, ...changed }, BODY), secret, NOW)
      refused(t, verified, /No signature/, `changed: ${Object.keys(changed)}`)
    }
    for (const name of Object.keys(headers)) {
      const { [name as 'webhook-id']: _, ...rest } = headers
      refused(t, verify(settings, incoming(rest, BODY), secret, NOW), new RegExp(`Missing: ${name}\\.`), name)
    }
    for (const [what, signature] of spoilt(headers['webhook-signature'].slice(3))) {
      const verified = verify(
        settings,
        incoming({ ...headers, 'webhook-signature': `v1,${signature}` }, BODY),
        secret,
        NOW
      )
      refused(t, verified, /No signature/, what)
    }
    for (const [version, signature] of [
      ['v1a', headers['webhook-signature'].replace('v1', 'v1a')],
      ['none', headers['webhook-signature'].slice(3)],
      ['v1 and nothing', 'v1']
    ] as const) {
      const verified = verify(settings, incoming({ ...headers, 'webhook-signature': signature }, BODY), secret, NOW)
      refused(t, verified, /No signature/, `version ${version}`)
    }
  }
})

t.test('what is signed rightly but for another time is stale, five minutes either way', async t => {
  const settings = verificationBy('standard')
  const at = (seconds: number | string) => {
    const signed = createHmac('sha256', SECRET).update(`msg_1.${seconds}.${BODY}`).digest('base64')
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': `${seconds}`, 'webhook-signature': `v1,${signed}` }
    return verify(settings, incoming(headers, BODY), SECRET, NOW)
  }
  believed(t, at(SECONDS - 300), 'msg_1', 'five minutes ago')
  believed(t, at(SECONDS + 300), 'msg_1', 'in five minutes')
  refused(t, at(SECONDS - 301), /minutes ago/, 'longer ago', 'stale')
  refused(t, at(SECONDS + 301), /from now/, 'later', 'stale')
  refused(t, at(NOW), /no time/, 'in milliseconds')
  for (const time of ['', 'NaN', '1e9', '-1', ' 1760000000', '0x1', '9'.repeat(400)]) {
    refused(t, at(time), /no time/, `"${time.slice(0, 20)}"`)
  }
})

t.test('who has the token of a GitLab trigger is believed, and nobody else', async t => {
  const settings = verificationBy('gitlab')
  const tryWith = (headers: Record<string, string>) => verify(settings, incoming(headers, BODY), SECRET, NOW)
  believed(t, tryWith({ 'x-gitlab-token': SECRET }), null, 'right')
  believed(t, tryWith({ 'x-gitlab-token': SECRET, 'x-gitlab-event-uuid': 'event' }), 'event', 'with an event')
  const both = { 'x-gitlab-event-uuid': 'event', 'idempotency-key': 'delivery' }
  believed(t, tryWith({ 'x-gitlab-token': SECRET, ...both }), 'delivery', 'with both ids')
  refused(t, tryWith({}), /missing/, 'none')
  for (const [what, token] of spoilt(SECRET)) refused(t, tryWith({ 'x-gitlab-token': token }), /not a secret/, what)
})

const asItIs = (signature: string) => signature

const signers: [
  string,
  Verification,
  (body: string, send?: (signature: string) => string) => Record<string, string>
][] = [
  [
    'Slack',
    verificationBy('hmac', {
      header: 'x-slack-signature',
      prefix: 'v0=',
      signed: 'v0:{timestamp}:{body}',
      timestampHeader: 'x-slack-request-timestamp'
    }),
    (body, send = asItIs) => ({
      'x-slack-request-timestamp': String(SECONDS),
      'x-slack-signature': `v0=${send(hex(SECRET, `v0:${SECONDS}:${body}`))}`
    })
  ],
  [
    'Stripe',
    verificationBy('hmac', {
      header: 'stripe-signature',
      prefix: 'v1=',
      signed: '{timestamp}.{body}',
      timestampHeader: 'stripe-signature',
      timestampPrefix: 't='
    }),
    (body, send = asItIs) => ({
      'stripe-signature': `t=${SECONDS},v1=${hex(OTHER, body)}, v1=${send(hex(SECRET, `${SECONDS}.${body}`))},v0=00`
    })
  ],
  [
    'Shopify',
    verificationBy('hmac', {
      header: 'x-shopify-hmac-sha256',
      encoding: 'base64',
      deliveryHeader: 'x-shopify-webhook-id'
    }),
    (body, send = asItIs) => ({
      'x-shopify-hmac-sha256': send(createHmac('sha256', SECRET).update(body).digest('base64')),
      'x-shopify-webhook-id': 'one'
    })
  ],
  [
    'base64 without padding',
    verificationBy('hmac', { encoding: 'base64' }),
    (body, send = asItIs) => ({
      'x-signature': send(createHmac('sha256', SECRET).update(body).digest('base64').replaceAll('=', ''))
    })
  ],
  [
    'SHA-1 in base64url',
    verificationBy('hmac', { algorithm: 'sha1', encoding: 'base64url' }),
    (body, send = asItIs) => ({ 'x-signature': send(createHmac('sha1', SECRET).update(body).digest('base64url')) })
  ],
  [
    'SHA-512 in hex with a prefix',
    verificationBy('hmac', { algorithm: 'sha512', prefix: 'sha512=' }),
    (body, send = asItIs) => ({ 'x-signature': `sha512=${send(hex(SECRET, body, 'sha512'))}` })
  ]
]

for (const [who, settings, headersFor] of signers) {
  t.test(`what is signed as ${who} does is believed, and nothing that differs by a byte`, async t => {
    const headers = headersFor(BODY)
    const key = headers['x-shopify-webhook-id'] ?? null
    believed(t, verify(settings, incoming(headers, BODY), SECRET, NOW), key, 'as it was sent')
    const rotating = `${OTHER}\n${SECRET}`
    believed(t, verify(settings, incoming(headers, BODY), rotating, NOW), key, 'by one of two secrets')
    refused(t, verify(settings, incoming(headers, `${BODY} `), SECRET, NOW), /wrong/, 'a changed body')
    refused(t, verify(settings, incoming(headers, BODY), OTHER, NOW), /wrong/, 'another secret')
    refused(t, verify(settings, incoming({}, BODY), SECRET, NOW), /missing/, 'no header')
    headersFor(BODY, right => {
      for (const [what, signature] of spoilt(right)) {
        const spoiltHeaders = headersFor(BODY, () => signature)
        refused(t, verify(settings, incoming(spoiltHeaders, BODY), SECRET, NOW), /wrong|Nothing/, what)
      }
      return right
    })
    if (!settings.timestampHeader) return
    refused(t, verify(settings, incoming(headers, BODY), SECRET, NOW + 301_000), /ago/, 'old', 'stale')
    refused(t, verify(settings, incoming(headers, BODY), SECRET, NOW - 301_000), /from now/, 'too new', 'stale')
    const timeless = {
      ...headers,
      [settings.timestampHeader]: headers[settings.timestampHeader]!.replace(`${SECONDS}`, '')
    }
    refused(t, verify(settings, incoming(timeless, BODY), SECRET, NOW), /no time/, 'without a time')
  })
}

t.test('a template for what is signed takes the time as it is, not as a pattern', async t => {
  const settings = verificationBy('hmac', { signed: '{timestamp}{timestamp}$&{body}', timestampHeader: 'x-time' })
  const headers = { 'x-time': `${SECONDS}`, 'x-signature': hex(SECRET, `${SECONDS}${SECONDS}$&${BODY}`) }
  believed(t, verify(settings, incoming(headers, BODY), SECRET, NOW), null, 'filled in twice')
  const injected = { ...headers, 'x-time': '{body}' }
  refused(t, verify(settings, incoming(injected, BODY), SECRET, NOW), /wrong/, 'a placeholder for a time')
})

t.test('bytes that are no text are signed as they are', async t => {
  const body = Buffer.from([0, 255, 128, 195, 40, 10])
  const headers = { 'x-hub-signature-256': `sha256=${hex(SECRET, body)}` }
  believed(t, verify(verificationBy('github'), { headers, body }, SECRET, NOW), null, 'bytes')
  const other = Buffer.from([0, 254, 128, 195, 40, 10])
  refused(t, verify(verificationBy('github'), { headers, body: other }, SECRET, NOW), /wrong/, 'other bytes')
})

t.test('without a secret nobody is believed, unless the trigger says that it believes all', async t => {
  const headersOf: Record<string, Incoming['headers']> = {
    github: { 'x-hub-signature-256': `sha256=${hex('', BODY)}` },
    standard: {
      'webhook-id': '1',
      'webhook-timestamp': String(SECONDS),
      'webhook-signature': `v1,${createHmac('sha256', '').update(`1.${SECONDS}.${BODY}`).digest('base64')}`
    },
    gitlab: { 'x-gitlab-token': '' },
    hmac: { 'x-signature': hex('', BODY) }
  }
  for (const kind of VERIFICATIONS) {
    for (const secret of [null, '', ' \n']) {
      const { ok } = verify(verificationBy(kind), incoming(headersOf[kind] ?? {}, BODY), secret, NOW)
      t.equal(ok, kind === 'none', `${kind}, ${JSON.stringify(secret)}`)
    }
  }
})

t.test("an id that is longer than anybody's is kept as its hash, and ids of two headers are not mixed up", async t => {
  const keyOf = (id: string) => {
    const verified = verify(
      verificationBy('gitlab'),
      incoming({ 'x-gitlab-token': SECRET, 'idempotency-key': id }),
      SECRET,
      NOW
    )
    return verified.ok && verified.key
  }
  t.equal(keyOf('  one '), 'one')
  t.equal(keyOf('   '), null)
  t.match(keyOf('x'.repeat(201)), /^[0-9a-f]{64}$/)
  t.not(keyOf('x'.repeat(201)), keyOf('x'.repeat(202)))
})

t.test('a secret that is easily guessed, or that would be several, is not taken', async t => {
  t.equal(secretProblem('github', SECRET), null)
  t.equal(secretProblem('hmac', `${SECRET}\n${OTHER}`), null)
  t.match(secretProblem('github', 'correct horse battery'), /fewer than 16 .* \(number 1 of 3\)/)
  t.match(secretProblem('gitlab', 'short'), /fewer than 16/)
  t.match(secretProblem('gitlab', ' '), /empty/)
  t.match(secretProblem('github', Array(6).fill(SECRET).join(' ')), /6 secrets/)
  t.equal(secretProblem('standard', `whsec_${Buffer.alloc(24, 1).toString('base64')}`), null)
  t.match(secretProblem('standard', 'whsec_#'), /base64/)
  t.match(secretProblem('standard', 'whsec_QUJD'), /bytes/)
  t.match(secretProblem('none', SECRET), /not needed/)
  for (const kind of VERIFICATIONS) t.notMatch(secretProblem(kind, `${SECRET} short`), SECRET, kind)
})

t.test('the headers that hold a secret or a signature are named, to be kept nowhere', async t => {
  t.same(secretHeaders(verificationBy('github')), ['x-hub-signature-256', 'x-hub-signature'])
  t.same(secretHeaders(verificationBy('gitlab')), ['x-gitlab-token'])
  t.same(secretHeaders(verificationBy('standard')), ['webhook-signature'])
  t.same(secretHeaders(verificationBy('hmac', { header: 'x-mine' })), ['x-mine'])
})
