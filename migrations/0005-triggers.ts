import { type Kysely, sql } from 'kysely'

const COLUMNS: [string, 'text' | 'integer'][] = [
  ['trigger_id', 'text'],
  ['occasion', 'text'],
  ['payload_bytes', 'integer']
]

/** What makes bots run by themselves, what they are given, and what is still to be followed up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [column, type] of COLUMNS) await db.schema.alterTable('executions').addColumn(column, type).execute()
  await db.schema
    .alterTable('executions')
    .addColumn('depth', 'integer', c => c.notNull().defaultTo(0))
    .execute()
  // Whatever happens, for one occasion a trigger starts one execution.
  await db.schema
    .createIndex('executions_occasion')
    .unique()
    .on('executions')
    .columns(['trigger_id', 'occasion'])
    .where(sql.ref('trigger_id'), 'is not', null)
    .execute()
  await db.schema
    .createTable('payloads')
    .addColumn('execution_id', 'text', c => c.primaryKey().references('executions.id').onDelete('cascade'))
    .addColumn('json', 'text', c => c.notNull())
    .execute()

  await db.schema
    .createTable('triggers')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('bot_id', 'text', c => c.notNull().references('bots.id').onDelete('cascade'))
    .addColumn('name', 'text', c => c.notNull())
    .addColumn('kind', 'text', c => c.notNull())
    .addColumn('enabled', 'integer', c => c.notNull())
    .addColumn('parameters', 'text', c => c.notNull())
    .addColumn('settings', 'text', c => c.notNull())
    .addColumn('after_bot_id', 'text', c => c.references('bots.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('updated_at', 'bigint', c => c.notNull())
    .execute()
  await db.schema.createIndex('triggers_bot').on('triggers').columns(['bot_id', 'id']).execute()
  await db.schema
    .createIndex('triggers_after_bot')
    .on('triggers')
    .column('after_bot_id')
    .where(sql.ref('after_bot_id'), 'is not', null)
    .execute()
  // It goes with its bot as well, and what it was trusted with is not to outlive it.
  await sql`
    CREATE TRIGGER triggers_forget_secret AFTER DELETE ON triggers
    BEGIN DELETE FROM secrets WHERE name = 'trigger:' || OLD.id; END`.execute(db)

  await db.schema
    .createTable('occurrences')
    .addColumn('trigger_id', 'text', c => c.notNull().references('triggers.id').onDelete('cascade'))
    .addColumn('slot_at', 'bigint', c => c.notNull())
    .addColumn('due_at', 'bigint', c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('execution_id', 'text')
    .addColumn('settled_at', 'bigint')
    .addPrimaryKeyConstraint('occurrences_pk', ['trigger_id', 'slot_at'])
    .execute()
  await db.schema.createIndex('occurrences_due').on('occurrences').columns(['state', 'due_at']).execute()

  await db.schema
    .createTable('happenings')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('kind', 'text', c => c.notNull())
    .addColumn('execution_id', 'text')
    .addColumn('trigger_id', 'text')
    .addColumn('slot_at', 'bigint')
    .addColumn('at', 'bigint', c => c.notNull())
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`DELETE FROM secrets WHERE name LIKE 'trigger:%'`.execute(db)
  for (const table of ['happenings', 'occurrences', 'triggers', 'payloads']) await db.schema.dropTable(table).execute()
  // An older server knows neither these triggers nor these reasons.
  await sql`UPDATE executions SET trigger = 'api' WHERE trigger IN ('schedule', 'webhook', 'chain')`.execute(db)
  await sql`
    UPDATE executions SET reason = 'overlap'
    WHERE reason IN ('automation_off', 'bot_disabled', 'invalid_parameters', 'chain_depth')`.execute(db)
  await db.schema.dropIndex('executions_occasion').execute()
  await db.schema.alterTable('executions').dropColumn('depth').execute()
  for (const [column] of COLUMNS) await db.schema.alterTable('executions').dropColumn(column).execute()
}
