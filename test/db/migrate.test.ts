import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import t, { type Test } from 'tap'
import { BotStore } from '../../src/bots/store.ts'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/schema.ts'
import { ExecutionHistoryStore } from '../../src/executions/history-store.ts'
import { newId } from '../../src/lib/ids.ts'
import { withDatabase } from '../support/database.ts'

const BOT = newId()
const EXECUTION = newId()

function open(t: Test, dataDir: string): Kysely<Database> {
  const db = openDatabase(dataDir)
  t.teardown(() => db.destroy())
  return db
}

async function schemaOf(db: Kysely<Database>): Promise<unknown[]> {
  const { rows } = await sql`SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name`.execute(db)
  return rows
}

async function tablesOf(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{
    name: string
  }>`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`.execute(db)
  return rows.map(row => row.name)
}

const HEAD = "import { sql } from 'kysely'\n"
const PLANTS = `${HEAD}
export const up = db => sql\`CREATE TABLE plants (name text)\`.execute(db)
export const down = db => sql\`DROP TABLE plants\`.execute(db)
`
/** Makes a table and a row, then fails; so does its way down. */
const BROKEN = `${HEAD}
export async function up(db) {
  await sql\`CREATE TABLE pots (name text)\`.execute(db)
  await sql\`INSERT INTO plants VALUES ('fern')\`.execute(db)
  throw new Error('no more pots')
}
export async function down(db) {}
`
const ONE_WAY = `${HEAD}
export const up = db => sql\`CREATE TABLE pots (name text)\`.execute(db)
export async function down(db) {
  await sql\`DROP TABLE pots\`.execute(db)
  throw new Error('there is no way back')
}
`

t.test('up, down and up again end with the schema of the first time', async t => {
  const db = open(t, t.testdir({}))
  const migrator = new Migrator(db)
  const { applied, changed } = await migrator.up()
  const first = await schemaOf(db)
  t.same(changed, [])
  t.ok(applied.length > 0)

  t.same(await migrator.down(applied.length), applied.toReversed())
  t.same(await tablesOf(db), ['migrations'], 'the way down takes everything away')

  t.same((await migrator.up()).applied, applied)
  t.same(await schemaOf(db), first)
})

t.test('each single step down and up again ends with the same schema', async t => {
  const db = open(t, t.testdir({}))
  const migrator = new Migrator(db)
  const { applied } = await migrator.up()
  const whole = await schemaOf(db)
  for (let steps = 1; steps <= applied.length; steps++) {
    await migrator.down(steps)
    await migrator.up()
    t.same(await schemaOf(db), whole, `${steps} back`)
  }
})

t.test('going up twice does nothing the second time', async t => {
  const db = open(t, t.testdir({}))
  await new Migrator(db).up()
  t.same(await new Migrator(db).up(), { applied: [], changed: [] })
})

t.test('a migration that fails half way leaves nothing, and those before it stay', async t => {
  const dir = t.testdir({ data: {}, migrations: { '0001-plants.ts': PLANTS, '0002-pots.ts': BROKEN } })
  const db = open(t, join(dir, 'data'))

  await t.rejects(new Migrator(db, join(dir, 'migrations')).up(), { message: 'no more pots' })

  t.same(await tablesOf(db), ['migrations', 'plants'])
  t.same((await sql`SELECT * FROM plants`.execute(db)).rows, [])
  t.same((await sql`SELECT name FROM migrations`.execute(db)).rows, [{ name: '0001-plants' }])
})

t.test('a way down that fails half way leaves all as it was', async t => {
  const dir = t.testdir({ data: {}, migrations: { '0001-plants.ts': PLANTS, '0002-pots.ts': ONE_WAY } })
  const db = open(t, join(dir, 'data'))
  const migrator = new Migrator(db, join(dir, 'migrations'))
  await migrator.up()

  await t.rejects(migrator.down(2), { message: 'there is no way back' })

  t.same(await tablesOf(db), ['migrations', 'plants', 'pots'])
  t.equal((await sql`SELECT name FROM migrations`.execute(db)).rows.length, 2)
})

t.test('a migration that was changed after it was applied is reported', async t => {
  const dir = t.testdir({ data: {}, migrations: { '0001-plants.ts': PLANTS, '0002-pots.ts': ONE_WAY } })
  const folder = join(dir, 'migrations')
  const db = open(t, join(dir, 'data'))
  await new Migrator(db, folder).up()

  appendFileSync(join(folder, '0001-plants.ts'), '// an afterthought\n')

  t.same(await new Migrator(db, folder).up(), { applied: [], changed: ['0001-plants'] })
})

