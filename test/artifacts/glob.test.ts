import fc from 'fast-check'
import t from 'tap'
import { matchesGlob } from '../../src/artifacts/glob.ts'
import { seeded } from '../support/properties.ts'

t.test('a star stands for any part of a name, but not for folders', async t => {
  for (const [pattern, name, expected] of [
    ['report.pdf', 'report.pdf', true],
    ['report.pdf', 'reportXpdf', false],
    ['report.pdf', 'old/report.pdf', false],
    ['*.pdf', 'report.pdf', true],
    ['*.pdf', '.pdf', true],
    ['*.pdf', 'report.pdf.txt', false],
    ['*.pdf', 'old/report.pdf', false],
    ['*/report.pdf', 'old/report.pdf', true],
    ['*/report.pdf', 'report.pdf', false],
    ['r*o*t', 'report', true],
    ['r*o*t*', 'report', true],
    ['r*x*t', 'report', false],
    ['*', 'anything', true],
    ['*', '.hidden', true],
    ['*', 'a/b', false],
    ['ü*', 'über', true],
    ['*😀', 'a😀', true]
  ] as const)
    t.equal(matchesGlob(pattern, name), expected, `${pattern} and ${name}`)
})

t.test('two stars stand for any folders, or none', async t => {
  for (const [pattern, name, expected] of [
    ['**/report.pdf', 'report.pdf', true],
    ['**/report.pdf', 'a/b/c/report.pdf', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c', false],
    ['a/**/m/*.txt', 'a/m/x/m/y.txt', true],
    ['a/**', 'a/b', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'a', false],
    ['a/**', 'b/c', false],
    ['**', 'a', true],
    ['**', 'a/b/c', true],
    ['**/a/**/b/**', 'x/a/y/b/z', true],
    ['**/a/**/b/**', 'x/a/y/b', false],
    ['**.txt', 'a.txt', true],
    ['**.txt', 'a/b.txt', false]
  ] as const)
    t.equal(matchesGlob(pattern, name), expected, `${pattern} and ${name}`)
})

t.test('all else is text', async t => {
  for (const name of ['a?c', '[abc]', '{a,b}', '!a', '#a', '+(a)', 'a\\b', '$^', 'a|b', '(', '\n', '-'])
    t.ok(matchesGlob(name, name), JSON.stringify(name))
  t.notOk(matchesGlob('a?c', 'abc'))
  t.notOk(matchesGlob('[abc]', 'a'))
  t.notOk(matchesGlob('{a,b}', 'a'))
})

t.test('what matches is what a regular expression says', async t => {
  const part = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 5 }).map(letters => letters.join(''))
  const pattern = fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 })
  const word = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 }).map(letters => letters.join(''))
  const name = fc.array(word, { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(pattern, name, (pattern, name) => {
      const folders = pattern.slice(0, -1).map(part => (part === '**' ? '([ab]+/)*' : `${expression(part)}/`))
      const last = pattern.at(-1) === '**' ? '([ab]+/)*[ab]+' : expression(pattern.at(-1)!)
      const expected = new RegExp(`^${folders.join('')}${last}$`).test(name.join('/'))
      return matchesGlob(pattern.join('/'), name.join('/')) === expected
    }),
    { ...seeded(t), numRuns: 5000 }
  )
})

const expression = (part: string) => part.replaceAll('*', '[ab]*')

t.test('no pattern keeps the server busy, whatever the name', async t => {
  t.notOk(matchesGlob(`${'*a'.repeat(400)}b`, 'a'.repeat(255)))
  t.notOk(matchesGlob(`${'**/*a*a*a/'.repeat(90)}b`, `${'aaa/'.repeat(1000)}a`))
})
