import type { Kysely, Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database, SecretRow } from '../db/schema.ts'
import type { Secret } from './secret.ts'

/** A secret as it is kept. */
export interface StoredSecret extends Omit<Secret, 'usable' | 'usedBy'> {
  sealed: Buffer
}

/** A bot that names secrets. */
export interface SecretUser {
  id: string
  slug: string
  name: string
  secrets: string[]
  /** It is not saved but tried: it goes when that has ended. */
  tried: boolean
}

export class SecretStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** By name. */
  async all(): Promise<StoredSecret[]> {
    return (await this.#db.selectFrom('secrets').selectAll().orderBy('name').execute()).map(fromRow)
  }

  /** Those of these names that there are. */
  async some(names: string[]): Promise<StoredSecret[]> {
    return (await this.#db.selectFrom('secrets').selectAll().where('name', 'in', names).execute()).map(fromRow)
  }

  /** Every bot that names a secret, by its name. */
  users(): Promise<SecretUser[]> {
    return readUsers(this.#db)
  }

  /** Makes it, or changes the one there is. Without a description, that one's stays. */
  put(
    secret: { name: string; sealed: Buffer; description: string | undefined; now: number },
    changeOf: (made: boolean) => Change
  ): Promise<{ made: boolean; kept: StoredSecret }> {
    const { name, sealed, description, now } = secret
    return this.#db.transaction().execute(async trx => {
      const changed = await trx
        .updateTable('secrets')
        .set({ sealed, updated_at: now, ...(description !== undefined && { description }) })
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst()
      await record(trx, changeOf(!changed))
      if (changed) return { made: false, kept: fromRow(changed) }
      const row = { name, sealed, description: description ?? '', created_at: now, updated_at: now, last_used_at: null }
      await trx.insertInto('secrets').values(row).execute()
      return { made: true, kept: fromRow(row) }
    })
  }

  /** Removes it unless a bot names it. Answers whether it was there, and the bots that keep it. */
  delete(name: string, change: Change): Promise<{ deleted: boolean; users: SecretUser[] }> {
    return this.#db.transaction().execute(async trx => {
      const users = (await readUsers(trx)).filter(user => user.secrets.includes(name))
      if (users.length > 0) return { deleted: false, users }
      const result = await trx.deleteFrom('secrets').where('name', '=', name).executeTakeFirst()
      if (result.numDeletedRows !== 1n) return { deleted: false, users }
      await record(trx, change)
      return { deleted: true, users }
    })
  }

  /** Keeps the same values sealed anew; who has changed one since it was read wins. */
  renew(renewed: { name: string; from: Buffer; to: Buffer }[]): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      for (const { name, from, to } of renewed) {
        await trx
          .updateTable('secrets')
          .set({ sealed: to })
          .where('name', '=', name)
          .where('sealed', '=', from)
          .execute()
      }
    })
  }

  async setLastUsed(names: string[], at: number): Promise<void> {
    await this.#db.updateTable('secrets').set({ last_used_at: at }).where('name', 'in', names).execute()
  }
}

async function readUsers(db: Kysely<Database> | Transaction<Database>): Promise<SecretUser[]> {
  const rows = await db
    .selectFrom('bots')
    .select(['id', 'slug', 'name', 'secrets', 'trial_of'])
    .where('secrets', '!=', '[]')
    .orderBy('name')
    .execute()
  return rows.map(row => ({
    id: row.id,
    slug: row.trial_of ?? row.slug,
    name: row.name,
    secrets: JSON.parse(row.secrets) as string[],
    tried: row.trial_of !== null
  }))
}

function fromRow(row: SecretRow): StoredSecret {
  return {
    name: row.name,
    sealed: row.sealed,
    description: row.description,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastUsedAt: row.last_used_at
  }
}
