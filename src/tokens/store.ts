import type { Kysely } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { ApiTokenRow, Database } from '../db/schema.ts'
import { liveSession } from '../users/session-store.ts'
import { userFromRow } from '../users/store.ts'
import type { Role, User } from '../users/user.ts'
import type { Token } from './tokens.ts'

/** In which session a token is made, and the hash of the password that was asked for; empty: the account has none. */
export interface TokenProof {
  sessionId: string
  passwordHash: string
}

/** What becomes of a token that is to be made. `changed`: the session is over, or the password another one. */
export type Insertion = 'done' | 'changed' | 'session_too_old' | 'too_many'

export class TokenStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** Without a password to ask for, only in a session that was begun at `freshFrom` or later. */
  insert(
    token: Token,
    hash: string,
    { sessionId, passwordHash, freshFrom, max }: TokenProof & { freshFrom: number; max: number },
    change: Change
  ): Promise<Insertion> {
    return this.#db.transaction().execute(async trx => {
      const now = token.createdAt
      const session = await liveSession(trx, sessionId, now)
      if (session?.id !== token.user.id || session.password_hash !== passwordHash) return 'changed'
      if (passwordHash === '' && session.session_created_at < freshFrom) return 'session_too_old'
      const { count } = await trx
        .selectFrom('api_tokens')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('user_id', '=', token.user.id)
        .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
        .executeTakeFirstOrThrow()
      if (count >= max) return 'too_many'
      await trx
        .insertInto('api_tokens')
        .values({
          id: token.id,
          hash,
          user_id: token.user.id,
          name: token.name,
          hint: token.hint,
          role: token.role,
          bots: token.bots && JSON.stringify(token.bots),
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          used_at: null,
          used_from: null
        })
        .execute()
      await record(trx, change)
      return 'done'
    })
  }

  /** Newest first; a user's, or everybody's. */
  async list(userId: string | null): Promise<Token[]> {
    let query = this.#db
      .selectFrom('api_tokens')
      .innerJoin('users', 'users.id', 'api_tokens.user_id')
      .selectAll('api_tokens')
      .select('users.email')
      .orderBy('api_tokens.id', 'desc')
    if (userId !== null) query = query.where('user_id', '=', userId)
    return (await query.execute()).map(fromRow)
  }

  async find(id: string): Promise<Token | null> {
    const row = await this.#db
      .selectFrom('api_tokens')
      .innerJoin('users', 'users.id', 'api_tokens.user_id')
      .selectAll('api_tokens')
      .select('users.email')
      .where('api_tokens.id', '=', id)
      .executeTakeFirst()
    return row ? fromRow(row) : null
  }

  /** The token of a hash and whose it is; null when it has run out or its user was disabled. */
  async owner(hash: string, now: number): Promise<{ token: Token; user: User } | null> {
    const token = await this.#db.selectFrom('api_tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
    if (!token || (token.expires_at !== null && token.expires_at <= now)) return null
    const user = await this.#db
      .selectFrom('users')
      .selectAll()
      .where('id', '=', token.user_id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    return user ? { token: fromRow({ ...token, email: user.email }), user: userFromRow(user) } : null
  }

  /** False when it is gone already. */
  delete(id: string, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      const result = await trx.deleteFrom('api_tokens').where('id', '=', id).executeTakeFirst()
      if (result.numDeletedRows !== 1n) return false
      await record(trx, change)
      return true
    })
  }

  async setUsed(id: string, at: number, from: string): Promise<void> {
    await this.#db.updateTable('api_tokens').set({ used_at: at, used_from: from }).where('id', '=', id).execute()
  }
}

function fromRow(row: ApiTokenRow & { email: string }): Token {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    role: row.role as Role,
    bots: row.bots === null ? null : JSON.parse(row.bots),
    user: { id: row.user_id, email: row.email },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedFrom: row.used_from
  }
}
