import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import type { Test } from 'tap'
import { rounds } from './soak.ts'

/** How fast-check runs a property. The seed is printed; `SEED` repeats a run. */
export function seeded(t: Test): { seed: number; numRuns: number } {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
  t.comment(`SEED=${seed}`)
  return { seed, numRuns: rounds(500, 10_000) }
}

const character = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff })
  )
  .map(code => String.fromCodePoint(code))

/** Any text that UTF-8 can say. fast-check has that too, `unit: 'binary'`, and makes tables for it that take two seconds. */
export const unicodeText = (length: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ unit: character, ...length })
