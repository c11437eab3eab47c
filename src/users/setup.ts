import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Actor, SERVER } from '../audit/audit.ts'
import { AppError, StartError } from '../lib/errors.ts'
import { passwordProblem, refuseGuessable } from './password-rule.ts'
import { hashPassword } from './passwords.ts'
import { factsOf, newUser, subjectOf } from './people.ts'
import type { Account, UserStore } from './store.ts'
import type { User } from './user.ts'

/** The way in while nobody has an account: a one-time token, known only to who can read the server's output or its files. */
export class Setup {
  readonly #store: UserStore
  readonly #file: string

  constructor(store: UserStore, dataDir: string) {
    this.#store = store
    this.#file = join(dataDir, 'setup-token')
  }

  /** The token, made when there is none yet; null once somebody has an account. */
  async token(): Promise<string | null> {
    if (await this.#store.anyExists()) {
      rmSync(this.#file, { force: true })
      return null
    }
    const kept = this.#read()
    if (kept) return kept
    const token = randomBytes(24).toString('base64url')
    writeFileSync(this.#file, `${token}\n`, { mode: 0o600 })
    return token
  }

  /** Makes the administrator. @throws AppError `already_set_up`, `invalid_setup_token`, `invalid_request` for an easily guessed password */
  async claim(token: string, email: string, password: string, address: string): Promise<Account> {
    if (await this.#store.anyExists()) throw alreadySetUp()
    const expected = this.#read()
    if (!expected || !equal(token, expected)) {
      if (await this.#store.anyExists()) throw alreadySetUp() // somebody was faster, this very moment
      throw new AppError(
        'invalid_setup_token',
        'That is not the setup token. The server printed it at its first start and keeps it in DATA_DIR/setup-token.'
      )
    }
    refuseGuessable(password, email, '/password')
    const account = await this.#insert(email, password, address)
    if (!account) throw alreadySetUp()
    return account
  }

  /**
   * Makes the administrator named in the settings, while there is none. True when it did.
   * @throws StartError when the password is easily guessed
   */
  async fromSettings(admin: { email: string; password: string }): Promise<boolean> {
    if (await this.#store.anyExists()) return false
    const problem = passwordProblem(admin.password, admin.email)
    if (problem) throw new StartError(`ADMIN_PASSWORD ${problem}. Set another, such as a few words.`)
    return (await this.#insert(admin.email, admin.password, null)) !== null
  }

  async #insert(email: string, password: string, address: string | null): Promise<Account | null> {
    const user: User = { ...newUser(email, 'admin'), hasPassword: true }
    const actor: Actor = address === null ? SERVER : { kind: 'user', id: user.id, name: user.email, address }
    const change = { actor, action: 'user.created', subject: subjectOf(user), after: factsOf(user) } as const
    const passwordHash = await hashPassword(password)
    const made = await this.#store.insertFirst(user, passwordHash, change)
    if (made) rmSync(this.#file, { force: true })
    return made ? { user, passwordHash, totpSealed: null } : null
  }

  #read(): string | null {
    try {
      return readFileSync(this.#file, 'utf8').trim() || null
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }
}

function alreadySetUp(): AppError {
  return new AppError('already_set_up', 'There is an administrator already. Sign in instead.')
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
