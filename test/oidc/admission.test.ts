import t from 'tap'
import { admit, verifiedAddress } from '../../src/oidc/admission.ts'
import { newUser } from '../../src/users/people.ts'

const GOOGLE = 'https://accounts.google.com'
const TENANT = 'https://login.microsoftonline.com/72f988bf-0000-0000-0000-2d7cd011db47/v2.0'
const OTHER = 'https://id.example.com/realms/main'

const addressOf = (issuer: string, claims: Record<string, unknown>) =>
  verifiedAddress({ issuer, subject: 'a1', claims: { email: 'Anna@Example.com', ...claims } })

t.test('an address counts when the provider says that it was verified', async t => {
  t.equal(addressOf(OTHER, { email_verified: true }), 'anna@example.com')
  for (const email_verified of [undefined, null, false, 'true', 'false', 1, {}])
    t.equal(addressOf(OTHER, { email_verified }), null, JSON.stringify(email_verified))
  for (const email of [
    undefined,
    null,
    '',
    'anna',
    '@example.com',
    'anna@',
    'a b@example.com',
    'a@b@c',
    ['a@b.c'],
    `${'a'.repeat(251)}@b.c`
  ])
    t.equal(addressOf(OTHER, { email, email_verified: true }), null, JSON.stringify(email))
})

t.test("Google's word counts for the addresses it keeps itself, not for those it has only written to once", async t => {
  t.equal(addressOf(GOOGLE, { email_verified: true }), null)
  t.equal(addressOf(GOOGLE, { email_verified: true, hd: 'example.com' }), 'anna@example.com')
  t.equal(addressOf(GOOGLE, { email_verified: true, email: 'anna@gmail.com' }), 'anna@gmail.com')
  t.equal(addressOf(GOOGLE, { email_verified: true, email: 'anna@gmail.com.evil.example' }), null)
  t.equal(addressOf(GOOGLE, { email_verified: false, hd: 'example.com' }), null)
})

t.test('of Microsoft an address counts when the owner of its domain has proved that it is his', async t => {
  for (const xms_edov of [true, 1, '1', 'true']) t.equal(addressOf(TENANT, { xms_edov }), 'anna@example.com')
  for (const xms_edov of [undefined, false, 0, '0', 'false', null]) t.equal(addressOf(TENANT, { xms_edov }), null)
  t.equal(addressOf(OTHER, { xms_edov: true }), null, 'from others the claim means nothing')
})

t.test('who is found by an address alone is let in where little can be lost by it', async t => {
  const user = newUser('anna@example.com', 'operator')
  const verdict = (account: Parameters<typeof admit>[1]) => admit('anna@example.com', account, null)
  t.same(verdict({ user, linked: false }), { kind: 'link' })
  t.match(verdict({ user, linked: true }), { problem: 'other_identity' })
  t.match(verdict({ user: { ...user, role: 'admin' }, linked: false }), { problem: 'connect_first' })
  t.match(verdict({ user: { ...user, twoFactor: true }, linked: false }), { problem: 'connect_first' })
  t.match(verdict({ user: { ...user, disabledAt: 1 }, linked: false }), { problem: 'account_disabled' })
  t.match(verdict(null), { problem: 'no_account' })
})

t.test('who has no account gets one where his domain is named, itself and not one below it', async t => {
  const newUsers = { domains: ['example.com', 'example.org'], role: 'viewer' as const }
  const kindFor = (address: string) => admit(address, null, newUsers).kind
  t.same(admit('anna@example.org', null, newUsers), { kind: 'make', role: 'viewer' })
  for (const address of ['a@sub.example.com', 'a@notexample.com', 'a@com', 'a@example.com.evil.example', 'a@'])
    t.equal(kindFor(address), 'refused', address)
})
