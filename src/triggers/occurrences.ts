import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database, OccurrenceRow } from '../db/schema.ts'
import { note } from '../happenings/store.ts'
import type { Schedule } from './trigger.ts'

/** What became of a slot. `waiting`: it is to fire at its `dueAt`. `skipped`: it did not run, and need not have. */
export const OCCURRENCE_STATES = ['waiting', 'started', 'skipped', 'missed'] as const
export type OccurrenceState = (typeof OCCURRENCE_STATES)[number]

/**
 *   superseded          A later slot that was missed as well runs for it.
 *   not_caught_up       It was missed, and missed slots of its schedule do not run.
 *   too_old             It was missed, or could not be started, for longer than its schedule allows.
 *   too_many            So many were missed that only the newest of them run; what was before it is not kept.
 *   queue_full          It waits, as the queue is full; or it did so for too long.
 *   bot_disabled        Its bot was disabled at that moment.
 *   invalid_parameters  The bot does not take the parameters of its trigger any more.
 */
export const OCCURRENCE_REASONS = [
  'superseded',
  'not_caught_up',
  'too_old',
  'too_many',
  'queue_full',
  'bot_disabled',
  'invalid_parameters'
] as const
export type OccurrenceReason = (typeof OCCURRENCE_REASONS)[number]

export interface Slot {
  at: number
  dueAt: number
}

/** A slot that waits. Its reason says why it still does. */
export interface WaitingSlot extends Slot {
  reason: OccurrenceReason | null
}

/** What became of one slot. */
export interface Settlement extends Slot {
  state: Exclude<OccurrenceState, 'waiting'>
  reason: OccurrenceReason | null
  executionId: string | null
}

/** What the scheduler knows of a trigger: one that is on, of a bot that is on. */
export interface Scheduled {
  id: string
  botId: string
  parameters: Record<string, unknown>
  schedule: Schedule
}

/** A slot with what became of it. */
export interface Occurrence extends WaitingSlot {
  state: OccurrenceState
  executionId: string | null
}

/** What is done to the slots of a trigger in one step. */
export interface Settling {
  settled: Settlement[]
  /** Missed slots that will run. */
  catchUps: Slot[]
  /** The next slot, which waits from now on, unless a later one does. */
  next: Slot | null
  now: number
}

/** As the index of what waits for each trigger has it; a value that is bound to a statement would not be seen to be this one. */
export const WAITING = sql.lit('waiting')

/** Rows that one statement may name: SQLite has a limit of variables. */
const CHUNK = 500

/** As long as executions are kept at most by default. */
const KEEP_MS = 90 * 86_400_000

/** Of each trigger: a schedule of each second has so many in three hours. */
const KEEP_COUNT = 10_000

