import t from 'tap'
import { buildApp } from '../support/app.ts'
import { Reader, runs } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

const saw = (reader: Reader, what: string, condition: () => unknown) =>
  eventually(`${what}; there came ${reader.events.map(({ event }) => event)}`, condition)

t.test('an event stream begins by saying that all must be read anew', async t => {
  const app = await buildApp(t)
  const stream = await app.stream('/api/events')
  t.equal(stream.status, 200)
  t.match(stream.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no'
  })
  const reader = new Reader(stream)
  await saw(reader, 'a first event', () => reader.events.length > 0)
  t.same(reader.events, [{ id: null, event: 'resync', data: {} }])
  t.match(stream.raw(), /^:.*\nretry: \d+\n\nevent: resync\n/)
})

t.test('whoever listens to all hears what happens to every bot and execution, each time as it is then', async t => {
  const app = await buildApp(t)
  const reader = new Reader(await app.stream('/api/events'))
  const bot = await app.makeBot('prints-three-lines')
  await app.patch(`/api/bots/${bot.id}`, { description: 'Counts.' })
  const { id } = await app.start(bot)
  await saw(reader, 'the end', () => reader.events.some(({ data }) => data.id === id && data.state === 'succeeded'))
  const ended = await app.execution(id)
  await app.delete(`/api/bots/${bot.id}`)
  await saw(reader, 'the removal', () => reader.events.some(({ event }) => event === 'bot.deleted'))

  const bots = reader.events.filter(({ event }) => event.startsWith('bot.'))
  t.match(bots, [
    { event: 'bot.changed', data: { id: bot.id, description: '' } },
    { event: 'bot.changed', data: { id: bot.id, description: 'Counts.' } },
    { event: 'bot.deleted', data: { id: bot.id, slug: bot.slug } }
  ])
  const executions = reader.events.filter(({ event }) => event === 'execution.changed')
  t.same([...new Set(executions.map(({ data }) => data.state))], ['queued', 'running', 'succeeded'])
  const { outputs, ...listed } = ended
  t.same(executions.at(-1)!.data, listed)
  t.same(outputs, {})
})

t.test('whoever listens to some hears of these only, and of each change once', async t => {
  const app = await buildApp(t)
  const [mine, other] = [await app.makeBot('prints-three-lines'), await app.makeBot('prints-three-lines')]
  const topics = {
    bot: `bot:${mine.id}`,
    bots: 'bots',
    twice: `bots,bots,bot:${mine.id},executions`
  }
  const open = async (topics: string) => new Reader(await app.stream(`/api/events?topics=${topics}`))
  const [bot, bots, twice] = [await open(topics.bot), await open(topics.bots), await open(topics.twice)]
  const first = await app.start(other)
  const execution = await open(`execution:${first.id}`)
  await app.ended(first.id)
  await app.patch(`/api/bots/${other.id}`, { description: 'other' })
  const { id } = await app.start(mine)
  await app.ended(id)
  await app.patch(`/api/bots/${mine.id}`, { description: 'mine' })
  for (const reader of [bot, bots, twice]) {
    await saw(reader, 'the last change', () => reader.events.some(({ data }) => data.description === 'mine'))
  }

  const heard = (reader: Reader) => reader.events.slice(1).map(({ event, data }) => `${event} ${data.id}`)
  t.same(new Set(heard(bot)), new Set([`execution.changed ${id}`, `bot.changed ${mine.id}`]))
  t.same(heard(bots), [`bot.changed ${other.id}`, `bot.changed ${mine.id}`])
  t.same(
    heard(twice).filter(line => line.startsWith('bot.')),
    heard(bots)
  )
  t.ok(heard(execution).every(line => line === `execution.changed ${first.id}`))
  const states = twice.events.filter(({ data }) => data.id === id).map(({ data }) => data.state)
  t.equal(states.filter(state => state === 'succeeded').length, 1)
})

t.test('topics that do not exist are refused', async t => {
  const app = await buildApp(t)
  const bad = [
    '',
    ',',
    'bots,',
    ',bots',
    'bots,,executions',
    'Bots',
    'heartbeat',
    'bot',
    'bot:',
    'bot:1',
    'execution:*',
    'bots;executions'
  ]
  bad.push(
    'bot:..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f',
    `${'bots,'.repeat(500)}bots`,
    'bots%0aexecutions',
    'bots%00',
    'bots&topics=bots'
  )
  for (const topics of bad) {
    const answer = await app.get(`/api/events?topics=${topics}`)
    isProblem(t, answer, 400, 'invalid_request', topics.slice(0, 60) || 'none')
  }
  isProblem(t, await app.get('/api/events?topic=bots'), 400, 'invalid_request', 'an unknown parameter')
})

t.test('a reader of events who is too slow is told to read anew, and hears what comes then', async t => {
  const app = await buildApp(t)
  const heavy = await app.makeBot(['/bin/true'], { env: { WEIGHT: 'x'.repeat(60_000) } })
  const stream = await app.stream('/api/events')
  const reader = new Reader(stream)
  await saw(reader, 'the beginning', () => reader.events.length > 0)
  stream.pause()

  const changes = 400
  for (let i = 1; i <= changes; i++) await app.patch(`/api/bots/${heavy.id}`, { description: String(i) })
  stream.resume()
  await saw(reader, 'the word that something was missed', () =>
    reader.events.slice(1).some(({ event }) => event === 'resync')
  )
  await app.patch(`/api/bots/${heavy.id}`, { description: 'afterwards' })
  await saw(reader, 'what comes afterwards', () => reader.events.at(-1)!.data.description === 'afterwards')

  const events = reader.events.slice(1)
  const resync = events.findIndex(({ event }) => event === 'resync')
  t.ok(resync < changes, `${resync} of ${changes} before it was too slow`)
  t.same(
    events.slice(0, resync).map(({ data }) => Number(data.description)),
    Array.from({ length: resync }, (_, i) => i + 1),
    'what came until then came in order'
  )
})

t.test('the heartbeat comes at once and again, and tells what the server has to do', async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/sh', '-c', 'sleep 600'])
  const running = await app.start(bot)
  const queued = await app.start(bot)
  await runs(app, running.id)
  const reader = new Reader(await app.stream('/api/heartbeat'))
  await saw(reader, 'a first beat', () => reader.events.length > 0)
  await app.post(`/api/executions/${queued.id}/cancel`)
  await saw(reader, 'a second beat', () => reader.events.length > 1)

  const [first, second] = reader.events
  t.match(first, { event: 'heartbeat', data: { running: 1, queued: 1, streams: Number } })
  t.match(second, { event: 'heartbeat', data: { running: 1, queued: 0, streams: 1 } })
  t.ok(first!.data.startedAt <= first!.data.at && first!.data.at < second!.data.at)
  await app.post(`/api/executions/${running.id}/cancel`)
  await app.ended(running.id)
})
