import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import { buildApp } from '../support/app.ts'
import { BOT_USER, needsRoot, startWithBotUser } from '../support/bot-user.ts'
import type { Client } from '../support/client.ts'

/** How a bundled bot fares, and what it prints. */
async function run(app: Client, slug: string) {
  const { body: bot } = await app.get(`/api/bots/${slug}`)
  const execution = await app.ended((await app.start(bot)).id)
  return { execution, log: (await app.downloadLog(execution.id)).toString() }
}

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
  ['self-check', /Database[\s\S]*botyard\.db: ok[\s\S]*Disk[\s\S]*Newest backup/]
] as const) {
  t.test(`${slug} runs to a good end`, async t => {
    const app = await buildApp(t)
    await app.post('/api/bots/bundled')
    const { execution, log } = await run(app, slug)
    t.match(execution, { state: 'succeeded', exitCode: 0 }, log)
    t.match(log, says)
    t.notMatch(log, '::error::')
  })
}

t.test('the self-check tells damage from a database that cannot be looked at', async t => {
  const app = await buildApp(t)
  await app.post('/api/bots/bundled')
  const elsewhere = async (name: string, database: string | null) => {
    const folder = join(t.testdir(), name)
    mkdirSync(folder)
    if (database !== null) writeFileSync(join(folder, 'botyard.db'), database)
    const { env } = (await app.get('/api/bots/self-check')).body
    await app.patch('/api/bots/self-check', { env: { ...env, DATA_DIR: folder } })
    return run(app, 'self-check')
  }
  const damaged = await elsewhere('damaged', 'no database '.repeat(1000))
  t.match(damaged.execution, { state: 'failed', exitCode: 1 })
  t.match(damaged.log, '::error::The database is damaged: restore a backup.')

  const missing = await elsewhere('missing', null)
  t.match(missing.execution, { state: 'failed', exitCode: 1 })
  t.match(missing.log, '::error::The database could not be looked at.')
  t.notMatch(missing.log, 'damaged')
})

t.test('the self-check says what a bot with a user of its own may not see', needsRoot, async t => {
  const server = await startWithBotUser(t, 'root')
  mkdirSync(join(server.dataDir, 'backups'), { mode: 0o700 })
  await server.post('/api/bots/bundled')
  const { execution, log } = await run(server, 'self-check')
  t.match(execution, { state: 'succeeded', exitCode: 0 }, log)
  t.match(log, `::warning::Not looked at: bots run as ${BOT_USER}, who may not read the database.`)
  t.match(log, `::warning::Not looked at: bots run as ${BOT_USER}, who may not read the backups.`)
  t.notMatch(log, /damaged|no backup/)
})
