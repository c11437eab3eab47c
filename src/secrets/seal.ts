import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES

/** What was sealed cannot be opened: under another key, for another context, or damaged since. Nobody can tell which. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

/**
 * Keeps values so that only who has the key can read them, and nobody can change them unnoticed: AES-256-GCM with a random
 * nonce each time, enough for four thousand million values under one key (NIST SP 800-38D, section 8.3).
 *
 * What is sealed is a version byte, the nonce, the ciphertext and the tag. `context` says what the value is for, and is not
 * kept with it: what was sealed for one purpose does not open for another, so that nobody can exchange two of them.
 */
export class Seal {
  readonly #key: Buffer
  readonly #previous: Buffer | null

  /** Keys have 32 bytes. What was sealed with `previous` can be opened, too; nothing is sealed with it. */
  constructor(key: Buffer, previous: Buffer | null = null) {
    for (const { length } of previous ? [key, previous] : [key]) {
      if (length !== 32) throw new RangeError(`A key of 32 bytes is needed, not of ${length}.`)
    }
    this.#key = key
    this.#previous = previous
  }

  seal(plain: Buffer | string, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(context))
    const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws SealError */
  unseal(sealed: Buffer, context: string): Buffer {
    if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) {
      throw new SealError('This was not sealed by this version of Botyard, or is damaged.')
    }
    for (const key of [this.#key, this.#previous]) {
      const plain = key && opened(key, sealed, context)
      if (plain) return plain
    }
    throw new SealError('This was sealed with another SECRET_KEY or for something else, or is damaged.')
  }

  /** What was sealed with the previous key, sealed with this one; null when it is already. @throws SealError */
  renewed(sealed: Buffer, context: string): Buffer | null {
    return opened(this.#key, sealed, context) ? null : this.seal(this.unseal(sealed, context), context)
  }
}

/** Null when it was sealed with another key or for something else, or is damaged. */
function opened(key: Buffer, sealed: Buffer, context: string): Buffer | null {
  if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) return null
  const nonce = sealed.subarray(1, HEAD_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return null
  }
}
