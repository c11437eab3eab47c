import { createHash, randomBytes } from 'node:crypto'

/** 256 bits: nobody guesses it, so a plain hash keeps it safely. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** As which such a token is kept: SHA-256, hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
