import { randomInt } from 'node:crypto'
import type { Test } from 'tap'

/** How fast-check runs a property. The seed is printed; `TEST_SEED` repeats a run. */
export function seeded(t: Test): { seed: number; numRuns: number } {
  const seed = Number(process.env.TEST_SEED ?? randomInt(2 ** 31))
  t.comment(`TEST_SEED=${seed}`)
  return { seed, numRuns: 500 }
}
