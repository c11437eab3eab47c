import t from 'tap'
import { loadEngines } from '../../src/webhooks/engines.ts'
import { type Filters, failedRule, filterProblems, type Rule, whyNot } from '../../src/webhooks/filters.ts'
import { mapped, mappingProblems } from '../../src/webhooks/mapping.ts'
import { bounded, type Delivered, TooSlow } from '../../src/webhooks/paths.ts'

const engines = await loadEngines()

const delivered: Delivered = {
  payload: {
    action: 'opened',
    number: 7,
    draft: false,
    body: null,
    labels: [{ name: 'bug' }, { name: 'bot:review' }],
    user: { login: 'ada', id: 1 }
  },
  headers: { 'x-github-event': 'pull_request' },
  query: { env: 'test' }
}

const rule = (path: string, op: Rule['op'], value: unknown = null): Rule => ({ path, op, value })
const passes = (filters: Filters, what: Delivered = delivered) =>
  bounded(() => failedRule(engines, filters, what)) === null
const holds = (path: string, op: Rule['op'], value: unknown = null) =>
  passes({ match: 'all', rules: [rule(path, op, value)] })
const problemsOf = (...rules: Rule[]) => filterProblems(engines, { match: 'all', rules })

t.test('a rule is about what its path leads to in payload, headers and query', async t => {
  t.ok(holds('$.payload.action', 'equals', 'opened'))
  t.notOk(holds('$.payload.action', 'equals', 'closed'))
  t.ok(holds('$.payload.number', 'equals', 7))
  t.notOk(holds('$.payload.number', 'equals', '7'), 'a number is no text')
  t.ok(holds('$.payload.draft', 'equals', false))
  t.ok(holds('$.payload.body', 'equals', null))
  t.ok(holds('$.payload.user', 'equals', { id: 1, login: 'ada' }), 'objects are compared by what is in them')
  t.ok(holds('$.headers["x-github-event"]', 'equals', 'pull_request'))
  t.ok(holds('$.query.env', 'equals', 'test'))
  t.ok(holds('$.payload.labels[*].name', 'equals', 'bot:review'), 'any of several')
  t.ok(holds('$.payload.body', 'exists'), 'also what is null')
  t.notOk(holds('$.payload.nothing', 'exists'))
  t.notOk(holds('$.payload.nothing', 'equals', null), 'what is not there is not null')
  t.notOk(holds('$.payload.action.length', 'exists'), 'nothing but JSON')
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    t.notOk(holds(`$.payload.${name}`, 'exists'), `${name} is inherited, and not there`)
    t.notOk(holds(`$.payload.labels.${name}`, 'exists'), name)
    t.notOk(holds(`$.payload.action["${name}"]`, 'exists'), name)
  }
})

t.test('what is not so about a delivery is said in words', async t => {
  const why = (op: Rule['op'], value?: unknown) => {
    const one = rule('$.payload.action', op, value)
    return whyNot({ match: 'all', rules: [one] }, one)
  }
  t.equal(why('equals', 'closed'), '$.payload.action is not "closed"')
  t.equal(why('matches', '^c'), '$.payload.action does not match ^c')
  t.equal(why('exists'), 'there is no $.payload.action')
  const rules = [rule('$.payload.a', 'exists'), rule('$.payload.b', 'exists')]
  t.equal(whyNot({ match: 'any', rules }, rules[0]!), 'none of the 2 fits')
})

t.test('paths that lead nowhere are told apart from those that may', async t => {
  for (const [path, problem] of [
    ['$.payload.', /dot/],
    ["$.headers['X-GitHub-Event']", /lower case/],
    ['$.headers.Host', /lower case/]
  ] as const)
    t.match(problemsOf(rule(path, 'exists')), [{ path: '/rules/0/path', message: problem }], path)
  for (const path of ["$.headers['x-github-event']", '$.headers.host', '$.payload.headers.Host', "$.query['Host']"])
    t.same(problemsOf(rule(path, 'exists')), [], path)
})

t.test('a pattern is found anywhere in a text, a number or a truth value', async t => {
  t.ok(holds('$.payload.action', 'matches', 'open'))
  t.notOk(holds('$.payload.action', 'matches', '^pen'))
  t.ok(holds('$.payload.action', 'matches', '^(opened|reopened)$'))
  t.ok(holds('$.payload.action', 'matches', '(?i)OPENED'))
  t.ok(holds('$.payload.number', 'matches', '^7$'))
  t.ok(holds('$.payload.labels[*].name', 'matches', '^bot:'))
  t.notOk(holds('$.payload.user', 'matches', '.'), 'no objects')
  t.notOk(holds('$.payload.body', 'matches', '.'), 'not null')
})

