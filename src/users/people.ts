import { type Actor, type Change, difference, type Facts } from '../audit/audit.ts'
import type { AuditStore } from '../audit/store.ts'
import type { Streams } from '../events/streams.ts'
import { AppError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import { newLink } from './password-link.ts'
import { refuseGuessable } from './password-rule.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import type { PrincipalMemo } from './principal.ts'
import { hashToken } from './random-token.ts'
import type { SecondFactor } from './second-factor.ts'
import type { Sessions } from './sessions.ts'
import type { RevokedToken, UserStore } from './store.ts'
import { normalEmail, type Role, type User } from './user.ts'

/** Somebody as an administrator sees him. `linkExpiresAt`: until when he may use the link he was given; null: he has none. */
export type Person = User & { linkExpiresAt: number | null }

/** A link by which somebody chooses his password, as it is given out, once. */
export interface LinkToHandOver {
  token: string
  expiresAt: number
}

/** A change of one's own password. `sessionId`: the session that goes on. */
export interface PasswordChange {
  current: string
  next: string
  sessionId: string
  revokeTokens: boolean
}

/** Who may sign in, and as what. */
export class People {
  readonly #store: UserStore
  readonly #sessions: Sessions
  readonly #secondFactor: SecondFactor
  readonly #audit: AuditStore
  readonly #streams: Streams
  readonly #memo: PrincipalMemo

  constructor(options: {
    store: UserStore
    sessions: Sessions
    secondFactor: SecondFactor
    audit: AuditStore
    streams: Streams
    memo: PrincipalMemo
  }) {
    this.#store = options.store
    this.#sessions = options.sessions
    this.#secondFactor = options.secondFactor
    this.#audit = options.audit
    this.#streams = options.streams
    this.#memo = options.memo
  }

  /** By address. */
  list(): Promise<Person[]> {
    return this.#store.list(Date.now())
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<User> {
    const account = await this.#store.find(id)
    if (!account) throw new AppError('not_found', `There is no user "${id}".`)
    return account.user
  }

  /** Makes an account, and the link by which its owner chooses the password. @throws AppError `email_taken` */
  async invite(email: string, role: Role, actor: Actor): Promise<{ user: User; link: LinkToHandOver }> {
    const user = newUser(email, role)
    const { token, kept } = newLink(user)
    const made = await this.#store.insertInvited(user, kept, {
      actor,
      action: 'user.invited',
      subject: subjectOf(user),
      after: factsOf(user)
    })
    if (!made) throw emailTaken()
    return { user, link: { token, expiresAt: kept.expiresAt } }
  }

  /** A link that lets him choose a new password; until he uses it he has the old one. @throws AppError `not_found` */
  async resetPassword(id: string, actor: Actor): Promise<LinkToHandOver> {
    const user = await this.get(id)
    const { token, kept } = newLink(user)
    await this.#store.setLink(kept, { actor, action: 'user.password_reset', subject: subjectOf(user) })
    return { token, expiresAt: kept.expiresAt }
  }

  /**
   * Another address or role, or out. It counts at once: streams end, and of who is disabled the sessions as well.
   * @throws AppError `not_found`, `email_taken`, `last_admin`
   */
  async change(
    id: string,
    { email, role, disabled }: { email?: string; role?: Role; disabled?: boolean },
    actor: Actor
  ): Promise<User> {
    const before = await this.get(id)
    const after: User = {
      ...before,
      email: email === undefined ? before.email : normalEmail(email),
      role: role ?? before.role,
      disabledAt: disabled === undefined ? before.disabledAt : disabled ? (before.disabledAt ?? Date.now()) : null
    }
    const { email: newEmail, role: newRole, disabledAt } = after
    const result = await this.#store.update(
      id,
      // Nothing else: somebody may be changing that at the same moment.
      {
        ...(email !== undefined && { email: newEmail }),
        ...(role !== undefined && { role }),
        ...(disabled !== undefined && { disabledAt })
      },
      { actor, action: 'user.changed', subject: subjectOf(before), ...difference(factsOf(before), factsOf(after)) }
    )
    if (result === 'email_taken') throw emailTaken()
    if (result === 'last_admin') throw lastAdmin()
    // Before anything else that may fail.
    if (disabledAt !== before.disabledAt || newRole !== before.role) this.#changed(id)
    else this.#memo.forget()
    if (disabledAt !== null) await this.#sessions.endAll(before, null, actor)
    return after
  }

  /** His sessions and tokens go with him; what he did stays written down. @throws AppError `not_found`, `last_admin` */
  async delete(id: string, actor: Actor): Promise<void> {
    const user = await this.get(id)
    const change = { actor, action: 'user.deleted', subject: subjectOf(user), before: factsOf(user) } as const
    if ((await this.#store.delete(id, change)) === 'last_admin') throw lastAdmin()
    this.#changed(id)
  }

  /** For who has lost both the device and the recovery codes. @throws AppError `not_found` */
  async removeSecondFactor(id: string, actor: Actor): Promise<void> {
    await this.#secondFactor.remove(await this.get(id), actor)
    this.#memo.forget()
  }

  /** Whom a link is for. @throws AppError `invalid_link` */
  async ofLink(token: string): Promise<{ user: User; expiresAt: number }> {
    const link = await this.#store.findLink(hashToken(token), Date.now())
    if (!link) throw invalidLink()
    return link
  }

  /**
   * Chooses a password by a link, which is used up by that, ends all sessions there are, and revokes all tokens: who lost the
   * password may have lost more.
   * @throws AppError `invalid_link`, `invalid_request` for one that is easily guessed
   */
  async useLink(token: string, password: string, address: string): Promise<void> {
    const { user } = await this.ofLink(token)
    refuseGuessable(password, user.email, '/password')
    const actor: Actor = { kind: 'user', id: user.id, name: user.email, address }
    const set = await this.#setPassword(user, password, { actor, tokenHash: hashToken(token), revokeTokens: true })
    if (!set) throw invalidLink() // somebody was faster, this very moment
    await this.#sessions.endAll(user, null, actor)
  }

  /**
   * Changes one's own password, and ends all sessions but the one that asks; with `revokeTokens` all tokens as well.
   * @throws AppError `wrong_password`, `invalid_request` for one that is easily guessed, or the same
   */
  async changePassword(
    user: User,
    { current, next, sessionId, revokeTokens }: PasswordChange,
    actor: Actor
  ): Promise<void> {
    await this.checkPassword(user, current, actor, '/currentPassword')
    refuseGuessable(next, user.email, '/newPassword')
    if (next === current) {
      const errors = [{ path: '/newPassword', message: 'is the one you have' }]
      throw new AppError('invalid_request', 'The new password is the one you have. Choose another.', { errors })
    }
    await this.#setPassword(user, next, { actor, tokenHash: null, revokeTokens })
    await this.#sessions.endAll(user, sessionId, actor)
  }

  /**
   * That whoever sits there is who signed in; `path` is the field. Answers the hash that the password is of.
   * @throws AppError `wrong_password`, also when he has none.
   */
  async checkPassword(user: User, password: string, actor: Actor, path = '/password'): Promise<string> {
    const account = await this.#store.find(user.id)
    if (account && (await verifyPassword(account.passwordHash, password))) return account.passwordHash
    const refused = { actor, action: 'session.refused', subject: subjectOf(user) } as const
    await this.#audit.add({ ...refused, after: { wrong: 'password' } })
    const errors = [{ path, message: 'is another one' }]
    throw new AppError('wrong_password', 'This is not your current password.', { errors })
  }

  async #setPassword(
    user: User,
    password: string,
    { actor, tokenHash, revokeTokens }: { actor: Actor; tokenHash: string | null; revokeTokens: boolean }
  ): Promise<boolean> {
    const hash = await hashPassword(password)
    const revoked = await this.#store.setPassword(
      user.id,
      { hash, now: Date.now(), tokenHash },
      { actor, action: 'user.password_set', subject: subjectOf(user) },
      revokeTokens ? token => revocation(token, user, actor) : null
    )
    this.#memo.forget()
    for (const id of revoked ?? []) this.#streams.endCredential(id)
    return revoked !== null
  }

  #changed(id: string): void {
    this.#memo.forget()
    this.#streams.endUser(id)
  }
}

