import { randomBytes } from 'node:crypto'
import type { Actor } from '../audit/audit.ts'
import { AppError } from '../lib/errors.ts'
import { type Seal, SealError } from '../secrets/seal.ts'
import { hashToken } from './random-token.ts'
import type { SecondFactorStore } from './second-factor-store.ts'
import type { User } from './user.ts'

/** What every authenticator app takes (RFC 6238 with its defaults): few of them understand others. */
const KIND = { issuer: 'Botyard', algorithm: 'SHA1', digits: 6, period: 30 } as const

/** RFC 4226 wants 160 bits. */
const KEY_BYTES = 20

/** A code of the step before or after is taken, too: clocks differ, and typing takes time. */
const WINDOW = 1

const RECOVERY_CODES = 10
/** 80 bits: nobody guesses them, so a plain hash keeps them safely. */
const RECOVERY_BYTES = 10

/** A code of the app, or one for who has lost it. */
export type CodeKind = 'totp' | 'recovery'

/** Loaded by those who use it. */
const otpauth = () => import('otpauth')

/** A second proof besides the password: a time-based one-time code of an app, or a recovery code, each good once. */
export class SecondFactor {
  readonly #store: SecondFactorStore
  readonly #seal: Seal

  constructor(store: SecondFactorStore, seal: Seal) {
    this.#store = store
    this.#seal = seal
  }

  /** Makes a key, which counts once {@link confirm} has seen a code of it. @throws AppError `second_factor_exists` */
  async begin(user: User): Promise<{ key: string; uri: string }> {
    if (user.twoFactor) throw exists()
    const { Secret, TOTP } = await otpauth()
    const secret = new Secret({ size: KEY_BYTES })
    const sealed = this.#seal.seal(Buffer.from(secret.bytes), contextOf(user.id))
    if (!(await this.#store.setKey(user.id, sealed))) throw exists()
    const totp = new TOTP({ ...KIND, label: user.email, secret })
    return { key: secret.base32, uri: totp.toString() }
  }

  /** At the start: keys that were kept with the SECRET_KEY before this one are kept with this one from now on. */
  async renew(): Promise<void> {
    for (const { userId, sealed } of await this.#store.keys()) {
      try {
        const renewed = this.#seal.renewed(sealed, contextOf(userId))
        if (renewed) await this.#store.renewKey(userId, sealed, renewed)
      } catch (error) {
        if (!(error instanceof SealError)) throw error // whoever signs in with it is told
      }
    }
  }

  /**
   * From now on a sign-in takes a code. Answers the recovery codes, which are shown once.
   * @throws AppError `invalid_second_factor`, `second_factor_exists`
   */
  async confirm(user: User, code: string, actor: Actor): Promise<string[]> {
    const sealed = await this.#store.unconfirmedKey(user.id)
    const step = sealed && (await this.#stepOf(user.id, sealed, code))
    if (user.twoFactor) throw exists()
    if (step === null) {
      throw new AppError('invalid_second_factor', 'The code is wrong. Check that the clock of your device is right.')
    }
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
    await this.#store.confirm(
      user.id,
      { step, now: Date.now(), codeHashes: codes.map(text => hashToken(bare(text))) },
      { actor, action: 'user.totp_enabled', subject: { type: 'user', id: user.id, name: user.email } }
    )
    return codes
  }

  /** A sign-in takes no code any more. */
  async remove(user: User, actor: Actor): Promise<void> {
    await this.#store.remove(user.id, {
      actor,
      action: 'user.totp_disabled',
      subject: { type: 'user', id: user.id, name: user.email }
    })
  }

  /** Which kind of code it is, which is used up by that; null when it is wrong. */
  async take(userId: string, sealed: Buffer, code: string): Promise<CodeKind | null> {
    if (isRecoveryCode(code)) {
      return (await this.#store.useRecoveryCode(userId, hashToken(bare(code)))) ? 'recovery' : null
    }
    const step = await this.#stepOf(userId, sealed, code.trim())
    return step !== null && (await this.#store.useStep(userId, step)) ? 'totp' : null
  }

  #unsealed(userId: string, sealed: Buffer): Buffer {
    try {
      return this.#seal.unseal(sealed, contextOf(userId))
    } catch (error) {
      if (!(error instanceof SealError)) throw error
      throw new AppError(
        'unavailable',
        'Your second factor was kept with another SECRET_KEY. Use a recovery code, or ask an administrator to remove it.'
      )
    }
  }

  /** The time step whose code this is; null when it is of none of now. */
  async #stepOf(userId: string, sealed: Buffer, code: string): Promise<number | null> {
    const { Secret, TOTP } = await otpauth()
    const bytes = this.#unsealed(userId, sealed)
    const totp = new TOTP({ ...KIND, secret: new Secret({ buffer: new Uint8Array(bytes).buffer }) })
    const timestamp = Date.now()
    const delta = totp.validate({ token: code.trim(), timestamp, window: WINDOW })
    return delta === null ? null : totp.counter({ timestamp }) + delta
  }
}

/** Whether something is no code of an app, and so may be one of those. */
export const isRecoveryCode = (code: string): boolean => !/^\d{6}$/.test(code.trim())

/** Four groups of four of letters and digits that are not mistaken for one another (Crockford's base 32). */
function newRecoveryCode(): string {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz'
  let bits = BigInt(`0x${randomBytes(RECOVERY_BYTES).toString('hex')}`)
  let text = ''
  for (let n = 0; n < (RECOVERY_BYTES * 8) / 5; n++, bits >>= 5n) text += digits[Number(bits & 31n)]
  return text.replace(/.{4}(?=.)/g, '$&-')
}

const bare = (code: string): string => code.toLowerCase().replace(/[\s-]/g, '')

/** One user's key cannot be passed off as another's. */
const contextOf = (userId: string): string => `totp:${userId}`

function exists(): AppError {
  return new AppError('second_factor_exists', 'There is a second factor already. Remove it, then add another.')
}
