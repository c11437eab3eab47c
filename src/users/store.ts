import { type Kysely, sql, type Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { ApiTokenRow, Database, UserRow } from '../db/schema.ts'
import type { Role, User } from './user.ts'

/** What it takes to let somebody in. */
export interface Account {
  user: User
  /** Empty while he has none. */
  passwordHash: string
  totpSealed: Buffer | null
}

/** A link by which somebody chooses his password, as it is kept. */
export interface PasswordLink {
  tokenHash: string
  userId: string
  createdAt: number
  expiresAt: number
}

/** A token that goes with a password. */
export type RevokedToken = Pick<ApiTokenRow, 'id' | 'name' | 'role' | 'bots' | 'expires_at'>

/** What of a user an administrator changes. */
export type UserChanges = Partial<Pick<User, 'email' | 'role' | 'disabledAt'>>

export class UserStore {
  readonly #db: Kysely<Database>
  readonly #issuer: string | null

  /** `issuer`: the provider that people can sign in with; null: none. */
  constructor(db: Kysely<Database>, issuer: string | null) {
    this.#db = db
    this.#issuer = issuer
  }

  async anyExists(): Promise<boolean> {
    return (await this.#db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  /** Makes the first account. False when there is one already, also when two ask at the same moment. */
  insertFirst(user: User, passwordHash: string, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      if (await trx.selectFrom('users').select('id').limit(1).executeTakeFirst()) return false
      await trx
        .insertInto('users')
        .values({ ...toRow(user), password_hash: passwordHash })
        .execute()
      await record(trx, change)
      return true
    })
  }

  /** Makes an account that has no password yet, with the link to choose one. False when somebody has the address. */
  insertInvited(user: User, link: PasswordLink, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx
        .insertInto('users')
        .values({ ...toRow(user), password_hash: '' })
        .onConflict(c => c.column('email').doNothing())
        .executeTakeFirst()
      if (result.numInsertedOrUpdatedRows !== 1n) return false
      await putLink(trx, link)
      await record(trx, change)
      return true
    })
  }

  /** Whose an address is; he may be disabled. */
  async findForLogin(email: string): Promise<Account | null> {
    const row = await this.#db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst()
    return row ? accountFromRow(row) : null
  }

  async find(id: string): Promise<Account | null> {
    const row = await this.#db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? accountFromRow(row) : null
  }

  /** All of them, by address; with when the link of each, if one waits to be used, runs out. */
  async list(now: number): Promise<(User & { linkExpiresAt: number | null })[]> {
    const rows = await this.#db
      .selectFrom('users')
      .leftJoin('password_links', join =>
        join.onRef('password_links.user_id', '=', 'users.id').on('password_links.expires_at', '>', now)
      )
      .selectAll('users')
      .select('password_links.expires_at as link_expires_at')
      .orderBy('email')
      .execute()
    return rows.map(row => ({ ...userFromRow(row), linkExpiresAt: row.link_expires_at }))
  }

  /** Not when nobody would be left who may do everything, or another has the address. */
  update(id: string, changes: UserChanges, change: Change): Promise<'done' | 'email_taken' | 'last_admin'> {
    return unlessLastAdmin(this.#db, this.#issuer, async trx => {
      const { email } = changes
      if (email !== undefined) {
        const other = trx.selectFrom('users').select('id').where('email', '=', email).where('id', '!=', id)
        if (await other.executeTakeFirst()) return 'email_taken'
      }
      await trx
        .updateTable('users')
        .set({
          ...(email !== undefined && { email }),
          ...(changes.role !== undefined && { role: changes.role }),
          ...(changes.disabledAt !== undefined && { disabled_at: changes.disabledAt })
        })
        .where('id', '=', id)
        .execute()
      await record(trx, change)
      return 'done'
    })
  }

  /** Not when nobody would be left who may do everything. His sessions and tokens go with him. */
  delete(id: string, change: Change): Promise<'done' | 'last_admin'> {
    return unlessLastAdmin(this.#db, this.#issuer, async trx => {
      await trx.deleteFrom('users').where('id', '=', id).execute()
      await record(trx, change)
      return 'done'
    })
  }

  /** Puts it in place of one from before. */
  setLink(link: PasswordLink, change: Change): Promise<void> {
    return this.#db.transaction().execute(async trx => {
      await putLink(trx, link)
      await record(trx, change)
    })
  }

  /** Null when it was used, replaced or has run out, or its user was disabled. */
  async findLink(tokenHash: string, now: number): Promise<{ user: User; expiresAt: number } | null> {
    const row = await this.#db
      .selectFrom('password_links')
      .innerJoin('users', 'users.id', 'password_links.user_id')
      .selectAll('users')
      .select('password_links.expires_at as link_expires_at')
      .where('token_hash', '=', tokenHash)
      .where('expires_at', '>', now)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    return row ? { user: userFromRow(row), expiresAt: row.link_expires_at } : null
  }

  /**
   * Changes a password; whatever link there was is used up by it. With `tokenHash`, only while that link is still good:
   * of two who use it at the same moment one does. With `revocation`, which says how each is written down, his tokens go as
   * well. Answers their ids; null when the link was no good.
   */
  setPassword(
    userId: string,
    password: { hash: string; now: number; tokenHash: string | null },
    change: Change,
    revocation: ((token: RevokedToken) => Change) | null
  ): Promise<string[] | null> {
    return this.#db.transaction().execute(async trx => {
      let used = trx.deleteFrom('password_links').where('user_id', '=', userId)
      if (password.tokenHash !== null) used = used.where('token_hash', '=', password.tokenHash)
      const { numDeletedRows } = await used.executeTakeFirst()
      if (password.tokenHash !== null && numDeletedRows === 0n) return null
      await trx
        .updateTable('users')
        .set({ password_hash: password.hash, password_changed_at: password.now })
        .where('id', '=', userId)
        .execute()
      await record(trx, change)
      if (!revocation) return []
      const tokens = trx.deleteFrom('api_tokens').where('user_id', '=', userId).returningAll()
      const revoked = await tokens.execute()
      for (const token of revoked) await record(trx, revocation(token))
      return revoked.map(({ id }) => id)
    })
  }
}