export function newUser(email: string, role: Role): User {
  return {
    id: newId(),
    email: normalEmail(email),
    role,
    createdAt: Date.now(),
    signedInAt: null,
    disabledAt: null,
    hasPassword: false,
    twoFactor: false
  }
}

export function factsOf({ email, role, disabledAt }: User): Facts {
  return { email, role, disabled: disabledAt !== null }
}

export function subjectOf(user: User): { type: 'user'; id: string; name: string } {
  return { type: 'user', id: user.id, name: user.email }
}

function revocation({ id, name, role, bots, expires_at }: RevokedToken, { email }: User, actor: Actor): Change {
  const before = { of: email, role, bots: bots && JSON.parse(bots), expiresAt: expires_at }
  return { actor, action: 'token.revoked', subject: { type: 'token', id, name }, before }
}

function emailTaken(): AppError {
  const errors = [{ path: '/email', message: 'is taken' }]
  return new AppError('email_taken', 'There is an account with this address already.', { errors })
}

export function lastAdmin(): AppError {
  return new AppError('last_admin', 'Nobody would be left who may do everything. Make somebody else an administrator.')
}

function invalidLink(): AppError {
  return new AppError(
    'invalid_link',
    'This link has been used, replaced, or has run out. Ask an administrator for another.'
  )
}
