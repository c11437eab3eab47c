import fc from 'fast-check'
import t from 'tap'
import { formatCursor, parseCursor } from '../../src/logs/log.ts'
import { seeded } from '../support/properties.ts'

t.test('a cursor is an attempt and an offset', async t => {
  t.same(parseCursor('1:0'), { attempt: 1, offset: 0 })
  t.same(parseCursor('12:4096'), { attempt: 12, offset: 4096 })
  t.same(parseCursor('999999:999999999999999'), { attempt: 999_999, offset: 999_999_999_999_999 })
})

t.test('a cursor that was written is read as what it was', async t => {
  const cursor = fc.record({
    attempt: fc.integer({ min: 1, max: 999_999 }),
    offset: fc.integer({ min: 0, max: 999_999_999_999_999 })
  })
  fc.assert(
    fc.property(cursor, cursor => {
      const read = parseCursor(formatCursor(cursor))
      return read?.attempt === cursor.attempt && read.offset === cursor.offset
    }),
    seeded(t)
  )
})

t.test('what no server has ever written is no cursor', async t => {
  const never = [
    ...['', '1', '1:', ':4', ':', '1:4:5', '1-4', '1;4', '1:4,1:8'],
    ...['0:4', '-1:4', '1:-4', '+1:4', '1:+4', '1.0:4', '1:4.0', '1:1e3', '0x1:4', '1:0x4', '01:4', '1:04', '1:00'],
    ...['NaN', 'NaN:NaN', '1:NaN', '1:Infinity', 'null', 'undefined', '1:null', '[object Object]'],
    ...[' 1:4', '1:4 ', '1: 4', '1:4\n', '1:4\r\n', '\n1:4', '1:4\nid: 9', '1:4\0', '\ufeff1:4'],
    ...['1000000:4', '1:1000000000000000', `1:${'9'.repeat(400)}`, '\u0661:\u0664', '\uff11:\uff14']
  ]
  for (const text of never) t.equal(parseCursor(text), null, JSON.stringify(text))

  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9:., ]{0,12}$/)), text => {
      const cursor = parseCursor(text)
      return cursor === null || formatCursor(cursor) === text
    }),
    seeded(t)
  )
})
