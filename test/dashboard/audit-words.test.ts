import t from 'tap'
import { ACTIONS } from '../../src/audit/audit.ts'
import type { AuditEntry } from '../../src/dashboard/api/types.ts'
import { differencesOf } from '../../src/dashboard/audit/differences.ts'
import { type Action, actionWords, sentenceOf } from '../../src/dashboard/audit/sentences.ts'

function said(action: Action, more: Partial<AuditEntry> = {}): string {
  const entry: AuditEntry = {
    id: 'an-id',
    at: 0,
    actor: { kind: 'user', id: 'me', name: 'me@example.com', address: null },
    action,
    subject: { type: 'user', id: 'it', name: 'it' },
    before: null,
    after: null,
    ...more
  }
  const { before, name, after } = sentenceOf(entry)
  return before + name + after
}

const myself: Partial<AuditEntry> = { subject: { type: 'user', id: 'me', name: 'me@example.com' } }

t.test('every kind of entry has a sentence of its own, and a name in the list', async t => {
  t.same(Object.keys(actionWords), ACTIONS)
  t.equal(new Set(Object.values(actionWords)).size, ACTIONS.length)
  t.equal(new Set(ACTIONS.map(action => said(action))).size, ACTIONS.length)
})

t.test('a sentence names what something was done to, unless that is who did it', async t => {
  t.equal(said('bot.changed'), 'changed the bot it')
  t.equal(said('user.password_reset'), 'made a link for it to choose a new password')
  t.equal(said('user.totp_disabled'), 'removed the second factor of it')
  t.equal(said('user.totp_disabled', myself), 'removed their second factor')
  t.equal(said('session.ended', { after: { count: 3 } }), 'ended 3 sessions of it')
  t.equal(said('session.ended', { ...myself, after: { count: 1 } }), 'ended a session of their own')
  t.equal(said('session.ended', { ...myself, after: { count: 1, signedOut: true } }), 'signed out')
  t.equal(said('session.refused', { after: { wrong: 'code' } }), 'tried to sign in as it with a wrong code')
  t.equal(said('session.began', { after: { means: 'password', code: 'totp' } }), 'signed in')
  t.equal(said('session.began', { after: { code: 'recovery' } }), 'signed in with a recovery code')
  t.equal(said('session.refused', { ...myself, after: { wrong: 'password' } }), 'gave a wrong password of their own')
})

t.test('what became of an account is said as it is', async t => {
  t.equal(said('user.changed', { after: { disabled: true } }), 'disabled the account it')
  t.equal(said('user.changed', { after: { disabled: false } }), 'enabled the account it')
  t.equal(said('user.changed', { after: { role: 'operator' } }), 'made it an operator')
  t.equal(said('user.changed', { ...myself, after: { role: 'viewer' } }), 'made themselves a viewer')
  t.equal(said('user.changed', { after: { role: 'admin', email: 'x@y.z' } }), 'made it an administrator')
  t.equal(said('user.changed', { after: { email: 'x@y.z' } }), 'changed the address of it')
  t.equal(said('user.changed', { ...myself, after: { disabled: true } }), 'disabled their own account')
  t.equal(
    said('session.refused', { after: { wrong: 'account_disabled' } }),
    'tried to sign in as it, whose account is disabled'
  )
})

t.test('a name with a star in it stays as it is', async t => {
  t.equal(said('token.created', { subject: { type: 'token', id: 'it', name: 'a * b' } }), 'made the token a * b')
})

t.test('what differs is said fact by fact: texts as they are, the rest as JSON, instants as times', async t => {
  const facts = differencesOf({
    before: { name: 'old', tags: ['a'], gone: null, expiresAt: 0 },
    after: { name: 'new', tags: [], limits: { memoryBytes: 1 } }
  })
  t.same(facts.slice(0, 3), [
    { name: 'name', before: 'old', after: 'new' },
    { name: 'tags', before: '["a"]', after: '[]' },
    { name: 'gone', before: 'null', after: null }
  ])
  t.match(facts[3], { name: 'expiresAt', before: /19(70|69)/, after: null })
  t.same(facts[4], { name: 'limits', before: null, after: '{"memoryBytes":1}' })
  const [long] = differencesOf({ before: null, after: { list: Array.from({ length: 30 }, (_, n) => n) } })
  t.equal(long?.after?.split('\n').length, 32, 'a long one line by line')
  t.same(differencesOf({ before: null, after: null }), [])
})
