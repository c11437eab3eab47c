import type { Kysely } from 'kysely'
import type { Database } from '../db/schema.ts'

/** What is to be done for an attempt: to bring its artifacts there, to remove the local ones, to remove those there. */
export type UploadState = 'waiting' | 'stored' | 'removing' | 'kept_local'

export interface Upload {
  attemptId: string
  executionId: string
  number: number
  state: UploadState
  /** Where its objects are, or may be in part; null when none was ever sent. */
  place: string | null
  /** Tries that failed, one after the other. */
  tries: number
}

/** An artifact that lies in a bucket. */
export interface StoredArtifact {
  name: string
  key: string
  bytes: number
  modifiedAt: number
}

/** Keeps that what an attempt has left is to be uploaded, in the transaction that ends it: no server can forget it. */
export async function noteUpload(
  trx: Kysely<Database>,
  attempt: { id: string; executionId: string },
  at: number
): Promise<void> {
  await trx
    .insertInto('uploads')
    .columns(['attempt_id', 'execution_id', 'number', 'state', 'next_at'])
    .expression(db =>
      db
        .selectFrom('attempts')
        .select(({ val }) => [
          'id',
          'execution_id',
          'number',
          val<UploadState>('waiting').as('state'),
          val(at).as('next_at')
        ])
        .where('id', '=', attempt.id)
    )
    .execute()
}

/** The same for what was uploaded, or is being, of executions that go. */
export async function noteRemoval(trx: Kysely<Database>, executionIds: string[], at: number): Promise<void> {
  await trx
    .updateTable('uploads')
    .set({ state: 'removing' satisfies UploadState, next_at: at, tries: 0 })
    .where('execution_id', 'in', executionIds)
    .where('execution_id', 'not in', db => db.selectFrom('executions').select('id'))
    .execute()
}

/** Rows in one statement. */
const BATCH = 100

export class UploadStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** What is due at `now`, or was put off for longer than `latest` by a clock that was wrong; the oldest first. */
  async due(now: number, latest: number, limit: number, without: string[]): Promise<Upload[]> {
    const rows = await this.#db
      .selectFrom('uploads')
      .select(['attempt_id', 'execution_id', 'number', 'state', 'place', 'tries'])
      .where('next_at', 'is not', null)
      .where(({ or, eb }) => or([eb('next_at', '<=', now), eb('next_at', '>', latest)]))
      .where('attempt_id', 'not in', without)
      .orderBy('next_at')
      .limit(limit)
      .execute()
    return rows.map(({ attempt_id, execution_id, state, ...rest }) => ({
      attemptId: attempt_id,
      executionId: execution_id,
      state: state as UploadState,
      ...rest
    }))
  }

  /** When something is due next; null when nothing waits. */
  async nextAt(): Promise<number | null> {
    const row = await this.#db
      .selectFrom('uploads')
      .select(({ fn }) => fn.min('next_at').as('at'))
      .where('next_at', 'is not', null)
      .executeTakeFirstOrThrow()
    return row.at
  }

  /** Keeps where the first object is about to be sent. False when it is not to be any more. */
  async begin(attemptId: string, place: string): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .updateTable('uploads')
        .set({ place })
        .where('attempt_id', '=', attemptId)
        .where('state', '=', 'waiting')
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      // Of a try that came to nothing.
      await trx.deleteFrom('stored_artifacts').where('attempt_id', '=', attemptId).execute()
      return true
    })
  }

  /** All that an attempt has left is there, as was confirmed. False when it is not to be any more. */
  async keep(attemptId: string, artifacts: StoredArtifact[], now: number): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .updateTable('uploads')
        .set({ state: 'stored' satisfies UploadState, tries: 0, detail: null, next_at: now })
        .where('attempt_id', '=', attemptId)
        .where('state', '=', 'waiting')
        .executeTakeFirst()
      if (result.numUpdatedRows !== 1n) return false
      for (let at = 0; at < artifacts.length; at += BATCH) {
        const rows = artifacts.slice(at, at + BATCH).map(({ modifiedAt, ...rest }) => ({
          attempt_id: attemptId,
          modified_at: modifiedAt,
          ...rest
        }))
        await trx.insertInto('stored_artifacts').values(rows).execute()
      }
      return true
    })
  }

  /** Nothing more is to be done; its folder is smaller now, which is found out anew. */
  async settle(attemptId: string): Promise<void> {
    await this.#db.transaction().execute(async trx => {
      await trx
        .updateTable('uploads')
        .set({ next_at: null, tries: 0, detail: null })
        .where('attempt_id', '=', attemptId)
        .where('state', '=', 'stored')
        .execute()
      await trx.updateTable('attempts').set({ stored_bytes: null }).where('id', '=', attemptId).execute()
    })
  }

  /** They stay where they are, for good; `detail` says why, for people. */
  async keepLocal(attemptId: string, detail: string): Promise<void> {
    await this.#db
      .updateTable('uploads')
      .set({ state: 'kept_local' satisfies UploadState, next_at: null, detail })
      .where('attempt_id', '=', attemptId)
      .where('state', '=', 'waiting')
      .execute()
  }

  async postpone(attemptId: string, nextAt: number, detail: string): Promise<void> {
    await this.#db
      .updateTable('uploads')
      .set(({ eb }) => ({ tries: eb('tries', '+', 1), next_at: nextAt, detail }))
      .where('attempt_id', '=', attemptId)
      .where('next_at', 'is not', null)
      .execute()
  }

  /** There is nothing of it, or nothing any more; unless its state is another by now. */
  async forget(attemptId: string, state: UploadState): Promise<void> {
    await this.#db.deleteFrom('uploads').where('attempt_id', '=', attemptId).where('state', '=', state).execute()
  }

  async find(attemptId: string): Promise<{ state: UploadState; place: string | null; detail: string | null } | null> {
    const row = await this.#db
      .selectFrom('uploads')
      .select(['state', 'place', 'detail'])
      .where('attempt_id', '=', attemptId)
      .executeTakeFirst()
    return row ? { ...row, state: row.state as UploadState } : null
  }

  /** The artifacts of an attempt, by name. */
  async artifacts(attemptId: string, limit: number): Promise<StoredArtifact[]> {
    const rows = await this.#stored(attemptId).orderBy('name').limit(limit).execute()
    return rows.map(toArtifact)
  }

  async artifact(attemptId: string, name: string): Promise<StoredArtifact | null> {
    const row = await this.#stored(attemptId).where('name', '=', name).executeTakeFirst()
    return row ? toArtifact(row) : null
  }

  #stored(attemptId: string) {
    return this.#db
      .selectFrom('stored_artifacts')
      .select(['name', 'key', 'bytes', 'modified_at'])
      .where('attempt_id', '=', attemptId)
  }
}

function toArtifact(row: { name: string; key: string; bytes: number; modified_at: number }): StoredArtifact {
  const { modified_at, ...rest } = row
  return { ...rest, modifiedAt: modified_at }
}
