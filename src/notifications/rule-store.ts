import type { Kysely, Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database, NotificationRuleRow } from '../db/schema.ts'
import type { Rule } from './notifications.ts'

type FullRow = NotificationRuleRow & { bot_slug: string | null; bot_name: string | null }

/** What becomes of a rule that is to be saved. */
export type SavedRule = 'saved' | 'no_channel' | 'gone'

export class RuleStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** By name. */
  list(): Promise<Rule[]> {
    return this.#read(this.#rows().orderBy('notification_rules.name').orderBy('notification_rules.id'))
  }

  async find(id: string): Promise<Rule | null> {
    return (await this.#read(this.#rows().where('notification_rules.id', '=', id)))[0] ?? null
  }

  insert(rule: Rule, change: Change): Promise<SavedRule> {
    return this.#db.transaction().execute(async trx => {
      if (!(await areThere(trx, rule.channelIds))) return 'no_channel'
      await trx.insertInto('notification_rules').values(toRow(rule)).execute()
      await name(trx, rule)
      await record(trx, change)
      return 'saved'
    })
  }

  update(rule: Rule, change: Change): Promise<SavedRule> {
    return this.#db.transaction().execute(async trx => {
      if (!(await areThere(trx, rule.channelIds))) return 'no_channel'
      const { id, ...row } = toRow(rule)
      const result = await trx.updateTable('notification_rules').set(row).where('id', '=', id).executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return 'gone'
      await trx.deleteFrom('notification_rule_channels').where('rule_id', '=', id).execute()
      await name(trx, rule)
      await record(trx, change)
      return 'saved'
    })
  }

  /** False when it was not there. */
  delete(id: string, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx.deleteFrom('notification_rules').where('id', '=', id).executeTakeFirst()
      if (result.numDeletedRows !== 1n) return false
      await record(trx, change)
      return true
    })
  }

  #rows() {
    return this.#db
      .selectFrom('notification_rules')
      .leftJoin('bots', 'bots.id', 'notification_rules.bot_id')
      .selectAll('notification_rules')
      .select(['bots.slug as bot_slug', 'bots.name as bot_name'])
  }

  async #read(query: { execute(): Promise<FullRow[]> }): Promise<Rule[]> {
    const rows = await query.execute()
    if (rows.length === 0) return []
    const named = await this.#db.selectFrom('notification_rule_channels').selectAll().orderBy('channel_id').execute()
    const channels = Map.groupBy(named, ({ rule_id }) => rule_id)
    return rows.map(row => fromRow(row, channels.get(row.id)?.map(({ channel_id }) => channel_id) ?? []))
  }
}

async function areThere(trx: Transaction<Database>, channelIds: string[]): Promise<boolean> {
  const rows = await trx.selectFrom('channels').select('id').where('id', 'in', channelIds).execute()
  return rows.length === channelIds.length
}

async function name(trx: Transaction<Database>, { id, channelIds }: Rule): Promise<void> {
  const rows = channelIds.map(channelId => ({ rule_id: id, channel_id: channelId }))
  await trx.insertInto('notification_rule_channels').values(rows).execute()
}

function toRow(rule: Rule): NotificationRuleRow {
  return {
    id: rule.id,
    name: rule.name,
    events: JSON.stringify(rule.events),
    bot_id: rule.botId,
    quiet_ms: rule.quietMs,
    long_running_ms: rule.longRunningMs,
    log_lines: rule.logLines,
    enabled: rule.enabled ? 1 : 0,
    created_at: rule.createdAt,
    updated_at: rule.updatedAt
  }
}

function fromRow(row: FullRow, channelIds: string[]): Rule {
  return {
    id: row.id,
    botId: row.bot_id,
    botSlug: row.bot_slug,
    botName: row.bot_name,
    name: row.name,
    events: JSON.parse(row.events),
    channelIds,
    quietMs: row.quiet_ms,
    longRunningMs: row.long_running_ms,
    logLines: row.log_lines,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}
