import type { Kind } from './kind.ts'

/** Whoever knows the address is believed. */
export const none: Kind = {
  secretProblem: () => 'is not needed: nothing is verified',
  verify: () => ({ ok: true, key: null }),
  secretHeaders: () => []
}
