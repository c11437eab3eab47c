import { join } from 'node:path'
import t from 'tap'
import { newId } from '../../src/lib/ids.ts'
import { loggedError } from '../../src/process/server-log.ts'
import { ADMIN, Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { rawHttp } from '../support/raw-http.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'
import { makeWebhook } from '../support/webhooks.ts'

/** Stands in every place where a credential, a body or a parameter may. */
const MARKER = 'marker-of-a-credential-4711'

/** Something that throws with what it was given in its words and on itself. */
function thrownBy(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not throw')
}

const linesWith = (text: string, part: string) => text.split('\n').filter(line => line.includes(part))

t.test('nothing that requests bring as a credential, a body or a query is in what the server prints', async t => {
  const server = await startServer(t, join(testFolder(t), 'data'), { LOG_LEVEL: 'trace' })
  const bot = await server.makeBot(['true'])
  const webhook = await makeWebhook(server, bot)
  const headers = {
    authorization: `Bearer ${MARKER}`,
    cookie: `botyard_access=${MARKER}; botyard_refresh=${MARKER}; other=${MARKER}`,
    'x-gitlab-token': MARKER,
    'x-hub-signature-256': `sha256=${MARKER}`,
    'webhook-signature': `v1,${MARKER}`,
    'webhook-id': MARKER,
    'idempotency-key': MARKER,
    'last-event-id': MARKER,
    'if-none-match': `"${MARKER}"`,
    'user-agent': MARKER,
    referer: `http://localhost/${MARKER}`,
    'x-forwarded-for': MARKER,
    'x-anything': MARKER
  }
  const bodies = [
    JSON.stringify({ email: ADMIN.email, password: MARKER }),
    JSON.stringify({ setupToken: MARKER, email: 'a@example.com', password: MARKER, token: MARKER }),
    JSON.stringify({ name: MARKER, value: MARKER, command: ['true', MARKER], [MARKER]: MARKER }),
    `{"broken": "${MARKER}"`,
    MARKER
  ]
  const paths = [
    '/api/auth/login',
    '/api/auth/setup',
    '/api/auth/refresh',
    '/api/auth/logout',
    '/api/auth/link',
    '/api/auth/link/password',
    '/api/auth/password',
    '/api/tokens',
    '/api/bots',
    `/api/bots/${bot.id}/executions`,
    '/api/channels',
    `/api/webhooks/${webhook.id}`,
    '/admin/users',
    '/nowhere'
  ]
  const stranger = new Client(server.url)
  for (const path of paths) {
    for (const raw of bodies) {
      await stranger.request('POST', `${path}?token=${MARKER}`, { raw, headers })
      await server.request('POST', `${path}?token=${MARKER}`, {
        raw,
        headers: { ...headers, authorization: `Bearer ${server.token}` }
      })
    }
    await stranger.get(`${path}?code=${MARKER}&state=${MARKER}`, headers)
  }
  await server.request('PUT', '/api/secrets/SOMETHING', { body: { value: MARKER } })
  await stranger.get(`/api/auth/oidc/callback?code=${MARKER}&state=${MARKER}`, headers)
  await server.get(`/api/events?topics=${MARKER}`)
  await server.get('/health', headers)
  for (const unreadable of [`GET /health?${MARKER} HTTP/9\r\n${MARKER}: ${MARKER}\r\n\r\n`, `${MARKER}\r\n\r\n`])
    await rawHttp(server.url, unreadable, answer => answer.includes('400'))
  await rawHttp(server.url, `GET /%zz?${MARKER} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`, () => false)
  // What comes last is printed last.
  const last = newId()
  await server.get('/api/bots', { 'x-request-id': last })
  await eventually('all to be printed', () => server.output.includes(`${last}","res"`))
  const { token } = server
  await server.kill('SIGTERM')
  t.same(linesWith(server.output, MARKER), [])
  t.same(linesWith(server.output, token!), [])
})

t.test('errors are told without what libraries hang on them', t => {
  const inUrl = thrownBy(() => new URL(`//${MARKER}`))
  t.match(Object.values(inUrl).join(), MARKER, 'Node itself keeps the input')
  const parsed = thrownBy(() => JSON.parse(`{"a": ${MARKER}`))
  t.match(parsed.message, 'marker', 'and quotes what it parses')
  const request = Object.assign(new Error('refused'), {
    code: 'ECONNREFUSED',
    port: 443,
    headers: { authorization: MARKER },
    config: { body: MARKER },
    cause: Object.assign(new Error(`no way to https://user:${MARKER}@example.com/`), { input: MARKER })
  })
  for (const error of [inUrl, parsed, request, new AggregateError([request], 'several'), MARKER, { secret: MARKER }])
    t.notMatch(JSON.stringify(loggedError(error)), 'marker')
  t.match(loggedError(new AggregateError([request], 'several')), { errors: [{ code: 'ECONNREFUSED' }] })
  t.match(loggedError(request), {
    type: 'Error',
    message: 'refused',
    code: 'ECONNREFUSED',
    port: 443,
    stack: /^Error: refused\n\s+at .*server-log\.test/,
    cause: { message: 'no way to https://example.com/' }
  })
  t.end()
})

t.test('an error that is its own cause is told', t => {
  const error: Error & { cause?: unknown } = new Error('round and round')
  error.cause = error
  t.match(JSON.stringify(loggedError(error)), 'round and round')
  t.end()
})
