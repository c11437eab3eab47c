import type { Logger } from 'pino'
import type { Actor, Change } from '../audit/audit.ts'
import type { AuditStore } from '../audit/store.ts'
import { AppError } from '../lib/errors.ts'
import { factsOf, lastAdmin, newUser, type People, subjectOf } from '../users/people.ts'
import type { Sessions, SignedInSession, SignInOrigin } from '../users/sessions.ts'
import type { UserStore } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { admit, type ProviderIdentity, verifiedAddress } from './admission.ts'
import type { Flow } from './flow.ts'
import type { NewUsers } from './settings.ts'
import { SignInProblem } from './sign-in-problem.ts'
import type { IdentityStore } from './store.ts'

/**
 * Lets in whom a provider vouches for. The first time he is found by an address that the provider has verified; from then
 * on by what the provider calls him, so that his address may change, here or there, and be given to others.
 */
export class ProviderSignIn {
  readonly #identities: IdentityStore
  readonly #users: Pick<UserStore, 'anyExists'>
  readonly #newUsers: NewUsers | null
  readonly #sessions: Sessions
  readonly #people: People
  readonly #audit: AuditStore
  readonly #logger: Logger

  constructor(options: {
    identities: IdentityStore
    users: Pick<UserStore, 'anyExists'>
    newUsers: NewUsers | null
    sessions: Sessions
    people: People
    audit: AuditStore
    logger: Logger
  }) {
    this.#identities = options.identities
    this.#users = options.users
    this.#newUsers = options.newUsers
    this.#sessions = options.sessions
    this.#people = options.people
    this.#audit = options.audit
    this.#logger = options.logger
  }

  /**
   * A second factor of ours is not asked for: which proofs it takes to sign in is the provider's to say.
   * @throws SignInProblem `address_unverified`, `no_account`, `account_disabled`, `connect_first`, `other_identity`, `start_again`
   */
  async signIn(who: ProviderIdentity, origin: SignInOrigin): Promise<SignedInSession> {
    const user = (await this.#identities.find(who)) ?? (await this.#firstTime(who, origin))
    if (user.disabledAt !== null) throw await this.#refused('account_disabled', who, user, origin)
    const { issuer, subject } = who
    const session = await this.#sessions.begin(user, origin, { means: 'provider', proof: { issuer, subject } })
    if (!session) throw new SignInProblem('start_again')
    return session
  }

  /**
   * Connects him to the account of who has asked for it, in a session that goes on.
   * @throws SignInProblem `start_again`, `other_identity`
   */
  async connect(who: ProviderIdentity, { userId, sessionId }: NonNullable<Flow['connect']>, origin: SignInOrigin) {
    const principal = await this.#sessions.principal(sessionId)
    if (principal?.user.id !== userId) throw new SignInProblem('start_again')
    const { user } = principal
    const known = await this.#identities.find(who)
    if (known?.id === user.id) return
    const linked =
      !known && (await this.#identities.link(user, who, Date.now(), linkedBy(user, who, origin, 'session')))
    if (!linked) throw await this.#refused('other_identity', who, user, origin)
  }

  /** @throws AppError `not_found`, `last_admin` */
  async disconnect(userId: string, actor: Actor): Promise<void> {
    const user = await this.#people.get(userId)
    const change = { actor, action: 'user.identity_unlinked', subject: subjectOf(user) } as const
    const result = await this.#identities.unlink(userId, change)
    if (result === 'last_admin') throw lastAdmin()
    if (result === 'none') throw new AppError('not_found', `Nobody signs in to ${user.email} through a provider.`)
  }

  async #firstTime(who: ProviderIdentity, origin: SignInOrigin): Promise<User> {
    const address = verifiedAddress(who)
    if (address === null) throw await this.#refused('address_unverified', who, null, origin)
    const account = await this.#identities.findByAddress(address, who.issuer)
    // The first account ends the setup, and must be that of who has its token.
    const newUsers = (await this.#users.anyExists()) ? this.#newUsers : null
    const admission = admit(address, account, newUsers)
    if (admission.kind === 'refused') throw await this.#refused(admission.problem, who, account?.user ?? null, origin)

    const user = admission.kind === 'make' ? newUser(address, admission.role) : account!.user
    const linked = linkedBy(user, who, origin, 'address')
    const done =
      admission.kind === 'make'
        ? await this.#identities.makeLinked(user, who, [
            { ...linked, action: 'user.created', after: factsOf(user) },
            linked
          ])
        : await this.#identities.link(user, who, Date.now(), linked)
    // Something has changed this very moment, such as by a second sign-in of his.
    if (!done) throw new SignInProblem('start_again')
    return user
  }

  /** Writes down who was not let in; in the audit log where it is about somebody's account. */
  async #refused(
    code: SignInProblem['code'],
    { issuer, subject, claims }: ProviderIdentity,
    user: User | null,
    { address, userAgent }: SignInOrigin
  ): Promise<SignInProblem> {
    this.#logger.warn(
      { code, issuer, subject, email: claims.email, userId: user?.id, address },
      'somebody the provider vouches for was not let in'
    )
    if (user) {
      await this.#audit.add({
        actor: { kind: 'user', id: null, name: 'somebody', address },
        action: 'session.refused',
        subject: subjectOf(user),
        after: { means: 'provider', wrong: code, issuer, subject, userAgent }
      })
    }
    return new SignInProblem(code)
  }
}

/** `by`: how the account was found. */
function linkedBy(user: User, who: ProviderIdentity, { address }: SignInOrigin, by: 'address' | 'session'): Change {
  return {
    actor: { kind: 'user', id: user.id, name: user.email, address },
    action: 'user.identity_linked',
    subject: subjectOf(user),
    after: { issuer: who.issuer, subject: who.subject, by }
  }
}
