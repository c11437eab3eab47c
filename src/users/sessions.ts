import type { Actor } from '../audit/audit.ts'
import type { LateNotes } from '../audit/late-notes.ts'
import type { Streams } from '../events/streams.ts'
import { AppError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import { verifyPassword } from './passwords.ts'
import type { Principal, PrincipalMemo } from './principal.ts'
import { hashToken, randomToken } from './random-token.ts'
import { type CodeKind, isRecoveryCode, type SecondFactor } from './second-factor.ts'
import type { Proof, SessionStore } from './session-store.ts'
import type { UserStore } from './store.ts'
import { normalEmail, type User } from './user.ts'

/** So long an access token is good; its session is asked about at every request all the same. */
export const ACCESS_TOKEN_SECONDS = 15 * 60

/** A session nobody uses for this long is over. */
export const SESSION_MS = 30 * 24 * 3_600_000

/** How long a used refresh token is still taken, for two tabs that refresh at the same moment. */
const REUSE_GRACE_MS = 10_000

/** Ended sessions stay this long, so that a stolen token that turns up is recognised. */
const KEEP_ENDED_MS = 7 * 24 * 3_600_000

/** What a session is given out as. The refresh token is good for one use. */
export interface SignedInSession {
  sessionId: string
  user: User
  refreshToken: string
}

/** Where a sign-in came from, for the list of sessions. */
export interface SignInOrigin {
  userAgent: string | null
  address: string
}

/** A session that goes on, as its user sees it. */
export interface Session {
  id: string
  userAgent: string | null
  /** Where it was begun. */
  address: string | null
  createdAt: number
  /** When it last got a new access token: while it is used, at most fifteen minutes ago. */
  seenAt: number
  expiresAt: number
}

/** By what somebody was let in. */
export type SignInMeans = 'password' | 'setup' | 'provider'

/** Sessions: begun by a password, kept alive by rotating refresh tokens, ended by sign-out, time, theft or an administrator. */
export class Sessions {
  readonly #store: SessionStore
  readonly #users: UserStore
  readonly #secondFactor: SecondFactor
  readonly #notes: Pick<LateNotes, 'add'>
  readonly #streams: Streams
  readonly #memo: PrincipalMemo

  constructor(options: {
    store: SessionStore
    users: UserStore
    secondFactor: SecondFactor
    notes: Pick<LateNotes, 'add'>
    streams: Streams
    memo: PrincipalMemo
  }) {
    this.#store = options.store
    this.#users = options.users
    this.#secondFactor = options.secondFactor
    this.#notes = options.notes
    this.#streams = options.streams
    this.#memo = options.memo
  }

  /**
   * @throws AppError `invalid_credentials`, the same whether the account or the password is wrong, or the account disabled; after
   * that `second_factor_required` and `invalid_second_factor`.
   */
  async signIn(
    { email, password, code }: { email: string; password: string; code: string | undefined },
    origin: SignInOrigin
  ): Promise<SignedInSession> {
    const account = await this.#users.findForLogin(normalEmail(email))
    const isRight = await verifyPassword(account?.passwordHash ?? '', password)
    if (!account || account.user.disabledAt !== null || !isRight) {
      // Of a disabled one it is not even written down whether the password was right.
      if (account)
        this.#noteRefusal(account.user, origin, account.user.disabledAt === null ? 'password' : 'account_disabled')
      throw invalidCredentials()
    }
    let kind: CodeKind | null = null
    if (account.totpSealed) {
      if (code === undefined) {
        throw new AppError('second_factor_required', 'Send the code of the authenticator app as well, as `code`.')
      }
      kind = await this.#secondFactor.take(account.user.id, account.totpSealed, code)
      if (kind === null) {
        this.#noteRefusal(account.user, origin, 'code')
        throw new AppError(
          'invalid_second_factor',
          isRecoveryCode(code)
            ? 'This is none of your recovery codes, or it was used already.'
            : 'The code is wrong, or was used already. Wait for the next one.'
        )
      }
    }
    const { passwordHash, totpSealed } = account
    const by = { means: 'password', proof: { passwordHash, totpSealed }, code: kind } as const
    const session = await this.begin(account.user, origin, by)
    if (!session) throw invalidCredentials()
    return session
  }

  /** Null when the account has changed this very moment, so that its user is not let in. */
  async begin(
    user: User,
    origin: SignInOrigin,
    { means, proof, code = null }: { means: SignInMeans; proof: Proof; code?: CodeKind | null }
  ): Promise<SignedInSession | null> {
    const sessionId = newId()
    const refreshToken = randomToken()
    const now = Date.now()
    const begun = await this.#store.start(
      {
        id: sessionId,
        userId: user.id,
        now,
        expiresAt: now + SESSION_MS,
        tokenHash: hashToken(refreshToken),
        ...origin
      },
      proof,
      {
        actor: byThemselves(user, origin.address),
        action: 'session.began',
        subject: { type: 'session', id: sessionId, name: user.email },
        after: { means, ...(code && { code }), userAgent: origin.userAgent }
      }
    )
    return begun ? { sessionId, user: { ...user, signedInAt: now }, refreshToken } : null
  }

  /** @throws AppError `unauthenticated` for a token that is unknown, out of date, or was used before. */
  async refresh(presented: string, address: string): Promise<SignedInSession> {
    const refreshToken = randomToken()
    const now = Date.now()
    const rotation = await this.#store.rotate(
      hashToken(presented),
      { hash: hashToken(refreshToken), now, expiresAt: now + SESSION_MS, graceMs: REUSE_GRACE_MS },
      (user, id) => ({
        actor: byThemselves(user, address),
        action: 'session.stolen',
        subject: { type: 'session', id, name: user.email }
      })
    )
    if (rotation.kind === 'reused') this.#ended([rotation.sessionId])
    if (rotation.kind !== 'rotated') throw new AppError('unauthenticated', 'The session has ended. Sign in again.')
    return { sessionId: rotation.sessionId, user: rotation.user, refreshToken }
  }

  /** Whose session it is; null when it is over. */
  principal(sessionId: string): Promise<Principal | null> {
    return this.#memo.get(`session:${sessionId}`, async () => {
      const owner = await this.#store.find(sessionId, Date.now())
      if (!owner) return null
      const { user, expiresAt } = owner
      return { user, credential: { kind: 'session', id: sessionId }, role: user.role, bots: null, expiresAt }
    })
  }

  /** A user's that go on, newest first. */
  async list(userId: string): Promise<Session[]> {
    return (await this.#store.live(userId, Date.now())).map(row => ({
      id: row.id,
      userAgent: row.user_agent,
      address: row.address,
      createdAt: row.created_at,
      seenAt: row.seen_at,
      expiresAt: row.expires_at
    }))
  }

  /** Ends a session of a user's, and the streams it has open. False when he has none such that goes on. */
  async end(user: User, sessionId: string, actor: Actor): Promise<boolean> {
    return (await this.#end(user, { ids: [sessionId], except: null }, actor)) > 0
  }

  /** Ends all sessions of a user's but `except`, and the streams they have open. */
  async endAll(user: User, except: string | null, actor: Actor): Promise<void> {
    await this.#end(user, { ids: null, except }, actor)
  }

  /** Ends the session that asks for it. */
  async signOut(user: User, sessionId: string, actor: Actor): Promise<void> {
    await this.#end(user, { ids: [sessionId], except: null }, actor, { signedOut: true })
  }

  /** Ends the session a refresh token belongs to, which asks for it; a token nobody knows ends nothing. */
  async signOutByToken(refreshToken: string, address: string): Promise<void> {
    const sessionId = await this.#store.findByToken(hashToken(refreshToken))
    const principal = sessionId && (await this.principal(sessionId))
    if (principal) await this.signOut(principal.user, principal.credential.id, byThemselves(principal.user, address))
  }

  /** Ends the streams of sessions that ran out, and forgets those long over. */
  async sweep(): Promise<void> {
    const now = Date.now()
    for (const id of await this.#store.sweep(now - KEEP_ENDED_MS, now)) this.#streams.endCredential(id)
  }

  async #end(
    user: User,
    which: { ids: string[] | null; except: string | null },
    actor: Actor,
    how: { signedOut?: true } = {}
  ): Promise<number> {
    const ended = await this.#store.end(user.id, { ...which, now: Date.now() }, ids => ({
      actor,
      action: 'session.ended',
      subject: { type: 'session', id: ids.length === 1 ? ids[0]! : null, name: user.email },
      after: { count: ids.length, ...how }
    }))
    this.#ended(ended)
    return ended.length
  }

  #ended(ids: string[]): void {
    this.#memo.forget()
    for (const id of ids) this.#streams.endCredential(id)
  }

  /** Some time after the answer: an address that has an account must not take longer to refuse than one that has none. */
  #noteRefusal(
    user: User,
    { address, userAgent }: SignInOrigin,
    wrong: 'password' | 'code' | 'account_disabled'
  ): void {
    this.#notes.add({
      // It may be anybody who says that he is this user.
      actor: { kind: 'user', id: null, name: 'somebody', address },
      action: 'session.refused',
      subject: { type: 'user', id: user.id, name: user.email },
      after: { wrong, userAgent }
    })
  }
}

function byThemselves(user: User, address: string): Actor {
  return { kind: 'user', id: user.id, name: user.email, address }
}

function invalidCredentials(): AppError {
  return new AppError('invalid_credentials', 'The address or the password is wrong, or the account is disabled.')
}
