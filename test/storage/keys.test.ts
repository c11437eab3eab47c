import fc from 'fast-check'
import { KeyNormalizer } from 'flydrive'
import t from 'tap'
import { keyOf } from '../../src/storage/keys.ts'
import { unicodeText } from '../support/properties.ts'

const name = unicodeText({ minLength: 1, maxLength: 80 }).filter(
  text => !/[/\0]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed()
)
const path = fc.array(name, { minLength: 1, maxLength: 6 }).map(names => names.join('/'))

t.test('no two paths have the same key, and flydrive takes each as it is', async t => {
  const paths = new Map<string, string>()
  fc.assert(
    fc.property(path, each => {
      const key = keyOf(each)
      const before = paths.get(key)
      paths.set(key, each)
      const whole = `executions/x/artifacts/1/${key}`
      return (
        (before === undefined || before === each) &&
        new KeyNormalizer().normalize(whole) === whole &&
        key.split('/').every(part => part.length <= 255) &&
        key.length <= 1000
      )
    }),
    { numRuns: 3000 }
  )
  t.ok(paths.size > 1000)
})

t.test('ordinary names stay as they are, and long ones are short', async t => {
  t.equal(keyOf('reports/2026-05/may_1.tar.gz'), 'reports/2026-05/may_1.tar.gz')
  t.equal(keyOf('.env'), '!2eenv')
  t.equal(keyOf('a.'), 'a!2e')
  t.equal(keyOf('ä b'), '!c3!a4!20b')
  t.equal(keyOf('!20'), '!2120')
  t.match(keyOf('ä'.repeat(100)), /^!![0-9a-f]{64}$/)
  t.not(keyOf('ä'.repeat(100)), keyOf('ä'.repeat(101)))
  t.match(keyOf(`${'folder/'.repeat(100)}x`), /^!![0-9a-f]{64}$/)
})
