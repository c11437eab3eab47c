import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { CreateBot } from '../../src/bots/bot.ts'
import type { Execution } from '../../src/executions/execution.ts'
import { newId } from '../../src/lib/ids.ts'
import { buildApp } from '../support/app.ts'
import { endOf, inDatabase } from '../support/attempts.ts'
import { type Client, FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, Reader } from '../support/logs.ts'
import { isProblem, wrongFields } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const GREETER: CreateBot = {
  name: 'Greeter (new)',
  command: ['/bin/sh', '-c', 'pwd; echo "$BOTYARD_BOT: hello $WHO"'],
  env: { WHO: '{{parameters.who}}' },
  parameters: { type: 'object', properties: { who: { type: 'string', default: 'world' } }, additionalProperties: false }
}

async function startTrial(client: Client, bot: CreateBot, parameters?: Record<string, unknown>): Promise<Execution> {
  const answer = await client.post('/api/bots/trials', { bot: { killGraceMs: 200, ...bot }, parameters })
  if (answer.status !== 202) throw new Error(`startTrial: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Slugs of the rows kept for what is being tried. */
function trialsKept(dataDir: string): string[] {
  return inDatabase(dataDir, db =>
    db.prepare<[], string>('SELECT trial_of FROM bots WHERE trial_of IS NOT NULL').pluck().all()
  )
}

t.test('a bot is tried without being saved', async t => {
  const app = await buildApp(t)
  const answer = await app.post('/api/bots/trials', { bot: GREETER, parameters: { who: 'you' } })
  t.equal(answer.status, 202)
  t.equal(answer.headers.get('location'), `/api/executions/${answer.body.id}`)
  t.match(answer.body, {
    state: 'queued',
    trial: true,
    botSlug: 'greeter-new',
    trigger: 'api',
    parameters: { who: 'you' }
  })

  const ended = await app.ended(answer.body.id)

  t.match(ended, { state: 'succeeded', trial: true, botSlug: 'greeter-new', botId: null, attempts: [{ number: 1 }] })
  const workspace = join(app.config.dataDir, 'workspaces', 'greeter-new')
  t.equal((await app.downloadLog(ended.id)).toString(), `${workspace}\ngreeter-new: hello you\n`)
  t.same((await app.get('/api/bots')).body.items, [], 'no bot was made')
  t.same(trialsKept(app.config.dataDir), [], 'nothing of it is left')
  const { outputs: _, ...listed } = ended
  t.same((await app.get('/api/executions')).body.items, [listed], 'but its execution is in the history')
})

t.test('the executions of bots that are saved are no trials', async t => {
  const app = await buildApp(t)
  const execution = await app.finished(['true'])
  t.equal(execution.trial, false)
})

t.test('parameters left out have their defaults, and a disabled bot can be tried', async t => {
  const app = await buildApp(t)
  const { id } = await startTrial(app, { ...GREETER, slug: 'mine', cwd: '/', enabled: false })
  t.match(await app.ended(id), { state: 'succeeded', botSlug: 'mine', parameters: { who: 'world' } })
  t.equal((await app.downloadLog(id)).toString(), '/\nmine: hello world\n')
})

t.test('changes of a saved bot are tried in its folder, and change nothing of it', async t => {
  const app = await buildApp(t)
  const saved = await app.makeBot(['/bin/sh', '-c', 'echo kept > note'], { slug: 'diary' })
  await app.ended((await app.start(saved)).id)

  const { id } = await startTrial(app, { name: 'Diary', slug: 'diary', command: ['cat', 'note'], tags: ['changed'] })

  t.match(await app.ended(id), { state: 'succeeded', botSlug: 'diary', trial: true })
  t.equal((await app.downloadLog(id)).toString(), 'kept\n')
  t.same((await app.get('/api/bots/diary')).body, saved)
  const history = (await app.get('/api/bots/diary/executions')).body.items as Execution[]
  t.same(
    history.map(execution => execution.trial),
    [false],
    'it is not in the history of the saved bot'
  )
  t.equal((await app.get(`/api/executions/latest?bots=${saved.id}`)).body.items.length, 1)
})

t.test('a trial of a saved bot waits for its turn in the folder they share', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command, { slug: 'shared' })
  const running = await app.start(bot)
  await feed.write('at work\n')

  const trial = await startTrial(app, { name: 'Shared', slug: 'shared', command: ['pwd'] })
  t.equal((await app.start(await app.makeBot(['true'], { name: 'another' }))).state, 'queued')
  await app.until((await app.get('/api/executions?bot=another')).body.items[0].id, ({ state }) => state === 'succeeded')
  t.equal((await app.execution(trial.id)).state, 'queued', 'others came before it, though they were asked for later')
  await feed.end()
  t.equal((await app.ended(running.id)).state, 'succeeded')
  t.equal((await app.ended(trial.id)).state, 'succeeded')
})

t.test('a trial that names no slug stays out of the folder of a bot with its name', async t => {
  const app = await buildApp(t)
  await app.makeBot(['true'], { name: 'Report' })
  const trial = await startTrial(app, { name: 'Report', command: ['pwd'] })
  await app.ended(trial.id)
  t.equal((await app.downloadLog(trial.id)).toString(), `${join(app.config.dataDir, 'workspaces/report-2')}\n`)
})

t.test('nobody sees a bot that is being tried, and nobody but its execution reaches it', async t => {
  const dir = testFolder(t, { data: {} })
  const app = await buildApp(t, { dataDir: join(dir, 'data') })
  const flag = join(dir, 'flag')
  const heard = new Reader(await app.stream('/api/events?topics=bots'))
  const command = ['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '0']
  const { id } = await startTrial(app, { name: 'Hidden', command })
  const { botId } = await app.until(id, execution => execution.state === 'running')
  await app.printed(id, 'ready')

  t.same((await app.get('/api/bots')).body.items, [])
  t.same((await app.get('/api/bots?search=hidden')).body.items, [])
  t.same((await app.get('/api/bots?search=trial')).body.items, [])
  t.same((await app.get(`/api/executions/latest?bots=${botId}`)).body.items, [])
  for (const ref of [botId, `trial-${botId}`, 'hidden']) {
    isProblem(t, await app.get(`/api/bots/${ref}`), 404, 'not_found', `GET ${ref}`)
    isProblem(t, await app.patch(`/api/bots/${ref}`, { name: 'x' }), 404, 'not_found', `PATCH ${ref}`)
    isProblem(t, await app.delete(`/api/bots/${ref}`), 404, 'not_found', `DELETE ${ref}`)
    isProblem(t, await app.post(`/api/bots/${ref}/executions`, {}), 404, 'not_found', `start ${ref}`)
    isProblem(t, await app.get(`/api/bots/${ref}/executions`), 404, 'not_found', `history of ${ref}`)
    isProblem(t, await app.get(`/api/executions?bot=${ref}`), 404, 'not_found', `filter by ${ref}`)
  }

  writeFileSync(flag, '')
  t.match(await app.ended(id), { state: 'succeeded' })
  const saved = await app.makeBot(['true'], { name: 'Hidden' })
  t.equal(saved.slug, 'hidden', 'a trial takes no slug')
  const changes = await eventually('word of the saved bot', () => {
    const changes = heard.events.filter(({ event }) => event.startsWith('bot.'))
    return changes.length > 0 && changes
  })
  t.same(changes, [{ id: null, event: 'bot.changed', data: saved }], 'nothing was said of the one that was tried')
})

t.test('a trial that is cancelled leaves nothing, whether it waits or runs', async t => {
  const app = await buildApp(t, { config: { maxConcurrentExecutions: 1 } })
  const sleeper: CreateBot = { name: 'Sleeper', command: ['sleep', '600'] }
  const running = await startTrial(app, sleeper)
  await app.until(running.id, execution => execution.state === 'running')
  const waiting = await startTrial(app, sleeper)
  t.same(trialsKept(app.config.dataDir), ['sleeper', 'sleeper'])

  t.match((await app.post(`/api/executions/${waiting.id}/cancel`)).body, { state: 'cancelled', botId: null })
  t.same(trialsKept(app.config.dataDir), ['sleeper'])
  await app.post(`/api/executions/${running.id}/cancel`)
  t.match(await app.ended(running.id), { state: 'cancelled', botId: null, trial: true })
  t.same(trialsKept(app.config.dataDir), [])
})

t.test('a trial whose program is not there ends as any bot would', async t => {
  const app = await buildApp(t)
  const { id } = await startTrial(app, { name: 'Lost', command: ['/no/such/program'] })
  t.match(await app.ended(id), { state: 'failed', reason: 'spawn', trial: true })
  t.same(trialsKept(app.config.dataDir), [])
})

t.test('what is wrong with a bot to be tried is named where it stands in the request', async t => {
  const app = await buildApp(t)
  const bot = { name: 'a', command: ['echo'], parameters: GREETER.parameters }
  for (const [what, body, code, fields] of [
    ['no bot', {}, 'invalid_request', ['/bot']],
    ['no command', { bot: { name: 'a' } }, 'invalid_request', ['/bot/command']],
    ['a blank program', { bot: { ...bot, command: [' '] } }, 'invalid_request', ['/bot/command/0']],
    ['an unknown field', { bot: { ...bot, colour: 'red' } }, 'invalid_request', ['/bot/colour']],
    ['a field beside', { bot, slug: 'a' }, 'invalid_request', ['/slug']],
    ['a slug like an id', { bot: { ...bot, slug: newId() } }, 'invalid_request', ['/bot/slug']],
    [
      'an undeclared parameter',
      { bot: { ...bot, command: ['echo', '{{parameters.x}}'], env: { BOTYARD_X: '' } } },
      'invalid_request',
      ['/bot/command/1', '/bot/env/BOTYARD_X']
    ],
    [
      'a schema that is none',
      { bot: { ...bot, parameters: { type: 'string' } } },
      'invalid_request',
      ['/bot/parameters']
    ],
    ['parameters that are none', { bot, parameters: [] }, 'invalid_request', ['/parameters']],
    ['an unknown parameter', { bot, parameters: { what: 1 } }, 'invalid_parameters', ['/parameters/what']],
    ['a wrong parameter', { bot, parameters: { who: 1 } }, 'invalid_parameters', ['/parameters/who']],
    ['a NUL in a parameter', { bot, parameters: { who: '\0' } }, 'invalid_parameters', ['/parameters/who']],
    [
      'too few parameters',
      { bot: { ...bot, parameters: { type: 'object', minProperties: 1 } }, parameters: {} },
      'invalid_parameters',
      ['/parameters']
    ]
  ] as const) {
    const answer = await app.post('/api/bots/trials', body)
    isProblem(t, answer, 400, code, what)
    t.same(wrongFields(answer), fields, what)
  }
  t.same((await app.get('/api/executions')).body.items, [], 'nothing was started')
  t.same(trialsKept(app.config.dataDir), [], 'nothing was kept')
  const viewer = await signedInAs(app, 'viewer')
  isProblem(t, await viewer.post('/api/bots/trials', { bot }), 403, 'forbidden')
})

t.test('a trial goes on when the server is killed, and is forgotten when it ends', async t => {
  const dir = testFolder(t, { data: {} })
  const dataDir = join(dir, 'data')
  const flag = join(dir, 'flag')
  const first = await startServer(t, dataDir)
  const command = ['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '7']
  const { id } = await startTrial(first, { name: 'Patient', command })
  await first.printed(id, 'ready')
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  t.match(await second.execution(id), { state: 'running', trial: true, botSlug: 'patient' })
  t.same(trialsKept(dataDir), ['patient'])
  writeFileSync(flag, '')

  t.match(await endOf(second, id), { state: 'failed', exitCode: 7, trial: true, botId: null })
  t.equal((await second.downloadLog(id)).toString(), 'ready\ndone\n')
  t.same(trialsKept(dataDir), [])
})

t.test('a trial that waits when the server is killed is run by the next', async t => {
  const dir = testFolder(t, { data: {} })
  const dataDir = join(dir, 'data')
  const flag = join(dir, 'flag')
  const first = await startServer(t, dataDir, { MAX_CONCURRENT_EXECUTIONS: '1' })
  const blocker = await first.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '0'])
  const { id: blocking } = await first.start(blocker)
  await first.printed(blocking, 'ready')
  const { id } = await startTrial(first, { name: 'Later', command: ['echo', 'at last'] })
  await first.kill('SIGKILL')
  writeFileSync(flag, '')

  const second = await startServer(t, dataDir, { MAX_CONCURRENT_EXECUTIONS: '1' })

  t.match(await endOf(second, id), { state: 'succeeded', trial: true, botSlug: 'later' })
  t.equal((await second.downloadLog(id)).toString(), 'at last\n')
  await endOf(second, blocking)
  t.same(trialsKept(dataDir), [])
})

t.test('what a server that died kept for a trial that never came to be is gone after the next start', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const saved = await first.makeBot(['true'])
  const left = await first.makeBot(['true'], { slug: 'left' })
  await first.kill('SIGKILL')
  inDatabase(dataDir, db =>
    db.prepare("UPDATE bots SET slug = 'trial-' || id, trial_of = slug WHERE id = ?").run(left.id)
  )
  t.same(trialsKept(dataDir), ['left'])

  const second = await startServer(t, dataDir)

  t.same(trialsKept(dataDir), [])
  t.same((await second.get('/api/bots')).body.items, [saved])
})
