import { randomInt } from 'node:crypto'
import type { Test } from 'tap'
import { rounds } from './soak.ts'

/** How fast-check runs a property. The seed is printed; `SEED` repeats a run. */
export function seeded(t: Test): { seed: number; numRuns: number } {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
  t.comment(`SEED=${seed}`)
  return { seed, numRuns: rounds(500, 10_000) }
}
