import type { Kysely } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database } from '../db/schema.ts'

/** What somebody has switched while the server runs, and that holds until he switches it back. */
export class SettingStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  async get(name: string): Promise<string | null> {
    const row = await this.#db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  }

  /** With the change it means to people, where it means one. */
  set(name: string, value: string, change: Change | null): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      await trx
        .insertInto('settings')
        .values({ name, value })
        .onConflict(c => c.column('name').doUpdateSet({ value }))
        .execute()
      if (change) await record(trx, change)
    })
  }

  async forget(name: string): Promise<void> {
    await this.#db.deleteFrom('settings').where('name', '=', name).execute()
  }
}
