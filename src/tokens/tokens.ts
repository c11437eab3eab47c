import type { Logger } from 'pino'
import type { Static } from 'typebox'
import type { Actor, Facts } from '../audit/audit.ts'
import type { Streams } from '../events/streams.ts'
import { AppError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import type { Principal, PrincipalMemo } from '../users/principal.ts'
import { hashToken, randomToken } from '../users/random-token.ts'
import { lesserRole, mayAccess, type Role, type User } from '../users/user.ts'
import type * as schemas from './schemas.ts'
import type { Insertion, TokenProof, TokenStore } from './store.ts'

/** A token for a program, as the API shows it: all but the token itself. */
export type Token = Static<typeof schemas.Token>

/** What begins so is one of ours: whoever looks through code and logs for leaked credentials can find it. */
export const TOKEN_PREFIX = 'byd_'

const HINT_CHARACTERS = 4

/** More than anybody has programs; so nobody fills the list. */
const MAX_TOKENS = 100

/** Whoever has no password makes a token so soon after the sign-in: one who comes by a session later makes none. */
const FRESH_MS = 10 * 60_000

/** That it was used is kept once in this time. */
const MARK_EVERY_MS = 60_000

export interface NewToken {
  name: string
  role: Role
  /** By id or slug. */
  bots: string[] | null
  expiresAt: number | null
}

/** Tokens for programs: what their owner may or less, for as long as he says and he himself may. */
export class Tokens {
  readonly #store: TokenStore
  readonly #memo: PrincipalMemo
  readonly #streams: Streams
  readonly #bots: { get(ref: string): Promise<{ id: string }> }
  readonly #logger: Logger
  /** By id, on the monotonic clock. */
  readonly #markedAt = new Map<string, number>()

  constructor(options: {
    store: TokenStore
    memo: PrincipalMemo
    streams: Streams
    bots: { get(ref: string): Promise<{ id: string }> }
    logger: Logger
  }) {
    this.#store = options.store
    this.#memo = options.memo
    this.#streams = options.streams
    this.#bots = options.bots
    this.#logger = options.logger
  }

  /**
   * Makes a token of a user's. Its value is shown this once. As it outlives the session, `proof` says that it is the user
   * himself who makes it.
   * @throws AppError `forbidden` when it was to do more than its owner may, `invalid_request`, `not_found` for a bot,
   * `session_too_old`, `too_many_tokens`, `unauthenticated` when the session has ended this very moment
   */
  async create(
    user: User,
    wanted: NewToken,
    proof: TokenProof,
    actor: Actor
  ): Promise<{ token: Token; value: string }> {
    if (!mayAccess(user.role, wanted.role)) {
      throw new AppError('forbidden', `A token may not do more than you: your role is ${user.role}.`)
    }
    const now = Date.now()
    if (wanted.expiresAt !== null && wanted.expiresAt <= now) {
      const errors = [{ path: '/expiresAt', message: 'must lie in the future, in milliseconds since 1970' }]
      throw new AppError('invalid_request', 'The token would have run out already: see errors.', { errors })
    }
    const bots = wanted.bots && (await Promise.all(wanted.bots.map(ref => this.#bots.get(ref)))).map(({ id }) => id)
    const value = TOKEN_PREFIX + randomToken()
    const token: Token = {
      id: newId(),
      ...wanted,
      bots,
      name: wanted.name.trim(),
      hint: value.slice(-HINT_CHARACTERS),
      user: { id: user.id, email: user.email },
      createdAt: now,
      usedAt: null,
      usedFrom: null
    }
    const insertion = await this.#store.insert(
      token,
      hashToken(value),
      { ...proof, freshFrom: now - FRESH_MS, max: MAX_TOKENS },
      { actor, action: 'token.created', subject: subjectOf(token), after: factsOf(token) }
    )
    if (insertion !== 'done') throw refusal(insertion)
    return { token, value }
  }

  /** Newest first; a user's own, or with null everybody's. */
  list(userId: string | null): Promise<Token[]> {
    return this.#store.list(userId)
  }

  /** One's own, or as an administrator anybody's; its streams end. @throws AppError `not_found` */
  async revoke(id: string, by: User, actor: Actor): Promise<void> {
    const token = await this.#store.find(id)
    const isTheirs = token && (token.user.id === by.id || by.role === 'admin')
    const change = token && {
      actor,
      action: 'token.revoked' as const,
      subject: subjectOf(token),
      before: factsOf(token)
    }
    if (!isTheirs || !change || !(await this.#store.delete(id, change))) {
      throw new AppError('not_found', `There is no token "${id}".`)
    }
    this.#memo.forget()
    this.#streams.endCredential(id)
    this.#markedAt.delete(id)
  }

  /** Who is behind a token; null when it is not good, for whatever reason. */
  async principal(value: string, address: string): Promise<Principal | null> {
    const hash = hashToken(value)
    const principal = await this.#memo.get(`token:${hash}`, async () => {
      const owner = await this.#store.owner(hash, Date.now())
      if (!owner) return null
      const { token, user } = owner
      return {
        user,
        credential: { kind: 'token', id: token.id, name: token.name },
        role: lesserRole(token.role, user.role),
        bots: token.bots && new Set(token.bots),
        expiresAt: token.expiresAt
      }
    })
    if (principal) this.#markUsed(principal.credential.id, address)
    return principal
  }

  /** Nobody waits for it. */
  #markUsed(id: string, address: string): void {
    const now = performance.now()
    if (now - (this.#markedAt.get(id) ?? Number.NEGATIVE_INFINITY) < MARK_EVERY_MS) return
    this.#markedAt.set(id, now)
    this.#store
      .setUsed(id, Date.now(), address)
      .catch(error => this.#logger.warn({ err: error, token: id }, 'when a token was used could not be kept'))
  }
}

function refusal(insertion: Exclude<Insertion, 'done'>): AppError {
  switch (insertion) {
    case 'changed':
      return new AppError('unauthenticated', 'The session has ended, or the password was changed. Sign in again.')
    case 'session_too_old':
      return new AppError(
        'session_too_old',
        `Your account has no password to ask for. Sign in again, and make the token within ${FRESH_MS / 60_000} minutes.`
      )
    case 'too_many':
      return new AppError('too_many_tokens', `You have ${MAX_TOKENS} tokens, which is the limit. Revoke some first.`)
  }
}

function subjectOf({ id, name }: Token): { type: 'token'; id: string; name: string } {
  return { type: 'token', id, name }
}

function factsOf({ user, role, bots, expiresAt }: Token): Facts {
  return { of: user.email, role, bots, expiresAt }
}
