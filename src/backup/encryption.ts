/** age, with a passphrase: `age -d` opens what is made here. Loaded at its first use. */

/** What its files begin with. */
export const AGE_HEADER = 'age-encryption.org/v1\n'

/**
 * The memory that it takes to try a passphrase once is 2^16 KiB, a quarter of what age takes by itself: a backup is also made on
 * machines with half a gigabyte. Passphrases have 12 characters at least.
 */
const SCRYPT_WORK_FACTOR = 16

type Bytes = AsyncIterable<Uint8Array>

/** A step of a pipeline. */
export function encrypting(passphrase: string): (source: Bytes) => Bytes {
  return async function* (source) {
    const { Encrypter } = await import('age-encryption')
    const age = new Encrypter()
    age.setScryptWorkFactor(SCRYPT_WORK_FACTOR)
    age.setPassphrase(passphrase)
    yield* await age.encrypt(ReadableStream.from(source))
  }
}

/** The way back. Fails for another passphrase, and for what is damaged or cut short. */
export function decrypting(passphrase: string): (source: Bytes) => Bytes {
  return async function* (source) {
    const { Decrypter } = await import('age-encryption')
    const age = new Decrypter()
    age.addPassphrase(passphrase)
    yield* await age.decrypt(ReadableStream.from(source))
  }
}
