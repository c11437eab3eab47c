import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { noteRemoval } from '../artifacts/upload-store.ts'
import type { Database } from '../db/schema.ts'
import type { Tally } from './retention.ts'

/** Rows that are counted in one statement: half a millisecond. */
const PIECE_ROWS = 2000

/** What is asked for or removed in one statement. */
export const BATCH = 50

/** An attempt that has ended. */
export interface EndedAttempt {
  id: string
  endedAt: number
}

/** An execution that has ended, and what is kept of it. */
export interface KeptExecution {
  id: string
  endedAt: number
  /** `storedBytes` is null while one is not settled. */
  attempts: { id: string; storedBytes: number | null }[]
}

/** What retention asks of the database, bit by bit: nobody else waits long, however much history there is. */
export class RetentionStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** The attempts that have ended and are not settled, up to {@link BATCH} at a time. */
  async *unsettled(signal: AbortSignal): AsyncGenerator<EndedAttempt[]> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      await turn(signal)
      const rows: { id: string; ended_at: number | null }[] = await this.#db
        .selectFrom('attempts')
        .select(['id', 'ended_at'])
        .where('stored_bytes', 'is', null)
        .where('ended_at', 'is not', null)
        .where('id', '>', after)
        .orderBy('id')
        .limit(BATCH)
        .execute()
      if (rows.length > 0) yield rows.map(row => ({ id: row.id, endedAt: row.ended_at! }))
      after = rows.at(-1)?.id
    }
  }

  /** Keeps what the folders of attempts take. */
  async settle(storedBytes: ReadonlyMap<string, number>): Promise<void> {
    if (storedBytes.size === 0) return
    await this.#db.transaction().execute(async trx => {
      for (const [id, bytes] of storedBytes) {
        await trx.updateTable('attempts').set({ stored_bytes: bytes }).where('id', '=', id).execute()
      }
    })
  }

  /** All executions, and what is known to be stored. */
  async tally(signal: AbortSignal): Promise<Tally> {
    const tally = { executions: 0, bytes: 0 }
    for (let after: string | null = ''; after !== null; ) {
      await turn(signal)
      const piece: Piece = await this.#count(after)
      tally.executions += piece.sum
      after = piece.last
    }
    for (let after: string | null = ''; after !== null; ) {
      await turn(signal)
      const piece: Piece = await this.#sumUp(after)
      tally.bytes += piece.sum
      after = piece.last
    }
    return tally
  }

  /** The executions that have ended, oldest first, up to {@link BATCH} at a time. */
  async *ended(signal: AbortSignal): AsyncGenerator<KeptExecution[]> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      await turn(signal)
      const rows: { id: string; queued_at: number; ended_at: number | null }[] = await this.#db
        .selectFrom('executions')
        .select(['id', 'queued_at', 'ended_at'])
        .where('state', 'not in', ['queued', 'running'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(BATCH)
        .execute()
      if (rows.length > 0) yield await this.#withAttempts(rows)
      after = rows.at(-1)?.id
    }
  }

  /** Removes executions, at most {@link BATCH}, with their attempts; none that has not ended. What they have in a bucket is to go. */
  async remove(ids: string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#db.transaction().execute(async trx => {
      await trx
        .deleteFrom('executions')
        .where('id', 'in', filled(ids))
        .where('state', 'not in', ['queued', 'running'])
        .execute()
      await noteRemoval(trx, filled(ids), Date.now())
    })
  }

  /** Which of these attempts, at most {@link BATCH}, there are. */
  async known(attemptIds: string[]): Promise<Set<string>> {
    const rows = await this.#db.selectFrom('attempts').select('id').where('id', 'in', filled(attemptIds)).execute()
    return new Set(rows.map(row => row.id))
  }

  async #withAttempts(rows: { id: string; queued_at: number; ended_at: number | null }[]): Promise<KeptExecution[]> {
    const attempts = await this.#db
      .selectFrom('attempts')
      .select(['id', 'execution_id', 'stored_bytes'])
      .where('execution_id', 'in', filled(rows.map(row => row.id)))
      .execute()
    const byExecution = Map.groupBy(attempts, attempt => attempt.execution_id)
    return rows.map(row => ({
      id: row.id,
      endedAt: row.ended_at ?? row.queued_at,
      attempts: (byExecution.get(row.id) ?? []).map(({ id, stored_bytes }) => ({ id, storedBytes: stored_bytes }))
    }))
  }

  /** How many executions there are in a piece of all, and the last of it; null when there is none. */
  #count(after: string): Promise<Piece> {
    return this.#db
      .selectFrom(db =>
        db.selectFrom('executions').select('id').where('id', '>', after).orderBy('id').limit(PIECE_ROWS).as('piece')
      )
      .select(({ fn }) => [fn.countAll<number>().as('sum'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow()
  }

  /** The same of what attempts take. */
  #sumUp(after: string): Promise<Piece> {
    return this.#db
      .selectFrom(db =>
        db
          .selectFrom('attempts')
          .select(['id', 'stored_bytes'])
          .where('id', '>', after)
          .orderBy('id')
          .limit(PIECE_ROWS)
          .as('piece')
      )
      .select(({ fn, val }) => [fn.coalesce(fn.sum<number>('stored_bytes'), val(0)).as('sum'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow()
  }
}

interface Piece {
  sum: number
  last: string | null
}

/** The database answers within one turn of the event loop: between two pieces others have theirs. */
async function turn(signal: AbortSignal): Promise<void> {
  await nextTurn()
  signal.throwIfAborted()
}

/** Always as many, so that it is always the same statement. */
function filled(ids: string[]): string[] {
  return [...ids, ...Array.from({ length: BATCH - ids.length }, () => ids[0]!)]
}
