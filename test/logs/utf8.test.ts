import fc from 'fast-check'
import t from 'tap'
import { completeLength, stepsBackToStart } from '../../src/logs/utf8.ts'
import { seeded, unicodeText } from '../support/properties.ts'

const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

/** Where the rules of UTF-8 change: bytes on both sides of every border in table 3-7 of the Unicode standard. */
const BORDERS = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
]

/** That table as a pattern, over bytes read as latin1: what is a whole sequence of more than one byte. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|\xed[\x80-\x9f]|[\xe1-\xec\xee\xef][\x80-\xbf])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|\xf4[\x80-\x8f]|[\xf1-\xf3][\x80-\xbf])[\x80-\xbf]{2}/g

const text = unicodeText({ maxLength: 20 }).map(text => new TextEncoder().encode(text))
const border = fc.constantFrom(...BORDERS)
const bytes = fc
  .array(fc.oneof(text, fc.array(border, { maxLength: 8 }), fc.uint8Array({ maxLength: 8 })), { maxLength: 6 })
  .map(parts => Buffer.concat(parts.map(part => Uint8Array.from(part))))

/** The bytes in pieces, as a reader would be sent them who is told of more at each of `cuts`. */
function pieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const found: Buffer[] = []
  let from = 0
  for (const cut of cuts) {
    const end = from + completeLength(bytes.subarray(from, cut))
    found.push(bytes.subarray(from, end))
    from = end
  }
  return [...found, bytes.subarray(from)]
}

/** As a reader of a log asks: it sees three bytes to either side. */
function snap(bytes: Buffer, offset: number): number {
  const start = Math.max(0, offset - 3)
  return offset - stepsBackToStart(bytes.subarray(start, start + 7), offset - start)
}

t.test('text cut at any places reads as the whole does, whatever the bytes are', async t => {
  const cutBytes = bytes.chain(bytes =>
    fc.tuple(
      fc.constant(bytes),
      fc.array(fc.nat(bytes.length), { maxLength: 8 }).map(cuts => cuts.sort((a, b) => a - b))
    )
  )
  fc.assert(
    fc.property(cutBytes, ([bytes, cuts]) => {
      const joined = pieces(
        bytes,
        cuts.filter((cut, i) => i === 0 || cut > cuts[i - 1]!).filter(cut => cut > 0)
      )
      return joined.map(piece => piece.toString('utf8')).join('') === decode(bytes)
    }),
    seeded(t)
  )
})

t.test('every four bytes that UTF-8 has a rule for may be cut anywhere', async t => {
  const wrong: string[] = []
  for (const a of BORDERS)
    for (const b of BORDERS)
      for (const c of BORDERS)
        for (const d of BORDERS) {
          const bytes = Buffer.from([a, b, c, d])
          const whole = bytes.toString('utf8')
          for (let cut = 1; cut < 4; cut++) {
            const joined = pieces(bytes, [cut]).map(piece => piece.toString('utf8'))
            if (joined.join('') !== whole) wrong.push(`${bytes.toString('hex')} at ${cut}`)
          }
        }
  t.same(wrong, [])
})

t.test('only what may become a character is held back', async t => {
  fc.assert(
    fc.property(bytes, bytes => {
      const heldBack = bytes.subarray(completeLength(bytes))
      // Some rest makes it a character: any byte of those on the borders, and then the least.
      const rests = BORDERS.map(next => Buffer.from([next, 0x80, 0x80]))
      const becomes = rests.some(rest => {
        const [first] = Buffer.concat([heldBack, rest]).toString('latin1').match(SEQUENCE) ?? []
        return (
          first !== undefined && first.length > heldBack.length && Buffer.from(first, 'latin1').indexOf(heldBack) === 0
        )
      })
      return heldBack.length === 0 || becomes
    }),
    seeded(t)
  )
  for (const whole of ['', 'a', 'é', '€', '😀', '\ufeff'])
    t.equal(completeLength(Buffer.from(whole)), Buffer.byteLength(whole))
})

t.test('a place in a log is moved to the beginning of the character it lies within, and no other is moved', async t => {
  const place = bytes.chain(bytes => fc.tuple(fc.constant(bytes), fc.nat(bytes.length)))
  fc.assert(
    fc.property(place, ([bytes, offset]) => {
      const around = [...bytes.toString('latin1').matchAll(SEQUENCE)].find(
        sequence => sequence.index < offset && offset < sequence.index + sequence[0].length
      )
      return snap(bytes, offset) === (around ? around.index : offset)
    }),
    { ...seeded(t), numRuns: 2000 }
  )
})

t.test('a place at which text was cut stays where it is, whatever comes after it', async t => {
  const place = bytes.chain(bytes => fc.tuple(fc.constant(bytes), fc.nat(bytes.length)))
  fc.assert(
    fc.property(place, ([bytes, cut]) => {
      const end = completeLength(bytes.subarray(0, cut))
      return snap(bytes, end) === end
    }),
    { ...seeded(t), numRuns: 2000 }
  )
})