async function putLink(trx: Transaction<Database>, link: PasswordLink): Promise<void> {
  await trx.deleteFrom('password_links').where('user_id', '=', link.userId).execute()
  await trx
    .insertInto('password_links')
    .values({
      token_hash: link.tokenHash,
      user_id: link.userId,
      created_at: link.createdAt,
      expires_at: link.expiresAt
    })
    .execute()
}

/** Takes `work` back when it would leave nobody who can sign in, with a password or the `issuer`, and may do everything. */
export async function unlessLastAdmin<T extends string>(
  db: Kysely<Database>,
  issuer: string | null,
  work: (trx: Transaction<Database>) => Promise<T>
): Promise<T | 'last_admin'> {
  try {
    return await db.transaction().execute(async trx => {
      const done = await work(trx)
      const admin = await trx
        .selectFrom('users')
        .select('id')
        .where('role', '=', 'admin')
        .where('disabled_at', 'is', null)
        .where(({ or, eb, exists, selectFrom }) =>
          or([
            eb('password_hash', '!=', ''),
            exists(
              selectFrom('identities')
                .select(sql.lit(1).as('one'))
                .whereRef('user_id', '=', 'users.id')
                // Of a provider without a path, both ways of writing it are the same.
                .where(sql`rtrim(issuer, '/')`, '=', issuer?.replace(/\/+$/, '') ?? null)
            )
          ])
        )
        .limit(1)
        .executeTakeFirst()
      if (!admin) throw new LastAdmin()
      return done
    })
  } catch (error) {
    if (error instanceof LastAdmin) return 'last_admin'
    throw error
  }
}

class LastAdmin extends Error {}

function toRow(user: User): Pick<UserRow, 'id' | 'email' | 'role' | 'created_at'> {
  return { id: user.id, email: user.email, role: user.role, created_at: user.createdAt }
}

export function userFromRow(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    role: row.role as Role,
    createdAt: row.created_at,
    signedInAt: row.signed_in_at,
    disabledAt: row.disabled_at,
    hasPassword: row.password_hash !== '',
    twoFactor: row.totp_since !== null
  }
}

export function accountFromRow(row: UserRow): Account {
  return {
    user: userFromRow(row),
    passwordHash: row.password_hash,
    totpSealed: row.totp_since === null ? null : row.totp_sealed
  }
}
