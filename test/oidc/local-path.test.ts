import fc from 'fast-check'
import t from 'tap'
import { localPath } from '../../src/oidc/local-path.ts'

t.test('a page of ours is kept as it is', async t => {
  for (const path of ['/', '/bots/new', '/executions?state=failed&bot=a%2Fb', '/executions/1?attempt=2#L10', '/apis'])
    t.equal(localPath(path), path)
})

t.test('whatever is asked for, it leads to this host, and not to the API', async t => {
  const parts = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '\t',
    '\n',
    '@',
    ':',
    'evil.example',
    'http:',
    'api',
    'admin',
    '%2f',
    '?',
    '#'
  )
  const wanted = fc.oneof(
    fc.string(),
    fc.array(parts, { maxLength: 8 }).map(all => `/${all.join('')}`)
  )
  fc.assert(
    fc.property(wanted, text => {
      const path = localPath(text)
      // As a browser reads the Location of an answer.
      const url = new URL(path, 'https://bots.example.com/api/auth/oidc/callback')
      return url.origin === 'https://bots.example.com' && !/^\/(api|admin)(\/|$)/.test(url.pathname)
    }),
    { numRuns: 5000 }
  )
  t.pass()
})
