import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'

t.test('writes are on disk when they are acknowledged, and foreign keys hold', async t => {
  const db = openDatabase(t.testdir({}))
  t.teardown(() => db.destroy())
  const pragma = async (name: string) =>
    Object.values((await sql.raw(`PRAGMA ${name}`).execute(db)).rows[0] as object)[0]

  t.equal(await pragma('journal_mode'), 'wal')
  t.equal(await pragma('synchronous'), 1, 'NORMAL: the log is flushed after the commit')
  t.equal(await pragma('foreign_keys'), 1)
  t.equal(await pragma('busy_timeout'), 1000)

  await new Migrator(db).up()
  await t.rejects(
    db
      .insertInto('sessions')
      .values({ id: 's', user_id: 'nobody', created_at: 1, expires_at: 2 } as never)
      .execute(),
    { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' }
  )
})

t.test('a statement that was run before gives what is true now', async t => {
  const db = openDatabase(t.testdir({}))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  const probe = () => db.selectFrom('health_probe').selectAll().where('id', '>', 0).execute()
  const insert = (id: number) =>
    db
      .insertInto('health_probe')
      .values({ id, at: id * 10 })
      .execute()

  t.same(await probe(), [])
  await insert(1)
  t.same(await probe(), [{ id: 1, at: 10 }])
  t.same(await probe(), [{ id: 1, at: 10 }], 'the same twice')
  await insert(2)
  t.same(
    await Promise.all([probe(), probe()]),
    Array(2).fill([
      { id: 1, at: 10 },
      { id: 2, at: 20 }
    ]),
    'side by side'
  )

  await sql`ALTER TABLE health_probe ADD COLUMN note text`.execute(db)
  t.same((await probe())[0], { id: 1, at: 10, note: null }, 'and after the table has changed')
})

t.test('a statement that fails can be run again', async t => {
  const db = openDatabase(t.testdir({}))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  const insert = () => db.insertInto('health_probe').values({ id: 1, at: 1 }).execute()
  await insert()
  await t.rejects(insert(), { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  await db.deleteFrom('health_probe').execute()
  await insert()
  t.same(await db.selectFrom('health_probe').selectAll().execute(), [{ id: 1, at: 1 }])
})

t.test('more different statements than are kept still work', async t => {
  const db = openDatabase(t.testdir({}))
  t.teardown(() => db.destroy())
  for (let i = 0; i < 1200; i++) {
    const { rows } = await sql.raw<{ n: number }>(`SELECT ${i} AS n`).execute(db)
    if (rows[0]!.n !== i) t.fail(`statement ${i} answered ${rows[0]!.n}`)
  }
  t.same((await sql.raw('SELECT 0 AS n').execute(db)).rows, [{ n: 0 }])
})

t.test('a file that is no database is refused and left as it is', async t => {
  const dataDir = t.testdir({})
  const file = join(dataDir, 'botyard.db')
  const garbage = Buffer.from('this was a shopping list\n'.repeat(100))
  writeFileSync(file, garbage)
  t.throws(() => openDatabase(dataDir), { name: 'StartError', message: /botyard\.db is damaged .*restore a backup/ })
  t.ok(readFileSync(file).equals(garbage))
  t.notOk(existsSync(`${file}-wal`))
})
