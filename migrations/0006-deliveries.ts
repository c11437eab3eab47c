import { type Kysely, sql } from 'kysely'

/** What senders of webhooks have sent, and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('trigger_id', 'text', c => c.notNull().references('triggers.id').onDelete('cascade'))
    .addColumn('key', 'text')
    .addColumn('received_at', 'bigint', c => c.notNull())
    .addColumn('address', 'text', c => c.notNull())
    .addColumn('verified', 'integer', c => c.notNull())
    .addColumn('verdict', 'text', c => c.notNull())
    .addColumn('detail', 'text')
    .addColumn('headers', 'text', c => c.notNull())
    .addColumn('query', 'text', c => c.notNull())
    .addColumn('body', 'blob')
    .addColumn('body_bytes', 'bigint', c => c.notNull())
    .addColumn('execution_id', 'text')
    .addColumn('replay_of', 'text')
    .addColumn('repeat_of', 'text')
    .execute()
  await db.schema.createIndex('deliveries_trigger').on('deliveries').columns(['trigger_id', 'id']).execute()
  // Of what a sender sends again under the same key, one is the delivery and the others are repeats of it.
  await db.schema
    .createIndex('deliveries_key')
    .unique()
    .on('deliveries')
    .columns(['trigger_id', 'key'])
    .where(sql<boolean>`key IS NOT NULL AND verified = 1 AND repeat_of IS NULL`)
    .execute()
  await db.schema
    .createIndex('deliveries_unverified')
    .on('deliveries')
    .columns(['trigger_id', 'id'])
    .where(sql.ref('verified'), '=', 0)
    .execute()
  await db.schema.createIndex('deliveries_verdict').on('deliveries').columns(['verdict', 'id']).execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('deliveries').execute()
}
