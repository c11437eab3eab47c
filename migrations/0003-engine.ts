import { type Kysely, sql } from 'kysely'

const NO_RETRY = JSON.stringify({
  maxAttempts: 1,
  backoffMs: 10_000,
  maxBackoffMs: 600_000,
  on: ['exit_code', 'signal', 'spawn', 'wall_clock', 'idle_timeout', 'memory', 'log_incomplete', 'assertion'],
  exitCodes: []
})

const NO_LIMITS = '{"memoryBytes":null,"cpus":null,"pids":null}'

/** Table, column, type, and what rows that are there get; null where nothing need stand. */
const COLUMNS: ['bots' | 'executions' | 'attempts', string, 'text' | 'integer' | 'bigint', string | number | null][] = [
  ['bots', 'secrets', 'text', '[]'],
  ['bots', 'idle_timeout_ms', 'bigint', null],
  ['bots', 'terminal', 'integer', 0],
  ['bots', 'input', 'integer', 0],
  ['bots', 'priority', 'integer', 0],
  ['bots', 'concurrency_key', 'text', null],
  ['bots', 'retry', 'text', NO_RETRY],
  ['bots', 'limits', 'text', NO_LIMITS],
  ['bots', 'assertions', 'text', '{"mustPrint":[],"mustNotPrint":[],"mustCreate":[]}'],
  ['executions', 'priority', 'integer', 0],
  ['executions', 'concurrency_key', 'text', null],
  ['executions', 'not_before', 'bigint', null],
  ['executions', 'rerun_of', 'text', null],
  ['executions', 'outputs', 'text', '{}'],
  ['attempts', 'state', 'text', null],
  ['attempts', 'reason', 'text', null],
  ['attempts', 'detail', 'text', null],
  ['attempts', 'idle_timeout_ms', 'bigint', null],
  ['attempts', 'terminal', 'integer', 0],
  ['attempts', 'input', 'integer', 0],
  ['attempts', 'limits', 'text', NO_LIMITS],
  ['attempts', 'cpu_ms', 'bigint', null],
  ['attempts', 'max_memory_bytes', 'bigint', null],
  ['attempts', 'max_pids', 'integer', null],
  ['attempts', 'stored_bytes', 'bigint', null]
]

/** Retries, priorities, concurrency keys, limits, terminals, outputs; secrets; settings; idempotency keys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [table, column, type, before] of COLUMNS) {
    await db.schema
      .alterTable(table)
      .addColumn(column, type, c => (before === null ? c : c.notNull().defaultTo(before)))
      .execute()
  }
  // Until now an execution had one attempt, which ended as it did.
  await sql`
    UPDATE attempts SET (state, reason, detail) =
      (SELECT state, reason, detail FROM executions WHERE executions.id = attempts.execution_id)
    WHERE ended_at IS NOT NULL`.execute(db)

  // Others begin with the state, too, and each index costs every change of state.
  await db.schema.dropIndex('executions_state').execute()
  // Of a bot's executions that wait, the next is the first of these. Without the ended ones it would be smaller, but then
  // not used with bound values.
  await db.schema
    .createIndex('executions_waiting')
    .on('executions')
    .columns(['state', 'bot_id', 'priority desc', 'id'])
    .execute()
  await db.schema
    .createIndex('executions_not_before')
    .on('executions')
    .column('not_before')
    .where(sql.ref('not_before'), 'is not', null)
    .execute()
  // Retention looks at each attempt's folder once, and this is empty when it has.
  await db.schema
    .createIndex('attempts_unsettled')
    .on('attempts')
    .column('id')
    .where(sql.ref('stored_bytes'), 'is', null)
    .execute()

  await db.schema
    .createTable('secrets')
    .addColumn('name', 'text', c => c.primaryKey())
    .addColumn('sealed', 'blob', c => c.notNull())
    .addColumn('description', 'text', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('updated_at', 'bigint', c => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .execute()
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', c => c.primaryKey())
    .addColumn('value', 'text', c => c.notNull())
    .execute()
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('user_id', 'text', c => c.notNull())
    .addColumn('key', 'text', c => c.notNull())
    .addColumn('request_hash', 'text', c => c.notNull())
    .addColumn('execution_id', 'text', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_pk', ['user_id', 'key'])
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['idempotency_keys', 'settings', 'secrets']) await db.schema.dropTable(table).execute()
  for (const index of ['attempts_unsettled', 'executions_not_before', 'executions_waiting'])
    await db.schema.dropIndex(index).execute()
  await db.schema.createIndex('executions_state').on('executions').columns(['state', 'id']).execute()
  // An older server knows neither what was skipped nor what waits for its next attempt.
  await sql`UPDATE executions SET state = 'cancelled', reason = 'requested' WHERE state = 'skipped'`.execute(db)
  await sql`
    UPDATE executions SET state = 'failed', reason = 'exit_code', ended_at = coalesce(started_at, queued_at)
    WHERE state = 'queued' AND EXISTS (SELECT id FROM attempts WHERE execution_id = executions.id)`.execute(db)
  for (const [table, column] of COLUMNS) await db.schema.alterTable(table).dropColumn(column).execute()
}
