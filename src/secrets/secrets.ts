import type { Logger } from 'pino'
import type { Actor } from '../audit/audit.ts'
import type { EventHub } from '../events/hub.ts'
import { AppError } from '../lib/errors.ts'
import { isOwned, type OwnedName } from './owned.ts'
import { type Seal, SealError } from './seal.ts'
import { type Secret, secretProblems } from './secret.ts'
import type { SecretStore, SecretUser, StoredSecret } from './store.ts'

/** A bot that runs every second need not write each time that its secrets were used. */
const MARK_EVERY_MS = 60_000

export interface SecretsOptions {
  store: SecretStore
  seal: Seal
  events: EventHub
  logger: Logger
}

/** Keeps values that bots are given by name. What is put in comes out in the environment of a bot and nowhere else. */
export class Secrets {
  readonly #store: SecretStore
  readonly #seal: Seal
  readonly #events: EventHub
  readonly #logger: Logger
  /** By name, on the monotonic clock. */
  readonly #markedAt = new Map<string, number>()

  constructor(options: SecretsOptions) {
    this.#store = options.store
    this.#seal = options.seal
    this.#events = options.events
    this.#logger = options.logger
  }

  /** At the start: what was kept with the key before this one is kept with this one from now on. */
  async renew(): Promise<void> {
    const renewed = (await this.#store.all()).flatMap(({ name, sealed }) => {
      const to = this.#open({ name, sealed }) === null ? null : this.#seal.renewed(sealed, contextOf(name))
      return to ? [{ name, from: sealed, to }] : []
    })
    if (renewed.length === 0) return
    await this.#store.renew(renewed)
    this.#logger.info({ secrets: renewed.length }, 'secrets are kept with the new SECRET_KEY')
  }

  /** Says at the start which secrets cannot be used, before a bot fails for it. */
  async reportUnusable(): Promise<void> {
    const names = (await this.#store.all()).filter(kept => this.#open(kept) === null).map(({ name }) => name)
    if (names.length === 0) return
    this.#logger.warn(
      { secrets: names },
      'some secrets were kept with another SECRET_KEY and cannot be used: start with that key, or give each its value again'
    )
  }

  /** By name. */
  async list(): Promise<Secret[]> {
    const [kept, users] = await Promise.all([this.#store.all(), this.#store.users()])
    return kept.filter(({ name }) => !isOwned(name)).map(one => this.#shown(one, users))
  }

  /**
   * Makes a secret, or gives one another value. What runs goes on with what it was launched with.
   * @throws AppError `invalid_request`
   */
  async put(
    name: string,
    { value, description }: { value: string; description?: string },
    actor: Actor
  ): Promise<{ made: boolean; secret: Secret }> {
    const errors = secretProblems(name, value)
    if (errors.length > 0) throw new AppError('invalid_request', 'The secret cannot be kept: see errors.', { errors })
    const sealed = this.#seal.seal(value, contextOf(name))
    const { made, kept } = await this.#store.put({ name, sealed, description, now: Date.now() }, made => ({
      actor,
      action: made ? 'secret.created' : 'secret.changed',
      subject: subjectOf(name),
      ...(description !== undefined && { after: { description } })
    }))
    this.#announce([name])
    return { made, secret: this.#shown(kept, await this.#store.users()) }
  }

  /** @throws AppError `not_found`; `secret_in_use` while a bot names it, be it saved or only tried. */
  async delete(name: string, actor: Actor): Promise<void> {
    const change = { actor, action: 'secret.deleted', subject: subjectOf(name) } as const
    if (isOwned(name)) throw new AppError('not_found', `There is no secret "${name}".`)
    const { deleted, users } = await this.#store.delete(name, change)
    if (users.length > 0) {
      const bots = users.map(user => (user.tried ? `${user.name} (a trial that has not ended)` : user.name))
      throw new AppError('secret_in_use', `${name} is given to ${bots.join(', ')}. Take it from there, then delete it.`)
    }
    if (!deleted) throw new AppError('not_found', `There is no secret "${name}".`)
    this.#markedAt.delete(name)
    this.#announce([name])
  }

  /** A value as what it belongs to keeps it, with `keepOwned`. */
  sealOwned(name: OwnedName, value: string): Buffer {
    return this.#seal.seal(value, contextOf(name))
  }

  /** The value that belongs to something; null when there is none, or none that this SECRET_KEY opens. */
  async owned(name: OwnedName): Promise<string | null> {
    const [kept] = await this.#store.some([name])
    return kept ? this.#open(kept) : null
  }

  /** Which of these names no secret has. */
  async missing(names: string[]): Promise<string[]> {
    if (names.length === 0) return []
    const there = new Set((await this.#store.some(names)).map(({ name }) => name))
    return names.filter(name => !there.has(name))
  }

  /** The values as they are now, by name. @throws Error that says which cannot be had, and what to do. */
  async valuesFor(names: string[]): Promise<Record<string, string>> {
    if (names.length === 0) return {}
    const kept = new Map((await this.#store.some(names)).map(one => [one.name, one]))
    const missing = names.filter(name => !kept.has(name))
    if (missing.length > 0) {
      throw new Error(
        `the bot names ${missing.join(', ')}, but there is no such secret. Add it, or take it from the bot.`
      )
    }
    const values = names.map(name => [name, this.#open(kept.get(name)!)] as const)
    const unusable = values.filter(([, value]) => value === null).map(([name]) => name)
    if (unusable.length > 0) {
      throw new Error(
        `another SECRET_KEY is needed to open ${unusable.join(', ')}. Start the server with the one of then, or put the value in again.`
      )
    }
    return Object.fromEntries(values as [string, string][])
  }

  /** Notes that bots are launched with these, at most once a minute for each. Nobody waits for it. */
  markUsed(names: string[]): void {
    const now = performance.now()
    const due = names.filter(name => now - (this.#markedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= MARK_EVERY_MS)
    if (due.length === 0) return
    for (const name of due) this.#markedAt.set(name, now)
    this.#store.setLastUsed(due, Date.now()).then(
      () => this.#announce(due),
      error => this.#logger.warn({ err: error, secrets: due }, 'when secrets were used could not be kept')
    )
  }

  #shown(kept: StoredSecret, users: SecretUser[]): Secret {
    const { sealed: _, ...secret } = kept
    const usedBy = users
      .filter(user => !user.tried && user.secrets.includes(kept.name))
      .map(({ id, slug, name }) => ({ id, slug, name }))
    return { ...secret, usable: this.#open(kept) !== null, usedBy }
  }

  /** Null when it was sealed with another key, or is damaged. */
  #open({ name, sealed }: Pick<StoredSecret, 'name' | 'sealed'>): string | null {
    try {
      return this.#seal.unseal(sealed, contextOf(name)).toString()
    } catch (error) {
      if (error instanceof SealError) return null // whoever asks says so
      throw error
    }
  }

  #announce(names: string[]): void {
    this.#events.publish({ topics: ['secrets'], type: 'secrets.changed', data: { names } })
  }
}

function subjectOf(name: string): { type: 'secret'; id: string; name: string } {
  return { type: 'secret', id: name, name }
}

/** The value of one secret cannot be passed off as another's. */
const contextOf = (name: string): string => `secret:${name}`
