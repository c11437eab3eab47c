import { type Kysely, sql, type Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database, DeliveryRow } from '../db/schema.ts'
import { madeAt, newId } from '../lib/ids.ts'
import { type Arrival, type Delivery, type DeliveryDetail, fromRow, LISTED_COLUMNS, type Outcome } from './delivery.ts'
import type { Verdict } from './verdicts.ts'

/** Of what was not believed, as many of each trigger are kept, the newest; and so much of each body. */
const KEPT_UNVERIFIED = 100
const KEPT_UNVERIFIED_BYTES = 4096

/** What is kept of the deliveries of a trigger: so many, and so much of their bodies. */
export interface KeepLimits {
  count: number
  bytes: number
  /** And what came since then. */
  since: number
}

/** A delivery with all that it takes to settle it. */
export interface WholeDelivery extends DeliveryDetail {
  body: Buffer
}

export class DeliveryStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /**
   * Writes down one that is believed, as `received`. Where the sender has sent it before, that one is the delivery: it is
   * answered, and the other written down as its repeat.
   */
  receive(arrival: Arrival): Promise<{ delivery: WholeDelivery; repeat: Delivery | null }> {
    return this.#db.transaction().execute(async trx => {
      const row = rowOf(arrival, { verified: 1, verdict: 'received' })
      const inserted = await trx
        .insertInto('deliveries')
        .values(row)
        .onConflict(c => c.doNothing())
        .executeTakeFirst()
      if (inserted.numInsertedOrUpdatedRows === 1n) return { delivery: wholeFrom(row), repeat: null }
      const first = await findByKey(trx, arrival)
      const repeat = { ...row, body: null, verdict: 'repeated', repeat_of: first.id, execution_id: first.execution_id }
      await trx.insertInto('deliveries').values(repeat).execute()
      return { delivery: wholeFrom(first), repeat: fromRow(repeat) }
    })
  }

  /** Writes down one that is not believed. Of those only the newest are kept: a stranger must not fill the disk. */
  refuse(arrival: Arrival, { verdict, detail }: { verdict: Verdict; detail: string }): Promise<Delivery> {
    return this.#db.transaction().execute(async trx => {
      const row = rowOf(arrival, { verified: 0, verdict, detail })
      row.body = row.body!.subarray(0, KEPT_UNVERIFIED_BYTES)
      await trx.insertInto('deliveries').values(row).execute()
      const oldestKept = trx
        .selectFrom('deliveries')
        .select('id')
        .where('trigger_id', '=', arrival.triggerId)
        .where('verified', '=', 0)
        .orderBy('id', 'desc')
        .limit(1)
        .offset(KEPT_UNVERIFIED - 1)
      await trx
        .deleteFrom('deliveries')
        .where('trigger_id', '=', arrival.triggerId)
        .where('verified', '=', 0)
        .where('id', '<', oldestKept)
        .execute()
      return fromRow(row)
    })
  }

  /** Says what became of it. False when it has started something already: that stands. */
  async settle(id: string, { verdict, detail, executionId }: Outcome): Promise<boolean> {
    const result = await this.#db
      .updateTable('deliveries')
      .set({ verdict, detail, execution_id: executionId })
      .where('id', '=', id)
      .where('execution_id', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** Writes down that somebody has it started again, and makes the delivery that is started then. */
  replay(delivery: WholeDelivery, address: string, change: Change): Promise<WholeDelivery> {
    return this.#db.transaction().execute(async trx => {
      const row = rowOf({ ...delivery, key: null, address }, { verified: 1, verdict: 'received' })
      row.replay_of = delivery.id
      await trx.insertInto('deliveries').values(row).execute()
      await record(trx, change)
      return wholeFrom(row)
    })
  }

  /** Writes down that somebody has deliveries started that had started nothing. */
  note(change: Change): Promise<void> {
    return record(this.#db, change)
  }

  async find(id: string): Promise<DeliveryDetail | null> {
    const row = await this.#db
      .selectFrom('deliveries')
      .select([...LISTED_COLUMNS, 'headers', 'query'])
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? detailFrom(row) : null
  }

  /** What is kept of its body; null when nothing is. */
  async body(id: string): Promise<Buffer | null> {
    const row = await this.#db.selectFrom('deliveries').select('body').where('id', '=', id).executeTakeFirst()
    return row?.body ?? null
  }

  /** Newest first; one more than `limit` when there is more. */
  async list(
    triggerId: string,
    { verdict, limit, cursor }: { verdict: Verdict | undefined; limit: number; cursor: string | undefined }
  ): Promise<Delivery[]> {
    let rows = this.#db
      .selectFrom('deliveries')
      .select(LISTED_COLUMNS)
      .where('trigger_id', '=', triggerId)
      .orderBy('id', 'desc')
      .limit(limit + 1)
    // With the plus no index by verdict is chosen, which has those of all triggers.
    if (verdict !== undefined) rows = rows.where(sql<string>`+verdict`, '=', verdict)
    if (cursor !== undefined) rows = rows.where('id', '<', cursor)
    return (await rows.execute()).map(fromRow)
  }

  /** Ids of those with a verdict, oldest first. */
  async withVerdict(
    verdict: Verdict,
    { triggerId, after = '', limit }: { triggerId?: string | undefined; after?: string; limit: number }
  ): Promise<string[]> {
    let rows = this.#db
      .selectFrom('deliveries')
      .select('id')
      .where('verdict', '=', verdict)
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
    if (triggerId !== undefined) rows = rows.where('trigger_id', '=', triggerId)
    return (await rows.execute()).map(({ id }) => id)
  }

  async countWithVerdict(verdict: Verdict, triggerId: string | undefined): Promise<number> {
    let rows = this.#db
      .selectFrom('deliveries')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('verdict', '=', verdict)
    if (triggerId !== undefined) rows = rows.where('trigger_id', '=', triggerId)
    return (await rows.executeTakeFirstOrThrow()).count
  }

  /** The triggers that have any. */
  async triggerIds(): Promise<string[]> {
    const rows = await this.#db.selectFrom('deliveries').select('trigger_id').distinct().execute()
    return rows.map(row => row.trigger_id)
  }

  /**
   * Removes the oldest of a trigger, until the others are within the limits. Repeats are counted by themselves: whoever has
   * seen a delivery and sends it very often is not to have it forgotten that it came. Answers how many.
   */
  async prune(triggerId: string, { count, bytes, since }: KeepLimits): Promise<number> {
    const result = await sql`
      DELETE FROM deliveries WHERE id IN (
        SELECT id FROM (
          SELECT id, received_at, row_number() OVER newest AS number, sum(ifnull(length(body), 0)) OVER newest AS bytes
          FROM deliveries WHERE trigger_id = ${triggerId} WINDOW newest AS (PARTITION BY repeat_of IS NULL ORDER BY id DESC)
        ) WHERE number > ${count} OR bytes > ${bytes} OR received_at < ${since}
      )`.execute(this.#db)
    return Number(result.numAffectedRows)
  }
}

/** The delivery of which another with the same key is a repeat. */
function findByKey(trx: Transaction<Database>, { triggerId, key }: Arrival): Promise<DeliveryRow> {
  return trx
    .selectFrom('deliveries')
    .selectAll()
    .where('trigger_id', '=', triggerId)
    .where('key', '=', key)
    .where('verified', '=', 1)
    .where('repeat_of', 'is', null)
    .executeTakeFirstOrThrow()
}

function rowOf(
  { triggerId, key, address, headers, query, body }: Arrival,
  { verified, verdict, detail = null }: { verified: 0 | 1; verdict: Verdict; detail?: string | null }
): DeliveryRow {
  const id = newId()
  return {
    id,
    trigger_id: triggerId,
    key,
    received_at: madeAt(id),
    address,
    verified,
    verdict,
    detail,
    headers: JSON.stringify(headers),
    query: JSON.stringify(query),
    body,
    body_bytes: body.length,
    execution_id: null,
    replay_of: null,
    repeat_of: null
  }
}

function detailFrom(row: Omit<DeliveryRow, 'body'>): DeliveryDetail {
  return { ...fromRow(row), headers: JSON.parse(row.headers), query: JSON.parse(row.query) }
}

function wholeFrom(row: DeliveryRow): WholeDelivery {
  return { ...detailFrom(row), body: row.body! }
}
