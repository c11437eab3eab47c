import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { newId } from '../ids.ts'
import { hashPassword } from './passwords.ts'
import type { UserStore } from './store.ts'
import { normalEmail, type User } from './user.ts'

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

  /** Makes the administrator. @throws AppError `already_set_up`, `invalid_setup_token` */
  async claim(token: string, email: string, password: string): Promise<User> {
    if (await this.#store.anyExists()) throw alreadySetUp()
    const expected = this.#read()
    if (!expected || !equal(token, expected)) {
      if (await this.#store.anyExists()) throw alreadySetUp() // somebody was faster, this very moment
      throw new AppError(
        'invalid_setup_token',
        'That is not the setup token. The server printed it at its first start and keeps it in DATA_DIR/setup-token.'
      )
    }
    const user = await this.#insert(email, password)
    if (!user) throw alreadySetUp()
    return user
  }

  /** Makes the administrator named in the settings, while there is none. True when it did. */
  async fromSettings(admin: { email: string; password: string }): Promise<boolean> {
    if (await this.#store.anyExists()) return false
    return (await this.#insert(admin.email, admin.password)) !== null
  }

  async #insert(email: string, password: string): Promise<User | null> {
    const user: User = { id: newId(), email: normalEmail(email), role: 'admin', createdAt: Date.now() }
    const made = await this.#store.insertFirst(user, await hashPassword(password))
    if (made) rmSync(this.#file, { force: true })
    return made ? user : null
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
