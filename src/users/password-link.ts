import { hashToken, randomToken } from './random-token.ts'
import type { PasswordLink } from './store.ts'
import type { User } from './user.ts'

/** Somebody who has been invited may be on holiday; who has lost his password waits for the link. */
const INVITATION_MS = 7 * 24 * 3_600_000
const RESET_MS = 24 * 3_600_000

/** A link by which a user chooses his password: what he is given, and what is kept of it. */
export function newLink(user: Pick<User, 'id' | 'hasPassword'>): { token: string; kept: PasswordLink } {
  const token = randomToken()
  const now = Date.now()
  const expiresAt = now + (user.hasPassword ? RESET_MS : INVITATION_MS)
  return { token, kept: { tokenHash: hashToken(token), userId: user.id, createdAt: now, expiresAt } }
}

/** Where the page that takes a link stands; the token behind the # stays in the browser. */
export const linkAt = (server: string, token: string): string => `${server}/choose-password#${token}`
