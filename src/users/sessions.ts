import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../errors.ts'
import type { Streams } from '../events/streams.ts'
import { newId } from '../ids.ts'
import { verifyPassword } from './passwords.ts'
import type { SessionOwner, UserStore } from './store.ts'
import { normalEmail, type User } from './user.ts'

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
  address: string | null
}

/** Sessions: begun by a password, kept alive by rotating refresh tokens, ended by sign-out, time or theft. */
export class Sessions {
  readonly #store: UserStore
  readonly #streams: Streams

  constructor(store: UserStore, streams: Streams) {
    this.#store = store
    this.#streams = streams
  }

  /** @throws AppError `invalid_credentials`, the same whether the account or the password is wrong. */
  async signIn(email: string, password: string, origin: SignInOrigin): Promise<SignedInSession> {
    const account = await this.#store.findForLogin(normalEmail(email))
    if (!(await verifyPassword(account?.passwordHash ?? null, password))) {
      throw new AppError('invalid_credentials', 'The address or the password is wrong.')
    }
    return this.begin(account!.user, origin)
  }

  async begin(user: User, origin: SignInOrigin): Promise<SignedInSession> {
    const sessionId = newId()
    const refreshToken = newToken()
    const now = Date.now()
    await this.#store.startSession({
      id: sessionId,
      userId: user.id,
      now,
      expiresAt: now + SESSION_MS,
      tokenHash: hashToken(refreshToken),
      ...origin
    })
    return { sessionId, user, refreshToken }
  }

  /** @throws AppError `unauthenticated` for a token that is unknown, out of date, or was used before. */
  async refresh(presented: string): Promise<SignedInSession> {
    const refreshToken = newToken()
    const now = Date.now()
    const rotation = await this.#store.rotate(hashToken(presented), {
      hash: hashToken(refreshToken),
      now,
      expiresAt: now + SESSION_MS,
      graceMs: REUSE_GRACE_MS
    })
    if (rotation.kind === 'reused') this.#streams.endSession(rotation.sessionId)
    if (rotation.kind !== 'rotated') throw new AppError('unauthenticated', 'The session has ended. Sign in again.')
    return { sessionId: rotation.sessionId, user: rotation.user, refreshToken }
  }

  /** Whose session it is; null when it is over. */
  owner(sessionId: string): Promise<SessionOwner | null> {
    return this.#store.findSession(sessionId, Date.now())
  }

  /** Ends a session and the streams it has open. */
  async end(sessionId: string): Promise<void> {
    await this.#store.endSession(sessionId, Date.now())
    this.#streams.endSession(sessionId)
  }

  /** Ends the session a refresh token belongs to; a token nobody knows ends nothing. */
  async endByToken(refreshToken: string): Promise<void> {
    const sessionId = await this.#store.findSessionByToken(hashToken(refreshToken))
    if (sessionId) await this.end(sessionId)
  }

  /** Ends the streams of sessions that ran out, and forgets those long over. */
  async sweep(): Promise<void> {
    const now = Date.now()
    for (const id of await this.#store.sweep(now - KEEP_ENDED_MS, now)) this.#streams.endSession(id)
  }
}

/** 256 bits: nobody guesses it, so a plain hash keeps it safely. */
function newToken(): string {
  return randomBytes(32).toString('base64url')
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
