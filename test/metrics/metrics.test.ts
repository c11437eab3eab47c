import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { ADMIN } from '../support/client.ts'
import { isProblem } from '../support/problems.ts'
import { needsPrometheus, promtool, startPrometheus } from '../support/prometheus.ts'
import { makeSchedule } from '../support/schedules.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

/** The value of a series as it stands in the text, such as `name{a="b"}`; null when there is none. */
function valueIn(text: string, series: string): number | null {
  const line = text.split('\n').find(line => line.startsWith(`${series} `))
  return line === undefined ? null : Number(line.slice(series.length + 1))
}

async function metricsOf(app: TestApp): Promise<string> {
  return (await app.get('/metrics')).text
}

/** The metrics, once so many executions have been counted: whoever asks for an execution may see its end before it is announced. */
function metricsAfter(app: TestApp, executions: number, series: string): Promise<string> {
  return eventually(`${executions} executions counted`, async () => {
    const text = await metricsOf(app)
    return (valueIn(text, `botyard_executions_total{${series}}`) ?? 0) >= executions ? text : null
  })
}

t.test('metrics', async t => {
  const app = await buildApp(t)

  t.test('they are for whoever may see everything, with a session or a token', async t => {
    const bot = await app.makeBot(['true'])
    const token = async (more: object) =>
      `Bearer ${(await app.post('/api/tokens', { name: 'prometheus', role: 'viewer', password: ADMIN.password, ...more })).body.value}`
    isProblem(t, await app.get('/metrics', { authorization: 'none' }), 401, 'unauthenticated')
    isProblem(t, await app.get('/metrics', { authorization: await token({ bots: [bot.id] }) }), 403, 'forbidden')
    const answer = await app.get('/metrics', { authorization: await token({}) })
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    t.equal((await (await signedInAs(app, 'viewer')).get('/metrics')).status, 200)
    await app.delete(`/api/bots/${bot.id}`)
  })

  t.test('each execution that ends is counted once, by its bot, its end and what started it', async t => {
    await app.finished(['true'], { name: 'Good', slug: 'good' })
    const bad = await app.makeBot(['false'], {
      name: 'Bad',
      slug: 'bad',
      retry: { maxAttempts: 3, backoffMs: 0, maxBackoffMs: 0, on: ['exit_code'], exitCodes: [] }
    })
    for (let i = 0; i < 2; i++) await app.ended((await app.start(bad)).id)
    const text = await metricsAfter(app, 2, 'bot="bad",state="failed",trigger="api"')
    t.equal(valueIn(text, 'botyard_executions_total{bot="good",state="succeeded",trigger="api"}'), 1)
    t.equal(valueIn(text, 'botyard_executions_total{bot="bad",state="failed",trigger="api"}'), 2)
    t.equal(valueIn(text, 'botyard_execution_duration_seconds_count{bot="bad"}'), 2)
    t.equal(valueIn(text, 'botyard_execution_duration_seconds_bucket{bot="bad",le="+Inf"}'), 2)
    t.equal(valueIn(text, 'botyard_execution_wait_seconds_count'), 3, 'retries wait once')
  })

  t.test('what was only tried is not counted', async t => {
    const tried = await app.post('/api/bots/trials', { bot: { name: 'Tried', command: ['true'] } })
    t.equal(tried.status, 202)
    await app.ended(tried.body.id)
    await app.finished(['true'], { name: 'Later', slug: 'later' })
    t.notMatch(await metricsAfter(app, 1, 'bot="later",state="succeeded",trigger="api"'), 'tried')
  })

  t.test('who waits, runs, watches and prints is counted as it is now', async t => {
    const before = valueIn(await metricsOf(app), 'botyard_log_published_bytes_total')!
    const bot = await app.makeBot(['/bin/sh', '-c', 'echo twelve bytes; exec sleep 60'], {
      name: 'Long',
      slug: 'long',
      concurrency: { limit: 1, policy: 'queue', key: null }
    })
    const first = await app.start(bot)
    await app.printed(first.id, 'bytes')
    const second = await app.start(bot)
    const stream = await app.stream('/api/events')
    const now = await eventually('who has begun to be counted as one that has waited', async () => {
      const text = await metricsOf(app)
      return valueIn(text, 'botyard_execution_wait_seconds_count') === 5 ? text : null
    })
    t.equal(valueIn(now, 'botyard_executions_running'), 1)
    t.equal(valueIn(now, 'botyard_executions_queued'), 1)
    t.equal(valueIn(now, 'botyard_streams_open'), 1)
    t.equal(valueIn(now, 'botyard_log_published_bytes_total'), before + 'twelve bytes\n'.length)
    stream.close()
    for (const { id } of [second, first]) {
      await app.post(`/api/executions/${id}/cancel`)
      await app.ended(id)
    }
    const after = await metricsAfter(app, 2, 'bot="long",state="cancelled",trigger="api"')
    t.equal(valueIn(after, 'botyard_executions_running'), 0)
    t.equal(valueIn(after, 'botyard_executions_total{bot="long",state="cancelled",trigger="api"}'), 2)
    t.equal(valueIn(after, 'botyard_execution_duration_seconds_count{bot="long"}'), 1, 'who never began took no time')
  })

  t.test('how late schedules are is counted', async () => {
    const bot = await app.makeBot(['true'], { name: 'Due', slug: 'due' })
    await makeSchedule(app, bot, { at: Date.now() + 2000 })
    await eventually(
      'the slot to start',
      async () => valueIn(await metricsOf(app), 'botyard_schedule_lateness_seconds_count') === 1
    )
    await eventually(
      'its end',
      async () =>
        valueIn(await metricsOf(app), 'botyard_executions_total{bot="due",state="succeeded",trigger="schedule"}') === 1
    )
  })

  t.test('requests are counted by the pattern of their route, all that is not there as one', async t => {
    for (const path of ['/api/bots/good', '/api/bots/bad', '/api/bots/none', '/no/where', '/api/no/where', '/%2e%2e/x'])
      await app.get(path)
    const text = await metricsOf(app)
    t.equal(valueIn(text, 'botyard_http_requests_total{method="GET",route="/api/bots/:bot",status="200"}'), 2)
    t.equal(valueIn(text, 'botyard_http_requests_total{method="GET",route="/api/bots/:bot",status="404"}'), 1)
    t.ok(valueIn(text, 'botyard_http_requests_total{method="GET",route="unknown",status="404"}')! >= 2)
    t.ok(
      valueIn(
        text,
        'botyard_http_request_duration_seconds_bucket{method="GET",route="/api/bots/:bot",status="200",le="+Inf"}'
      )! >= 2
    )
    t.notMatch(text, '/no/where')
    t.notMatch(text, /duration_seconds_count\{method="GET",route="\/api\/events"/, 'a stream takes as long as it takes')
  })

  t.test('a bot that is deleted is in them no more', async t => {
    t.match(await metricsOf(app), 'bot="long"')
    t.equal((await app.delete('/api/bots/long')).status, 204)
    t.notMatch(await metricsOf(app), 'bot="long"')
  })

  t.test("Prometheus' own linter finds nothing to complain of", needsPrometheus, async t => {
    t.equal(await promtool(['check', 'metrics'], await metricsOf(app)), '')
  })

  t.test('a real Prometheus with a token of role viewer reads them', needsPrometheus, async t => {
    const wanted = { name: 'prometheus', role: 'viewer', password: ADMIN.password }
    const { value } = (await app.post('/api/tokens', wanted)).body
    const prometheus = await startPrometheus(t, app.url, value)
    const [up] = await eventually('a scrape', async () => {
      const up = await prometheus.query('up{job="botyard"}')
      return up[0]?.value[1] === '1' ? up : null
    })
    t.equal(up!.metric.job, 'botyard')
    const [failed] = await prometheus.query('sum by (bot) (botyard_executions_total{state="failed"})')
    t.match(failed, { metric: { bot: 'bad' }, value: [Number, '2'] })
    t.equal((await prometheus.query('histogram_quantile(0.9, botyard_execution_wait_seconds_bucket)')).length, 1)
  })
})
