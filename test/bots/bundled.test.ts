import t from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import { buildApp } from '../support/app.ts'

t.test('the bundled bots are made once, and one that was changed stays so', async t => {
  const app = await buildApp(t)
  const first = await app.post('/api/bots/bundled')
  t.equal(first.status, 200)
  t.same(
    first.body.items.map((bot: Bot) => bot.slug),
    ['system-report', 'self-check', 'clock']
  )
  await app.patch('/api/bots/clock', { description: 'mine' })

  const second = (await app.post('/api/bots/bundled')).body.items

  t.same(
    second.map((bot: Bot) => bot.id),
    first.body.items.map((bot: Bot) => bot.id)
  )
  t.equal(second[2].description, 'mine')
  t.equal((await app.get('/api/bots')).body.items.length, 3)

  await app.delete('/api/bots/clock')
  await app.post('/api/bots/bundled')
  t.equal((await app.get('/api/bots/clock')).status, 200, 'one that was deleted comes back when it is asked for')
})

for (const [slug, says] of [
  ['system-report', /System[\s\S]*Disk[\s\S]*Memory[\s\S]*Processes[\s\S]*Network[\s\S]*Listening/],
  ['self-check', /Settings[\s\S]*port +\d+[\s\S]*Database[\s\S]*botyard\.db: ok[\s\S]*Disk[\s\S]*Newest backup/]
] as const) {
  t.test(`${slug} runs to a good end`, async t => {
    const app = await buildApp(t)
    await app.post('/api/bots/bundled')
    const { body: bot } = await app.get(`/api/bots/${slug}`)
    const execution = await app.ended((await app.start(bot)).id)
    const log = (await app.downloadLog(execution.id)).toString()
    t.match(execution, { state: 'succeeded', exitCode: 0 }, log)
    t.match(log, says)
    t.notMatch(log, '::error::')
  })
}
