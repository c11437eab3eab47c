import { type Kysely, sql } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { BotRow, Database } from '../db/schema.ts'
import { isId } from '../lib/ids.ts'
import { type Bot, searchForm, searchText } from './bot.ts'

/** Bots, and beside them those that are only being tried: no method but those that say so finds them. */
export class BotStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** False when another bot has the slug. */
  insert(bot: Bot, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .insertInto('bots')
        .values(toRow(bot))
        .onConflict(c => c.column('slug').doNothing())
        .executeTakeFirst()
      if (result.numInsertedOrUpdatedRows !== 1n) return false
      await record(trx, change)
      return true
    })
  }

  /** Keeps a bot for a trial, whoever has its slug. */
  async insertTrial(bot: Bot): Promise<void> {
    const row = { ...toRow(bot), slug: `trial-${bot.id}`, trial_of: bot.slug }
    await this.#db.insertInto('bots').values(row).execute()
  }

  /** Removes what was tried and neither waits nor runs. */
  async deleteEndedTrials(): Promise<void> {
    await this.#db
      .deleteFrom('bots')
      .where('trial_of', 'is not', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('executions')
              .select('executions.id')
              .whereRef('executions.bot_id', '=', 'bots.id')
              .where('executions.state', 'in', ['queued', 'running'])
          )
        )
      )
      .execute()
  }

  /** False when another bot has the slug. */
  update(bot: Bot, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const { id, ...row } = toRow(bot)
      const result = await trx
        .updateTable('bots')
        .set(row)
        .where('id', '=', id)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('bots as other')
                .select('other.id')
                .where('other.slug', '=', bot.slug)
                .where('other.id', '!=', id)
            )
          )
        )
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      await record(trx, change)
      return true
    })
  }

  /** False while an execution of the bot waits or runs. */
  delete(id: string, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .deleteFrom('bots')
        .where('id', '=', id)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('executions').select('id').where('bot_id', '=', id).where('state', 'in', ['queued', 'running'])
            )
          )
        )
        .executeTakeFirst()
      if (result.numDeletedRows !== 1n) return false
      await record(trx, change)
      return true
    })
  }

  /** Removes a trial that was not let in. */
  async deleteTrial(id: string): Promise<void> {
    await this.#db.deleteFrom('bots').where('id', '=', id).where('trial_of', 'is not', null).execute()
  }

  /** By id or slug. */
  async find(ref: string): Promise<Bot | null> {
    const row = await this.#db
      .selectFrom('bots')
      .selectAll()
      .where(isId(ref) ? 'id' : 'slug', '=', ref)
      .where('trial_of', 'is', null)
      .executeTakeFirst()
    return row ? fromRow(row) : null
  }

  /** By id, also one that is being tried: that has the slug it would have. */
  async findWithTrials(id: string): Promise<Bot | null> {
    const row = await this.#db.selectFrom('bots').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? fromRow(row) : null
  }

  /** Newest first; one more than `limit` when there is more. With `search`, those that have it in a text of theirs. */
  async list(page: {
    limit: number
    cursor: string | undefined
    search: string | undefined
    /** The only ones asked for; null: all. */
    ids: ReadonlySet<string> | null
  }): Promise<Bot[]> {
    let query = this.#db
      .selectFrom('bots')
      .selectAll()
      .where('trial_of', 'is', null)
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
    if (page.cursor) query = query.where('id', '<', page.cursor)
    if (page.ids) query = query.where('id', 'in', [...page.ids])
    if (page.search) {
      const escaped = searchForm(page.search).replace(/[\\%_]/g, '\\$&')
      query = query.where(sql<boolean>`search_text LIKE ${`%${escaped}%`} ESCAPE '\\'`)
    }
    return (await query.execute()).map(fromRow)
  }
}

function toRow(bot: Bot): BotRow {
  return {
    id: bot.id,
    slug: bot.slug,
    name: bot.name,
    description: bot.description,
    kind: bot.kind,
    command: JSON.stringify(bot.command),
    cwd: bot.cwd,
    env: JSON.stringify(bot.env),
    parameters: JSON.stringify(bot.parameters),
    secrets: JSON.stringify(bot.secrets),
    timeout_ms: bot.timeoutMs,
    idle_timeout_ms: bot.idleTimeoutMs,
    kill_grace_ms: bot.killGraceMs,
    max_log_bytes: bot.maxLogBytes,
    terminal: bot.terminal ? 1 : 0,
    input: bot.input ? 1 : 0,
    priority: bot.priority,
    concurrency_limit: bot.concurrency.limit,
    concurrency_policy: bot.concurrency.policy,
    concurrency_key: bot.concurrency.key,
    retry: JSON.stringify(bot.retry),
    limits: JSON.stringify(bot.limits),
    assertions: JSON.stringify(bot.assert),
    tags: JSON.stringify(bot.tags),
    search_text: searchText(bot),
    enabled: bot.enabled ? 1 : 0,
    created_at: bot.createdAt,
    updated_at: bot.updatedAt,
    trial_of: null
  }
}

function fromRow(row: BotRow): Bot {
  return {
    id: row.id,
    slug: row.trial_of ?? row.slug,
    name: row.name,
    description: row.description,
    kind: row.kind as Bot['kind'],
    command: JSON.parse(row.command),
    cwd: row.cwd,
    env: JSON.parse(row.env),
    parameters: JSON.parse(row.parameters),
    secrets: JSON.parse(row.secrets),
    timeoutMs: row.timeout_ms,
    idleTimeoutMs: row.idle_timeout_ms,
    killGraceMs: row.kill_grace_ms,
    maxLogBytes: row.max_log_bytes,
    terminal: row.terminal === 1,
    input: row.input === 1,
    priority: row.priority,
    concurrency: {
      limit: row.concurrency_limit,
      policy: row.concurrency_policy as Bot['concurrency']['policy'],
      key: row.concurrency_key
    },
    retry: JSON.parse(row.retry),
    limits: JSON.parse(row.limits),
    assert: JSON.parse(row.assertions),
    tags: JSON.parse(row.tags),
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}
