import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { Seal, SealError } from '../../src/secrets/seal.ts'
import { seeded } from '../support/properties.ts'

const key = Buffer.alloc(32, 7)

t.test('whatever is sealed comes back, bytes or text, and does not show', async t => {
  const seal = new Seal(key)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, context) => {
      const plain = Buffer.from(bytes)
      const sealed = seal.seal(plain, context)
      t.ok(plain.length < 6 || !sealed.includes(plain))
      t.ok(seal.unseal(sealed, context).equals(plain))
    }),
    seeded(t)
  )
  t.equal(seal.unseal(seal.seal('schön, 密', 'a'), 'a').toString(), 'schön, 密')
})

t.test('another server with the same key opens it', async t => {
  const sealed = new Seal(key).seal('hunter22', 'a')
  t.equal(new Seal(Buffer.from(key)).unseal(sealed, 'a').toString(), 'hunter22')
})

t.test('the same value never looks the same twice', async t => {
  const seal = new Seal(key)
  t.notOk(seal.seal('hunter22', 'a').equals(seal.seal('hunter22', 'a')))
})

t.test('it does not open with another key or for another purpose', async t => {
  const sealed = new Seal(key).seal('hunter22', 'attempt:1')
  t.throws(() => new Seal(randomBytes(32)).unseal(sealed, 'attempt:1'), SealError)
  t.throws(() => new Seal(key).unseal(sealed, 'attempt:2'), SealError)
})

t.test('it does not open when any one bit of it has changed, or any part of it is missing', async t => {
  const seal = new Seal(key)
  const sealed = seal.seal('hunter22', 'a')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const damaged = Buffer.from(sealed)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    t.throws(() => seal.unseal(damaged, 'a'), SealError, `bit ${bit}`)
  }
  for (let length = 0; length < sealed.length; length++) {
    t.throws(() => seal.unseal(sealed.subarray(0, length), 'a'), SealError, `${length} bytes`)
  }
})

t.test('what cannot be opened does not show in the error', async t => {
  const sealed = new Seal(key).seal('hunter22', 'a')
  try {
    new Seal(randomBytes(32)).unseal(sealed, 'a')
    t.fail('it opened')
  } catch (error) {
    t.notMatch(String((error as Error).stack), /hunter22/)
  }
})

t.test('a key of another length is refused', async t => {
  t.throws(() => new Seal(Buffer.alloc(31)), RangeError)
})
