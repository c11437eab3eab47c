import type { Kysely } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { ChannelRow, Database } from '../db/schema.ts'
import { forgetOwned, keepOwned } from '../secrets/owned.ts'
import type { Channel } from './notifications.ts'

export class ChannelStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** By name. */
  async list(): Promise<Channel[]> {
    return (await this.#db.selectFrom('channels').selectAll().orderBy('name').orderBy('id').execute()).map(fromRow)
  }

  async find(id: string): Promise<Channel | null> {
    const row = await this.#db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? fromRow(row) : null
  }

  /** With its secrets as `Seal` makes them; null when it has none. */
  insert(channel: Channel, sealed: Buffer | null, change: Change): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      await trx.insertInto('channels').values(toRow(channel)).execute()
      if (sealed) await keepOwned(trx, `channel:${channel.id}`, sealed, channel.updatedAt)
      await record(trx, change)
    })
  }

  /** False when it has been changed since it was read, or is gone: its secrets may be others then. */
  update(channel: Channel, before: Channel, sealed: Buffer | null, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const { id, ...row } = toRow(channel)
      const result = await trx
        .updateTable('channels')
        .set(row)
        .where('id', '=', id)
        .where('updated_at', '=', before.updatedAt)
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      if (sealed) await keepOwned(trx, `channel:${id}`, sealed, channel.updatedAt)
      else await forgetOwned(trx, `channel:${id}`)
      await record(trx, change)
      return true
    })
  }

  /** Removes it with its notices, unless rules name it: their names are answered. */
  delete(id: string, change: Change): Promise<{ deleted: boolean; usedBy: string[] }> {
    return this.#db.transaction().execute(async trx => {
      const rules = await trx
        .selectFrom('notification_rule_channels')
        .innerJoin('notification_rules', 'notification_rules.id', 'rule_id')
        .select('notification_rules.name')
        .where('channel_id', '=', id)
        .execute()
      if (rules.length > 0) return { deleted: false, usedBy: rules.map(({ name }) => name) }
      const result = await trx.deleteFrom('channels').where('id', '=', id).executeTakeFirst()
      if (result.numDeletedRows !== 1n) return { deleted: false, usedBy: [] }
      await record(trx, change)
      return { deleted: true, usedBy: [] }
    })
  }
}

function toRow(channel: Channel): ChannelRow {
  return {
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    settings: JSON.stringify(channel.settings),
    secrets: JSON.stringify(channel.secrets),
    created_at: channel.createdAt,
    updated_at: channel.updatedAt
  }
}

function fromRow(row: ChannelRow): Channel {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as Channel['kind'],
    settings: JSON.parse(row.settings),
    secrets: JSON.parse(row.secrets),
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}
