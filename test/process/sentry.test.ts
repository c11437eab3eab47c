import { join } from 'node:path'
import t, { type Test } from 'tap'
import { VERSION } from '../../src/process/version.ts'
import { lockForWriting } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { startSentryEndpoint } from '../support/sentry.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const MARKER = 'marker-4711'
const IMPORTED = { NODE_OPTIONS: `--import=${join(import.meta.dirname, '../fixtures/loaded-modules.mjs')}` }

const start = (t: Test, env: Record<string, string>) =>
  startServer(t, join(testFolder(t), 'data'), { ...IMPORTED, ...env })

t.test('without a DSN nothing of Sentry is loaded', async t => {
  const server = await start(t, {})
  await server.finished(['false'])
  await server.get('/nowhere')
  await server.kill('SIGTERM')
  t.notMatch(server.output, /loaded .*sentry/)
})

t.test('with one', async t => {
  const sentry = await startSentryEndpoint(t)
  const server = await start(t, { SENTRY_DSN: sentry.dsn, SENTRY_FAILED_BOTS: 'true', NODE_ENV: 'test' })
  t.match(server.output, /loaded .*sentry/, 'it is loaded')

  t.test(
    'a request that fails on our side is reported once, by its id and with nothing of what it brought',
    async t => {
      const release = lockForWriting(server.dataDir)
      const answer = await server.request('POST', `/api/bots?token=${MARKER}`, {
        body: { name: MARKER, command: ['true', MARKER], env: { PASSWORD: MARKER } },
        headers: {
          'x-request-id': 'failed-here',
          cookie: `a=${MARKER}`,
          'x-gitlab-token': MARKER,
          'user-agent': MARKER
        }
      })
      release()
      t.equal(answer.status, 503)
      const failed = () => sentry.items('event').filter(({ tags }) => tags?.requestId === 'failed-here')
      await eventually('the report', () => failed().length > 0)
      t.match(failed(), [
        {
          release: VERSION,
          environment: 'test',
          extra: { said: /^a request failed/ },
          exception: { values: [{ type: 'SqliteError', value: /locked/, stacktrace: { frames: Array } }] }
        }
      ])
      t.equal(failed().length, 1)
    }
  )

  t.test('a bot that fails is reported where the settings say so, without what it printed', async t => {
    const { id } = await server.finished(['/bin/sh', '-c', `echo ${MARKER}; exit 3`], { name: 'Failing' })
    await server.finished(['true'], { name: 'Succeeding' })
    const reports = () => sentry.items('event').filter(({ tags }) => tags?.execution === id)
    await eventually('the report', () => reports().length > 0)
    t.match(reports(), [
      { message: 'failing failed', level: 'warning', tags: { bot: 'failing', state: 'failed', reason: 'exit_code' } }
    ])
    t.notMatch(sentry.text(), 'succeeding')
  })

  t.test('some requests are traced by their route, and streams are not', async t => {
    for (let i = 0; i < 50; i++) {
      const stream = await server.stream('/api/events')
      stream.close()
      await Promise.all([1, 2, 3, 4].map(n => server.get(`/api/bots/none${n}?token=${MARKER}`)))
    }
    const traced = () => sentry.items('transaction').map(({ transaction }) => transaction)
    await eventually('one of 200 to be traced', () => traced().includes('GET /api/bots/:bot'))
    t.notOk(traced().some(name => /events/.test(name)))
  })

  t.test('an error that nobody expected is reported before the server ends', async t => {
    server.process.kill('SIGUSR2')
    t.match(await server.exit, { code: 1 })
    const reports = sentry.items('event').filter(({ extra }) => /did not expect/.test(extra?.said))
    t.match(reports, [
      { level: 'error', exception: { values: [{ value: 'nobody expected this of https://example.com/' }] } }
    ])
    t.equal(reports.length, 1)
  })

  t.test('in all of it there was no credential, no body, no header and no address of anybody', async t => {
    t.notMatch(sentry.text(), MARKER)
    t.notMatch(sentry.text(), server.token!)
    t.notMatch(sentry.text(), /cookie|user-agent|authorization|ip_address|"user"/i)
    t.equal(sentry.items('event').length, 3, 'and what was refused is no error')
  })
})

t.test('where nobody takes reports the server goes on, and stops when it is told to', async t => {
  const hangs = await startSentryEndpoint(t, false)
  for (const dsn of [hangs.dsn, 'http://key@127.0.0.1:9/1']) {
    const server = await start(t, { SENTRY_DSN: dsn, SENTRY_FAILED_BOTS: 'true' })
    for (let i = 0; i < 5; i++) t.equal((await server.finished(['false'])).state, 'failed')
    t.equal((await server.get('/health/ready')).status, 200)
    t.same(await server.kill('SIGTERM'), { code: 0, signal: null })
  }
})
