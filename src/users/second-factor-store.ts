import type { Kysely } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database } from '../db/schema.ts'

/** Second factors: a key that makes codes, and recovery codes for who has lost it. */
export class SecondFactorStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** Keeps a key that is not yet asked for. False when there is one that is. */
  async setKey(userId: string, sealed: Buffer): Promise<boolean> {
    const result = await this.#db
      .updateTable('users')
      .set({ totp_sealed: sealed, totp_last_step: null })
      .where('id', '=', userId)
      .where('totp_since', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** All keys there are. */
  async keys(): Promise<{ userId: string; sealed: Buffer }[]> {
    const rows = await this.#db
      .selectFrom('users')
      .select(['id', 'totp_sealed'])
      .where('totp_sealed', 'is not', null)
      .execute()
    return rows.map(row => ({ userId: row.id, sealed: row.totp_sealed! }))
  }

  /** The same key sealed anew; who has changed it since it was read wins. */
  async renewKey(userId: string, from: Buffer, to: Buffer): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ totp_sealed: to })
      .where('id', '=', userId)
      .where('totp_sealed', '=', from)
      .execute()
  }

  async unconfirmedKey(userId: string): Promise<Buffer | null> {
    const row = await this.#db
      .selectFrom('users')
      .select('totp_sealed')
      .where('id', '=', userId)
      .where('totp_since', 'is', null)
      .executeTakeFirst()
    return row?.totp_sealed ?? null
  }

  confirm(
    userId: string,
    { step, now, codeHashes }: { step: number; now: number; codeHashes: string[] },
    change: Change
  ): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      await trx.updateTable('users').set({ totp_since: now, totp_last_step: step }).where('id', '=', userId).execute()
      await trx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
      await trx
        .insertInto('recovery_codes')
        .values(codeHashes.map(code_hash => ({ user_id: userId, code_hash })))
        .execute()
      await record(trx, change)
    })
  }

  remove(userId: string, change: Change): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      await trx
        .updateTable('users')
        .set({ totp_sealed: null, totp_since: null, totp_last_step: null })
        .where('id', '=', userId)
        .execute()
      await trx.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
      await record(trx, change)
    })
  }

  /** False when a code of this step, or of a later one, was used already. */
  async useStep(userId: string, step: number): Promise<boolean> {
    const result = await this.#db
      .updateTable('users')
      .set({ totp_last_step: step })
      .where('id', '=', userId)
      .where(({ or, eb }) => or([eb('totp_last_step', 'is', null), eb('totp_last_step', '<', step)]))
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }

  /** False when there is no such code. */
  async useRecoveryCode(userId: string, codeHash: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('recovery_codes')
      .where('user_id', '=', userId)
      .where('code_hash', '=', codeHash)
      .executeTakeFirst()
    return result.numDeletedRows === 1n
  }
}
