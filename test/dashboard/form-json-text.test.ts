import fc from 'fast-check'
import t from 'tap'
import { jsonProblem } from '../../src/dashboard/forms/json-text.ts'
import { seeded } from '../support/properties.ts'

t.test('JSON has no problem', async t => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2, '\t'), (json, indent) => {
      t.equal(jsonProblem(JSON.stringify(JSON.parse(json), null, indent)), null)
    }),
    seeded(t)
  )
})

t.test('what is wrong is said with its line and column', async t => {
  for (const [text, line, column, message] of [
    ['', 1, 1, 'a value is missing at the end'],
    ['{\n  "a": 1\n', 3, 1, 'a comma or } is missing at the end'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or } is missing here'],
    ['{\n  "a": 1,\n}', 2, 9, 'there is a comma too many'],
    ['[1, 2,]', 1, 6, 'there is a comma too many'],
    ['[1,, 2]', 1, 4, 'a value is missing here'],
    ['{"a" 1}', 1, 6, 'a colon is missing here'],
    ['{"a":}', 1, 6, 'a value is missing here'],
    ['{a: 1}', 1, 2, 'a name stands in double quotes'],
    ["{'a': 1}", 1, 2, 'a name stands in double quotes'],
    ["['a']", 1, 2, 'text stands in double quotes'],
    ['["a]', 1, 2, 'this text has no closing quote in its line'],
    ['["a\nb"]', 1, 2, 'this text has no closing quote in its line'],
    ['["C:\\dir"]', 1, 5, 'a backslash stands before " \\ / b f n r t or u and four digits'],
    ['[tru]', 1, 2, 'a value is missing here'],
    ['[01]', 1, 3, 'a comma or ] is missing here'],
    ['{} {}', 1, 4, 'there is more behind the end'],
    ['{"a": 1} // why', 1, 10, 'there is more behind the end']
  ] as const) {
    t.same(jsonProblem(text), { line, column, message }, text)
  }
})

t.test('whatever is no JSON has its problem inside of the text', async t => {
  const damaged = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', '"', '\\', ',', '}', ']', '{', ':', '\n', 'x', '0', '.', '-', '\u0001')
    )
    .map(([json, at, cut, put]) => {
      const place = at % (json.length + 1)
      return json.slice(0, place) + put + json.slice(place + cut)
    })
  fc.assert(
    fc.property(damaged, text => {
      const problem = jsonProblem(text)
      if (!problem) return
      const lines = text.split('\n')
      t.ok(problem.line <= lines.length && problem.column <= lines[problem.line - 1]!.length + 1, text)
      const rest = lines
        .slice(problem.line - 1)
        .join('\n')
        .slice(problem.column - 1)
      if (problem.message === 'there is more behind the end') t.not(rest.trim(), '', text)
    }),
    seeded(t)
  )
})

t.test('a text nested beyond measure is told apart from a broken one', async t => {
  t.match(jsonProblem('['.repeat(1_000_000)), { message: 'it is nested too deep' })
})
