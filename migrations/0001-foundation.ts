import { type Kysely, sql } from 'kysely'

/** People and their sessions, bots, executions and their attempts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('email', 'text', c => c.notNull().unique())
    .addColumn('password_hash', 'text', c => c.notNull())
    .addColumn('role', 'text', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('disabled_at', 'bigint')
    .execute()

  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('user_id', 'text', c => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('expires_at', 'bigint', c => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('user_agent', 'text')
    .addColumn('address', 'text')
    .execute()
  await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute()

  await db.schema
    .createTable('refresh_tokens')
    .addColumn('hash', 'text', c => c.primaryKey())
    .addColumn('session_id', 'text', c => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await db.schema.createIndex('refresh_tokens_session').on('refresh_tokens').column('session_id').execute()

  await db.schema
    .createTable('bots')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('slug', 'text', c => c.notNull().unique())
    .addColumn('name', 'text', c => c.notNull())
    .addColumn('description', 'text', c => c.notNull())
    .addColumn('kind', 'text', c => c.notNull())
    .addColumn('command', 'text', c => c.notNull())
    .addColumn('cwd', 'text')
    .addColumn('env', 'text', c => c.notNull())
    .addColumn('parameters', 'text', c => c.notNull())
    .addColumn('timeout_ms', 'bigint', c => c.notNull())
    .addColumn('kill_grace_ms', 'bigint', c => c.notNull())
    .addColumn('max_log_bytes', 'bigint', c => c.notNull())
    .addColumn('concurrency_limit', 'integer', c => c.notNull())
    .addColumn('concurrency_policy', 'text', c => c.notNull())
    .addColumn('tags', 'text', c => c.notNull())
    .addColumn('enabled', 'integer', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('updated_at', 'bigint', c => c.notNull())
    .execute()

  await db.schema
    .createTable('executions')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('bot_id', 'text', c => c.references('bots.id').onDelete('set null'))
    .addColumn('bot_slug', 'text', c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('trigger', 'text', c => c.notNull())
    .addColumn('started_by', 'text')
    .addColumn('parameters', 'text', c => c.notNull())
    .addColumn('queued_at', 'bigint', c => c.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('exit_code', 'integer')
    .execute()
  await db.schema.createIndex('executions_bot').on('executions').columns(['bot_id', 'id']).execute()
  // Only what is waiting or running is ever looked up by state, and that stays small however long the history grows.
  await db.schema
    .createIndex('executions_live')
    .on('executions')
    .columns(['state', 'bot_id', 'id'])
    .where(sql.ref('state'), 'in', sql`('queued', 'running')`)
    .execute()

  await db.schema
    .createTable('attempts')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('execution_id', 'text', c => c.notNull().references('executions.id').onDelete('cascade'))
    .addColumn('number', 'integer', c => c.notNull())
    .addColumn('started_at', 'bigint', c => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('pid', 'integer')
    .addColumn('exit_code', 'integer')
    .addColumn('signal', 'text')
    .addColumn('log_bytes', 'bigint', c => c.notNull().defaultTo(0))
    .addColumn('deadline_at', 'bigint', c => c.notNull())
    .addColumn('kill_grace_ms', 'bigint', c => c.notNull())
    .addColumn('ending', 'text')
    .addUniqueConstraint('attempts_number', ['execution_id', 'number'])
    .execute()

  await db.schema
    .createTable('health_probe')
    .addColumn('id', 'integer', c => c.primaryKey())
    .addColumn('at', 'bigint', c => c.notNull())
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['health_probe', 'attempts', 'executions', 'bots', 'refresh_tokens', 'sessions', 'users']) {
    await db.schema.dropTable(table).execute()
  }
}
