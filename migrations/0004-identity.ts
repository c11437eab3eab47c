import { type Kysely, sql } from 'kysely'

/** Table, column and type of what rows that are there have none of. */
const COLUMNS: ['users' | 'sessions', string, 'text' | 'bigint' | 'blob'][] = [
  ['users', 'password_changed_at', 'bigint'],
  ['users', 'signed_in_at', 'bigint'],
  ['users', 'totp_sealed', 'blob'],
  ['users', 'totp_since', 'bigint'],
  ['users', 'totp_last_step', 'bigint'],
  ['sessions', 'seen_at', 'bigint']
]

/** One-time links, tokens for programs, sign-in through others, a second factor, and who did what. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [table, column, type] of COLUMNS) await db.schema.alterTable(table).addColumn(column, type).execute()
  await sql`UPDATE sessions SET seen_at = created_at`.execute(db)

  await db.schema
    .createTable('password_links')
    .addColumn('token_hash', 'text', c => c.primaryKey())
    .addColumn('user_id', 'text', c => c.notNull().unique().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('expires_at', 'bigint', c => c.notNull())
    .execute()

  await db.schema
    .createTable('recovery_codes')
    .addColumn('user_id', 'text', c => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('code_hash', 'text', c => c.notNull())
    .addPrimaryKeyConstraint('recovery_codes_pk', ['user_id', 'code_hash'])
    .execute()

  await db.schema
    .createTable('identities')
    .addColumn('issuer', 'text', c => c.notNull())
    .addColumn('subject', 'text', c => c.notNull())
    .addColumn('user_id', 'text', c => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addPrimaryKeyConstraint('identities_pk', ['issuer', 'subject'])
    .execute()

  await db.schema
    .createTable('api_tokens')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('hash', 'text', c => c.notNull().unique())
    .addColumn('user_id', 'text', c => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', c => c.notNull())
    .addColumn('hint', 'text', c => c.notNull())
    .addColumn('role', 'text', c => c.notNull())
    .addColumn('bots', 'text')
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('used_at', 'bigint')
    .addColumn('used_from', 'text')
    .execute()
  await db.schema.createIndex('api_tokens_user').on('api_tokens').column('user_id').execute()

  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('at', 'bigint', c => c.notNull())
    .addColumn('actor_kind', 'text', c => c.notNull())
    .addColumn('actor_id', 'text')
    .addColumn('actor_name', 'text', c => c.notNull())
    .addColumn('address', 'text')
    .addColumn('action', 'text', c => c.notNull())
    .addColumn('subject_type', 'text', c => c.notNull())
    .addColumn('subject_id', 'text')
    .addColumn('subject_name', 'text', c => c.notNull())
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .execute()
  await db.schema.createIndex('audit_actor').on('audit').columns(['actor_id', 'id']).execute()
  await db.schema.createIndex('audit_subject').on('audit').columns(['subject_id', 'id']).execute()
  await db.schema.createIndex('audit_action').on('audit').columns(['action', 'id']).execute()
  // Whoever has the API, or a mistake in the code, cannot change what is written down.
  for (const change of ['UPDATE', 'DELETE']) {
    await sql`
      CREATE TRIGGER ${sql.ref(`audit_no_${change.toLowerCase()}`)} BEFORE ${sql.raw(change)} ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END`.execute(db)
  }
  // REPLACE fires no trigger for what it takes away.
  await sql`
    CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT id FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  // An older server takes an account without a password for a damaged one.
  await sql`DELETE FROM users WHERE password_hash = ''`.execute(db)
  for (const table of ['audit', 'api_tokens', 'identities', 'recovery_codes', 'password_links'])
    await db.schema.dropTable(table).execute()
  for (const [table, column] of COLUMNS) await db.schema.alterTable(table).dropColumn(column).execute()
}