/** The slots of schedules: those that have been, and the next of each, which waits. */
export class OccurrenceStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** When the next slot of all is due; null when none waits. */
  async nextDueAt(): Promise<number | null> {
    const row = await this.#db
      .selectFrom('occurrences')
      .select('due_at')
      .where('state', '=', 'waiting')
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst()
    return row?.due_at ?? null
  }

  /** The triggers of slots that are due, those that have been for longest first. */
  async dueTriggers(now: number, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('occurrences')
      .select('trigger_id')
      .where('state', '=', 'waiting')
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(limit)
      .execute()
    return [...new Set(rows.map(row => row.trigger_id))]
  }

  /** Ids of all schedules, whether they are on or not, in order; those after `id`. */
  async scheduleIds(after: string, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('triggers')
      .select('id')
      .where('kind', '=', 'schedule')
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(row => row.id)
  }

  async schedulesOf(botId: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('triggers')
      .select('id')
      .where('bot_id', '=', botId)
      .where('kind', '=', 'schedule')
      .execute()
    return rows.map(row => row.id)
  }

  /** Null when there is none, when it is off, or when its bot is. */
  async scheduled(triggerId: string): Promise<Scheduled | null> {
    const row = await this.#db
      .selectFrom('triggers')
      .innerJoin('bots', 'bots.id', 'triggers.bot_id')
      .select(['triggers.id', 'triggers.bot_id', 'triggers.parameters', 'triggers.settings'])
      .where('triggers.id', '=', triggerId)
      .where('triggers.kind', '=', 'schedule')
      .where('triggers.enabled', '=', 1)
      .where('bots.enabled', '=', 1)
      .executeTakeFirst()
    return row
      ? {
          id: row.id,
          botId: row.bot_id,
          parameters: JSON.parse(row.parameters),
          schedule: JSON.parse(row.settings)
        }
      : null
  }

  /** The slots of a trigger that wait, and all that lie after `now`; oldest first. */
  async open(triggerId: string, now: number): Promise<Occurrence[]> {
    const rows = await this.#db
      .selectFrom('occurrences')
      .selectAll()
      .where('trigger_id', '=', triggerId)
      .where(({ or, eb }) => or([eb('state', '=', 'waiting'), eb('slot_at', '>', now)]))
      .orderBy('slot_at')
      .execute()
    return rows.map(fromRow)
  }

  /** The slots of a trigger that wait and are due, oldest first. */
  async due(triggerId: string, now: number): Promise<WaitingSlot[]> {
    const rows = await this.#db
      .selectFrom('occurrences')
      .selectAll()
      .where('trigger_id', '=', triggerId)
      .where('state', '=', WAITING)
      .where('due_at', '<=', now)
      .orderBy('slot_at')
      .execute()
    return rows.map(fromRow)
  }

  /** The slots of a trigger after a time that are settled: a clock that was ahead has left them. */
  async settledAfter(triggerId: string, after: number): Promise<Set<number>> {
    const rows = await this.#db
      .selectFrom('occurrences')
      .select('slot_at')
      .where('trigger_id', '=', triggerId)
      .where('slot_at', '>', after)
      .where('state', '!=', 'waiting')
      .execute()
    return new Set(rows.map(row => row.slot_at))
  }

  /** The newest slot of a trigger up to `now` that anything is known of; null when there is none. */
  async newestAt(triggerId: string, now: number): Promise<number | null> {
    const row = await this.#db
      .selectFrom('occurrences')
      .select('slot_at')
      .where('trigger_id', '=', triggerId)
      .where('slot_at', '<=', now)
      .orderBy('slot_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.slot_at ?? null
  }

  /** Of these slots those that started something, with the execution: a server may have died before it could write that down. */
  async executionsOf(triggerId: string, slots: number[]): Promise<Map<number, string>> {
    const found = new Map<number, string>()
    for (const some of chunks(slots)) {
      const rows = await this.#db
        .selectFrom('executions')
        .select(['id', 'occasion'])
        .where('trigger_id', '=', triggerId)
        .where('occasion', 'in', some.map(String))
        .execute()
      for (const row of rows) found.set(Number(row.occasion), row.id)
    }
    return found
  }

  /** What became of slots of a trigger, and which wait from now on. Of those missed, the newest is told to whoever follows. */
  settle(triggerId: string, { settled, catchUps, next, now }: Settling): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      const trigger = await trx.selectFrom('triggers').select('id').where('id', '=', triggerId).executeTakeFirst()
      if (!trigger) return
      const rows = [
        ...settled.map(slot => settledRow(triggerId, slot, now)),
        ...catchUps.map(slot => waitingRow(triggerId, slot))
      ]
      for (const some of chunks(rows)) await put(trx, some)
      if (next) await putNext(trx, waitingRow(triggerId, next))
      const missed = settled.filter(slot => slot.state === 'missed').map(slot => slot.at)
      if (missed.length > 0) await note(trx, { kind: 'slot.missed', triggerId, slotAt: missed.at(-1)!, at: now })
    })
  }

  /** What waits for a trigger that is off does not any more. False when nothing did. */
  async removeWaiting(triggerId: string): Promise<boolean> {
    const removed = await this.#db
      .deleteFrom('occurrences')
      .where('trigger_id', '=', triggerId)
      .where('state', '=', WAITING)
      .executeTakeFirst()
    return removed.numDeletedRows > 0n
  }

  /** Puts other slots of a trigger in place of some. */
  replace(triggerId: string, removed: number[], next: Slot | null): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      for (const some of chunks(removed))
        await trx.deleteFrom('occurrences').where('trigger_id', '=', triggerId).where('slot_at', 'in', some).execute()
      const trigger = await trx.selectFrom('triggers').select('id').where('id', '=', triggerId).executeTakeFirst()
      if (next && trigger) await put(trx, [waitingRow(triggerId, next)])
    })
  }

  /** Removes what became of slots of long ago, and of more than are kept; in steps, between which others have their turn. */
  async removeOld(now: number, signal: AbortSignal): Promise<void> {
    await this.#removeOlder(now, signal)
    let ids: string[] = []
    do {
      ids = await this.scheduleIds(ids.at(-1) ?? '', CHUNK)
      for (const id of ids) {
        signal.throwIfAborted()
        await this.#removeAllBut(KEEP_COUNT, id)
      }
    } while (ids.length === CHUNK)
  }

  async #removeAllBut(count: number, triggerId: string): Promise<void> {
    const kept = this.#db
      .selectFrom('occurrences')
      .select('slot_at')
      .where('trigger_id', '=', triggerId)
      .orderBy('slot_at', 'desc')
      .limit(1)
      .offset(count - 1)
    await this.#db
      .deleteFrom('occurrences')
      .where('trigger_id', '=', triggerId)
      .where('state', '!=', 'waiting')
      .where('slot_at', '<', kept)
      .execute()
  }

  async #removeOlder(now: number, signal: AbortSignal): Promise<void> {
    for (const state of OCCURRENCE_STATES.filter(state => state !== 'waiting')) {
      let removed: bigint
      do {
        signal.throwIfAborted()
        const old = this.#db
          .selectFrom('occurrences')
          .select(['trigger_id', 'slot_at'])
          .where('state', '=', state)
          .where('due_at', '<', now - KEEP_MS)
          .limit(CHUNK)
        const result = await this.#db
          .deleteFrom('occurrences')
          .where(({ eb, refTuple }) =>
            eb(refTuple('trigger_id', 'slot_at'), 'in', old.$asTuple('trigger_id', 'slot_at'))
          )
          .executeTakeFirst()
        removed = result.numDeletedRows
      } while (removed > 0n)
    }
  }

  /** Marks what became due since `since` as held up by a full queue. */
  async holdUp(since: number, now: number): Promise<void> {
    await this.#db
      .updateTable('occurrences')
      .set({ reason: 'queue_full' })
      .where('state', '=', 'waiting')
      .where('due_at', '>=', since)
      .where('due_at', '<=', now)
      .where('reason', 'is', null)
      .execute()
  }
}

