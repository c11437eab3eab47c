import type { Kysely } from 'kysely'
import type { Database, UserRow } from '../db/schema.ts'
import type { Role, User } from './user.ts'

/** A session as it is asked about at every request. */
export interface SessionOwner {
  sessionId: string
  user: User
}

export interface NewSession {
  id: string
  userId: string
  now: number
  expiresAt: number
  tokenHash: string
  userAgent: string | null
  address: string | null
}

/** What became of a refresh token that was presented. */
export type Rotation =
  | { kind: 'rotated'; sessionId: string; user: User }
  | { kind: 'reused'; sessionId: string }
  | { kind: 'unknown' }

export class UserStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  async anyExists(): Promise<boolean> {
    return (await this.#db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
  }

  /** Makes the first account. False when there is one already, also when two ask at the same moment. */
  async insertFirst(user: User, passwordHash: string): Promise<boolean> {
    const result = await this.#db
      .insertInto('users')
      .columns(['id', 'email', 'password_hash', 'role', 'created_at'])
      .expression(
        this.#db
          .selectNoFrom(({ val }) => [
            val(user.id).as('id'),
            val(user.email).as('email'),
            val(passwordHash).as('password_hash'),
            val(user.role).as('role'),
            val(user.createdAt).as('created_at')
          ])
          .where(({ not, exists, selectFrom }) => not(exists(selectFrom('users').select('users.id'))))
      )
      .executeTakeFirst()
    return result.numInsertedOrUpdatedRows === 1n
  }

  /** Who may sign in with an address; a disabled account may not. */
  async findForLogin(email: string): Promise<{ user: User; passwordHash: string } | null> {
    const row = await this.#db
      .selectFrom('users')
      .selectAll()
      .where('email', '=', email)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    return row ? { user: fromRow(row), passwordHash: row.password_hash } : null
  }

  async startSession(session: NewSession): Promise<void> {
    await this.#db.transaction().execute(async trx => {
      await trx
        .insertInto('sessions')
        .values({
          id: session.id,
          user_id: session.userId,
          created_at: session.now,
          expires_at: session.expiresAt,
          user_agent: session.userAgent,
          address: session.address
        })
        .execute()
      await trx
        .insertInto('refresh_tokens')
        .values({ hash: session.tokenHash, session_id: session.id, created_at: session.now })
        .execute()
    })
  }

  /** Null when the session has ended or run out, or its user was disabled. */
  async findSession(sessionId: string, now: number): Promise<SessionOwner | null> {
    const row = await this.#liveSession(this.#db, sessionId, now)
    return row ? { sessionId, user: fromRow(row) } : null
  }

  /**
   * Puts a new refresh token in place of the one presented. One that was used up is accepted once more within `graceMs`
   * (two tabs may refresh at the same moment); later it was stolen, from us or from whoever used it first: the session
   * ends, and with it every token of its family.
   */
  rotate(
    presentedHash: string,
    next: { hash: string; now: number; expiresAt: number; graceMs: number }
  ): Promise<Rotation> {
    return this.#db.transaction().execute(async trx => {
      const token = await trx
        .selectFrom('refresh_tokens')
        .selectAll()
        .where('hash', '=', presentedHash)
        .executeTakeFirst()
      if (!token) return { kind: 'unknown' }
      const owner = await this.#liveSession(trx, token.session_id, next.now)
      if (!owner) return { kind: 'unknown' }
      if (token.used_at !== null && token.used_at + next.graceMs < next.now) {
        await trx.updateTable('sessions').set({ ended_at: next.now }).where('id', '=', token.session_id).execute()
        return { kind: 'reused', sessionId: token.session_id }
      }
      await trx
        .updateTable('refresh_tokens')
        .set({ used_at: token.used_at ?? next.now })
        .where('hash', '=', presentedHash)
        .execute()
      await trx
        .insertInto('refresh_tokens')
        .values({ hash: next.hash, session_id: token.session_id, created_at: next.now })
        .execute()
      await trx.updateTable('sessions').set({ expires_at: next.expiresAt }).where('id', '=', token.session_id).execute()
      return { kind: 'rotated', sessionId: token.session_id, user: fromRow(owner) }
    })
  }

  async findSessionByToken(hash: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('refresh_tokens')
      .select('session_id')
      .where('hash', '=', hash)
      .executeTakeFirst()
    return row?.session_id ?? null
  }

  async endSession(id: string, now: number): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .execute()
  }

  /** Forgets sessions that have been over since before `before`; answers the ids of those that ran out since then. */
  async sweep(before: number, now: number): Promise<string[]> {
    await this.#db
      .deleteFrom('sessions')
      .where(({ or, eb }) => or([eb('ended_at', '<', before), eb('expires_at', '<', before)]))
      .execute()
    await this.#db.deleteFrom('refresh_tokens').where('used_at', '<', before).execute()
    const expired = await this.#db
      .selectFrom('sessions')
      .select('id')
      .where('expires_at', '<=', now)
      .where('ended_at', 'is', null)
      .execute()
    return expired.map(row => row.id)
  }

  #liveSession(db: Kysely<Database>, sessionId: string, now: number): Promise<UserRow | undefined> {
    return db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .selectAll('users')
      .where('sessions.id', '=', sessionId)
      .where('sessions.ended_at', 'is', null)
      .where('sessions.expires_at', '>', now)
      .where('users.disabled_at', 'is', null)
      .executeTakeFirst()
  }
}

function fromRow(row: UserRow): User {
  return { id: row.id, email: row.email, role: row.role as Role, createdAt: row.created_at }
}
