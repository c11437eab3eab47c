import { type Kysely, sql } from 'kysely'

/** What attempts have left that is brought to a bucket, lies there, or is to be removed from it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('uploads')
    // No reference: it stays until the objects are gone, when the attempt no longer is there.
    .addColumn('attempt_id', 'text', c => c.primaryKey())
    .addColumn('execution_id', 'text', c => c.notNull())
    .addColumn('number', 'integer', c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('place', 'text')
    .addColumn('tries', 'integer', c => c.notNull().defaultTo(0))
    .addColumn('next_at', 'bigint')
    .addColumn('detail', 'text')
    .execute()
  await db.schema.createIndex('uploads_execution').on('uploads').column('execution_id').execute()
  await db.schema
    .createIndex('uploads_next')
    .on('uploads')
    .column('next_at')
    .where(sql.ref('next_at'), 'is not', null)
    .execute()
  await db.schema
    .createTable('stored_artifacts')
    .addColumn('attempt_id', 'text', c => c.notNull().references('attempts.id').onDelete('cascade'))
    .addColumn('name', 'text', c => c.notNull())
    .addColumn('key', 'text', c => c.notNull())
    .addColumn('bytes', 'bigint', c => c.notNull())
    .addColumn('modified_at', 'bigint', c => c.notNull())
    .addPrimaryKeyConstraint('stored_artifacts_name', ['attempt_id', 'name'])
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('stored_artifacts').execute()
  await db.schema.dropTable('uploads').execute()
}
