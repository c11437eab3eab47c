import { type Kysely, sql, type Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database, TriggerRow } from '../db/schema.ts'
import { keepOwned } from '../secrets/owned.ts'
import { circleWith, type Link } from './chain.ts'
import type { TriggerKind } from './kinds.ts'
import { WAITING } from './occurrences.ts'
import type { Trigger } from './trigger.ts'

/** What becomes of a trigger that is to be saved. `circle`: ids of the bots that would start each other for ever. */
export type Saved = { kind: 'saved' } | { kind: 'no_bot' } | { kind: 'circle'; circle: string[] }

/** What is saved with a trigger. */
export interface Saving {
  change: Change
  /** Its secret, as `Seal` makes it; null when that stays as it is. */
  sealed: Buffer | null
}

type FullRow = TriggerRow & { bot_slug: string; bot_name: string; has_secret: number; next_at: number | null }

export class TriggerStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  insert(trigger: Trigger, saving: Saving): Promise<Saved> {
    return this.#db.transaction().execute(async trx => {
      const refused = await whyNot(trx, trigger)
      if (refused) return refused
      await trx.insertInto('triggers').values(toRow(trigger)).execute()
      return saved(trx, trigger, saving)
    })
  }

  /** `no_bot` also when the trigger itself has gone meanwhile: it goes with its bot. */
  update(trigger: Trigger, saving: Saving): Promise<Saved> {
    return this.#db.transaction().execute(async trx => {
      const refused = await whyNot(trx, trigger)
      if (refused) return refused
      const { id, ...row } = toRow(trigger)
      const result = await trx.updateTable('triggers').set(row).where('id', '=', id).executeTakeFirst()
      return result.numUpdatedRows === 1n ? saved(trx, trigger, saving) : { kind: 'no_bot' }
    })
  }

  /** False when it was not there. */
  delete(id: string, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx.deleteFrom('triggers').where('id', '=', id).executeTakeFirst()
      if (result.numDeletedRows !== 1n) return false
      await record(trx, change)
      return true
    })
  }

  async find(id: string): Promise<Trigger | null> {
    const row = await this.#rows().where('triggers.id', '=', id).executeTakeFirst()
    return row ? fromRow(row) : null
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(query: {
    botId: string | undefined
    kind: TriggerKind | undefined
    limit: number
    cursor: string | undefined
    /** The only bots asked for; null: all. */
    botIds: ReadonlySet<string> | null
  }): Promise<Trigger[]> {
    let rows = this.#rows()
      .orderBy('triggers.id', 'desc')
      .limit(query.limit + 1)
    if (query.botId !== undefined) rows = rows.where('triggers.bot_id', '=', query.botId)
    if (query.kind !== undefined) rows = rows.where('triggers.kind', '=', query.kind)
    if (query.botIds) rows = rows.where('triggers.bot_id', 'in', [...query.botIds])
    if (query.cursor !== undefined) rows = rows.where('triggers.id', '<', query.cursor)
    return (await rows.execute()).map(fromRow)
  }

  /** The chains that come after a bot and are switched on, oldest first. */
  async after(botId: string): Promise<Trigger[]> {
    const rows = this.#rows().where('triggers.after_bot_id', '=', botId).where('triggers.enabled', '=', 1)
    return (await rows.orderBy('triggers.id').execute()).map(fromRow)
  }

  #rows() {
    return this.#db
      .selectFrom('triggers')
      .innerJoin('bots', 'bots.id', 'triggers.bot_id')
      .selectAll('triggers')
      .select(['bots.slug as bot_slug', 'bots.name as bot_name'])
      .select(({ selectFrom, exists }) => [
        exists(
          selectFrom('secrets')
            .select('secrets.name')
            .where('secrets.name', '=', sql<string>`'trigger:' || triggers.id`)
        ).as('has_secret'),
        selectFrom('occurrences')
          .select(({ fn }) => fn.min('occurrences.due_at').as('at'))
          .whereRef('occurrences.trigger_id', '=', 'triggers.id')
          .where('occurrences.state', '=', WAITING)
          .as('next_at')
      ])
      .$castTo<FullRow>()
  }
}

async function whyNot(trx: Transaction<Database>, { botId, chain, id }: Trigger): Promise<Saved | null> {
  const wanted = chain ? [botId, chain.afterBotId] : [botId]
  const bots = trx.selectFrom('bots').select('id').where('id', 'in', wanted).where('trial_of', 'is', null)
  const there = new Set((await bots.execute()).map(bot => bot.id))
  if (wanted.some(bot => !there.has(bot))) return { kind: 'no_bot' }
  if (!chain) return null
  // Also of those that are switched off: switching one on is not the time to find out.
  const others = await trx
    .selectFrom('triggers')
    .select(['after_bot_id as afterBotId', 'bot_id as botId'])
    .where('after_bot_id', 'is not', null)
    .where('id', '!=', id)
    .execute()
  const circle = circleWith(others as Link[], { afterBotId: chain.afterBotId, botId })
  return circle && { kind: 'circle', circle }
}

async function saved(trx: Transaction<Database>, trigger: Trigger, { change, sealed }: Saving): Promise<Saved> {
  if (sealed) await keepOwned(trx, `trigger:${trigger.id}`, sealed, trigger.updatedAt)
  await record(trx, change)
  return { kind: 'saved' }
}

function toRow(trigger: Trigger): TriggerRow {
  const { hasSecret: _, url: __, ...webhook } = trigger.webhook ?? {}
  return {
    id: trigger.id,
    bot_id: trigger.botId,
    name: trigger.name,
    kind: trigger.kind,
    enabled: trigger.enabled ? 1 : 0,
    parameters: JSON.stringify(trigger.parameters),
    settings: JSON.stringify(trigger.kind === 'webhook' ? webhook : trigger[trigger.kind]),
    after_bot_id: trigger.chain?.afterBotId ?? null,
    created_at: trigger.createdAt,
    updated_at: trigger.updatedAt
  }
}

function fromRow(row: FullRow): Trigger {
  const kind = row.kind as TriggerKind
  const settings = JSON.parse(row.settings)
  return {
    id: row.id,
    botId: row.bot_id,
    botSlug: row.bot_slug,
    botName: row.bot_name,
    name: row.name,
    kind,
    enabled: row.enabled === 1,
    parameters: JSON.parse(row.parameters),
    schedule: kind === 'schedule' ? settings : null,
    webhook:
      kind === 'webhook' ? { ...settings, hasSecret: row.has_secret === 1, url: `/api/webhooks/${row.id}` } : null,
    chain: kind === 'chain' ? settings : null,
    nextAt: row.next_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at
  }
}
