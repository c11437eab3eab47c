import { type Kysely, sql } from 'kysely'

/** An index of what each trigger has started, in the order of time; what people and programs start is not in it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('executions_trigger')
    .on('executions')
    .columns(['trigger_id', 'id'])
    .where(sql.ref('trigger_id'), 'is not', null)
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('executions_trigger').execute()
}
