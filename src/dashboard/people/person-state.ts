import type { Person } from '../api/types.ts'
import { shortTime } from '../lib/time.ts'

export interface PersonState {
  kind: 'active' | 'invited' | 'lapsed' | 'disabled'
  word: string
}

/** How somebody stands with the server at a time. */
export function stateOf({ disabledAt, hasPassword, signedInAt, linkExpiresAt }: Person, now: number): PersonState {
  if (disabledAt !== null) return { kind: 'disabled', word: 'Disabled' }
  if (hasPassword || signedInAt !== null) return { kind: 'active', word: 'Active' }
  if (linkExpiresAt !== null && linkExpiresAt > now) {
    return { kind: 'invited', word: `Invited until ${shortTime(linkExpiresAt)}` }
  }
  return { kind: 'lapsed', word: 'Invitation has run out' }
}
