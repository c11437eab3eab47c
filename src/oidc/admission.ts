import type { ProviderProblem } from '../dashboard/entry/provider-problems.ts'
import { normalEmail, type User } from '../users/user.ts'
import { isMicrosoft, type NewUsers } from './settings.ts'

/** Somebody as the provider vouches for him. `subject` is his for ever, among those of the issuer. */
export interface ProviderIdentity {
  issuer: string
  subject: string
  /** What else it says of him: claims about his address. */
  claims: Record<string, unknown>
}

/**
 * The address that is surely his, spelled as accounts' are; null when the provider does not say that one is. Whoever may
 * write an address into his own profile could otherwise take over the account of whoever has it.
 */
export function verifiedAddress({ issuer, claims }: ProviderIdentity): string | null {
  const { email } = claims
  if (typeof email !== 'string' || email.length > 254 || !/^[^@\s]+@[^@\s]+$/.test(email)) return null
  const address = normalEmail(email)
  return isVerified(issuer, address, claims) ? address : null
}

function isVerified(issuer: string, address: string, claims: Record<string, unknown>): boolean {
  // Microsoft sends no `email_verified`. Its `xms_edov` says that the domain's owner has proved that it is his.
  if (isMicrosoft(issuer) && [true, 1, '1', 'true'].includes(claims.xms_edov as never)) return true
  if (claims.email_verified !== true) return false
  // Of an address that is not Google's own it says that it was verified once; `hd`, that its owner has Google keep it now.
  if (new URL(issuer).host === 'accounts.google.com')
    return /@(gmail|googlemail)\.com$/.test(address) || typeof claims.hd === 'string'
  return true
}

/** What becomes of somebody whom the provider knows, and we by his address at most. */
export type Admission =
  | { kind: 'link' }
  | { kind: 'make'; role: NewUsers['role'] }
  | { kind: 'refused'; problem: ProviderProblem }

/** `account` is that of the verified address; `linked`, whether somebody of the provider's signs in to it already. */
export function admit(
  address: string,
  account: { user: User; linked: boolean } | null,
  newUsers: NewUsers | null
): Admission {
  if (!account) {
    const domain = address.slice(address.lastIndexOf('@') + 1)
    if (newUsers?.domains.includes(domain)) return { kind: 'make', role: newUsers.role }
    return { kind: 'refused', problem: 'no_account' }
  }
  const { user, linked } = account
  if (user.disabledAt !== null) return { kind: 'refused', problem: 'account_disabled' }
  // Addresses are given to others in time; who has it now is not who had it.
  if (linked) return { kind: 'refused', problem: 'other_identity' }
  // A provider's word on an address alone makes nobody an administrator, and does not get round a second factor.
  if (user.role === 'admin' || user.twoFactor) return { kind: 'refused', problem: 'connect_first' }
  return { kind: 'link' }
}
