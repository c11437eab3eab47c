import type { Actor } from '../audit/audit.ts'
import type { Role, User } from './user.ts'

/** Who makes a request, and what he may do in it. */
export interface Principal {
  user: User
  /** By what he is known. Its end ends his streams. */
  credential: { kind: 'session'; id: string } | { kind: 'token'; id: string; name: string }
  /** What counts: of a token, never more than its user may. */
  role: Role
  /** Ids of the only bots he may know of; null: all. */
  bots: ReadonlySet<string> | null
  /** When the credential runs out; null: never. */
  expiresAt: number | null
}

/** As who what he does is written down. */
export function actorOf({ user, credential }: Principal, address: string | null): Actor {
  return credential.kind === 'token'
    ? { kind: 'token', id: credential.id, name: `${credential.name} (${user.email})`, address }
    : { kind: 'user', id: user.id, name: user.email, address }
}

/** By whom what somebody does is counted: a person with all sessions, or a token. A program does not keep its owner from anything. */
export function accountOf({ credential, user }: Pick<Principal, 'credential' | 'user'>): string {
  return credential.kind === 'token' ? credential.id : user.id
}

/** Whether he may know of a bot. Executions of a bot that was deleted are for those who may know of all. */
export function mayKnow(principal: Pick<Principal, 'bots'>, botId: string | null): boolean {
  return principal.bots === null || (botId !== null && principal.bots.has(botId))
}

/** More credentials than anybody uses at a time; a few hundred bytes each. */
const MAX_REMEMBERED = 1000

/**
 * Who is behind a credential, so that the database is not asked at every request. This process alone changes what these
 * answers rest on, and has all of them forgotten whenever it does.
 */
export class PrincipalMemo {
  readonly #known = new Map<string, Principal>()
  #generation = 0

  /** The principal behind a credential that is still good, remembered or found out; null when it is not. */
  async get(key: string, find: () => Promise<Principal | null>): Promise<Principal | null> {
    const known = this.#known.get(key)
    if (known) {
      if (known.expiresAt === null || known.expiresAt > Date.now()) return known
      this.#known.delete(key)
    }
    const generation = this.#generation
    const found = await find()
    // What was read while something changed may be what it was before.
    if (found && generation === this.#generation) {
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear()
      this.#known.set(key, found)
    }
    return found
  }

  /** Something changed that may alter any of them: to be called before whoever changed it hears that it is done. */
  forget(): void {
    this.#generation++
    this.#known.clear()
  }
}