t.test('all rules must hold, or any of them; without rules everything passes', async t => {
  const [yes, no] = [rule('$.payload.action', 'exists'), rule('$.payload.nothing', 'exists')]
  t.ok(passes({ match: 'all', rules: [] }))
  t.ok(passes({ match: 'any', rules: [] }))
  t.ok(passes({ match: 'all', rules: [yes, yes] }))
  t.notOk(passes({ match: 'all', rules: [yes, no] }))
  t.ok(passes({ match: 'any', rules: [no, yes] }))
  t.notOk(passes({ match: 'any', rules: [no, no] }))
  t.same(failedRule(engines, { match: 'all', rules: [yes, no] }, delivered), no, 'which one it is, is told')
})

t.test('a parameter gets the first value of its path, and is left out where there is none', async t => {
  const map = {
    number: '$.payload.number',
    label: '$.payload.labels[?match(@.name, "bot:.*")].name',
    found: '$.payload.labels[?search(@.name, "ug")].name',
    first: '$.payload.labels[*].name',
    user: '$.payload.user',
    nothing: '$.payload.nothing',
    proto: '$.payload.__proto__'
  }
  t.same(mappingProblems(engines, map), [])
  t.strictSame(mapped(engines, map, delivered), {
    number: 7,
    label: 'bot:review',
    found: 'bug',
    first: 'bug',
    user: { login: 'ada', id: 1 }
  })
  t.equal(
    Object.getPrototypeOf(mapped(engines, JSON.parse('{"__proto__":"$.payload.user"}'), delivered)),
    Object.prototype
  )
})

t.test('paths and patterns that cannot be used are refused when they are saved, each by its place', async t => {
  const problems = problemsOf(
    rule('payload.action', 'exists'),
    rule('$.payload[?@.a', 'exists'),
    rule('$.payload.action', 'matches', '(?=a)'),
    rule('$.payload.action', 'matches', '(a)\\1'),
    rule('$.payload.action', 'matches', 7),
    rule(`$.${'a'.repeat(500)}`, 'matches', 'a'.repeat(501)),
    rule('$.payload.action', 'matches', 'fine')
  )
  t.same(
    problems.map(({ path }) => path),
    [
      '/rules/0/path',
      '/rules/1/path',
      '/rules/2/value',
      '/rules/3/value',
      '/rules/4/value',
      '/rules/5/path',
      '/rules/5/value'
    ]
  )
  t.same(
    mappingProblems(engines, { fine: '$', wrong: '$..[' }).map(({ path }) => path),
    ['/wrong']
  )
  for (const path of ['$[?process.exit()]', '$[?(function(){})()]', '$.payload[(@.length-1)]', '$[?eval("1")]']) {
    t.equal(problemsOf(rule(path, 'exists')).length, 1, `${path} is no code that is run`)
  }
})

t.test('patterns made to take for ever, or much memory, are refused or done in time', async t => {
  const many = 'a'.repeat(50_000)
  const delivery = { payload: `${many}!`, headers: {}, query: {} }
  for (const pattern of [
    '(a+)+$',
    '(a|a)*$',
    '(.*)*$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(a?){50}a{50}b',
    '((a{100}){100}){100}',
    '(a{1000}){1000}',
    `${'('.repeat(240)}a${')*'.repeat(240)}`,
    '\\pL{9}\\pN{9}'.repeat(40)
  ]) {
    const isRefused = problemsOf(rule('$.payload', 'matches', pattern)).length > 0
    const outcome = () =>
      bounded(() => failedRule(engines, { match: 'all', rules: [rule('$.payload', 'matches', pattern)] }, delivery))
    if (isRefused) continue
    try {
      outcome()
    } catch (error) {
      t.ok(error instanceof TooSlow, `${pattern.slice(0, 40)}: ${error}`)
    }
    const inPath = `$[?search(@, "${pattern.replaceAll('\\', '\\\\')}")]`
    t.same(problemsOf(rule(inPath.slice(0, 500), 'exists')).length, inPath.length > 500 ? 1 : 0)
  }
})

t.test('paths that go over a payload again and again are broken off', async t => {
  // There are more ways through it than anything could go in a second, however quick it is.
  const deep = JSON.parse(`${'['.repeat(60)}1${']'.repeat(60)}`)
  const payload = [deep, ...Array.from({ length: 5000 }, () => [[[[1]]]])]
  for (const path of [`$${'..*'.repeat(20)}`, `$${'..[?@..*]'.repeat(10)}.x`, '$..[?count($..*) == count($..*)].x']) {
    t.same(problemsOf(rule(path, 'exists')), [], path)
    const delivery = { payload, headers: {}, query: {} }
    const look = () =>
      bounded(() => failedRule(engines, { match: 'all', rules: [rule(path, 'equals', 'never')] }, delivery))
    t.throws(look, TooSlow, path)
    t.ok(holds('$.payload.action', 'equals', 'opened'), 'what comes after it is as before')
  }
})

t.test('a payload as deep as may be is looked through', async t => {
  const payload = JSON.parse(`${'['.repeat(99)}"deep"${']'.repeat(99)}`)
  t.ok(passes({ match: 'all', rules: [rule('$..*', 'equals', 'deep')] }, { payload, headers: {}, query: {} }))
})
