import { isDeepStrictEqual } from 'node:util'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Change } from '../audit/audit.ts'
import { record } from '../audit/store.ts'
import type { Database, SessionRow, UserRow } from '../db/schema.ts'
import { type Account, accountFromRow, userFromRow } from './store.ts'
import type { User } from './user.ts'

/** A session as it is asked about at every request. */
export interface SessionOwner {
  sessionId: string
  user: User
  expiresAt: number
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

/**
 * By what somebody was let in: a password and, where there is one, a second factor, as they were when they were checked; or
 * somebody of a provider's.
 */
export type Proof = Pick<Account, 'passwordHash' | 'totpSealed'> | { issuer: string; subject: string }

/** What became of a refresh token that was presented. */
export type Rotation =
  | { kind: 'rotated'; sessionId: string; user: User }
  | { kind: 'reused'; sessionId: string }
  | { kind: 'unknown' }

/** Sessions and the refresh tokens that keep them alive. */
export class SessionStore {
  readonly #db: Kysely<Database>

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** False when the account is disabled or gone by now, or does not let in by that `proof` any more. */
  start(session: NewSession, proof: Proof, change: Change): Promise<boolean> {
    return this.#db.transaction().execute(async trx => {
      if (!(await stillLetsIn(trx, session.userId, proof))) return false
      await trx
        .insertInto('sessions')
        .values({
          id: session.id,
          user_id: session.userId,
          created_at: session.now,
          expires_at: session.expiresAt,
          user_agent: session.userAgent,
          address: session.address,
          seen_at: session.now
        })
        .execute()
      await trx
        .insertInto('refresh_tokens')
        .values({ hash: session.tokenHash, session_id: session.id, created_at: session.now })
        .execute()
      await trx.updateTable('users').set({ signed_in_at: session.now }).where('id', '=', session.userId).execute()
      await record(trx, change)
      return true
    })
  }

  /** Null when the session has ended or run out, or its user was disabled. */
  async find(sessionId: string, now: number): Promise<SessionOwner | null> {
    const row = await liveSession(this.#db, sessionId, now)
    return row ? { sessionId, user: userFromRow(row), expiresAt: row.session_expires_at } : null
  }

  /**
   * Puts a new refresh token in place of the one presented. One that was used up is accepted once more within `graceMs`
   * (two tabs may refresh at the same moment); later it was stolen, from us or from whoever used it first: the session
   * ends, and with it every token of its family.
   */
  rotate(
    presentedHash: string,
    next: { hash: string; now: number; expiresAt: number; graceMs: number },
    stolen: (user: User, sessionId: string) => Change
  ): Promise<Rotation> {
    return this.#db.transaction().execute(async trx => {
      const token = await trx
        .selectFrom('refresh_tokens')
        .selectAll()
        .where('hash', '=', presentedHash)
        .executeTakeFirst()
      if (!token) return { kind: 'unknown' }
      const sessionId = token.session_id
      const row = await liveSession(trx, sessionId, next.now)
      if (!row) return { kind: 'unknown' }
      const user = userFromRow(row)
      if (token.used_at !== null && token.used_at + next.graceMs < next.now) {
        await trx.updateTable('sessions').set({ ended_at: next.now }).where('id', '=', sessionId).execute()
        await record(trx, stolen(user, sessionId))
        return { kind: 'reused', sessionId }
      }
      await trx
        .updateTable('refresh_tokens')
        .set({ used_at: token.used_at ?? next.now })
        .where('hash', '=', presentedHash)
        .execute()
      await trx
        .insertInto('refresh_tokens')
        .values({ hash: next.hash, session_id: sessionId, created_at: next.now })
        .execute()
      await trx
        .updateTable('sessions')
        .set({ expires_at: next.expiresAt, seen_at: next.now })
        .where('id', '=', sessionId)
        .execute()
      return { kind: 'rotated', sessionId, user }
    })
  }

  async findByToken(hash: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('refresh_tokens')
      .select('session_id')
      .where('hash', '=', hash)
      .executeTakeFirst()
    return row?.session_id ?? null
  }

  /** A user's that go on, newest first. */
  async live(userId: string, now: number): Promise<Selectable<SessionRow>[]> {
    return await this.#db
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .orderBy('id', 'desc')
      .execute()
  }

  /** Ends some of a user's sessions; with `ids` null all of them but `except`. Answers those that went on until now. */
  end(
    userId: string,
    ended: { ids: string[] | null; except: string | null; now: number },
    change: (ids: string[]) => Change
  ): Promise<string[]> {
    return this.#db.transaction().execute(async trx => {
      let query = trx
        .updateTable('sessions')
        .set({ ended_at: ended.now })
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', ended.now)
      if (ended.ids) query = query.where('id', 'in', ended.ids)
      if (ended.except) query = query.where('id', '!=', ended.except)
      const ids = (await query.returning('id').execute()).map(row => row.id)
      if (ids.length > 0) await record(trx, change(ids))
      return ids
    })
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
}

/** Looking at a password takes a while, in which it may be changed and all sessions ended: this one would not be among them. */
async function stillLetsIn(trx: Transaction<Database>, userId: string, proof: Proof): Promise<boolean> {
  const row = await trx
    .selectFrom('users')
    .selectAll()
    .where('id', '=', userId)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  if (!row) return false
  if ('issuer' in proof) {
    const identity = trx.selectFrom('identities').select('user_id').where('user_id', '=', userId)
    const same = identity.where('issuer', '=', proof.issuer).where('subject', '=', proof.subject)
    return (await same.executeTakeFirst()) !== undefined
  }
  const { passwordHash, totpSealed } = accountFromRow(row)
  return isDeepStrictEqual({ passwordHash, totpSealed }, { ...proof })
}

/** The user of a session that goes on, since when it does, and for how long. */
export function liveSession(
  db: Kysely<Database>,
  sessionId: string,
  now: number
): Promise<(UserRow & { session_created_at: number; session_expires_at: number }) | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('users')
    .select(['sessions.created_at as session_created_at', 'sessions.expires_at as session_expires_at'])
    .where('sessions.id', '=', sessionId)
    .where('sessions.ended_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst()
}
