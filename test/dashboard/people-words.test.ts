import t from 'tap'
import type { Person } from '../../src/dashboard/api/types.ts'
import { describeUserAgent } from '../../src/dashboard/lib/user-agent.ts'
import { stateOf } from '../../src/dashboard/people/person-state.ts'
import { dayOf, expiresAtOf } from '../../src/dashboard/tokens/expiry.ts'

const DAY_MS = 24 * 3_600_000
const NOW = Date.UTC(2026, 5, 15, 12)

t.test('a browser is named by what it is and what it runs on', async t => {
  const named = {
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0': 'Firefox on Linux',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36':
      'Chrome on Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0':
      'Edge on Windows',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15':
      'Safari on macOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1':
      'Chrome on iPhone',
    'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36':
      'Samsung Internet on Android',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36':
      'Chrome on Linux'
  }
  for (const [userAgent, name] of Object.entries(named)) t.equal(describeUserAgent(userAgent), name)
})

t.test('what is no browser we know is named as it names itself, and cut where it is long', async t => {
  t.equal(describeUserAgent('curl/8.14.1'), 'curl/8.14.1')
  t.equal(describeUserAgent('<b>bold</b>'), '<b>bold</b>')
  t.equal(describeUserAgent('x'.repeat(300)), `${'x'.repeat(59)}…`)
  for (const nothing of [null, '', '  ']) t.equal(describeUserAgent(nothing), 'An unnamed program')
})

t.test('somebody is active, invited, no longer invited, or disabled', async t => {
  const person: Person = {
    id: 'an-id',
    email: 'ada@example.com',
    role: 'viewer',
    createdAt: 0,
    signedInAt: null,
    disabledAt: null,
    hasPassword: false,
    twoFactor: false,
    linkExpiresAt: NOW + DAY_MS
  }
  const kind = (more: Partial<Person>) => stateOf({ ...person, ...more }, NOW).kind
  t.equal(kind({}), 'invited')
  t.equal(kind({ linkExpiresAt: NOW }), 'lapsed')
  t.equal(kind({ linkExpiresAt: null }), 'lapsed')
  t.equal(kind({ hasPassword: true }), 'active', 'a link for a new password changes nothing')
  t.equal(kind({ signedInAt: 1, linkExpiresAt: null }), 'active', 'also who signs in by other means than a password')
  t.equal(kind({ hasPassword: true, disabledAt: 1 }), 'disabled')
  t.match(stateOf(person, NOW).word, /^Invited until .*16/)
})

t.test('a token ends after its days, at the end of its last day, or never', async t => {
  t.equal(expiresAtOf('month', '', NOW), NOW + 30 * DAY_MS)
  t.equal(expiresAtOf('year', '', NOW), NOW + 365 * DAY_MS)
  t.equal(expiresAtOf('never', '2026-06-15', NOW), null)
  t.equal(expiresAtOf('date', '2026-06-30', NOW), new Date(2026, 6, 1).getTime())
  t.equal(dayOf(new Date(2026, 0, 5, 23, 59).getTime()), '2026-01-05')
})
