import type { Kysely, Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database } from '../db/schema.ts'
import { unlessLastAdmin, userFromRow } from '../users/store.ts'
import type { User } from '../users/user.ts'

/** Somebody of a provider's: the same for ever, whatever becomes of his address. */
export interface Identity {
  issuer: string
  subject: string
}

/** Who signs in to which account through a provider: at most one of each provider's to an account. */
export class IdentityStore {
  readonly #db: Kysely<Database>
  readonly #issuer: string | null

  /** `issuer`: the provider that people can sign in with now; null: none. */
  constructor(db: Kysely<Database>, issuer: string | null) {
    this.#db = db
    this.#issuer = issuer
  }

  /** Whose he is, disabled or not. */
  async find({ issuer, subject }: Identity): Promise<User | null> {
    const row = await this.#db
      .selectFrom('identities')
      .innerJoin('users', 'users.id', 'identities.user_id')
      .selectAll('users')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst()
    return row ? userFromRow(row) : null
  }

  /** The account of an address, and whether somebody of the issuer's signs in to it. */
  async findByAddress(email: string, issuer: string): Promise<{ user: User; linked: boolean } | null> {
    const row = await this.#db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst()
    return row ? { user: userFromRow(row), linked: await isLinked(this.#db, row.id, issuer) } : null
  }

  /**
   * Lets him sign in to an account. An invitation is answered by that: its link is used up. False when the account is not
   * as it was when `user` was read, when somebody of the issuer's signs in to it, or he does to another.
   */
  link(user: User, identity: Identity, now: number, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const row = await trx.selectFrom('users').selectAll().where('id', '=', user.id).executeTakeFirst()
      const is = row && userFromRow(row)
      const same = is?.email === user.email && is.role === user.role && is.twoFactor === user.twoFactor
      if (!same || is.disabledAt !== null || (await isLinked(trx, user.id, identity.issuer))) return false
      if (!(await insert(trx, user.id, identity, now))) return false
      if (!is.hasPassword) await trx.deleteFrom('password_links').where('user_id', '=', user.id).execute()
      await record(trx, change)
      return true
    })
  }

  /** Makes an account for him, without a password. False when the address or he has got one meanwhile. */
  async makeLinked(user: User, identity: Identity, changes: Change[]): Promise<boolean> {
    try {
      await this.#db.transaction().execute(async trx => {
        const { id, email, role, createdAt } = user
        const made = await trx
          .insertInto('users')
          .values({ id, email, role, created_at: createdAt, password_hash: '' })
          .onConflict(c => c.column('email').doNothing())
          .executeTakeFirst()
        if (made.numInsertedOrUpdatedRows !== 1n || !(await insert(trx, id, identity, createdAt))) throw new Taken()
        for (const change of changes) await record(trx, change)
      })
      return true
    } catch (error) {
      if (error instanceof Taken) return false
      throw error
    }
  }

  /** Nobody signs in to the account through a provider any more. Not when nobody would be left who may do everything. */
  unlink(userId: string, change: Change): Promise<'done' | 'none' | 'last_admin'> {
    return unlessLastAdmin(this.#db, this.#issuer, async trx => {
      const { numDeletedRows } = await trx.deleteFrom('identities').where('user_id', '=', userId).executeTakeFirst()
      if (numDeletedRows === 0n) return 'none'
      await record(trx, change)
      return 'done'
    })
  }
}

class Taken extends Error {}

async function isLinked(db: Kysely<Database>, userId: string, issuer: string): Promise<boolean> {
  const query = db.selectFrom('identities').select('subject').where('user_id', '=', userId).where('issuer', '=', issuer)
  return (await query.executeTakeFirst()) !== undefined
}

/** False when he signs in to an account already. */
async function insert(
  trx: Transaction<Database>,
  userId: string,
  { issuer, subject }: Identity,
  now: number
): Promise<boolean> {
  const result = await trx
    .insertInto('identities')
    .values({ issuer, subject, user_id: userId, created_at: now })
    .onConflict(c => c.columns(['issuer', 'subject']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}