function settledRow(triggerId: string, slot: Settlement, now: number): OccurrenceRow {
  const { at, dueAt, state, reason, executionId } = slot
  return {
    trigger_id: triggerId,
    slot_at: at,
    due_at: dueAt,
    state,
    reason,
    execution_id: executionId,
    settled_at: now
  }
}

function waitingRow(triggerId: string, { at, dueAt }: Slot): OccurrenceRow {
  return {
    trigger_id: triggerId,
    slot_at: at,
    due_at: dueAt,
    state: 'waiting',
    reason: null,
    execution_id: null,
    settled_at: null
  }
}

/** As it lies in the database. */
export function fromRow(row: OccurrenceRow): Occurrence {
  return {
    at: row.slot_at,
    dueAt: row.due_at,
    state: row.state as OccurrenceState,
    reason: row.reason as OccurrenceReason | null,
    executionId: row.execution_id
  }
}

/** What is settled stays so. */
async function put(trx: Transaction<Database>, rows: OccurrenceRow[]): Promise<void> {
  await trx
    .insertInto('occurrences')
    .values(rows)
    .onConflict(conflict =>
      conflict
        .columns(['trigger_id', 'slot_at'])
        .doUpdateSet(({ ref }) => ({
          due_at: ref('excluded.due_at'),
          state: ref('excluded.state'),
          reason: ref('excluded.reason'),
          execution_id: ref('excluded.execution_id'),
          settled_at: ref('excluded.settled_at')
        }))
        .where('occurrences.state', '=', 'waiting')
    )
    .execute()
}

async function putNext(trx: Transaction<Database>, row: OccurrenceRow): Promise<void> {
  const later = await trx
    .selectFrom('occurrences')
    .select('slot_at')
    .where('trigger_id', '=', row.trigger_id)
    .where('slot_at', '>=', row.slot_at)
    .where('state', '=', WAITING)
    .limit(1)
    .executeTakeFirst()
  if (!later) await put(trx, [row])
}

function chunks<T>(items: T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) =>
    items.slice(index * CHUNK, (index + 1) * CHUNK)
  )
}
