import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Masks } from '../../src/logs/masks.ts'
import { Seal, SealError } from '../../src/secrets/seal.ts'
import { TEST_SEAL } from '../support/live-log.ts'

t.test('values that were kept are there for the next server, and nobody can read them in the file', async t => {
  const folder = t.testdir({})
  const masks = new Masks(folder, 'attempt-1', TEST_SEAL)
  t.same([masks.areKept(), await masks.load()], [false, []])
  await masks.keep(['hunter22', 'zwei\nZeilen, schön'])
  await masks.keep(['hunter22', 'zwei\nZeilen, schön', 'swordfish'])
  const next = new Masks(folder, 'attempt-1', TEST_SEAL)
  t.ok(next.areKept())
  t.same(await next.load(), ['hunter22', 'zwei\nZeilen, schön', 'swordfish'])

  t.same(readdirSync(folder), ['masks'])
  const file = join(folder, 'masks')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notMatch(readFileSync(file, 'latin1'), /hunter|sword|Zeilen/)
  await next.remove()
  t.same(readdirSync(folder), [])
  await next.remove()
})

t.test('masks of another attempt, or of another key, are not taken', async t => {
  const folder = t.testdir({})
  await new Masks(folder, 'attempt-1', TEST_SEAL).keep(['hunter22'])
  await t.rejects(new Masks(folder, 'attempt-2', TEST_SEAL).load(), SealError)
  await t.rejects(new Masks(folder, 'attempt-1', new Seal(Buffer.alloc(32, 8))).load(), SealError)
  writeFileSync(join(folder, 'masks'), '')
  await t.rejects(new Masks(folder, 'attempt-1', TEST_SEAL).load(), SealError, 'damaged')
})

t.test('what a server was writing when it died is not taken', async t => {
  const folder = t.testdir({})
  const masks = new Masks(folder, 'attempt-1', TEST_SEAL)
  await masks.keep(['hunter22'])
  writeFileSync(join(folder, 'masks.new'), 'half of it')
  t.same(await masks.load(), ['hunter22'])
  await masks.keep(['swordfish'])
  t.same(await masks.load(), ['swordfish'])
})