t.test('a database that has seen a later migration is refused, and is not touched', async t => {
  const dataDir = t.testdir({})
  const db = open(t, dataDir)
  const migrator = new Migrator(db)
  await migrator.up()
  withDatabase(dataDir, other => other.prepare("INSERT INTO migrations VALUES ('9999-later', 'x', 1)").run())
  const before = await schemaOf(db)

  await t.rejects(migrator.up(), { name: 'StartError', message: /9999-later.*npm run migrate down 1$/ })
  await t.rejects(migrator.down(1), { name: 'StartError', message: /9999-later is not in .*run this with the version/ })

  t.same(await schemaOf(db), before)
})

t.test('npm run migrate takes a database down and up', async t => {
  const dataDir = t.testdir({})
  const migrate = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'migrate', ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir },
      encoding: 'utf8'
    })
    return { status, stdout: stdout.trim(), stderr: stderr.trim() }
  }
  const tables = () =>
    withDatabase(dataDir, db => db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get())

  const up = migrate()
  t.match(up, { status: 0, stdout: /^up: 0001-foundation/, stderr: '' })
  const whole = tables()
  t.same(migrate('up'), { status: 0, stdout: 'Nothing to do.', stderr: '' })

  const count = up.stdout.split(',').length
  t.match(migrate('down', String(count)), { status: 0, stdout: /^down: .*0001-foundation$/, stderr: '' })
  t.equal(tables(), 1)
  t.same(migrate('down'), { status: 0, stdout: 'Nothing to do.', stderr: '' })
  t.same(migrate('up'), up)
  t.equal(tables(), whole)

  for (const wrong of [['sideways'], ['down', '0'], ['down', 'all'], ['down', '1', '2']]) {
    t.match(migrate(...wrong), { status: 1, stdout: '', stderr: /^Usage: npm run migrate/ }, wrong.join(' '))
  }
})

t.test('npm run migrate on a data folder that is not there yet makes it, or says so in one line', async t => {
  const { stderr } = spawnSync('npm', ['run', '--silent', 'migrate'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: join(t.testdir({}), 'data') },
    encoding: 'utf8'
  })
  t.notMatch(stderr, /^\s+at /m)
})

t.test('bots and executions from before the history had filters are found by them', async t => {
  const dataDir = t.testdir({})
  const db = open(t, dataDir)
  const migrator = new Migrator(db)
  const { applied } = await migrator.up()
  await migrator.down(applied.length - 1)
  withDatabase(dataDir, old => {
    old.exec(`
      INSERT INTO bots (id, slug, name, description, kind, command, env, parameters, timeout_ms, kill_grace_ms,
        max_log_bytes, concurrency_limit, concurrency_policy, tags, enabled, created_at, updated_at)
      VALUES ('${BOT}', 'aerger', 'Ärger', 'Über 100%', 'command', '["true"]', '{}', '{}', 1, 1, 4096, 1, 'queue',
        '["Zu Hause"]', 1, 1, 1);
      INSERT INTO executions (id, bot_id, bot_slug, state, trigger, parameters, queued_at)
      VALUES ('${EXECUTION}', '${BOT}', 'aerger', 'failed', 'api', '{}', 1);`)
  })

  await migrator.up()

  const bots = new BotStore(db)
  for (const search of ['ÄRGER', 'aerger', 'über 100%', 'hause']) {
    t.match(await bots.list({ limit: 50, cursor: undefined, search, ids: null }), [{ id: BOT, slug: 'aerger' }], search)
  }
  const executions = new ExecutionHistoryStore(db)
  const failed = await executions.list({ botId: BOT, states: ['failed'], limit: 50, cursor: undefined })
  t.match(failed, [{ id: EXECUTION, trial: false }])
})

t.test('on the way down what is being tried goes, unless it waits or runs', async t => {
  const dataDir = t.testdir({})
  const db = open(t, dataDir)
  const migrator = new Migrator(db)
  const { applied } = await migrator.up()
  withDatabase(dataDir, now => {
    const bot = now.prepare(
      `INSERT INTO bots (id, slug, trial_of, name, description, kind, command, env, parameters, timeout_ms, kill_grace_ms,
         max_log_bytes, concurrency_limit, concurrency_policy, tags, enabled, created_at, updated_at)
       VALUES (?, ?, ?, 'x', '', 'command', '["true"]', '{}', '{}', 1, 1, 4096, 1, 'queue', '[]', 1, 1, 1)`
    )
    bot.run('a', 'saved', null)
    bot.run('b', 'trial-b', 'saved')
    bot.run('c', 'trial-c', 'saved')
    now.exec(`INSERT INTO executions (id, bot_id, bot_slug, state, trigger, parameters, queued_at, trial)
      VALUES ('${EXECUTION}', 'c', 'saved', 'queued', 'api', '{}', 1, 1)`)
  })

  await migrator.down(applied.length - 1)

  const left = withDatabase(dataDir, old => old.prepare('SELECT slug FROM bots ORDER BY slug').pluck().all())
  t.same(left, ['saved', 'trial-c'])
})
