import type { Static } from 'typebox'
import type * as schemas from './schemas.ts'

/** Somebody who can sign in, as the API shows him. */
export type User = Static<typeof schemas.User>
export type Role = User['role']

/** What a route asks of whoever calls it; each role may do what those before it may. */
export type Access = 'open' | Role

export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies Role[]

const RANKS: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 }

export function mayAccess(role: Role, access: Role): boolean {
  return RANKS[role] >= RANKS[access]
}

/** What of two roles both may do. */
export function lesserRole(one: Role, other: Role): Role {
  return mayAccess(one, other) ? other : one
}

/** Two spellings of one address are one account. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase()
}
