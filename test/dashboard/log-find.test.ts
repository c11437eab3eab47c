import fc from 'fast-check'
import t from 'tap'
import { PLAIN, tokenize } from '../../src/dashboard/log/ansi.ts'
import { hitIn } from '../../src/dashboard/log/hits.ts'
import { countMatches, finder, marked } from '../../src/dashboard/log/matches.ts'
import { seeded } from '../support/properties.ts'

const spansOf = (text: string) => tokenize(text, PLAIN).spans
const found = (text: string, query: string) =>
  marked(spansOf(text), finder(query)).map(piece => [piece.text, piece.match ?? null])

t.test('text is found in any case and as it stands', async t => {
  t.same(found('An error: ERROR', 'error'), [
    ['An ', null],
    ['error', 0],
    [': ', null],
    ['ERROR', 1]
  ])
  t.same(found('a.c abc', 'a.c'), [
    ['a.c', 0],
    [' abc', null]
  ])
  t.same(found('f(x) [y] \\d', '(x) [y] \\d'), [
    ['f', null],
    ['(x) [y] \\d', 0]
  ])
})

t.test('every character that means something in a pattern means itself', async t => {
  const all = '^$.*+?()[]{}|\\/-,#&=<>'
  t.same(found(`before ${all} after`, all), [
    ['before ', null],
    [all, 0],
    [' after', null]
  ])
})

t.test('a match that has several colours is in several pieces of the same number', async t => {
  t.same(found('x\x1b[31mab\x1b[32mcd\x1b[0me', 'bc'), [
    ['x', null],
    ['a', null],
    ['b', 0],
    ['c', 0],
    ['d', null],
    ['e', null]
  ])
})

t.test('nothing to find leaves spans as they are', async t => {
  const spans = spansOf('some \x1b[1mtext')
  t.equal(finder(''), null)
  t.equal(marked(spans, null), spans)
  t.equal(marked(spans, finder('absent')), spans)
})

t.test('however a line is cut, its text stays whole and its matches are all there', async t => {
  const coloured = fc.array(fc.tuple(fc.stringMatching(/^[abAB ]*$/), fc.integer({ min: 30, max: 37 })))
  fc.assert(
    fc.property(coloured, fc.stringMatching(/^[ab]{1,3}$/), (parts, query) => {
      const text = parts.map(([part]) => part).join('')
      const pieces = marked(spansOf(parts.map(([part, colour]) => `\x1b[${colour}m${part}`).join('')), finder(query))
      const matches = Map.groupBy(
        pieces.filter(piece => piece.match !== undefined),
        piece => piece.match
      )
      return (
        pieces.map(piece => piece.text).join('') === text &&
        matches.size === countMatches(text, finder(query)!) &&
        [...matches.values()].every(
          group =>
            group
              .map(piece => piece.text)
              .join('')
              .toLowerCase() === query
        )
      )
    }),
    seeded(t)
  )
})

t.test('of a line that the server found, what stands around the match is shown, without colours', async t => {
  const hit = (text: string, query: string) => {
    const { before, match, after } = hitIn({ line: 1, text }, query)
    return [before, match, after]
  }
  t.same(hit('a \x1b[31mNeedle\x1b[0m here', 'needle'), ['a ', 'Needle', ' here'])
  t.same(hit(`${'x'.repeat(100)}needle`, 'needle'), [`…${'x'.repeat(24)}`, 'needle', ''])
  t.same(hit('nee\x1b[0mdle', 'e\x1b[0md'), ['', '', 'needle'], 'where colours stand within it')
})
