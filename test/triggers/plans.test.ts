import { type Kysely, type KyselyPlugin, sql } from 'kysely'
import t from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/schema.ts'
import { OccurrenceStore } from '../../src/triggers/occurrences.ts'
import { TriggerStore } from '../../src/triggers/store.ts'
import { testFolder } from '../support/folder.ts'

/** How the database goes about what is asked of it by `ask`. */
async function planOf(db: Kysely<Database>, ask: (db: Kysely<Database>) => Promise<unknown>): Promise<string> {
  const asked: Parameters<KyselyPlugin['transformQuery']>[0][] = []
  const listening: KyselyPlugin = {
    transformQuery(args) {
      asked.push(args)
      return args.node
    },
    transformResult: async ({ result }) => result
  }
  await ask(db.withPlugin(listening))
  const { node, queryId } = asked[0]!
  const compiled = db.getExecutor().compileQuery(node, queryId)
  const { rows } = await db.executeQuery<{ detail: string }>({
    ...compiled,
    query: sql`EXPLAIN`.toOperationNode(),
    sql: `EXPLAIN QUERY PLAN ${compiled.sql}`
  })
  return rows.map(({ detail }) => detail).join('\n')
}

t.test('nobody looks through what waits for others, however many schedules there are', async t => {
  const db = openDatabase(testFolder(t))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  const asks: Record<string, (db: Kysely<Database>) => Promise<unknown>> = {
    'a trigger': db => new TriggerStore(db).find('id'),
    'its slots that are due': db => new OccurrenceStore(db).due('id', 1),
    'that none waits any more': db => new OccurrenceStore(db).removeWaiting('id')
  }
  for (const [what, ask] of Object.entries(asks)) {
    const plan = await planOf(db, ask)
    t.match(plan, /occurrences USING (COVERING )?INDEX occurrences_waiting \(trigger_id=\?/, what)
  }
})
