import { type Kysely, sql } from 'kysely'

/** By what channels somebody is told, of what, and what was or is to be sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channels')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('name', 'text', c => c.notNull())
    .addColumn('kind', 'text', c => c.notNull())
    .addColumn('settings', 'text', c => c.notNull())
    .addColumn('secrets', 'text', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('updated_at', 'bigint', c => c.notNull())
    .execute()
  await sql`
    CREATE TRIGGER channels_forget_secret AFTER DELETE ON channels
    BEGIN DELETE FROM secrets WHERE name = 'channel:' || OLD.id; END`.execute(db)

  await db.schema
    .createTable('notification_rules')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('name', 'text', c => c.notNull())
    .addColumn('events', 'text', c => c.notNull())
    .addColumn('bot_id', 'text', c => c.references('bots.id').onDelete('cascade'))
    .addColumn('quiet_ms', 'bigint', c => c.notNull())
    .addColumn('long_running_ms', 'bigint')
    .addColumn('log_lines', 'integer', c => c.notNull())
    .addColumn('enabled', 'integer', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('updated_at', 'bigint', c => c.notNull())
    .execute()
  await db.schema
    .createTable('notification_rule_channels')
    .addColumn('rule_id', 'text', c => c.notNull().references('notification_rules.id').onDelete('cascade'))
    // A channel is not taken from a rule unnoticed.
    .addColumn('channel_id', 'text', c => c.notNull().references('channels.id').onDelete('restrict'))
    .addPrimaryKeyConstraint('notification_rule_channels_pk', ['rule_id', 'channel_id'])
    .execute()

  await db.schema
    .createTable('notices')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('rule_id', 'text', c => c.references('notification_rules.id').onDelete('set null'))
    .addColumn('channel_id', 'text', c => c.notNull().references('channels.id').onDelete('cascade'))
    .addColumn('occasion', 'text', c => c.notNull())
    .addColumn('event', 'text', c => c.notNull())
    .addColumn('bot_id', 'text')
    .addColumn('execution_id', 'text')
    .addColumn('at', 'bigint', c => c.notNull())
    .addColumn('message', 'text', c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('tries', 'integer', c => c.notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('detail', 'text')
    .addColumn('settled_at', 'bigint')
    .execute()
  // However often a rule is told of something, each of its channels hears of it once.
  await db.schema
    .createIndex('notices_occasion')
    .unique()
    .on('notices')
    .columns(['rule_id', 'channel_id', 'occasion'])
    .execute()
  await db.schema
    .createIndex('notices_quiet')
    .on('notices')
    .columns(['rule_id', 'channel_id', 'bot_id', 'event', 'state', 'at'])
    .execute()
  await db.schema
    .createIndex('notices_waiting')
    .on('notices')
    .columns(['channel_id', 'next_at'])
    .where(sql.ref('state'), '=', sql.lit('waiting'))
    .execute()
  await db.schema.createIndex('notification_rules_bot').on('notification_rules').column('bot_id').execute()
  await db.schema.createIndex('notices_execution').on('notices').column('execution_id').execute()
  await db.schema.createIndex('notices_channel').on('notices').columns(['channel_id', 'id']).execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`DELETE FROM secrets WHERE name LIKE 'channel:%'`.execute(db)
  for (const table of ['notices', 'notification_rule_channels', 'notification_rules', 'channels'])
    await db.schema.dropTable(table).execute()
}
