import { randomBytes } from 'node:crypto'

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Loaded at the first sign-in: most of a server's life passes without one. */
const argon2 = () => import('@node-rs/argon2')

/** A PHC string of argon2id. */
export async function hashPassword(password: string): Promise<string> {
  return (await argon2()).hash(password, options)
}

/** Takes as long for an account that does not exist or has no password (`hash` empty) as for one that has. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  nobodysHash ??= hashPassword(randomBytes(16).toString('hex'))
  const matches = await (await argon2()).verify(hash || (await nobodysHash), password)
  return matches && hash !== ''
}

let nobodysHash: Promise<string> | undefined
