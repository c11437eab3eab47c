import { type Kysely, sql } from 'kysely'

/** An index of the slots of each trigger that wait, so that however many wait for others, nobody looks through them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('occurrences_waiting')
    .on('occurrences')
    .columns(['trigger_id', 'due_at'])
    .where(sql.ref('state'), '=', sql.lit('waiting'))
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('occurrences_waiting').execute()
}
