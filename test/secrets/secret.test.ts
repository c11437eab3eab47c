import t from 'tap'
import { nameProblem, secretProblems, valueProblem } from '../../src/secrets/secret.ts'

t.test('a name is that of an environment variable', async t => {
  for (const name of ['TOKEN', 'token', '_x', 'A1', 'NPM_TOKEN', 'PATH_TO_KEY', 'x'.repeat(100)])
    t.equal(nameProblem(name), null, name)
  for (const name of ['', '1A', 'A-B', 'A B', 'A.B', 'Ä', 'A=B', 'A\n', '$A', 'x'.repeat(101)])
    t.match(nameProblem(name), /^The name must be letters/, JSON.stringify(name))
})

t.test('a name that the server, the system or a shell has a use for is refused', async t => {
  for (const name of ['BOTYARD_X', 'BOTYARD_EXECUTION_ID']) t.match(nameProblem(name), 'BOTYARD_', name)
  for (const name of ['PATH', 'HOME', 'LANG', 'TZ', 'LD_PRELOAD', 'LC_ALL', 'BASH_ENV', 'IFS', 'OPTIND', 'PWD', '_'])
    t.match(nameProblem(name), /means something/, name)
})

t.test('a value shorter than six characters is refused, with the reason', async t => {
  for (const value of ['', '12345', '    12345\n', ' '.repeat(100), '💥💥💥💥💥'])
    t.match(valueProblem(value), /at least 6 characters.*hide half of every log/, JSON.stringify(value))
  for (const value of ['123456', ' 123456 ', '💥💥💥💥💥💥']) t.equal(valueProblem(value), null, value)
})

t.test('a value has as many bytes as a variable may have, and is text', async t => {
  t.equal(valueProblem('x'.repeat(65_536)), null)
  t.match(valueProblem('x'.repeat(65_537)), '65536 bytes')
  t.match(valueProblem('ü'.repeat(32_769)), 'it has 65538')
  t.match(valueProblem('12345\0'), 'NUL')
  t.match(valueProblem('12345\ud800'), 'Unicode')
  t.equal(valueProblem('-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n'), null)
})

t.test('what is wrong is said by field, and never with the value in it', async t => {
  t.same(secretProblems('TOKEN', 'hunter22'), [])
  const problems = secretProblems('PATH', 'hunter22\0')
  t.same(
    problems.map(({ path }) => path),
    ['/name', '/value']
  )
  t.notMatch(JSON.stringify(problems), /hunter/)
})
