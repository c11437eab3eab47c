import type { Kysely } from 'kysely'
import type { Database, HappeningRow } from '../db/schema.ts'
import { newId } from '../lib/ids.ts'
import type { Happening, NewHappening } from './happening.ts'

/** Keeps that something has happened, in the transaction in which it does: who follows it cannot miss it. */
export async function note(trx: Kysely<Database>, happening: NewHappening): Promise<void> {
  await trx.insertInto('happenings').values(toRow(happening)).execute()
}

/** Keeps that an execution has ended, if anybody waits for its bot or is to be told of it. What was only tried concerns nobody. */
export async function noteEnd(trx: Kysely<Database>, executionId: string, at: number): Promise<void> {
  const row = toRow({ kind: 'execution.ended', executionId, at })
  const columns = Object.keys(row) as (keyof HappeningRow)[]
  await trx
    .insertInto('happenings')
    .columns(columns)
    .expression(db =>
      db
        .selectFrom('executions')
        .select(({ val }) => columns.map(column => val(row[column]).as(column)))
        .where('executions.id', '=', executionId)
        .where('executions.trial', '=', 0)
        .where(({ or, exists, selectFrom }) =>
          or([
            exists(selectFrom('triggers').select('triggers.id').whereRef('after_bot_id', '=', 'executions.bot_id')),
            exists(
              selectFrom('notification_rules as rule')
                .select('rule.id')
                .where('rule.enabled', '=', 1)
                .where(({ eb, ref }) =>
                  eb.or([eb('rule.bot_id', 'is', null), eb('rule.bot_id', '=', ref('executions.bot_id'))])
                )
            )
          ])
        )
    )
    .execute()
}

/** What has happened and is still to be followed up. */
export class HappeningStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** Oldest first; those after `id` when one is given. */
  async some(limit: number, after = ''): Promise<Happening[]> {
    const rows = await this.#db
      .selectFrom('happenings')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(fromRow)
  }

  async forget(id: string): Promise<void> {
    await this.#db.deleteFrom('happenings').where('id', '=', id).execute()
  }
}

function toRow(happening: NewHappening): HappeningRow {
  const { kind, at } = happening
  const about = kind === 'execution.ended' ? { execution_id: happening.executionId } : slotOf(happening)
  return { id: newId(), kind, at, execution_id: null, trigger_id: null, slot_at: null, ...about }
}

function slotOf({ triggerId, slotAt }: { triggerId: string; slotAt: number }) {
  return { trigger_id: triggerId, slot_at: slotAt }
}

function fromRow(row: HappeningRow): Happening {
  const { id, at } = row
  return row.kind === 'execution.ended'
    ? { id, at, kind: row.kind, executionId: row.execution_id! }
    : { id, at, kind: 'slot.missed', triggerId: row.trigger_id!, slotAt: row.slot_at! }
}
