import { type Kysely, sql } from 'kysely'

interface Tables {
  bots: { id: string; slug: string; name: string; description: string; tags: string; search_text: string }
}

/** Indexes for every filter of the history, the text by which bots are found, and trials of bots that are not saved. */
export async function up(db: Kysely<Tables>): Promise<void> {
  // Bound values never matched the condition of this one, so looking for what waits or runs went through all history.
  await db.schema.dropIndex('executions_live').execute()
  await db.schema.createIndex('executions_state').on('executions').columns(['state', 'id']).execute()
  // With the state and the trigger given, each of these holds its ids in the order of time: a page is read off its end.
  await db.schema.createIndex('executions_state_trigger').on('executions').columns(['state', 'trigger', 'id']).execute()
  await db.schema
    .createIndex('executions_bot_state_trigger')
    .on('executions')
    .columns(['bot_id', 'state', 'trigger', 'id'])
    .execute()
  await db.schema
    .alterTable('executions')
    .addColumn('trial', 'integer', c => c.notNull().defaultTo(0))
    .execute()

  await db.schema.alterTable('bots').addColumn('trial_of', 'text').execute()
  await db.schema
    .alterTable('bots')
    .addColumn('search_text', 'text', c => c.notNull().defaultTo(''))
    .execute()
  for (const bot of await db.selectFrom('bots').select(['id', 'name', 'slug', 'description', 'tags']).execute()) {
    const text = [bot.name, bot.slug, bot.description, ...(JSON.parse(bot.tags) as string[])].join('\n')
    await db
      .updateTable('bots')
      .set({ search_text: text.normalize('NFC').toLowerCase() })
      .where('id', '=', bot.id)
      .execute()
  }
}

export async function down(db: Kysely<Tables>): Promise<void> {
  // What waits or runs needs its bot, also one that was only being tried.
  await sql`
    DELETE FROM bots WHERE trial_of IS NOT NULL AND NOT EXISTS
      (SELECT id FROM executions WHERE bot_id = bots.id AND state IN ('queued', 'running'))`.execute(db)
  await db.schema.alterTable('bots').dropColumn('search_text').execute()
  await db.schema.alterTable('bots').dropColumn('trial_of').execute()
  await db.schema.alterTable('executions').dropColumn('trial').execute()
  for (const index of ['executions_bot_state_trigger', 'executions_state_trigger', 'executions_state']) {
    await db.schema.dropIndex(index).execute()
  }
  await db.schema
    .createIndex('executions_live')
    .on('executions')
    .columns(['state', 'bot_id', 'id'])
    .where(sql.ref('state'), 'in', sql`('queued', 'running')`)
    .execute()
}
