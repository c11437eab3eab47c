import fc from 'fast-check'
import t from 'tap'
import { type Bot, Given } from '../../src/bots/bot.ts'
import { admit, laneFolder, laneKey, laneSize } from '../../src/executions/admission.ts'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { unicodeText } from '../support/properties.ts'

const IDLE = { queued: 0, maxQueued: 10, unfinished: 0, depth: 0 }

function botWith(concurrency: Partial<Bot['concurrency']>, enabled = true): Bot {
  return { slug: 'tidy', enabled, concurrency: { limit: 1, policy: 'queue', key: null, ...concurrency } } as Bot
}

t.test('a bot that is enabled may be started, a disabled one may not', async t => {
  t.same(admit(botWith({}), IDLE), { kind: 'queued', replaces: 0 })
  t.match(admit(botWith({}, false), IDLE), { kind: 'rejected', code: 'bot_disabled', detail: /tidy/ })
})

t.test('with policy `queue` one more waits, however many there are, until the queue is full', async t => {
  t.same(admit(botWith({}), { ...IDLE, unfinished: 9 }), { kind: 'queued', replaces: 0 })
  t.match(admit(botWith({}), { ...IDLE, queued: 10 }), { kind: 'rejected', code: 'queue_full' })
})

t.test('with policy `skip` one more than may run is skipped, also when those before it still wait', async t => {
  const bot = botWith({ policy: 'skip', limit: 2 })
  t.match(admit(bot, { ...IDLE, unfinished: 1 }), { kind: 'queued' })
  t.match(admit(bot, { ...IDLE, unfinished: 2 }), { kind: 'skipped', reason: 'overlap' })
  t.match(admit(bot, { ...IDLE, unfinished: 2, queued: 10 }), { kind: 'skipped' })
})

t.test('with policy `replace` as many give way as it takes', async t => {
  const bot = botWith({ policy: 'replace', limit: 2 })
  t.same(admit(bot, { ...IDLE, unfinished: 1 }), { kind: 'queued', replaces: 0 })
  t.same(admit(bot, { ...IDLE, unfinished: 2 }), { kind: 'queued', replaces: 1 })
  t.same(admit(bot, { ...IDLE, unfinished: 4 }), { kind: 'queued', replaces: 3 })
})

t.test('with a key, one execution is all that a lane takes', async t => {
  t.equal(laneSize(botWith({ limit: 5 })), 5)
  t.equal(laneSize(botWith({ limit: 5, key: '{{parameters.repo}}' })), 1)
})

t.test('a lane is named by its key, filled in, and a very long one by its hash', async t => {
  const bot = botWith({ key: 'repo {{parameters.repo}}' })
  t.equal(laneKey(botWith({}), new Given({ repo: 'a' })), null)
  t.equal(laneKey(bot, new Given({ repo: 'acme/web' })), 'repo acme/web')
  t.match(laneKey(bot, new Given({ repo: 'x'.repeat(5000) })), /^[0-9a-f]{64}$/)
})

t.test('the folder of a lane is one folder, whatever the key, and no two keys share one', async t => {
  const anyKey = unicodeText({ maxLength: 200 })
  fc.assert(
    fc.property(anyKey, anyKey, (one, other) => {
      const folder = laneFolder(one)
      return /^[A-Za-z0-9_][A-Za-z0-9._-]{12,60}$/.test(folder) && (one === other) === (folder === laneFolder(other))
    })
  )
  t.match(laneFolder('../../etc'), /^etc-[0-9a-f]{12}$/)
  t.match(laneFolder('acme/web'), /^acme-web-[0-9a-f]{12}$/)
})

t.test('starting a disabled bot is refused and leaves no execution', async t => {
  const app = await buildApp(t, { dataDir: testFolder(t) })
  const bot = await app.makeBot('prints-three-lines', { enabled: false })

  const answer = await app.post(`/api/bots/${bot.id}/executions`)

  t.match(answer, { status: 409, body: { code: 'bot_disabled' } })
  t.same((await app.get('/api/executions')).body.items, [])
})

t.test('a bot that is disabled while an execution of it waits still runs that one', async t => {
  const app = await buildApp(t, { dataDir: testFolder(t) })
  const bot = await app.makeBot(['/usr/bin/sleep', '60'])
  const [running, waiting] = [await app.start(bot), await app.start(bot)]
  await app.until(running.id, execution => execution.state === 'running')
  await app.patch(`/api/bots/${bot.id}`, { enabled: false, command: ['/usr/bin/true'] })

  await app.post(`/api/executions/${running.id}/cancel`)

  t.equal((await app.ended(waiting.id)).state, 'succeeded')
})
