import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { SPARE_BYTES } from '../../src/logs/spare-buffer.ts'
import { textsIn } from '../../src/logs/texts-in.ts'
import { scratchFolder } from '../support/logs.ts'
import { seeded } from '../support/properties.ts'

const HOUR_MS = 3_600_000

/** Looks for texts in a file of these bytes. */
async function find(t: Test, bytes: Uint8Array, texts: string[], length = bytes.length): Promise<string[]> {
  const file = join(scratchFolder(t), 'log')
  writeFileSync(file, bytes)
  const fd = openSync(file, 'r')
  try {
    return [...(await textsIn(fd, length, texts, HOUR_MS))].sort()
  } finally {
    closeSync(fd)
  }
}

t.test('each of several texts is found, wherever it begins and ends', async t => {
  const log = Buffer.from('one\r\n\u001b[32mtwo\u001b[0m\nthree ü 😀\n')
  t.same(await find(t, log, ['one', 'two', 'ü 😀\n', 'o', 'four', 'One']), ['o', 'one', 'two', 'ü 😀\n'])
  t.same(await find(t, log, ['one\n']), [], 'a line’s end is where the bot put it')
  t.same(await find(t, log, ['two\u001b[0m\nthree']), ['two\u001b[0m\nthree'], 'across lines')
  t.same(await find(t, log, [log.toString()]), [log.toString()], 'all of it')
  t.same(await find(t, log, [`${log}x`]), [], 'more than all of it')
  t.same(await find(t, Buffer.alloc(0), ['a']), [], 'in nothing')
  t.same(await find(t, log, ['three'], log.indexOf('ee')), [], 'up to where it is looked for')
})

t.test('a text is found across the borders of what is read at a time', async t => {
  const filler = randomBytes(3 * SPARE_BYTES).map(byte => byte & 0x7f)
  const place = fc.oneof(
    fc.integer({ min: 0, max: filler.length }),
    // The second piece begins a text's length further on than a multiple.
    fc.integer({ min: SPARE_BYTES - 4200, max: SPARE_BYTES + 4200 }),
    fc.integer({ min: 2 * SPARE_BYTES - 8400, max: 2 * SPARE_BYTES + 4200 })
  )
  const length = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1000 }))
  await fc.assert(
    fc.asyncProperty(place, length, length, async (place, length, other) => {
      const text = '€'.repeat(length)
      const log = Buffer.concat([filler.subarray(0, place), Buffer.from(text), filler.subarray(place)])
      const missing = `${'€'.repeat(other)}ü`
      return isDeepStrictEqual(await find(t, log, [missing, text]), [text])
    }),
    { ...seeded(t), numRuns: 60 }
  )
})

t.test('others have the thread while a text is looked for that is hard to tell from the log', async t => {
  const hard = `${'a'.repeat(500)}b${'a'.repeat(499)}`
  let turns = 0
  const count = () => {
    turns++
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  t.same(await find(t, Buffer.alloc(2 ** 20, 'a'), [hard]), [])
  clearImmediate(counting)
  // Two reads alone would be a handful.
  t.ok(turns > 10, `${turns} turns`)
})

t.test('a search that would take too long gives up, and so does one of a file that was cut short', async t => {
  const file = join(scratchFolder(t), 'log')
  writeFileSync(file, Buffer.alloc(2 ** 20, 'a'))
  const fd = openSync(file, 'r')
  t.teardown(() => closeSync(fd))
  const hard = `${'a'.repeat(500)}b${'a'.repeat(499)}`
  await t.rejects(textsIn(fd, 2 ** 20, [hard], 0), { message: 'it took too long' })
  await t.rejects(textsIn(fd, 2 ** 20 + 1, ['b'], HOUR_MS), { message: 'it was cut short meanwhile' })
})
