/** An account that changes while somebody is about to be let in to it. */
import t from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import { newId } from '../../src/lib/ids.ts'
import { type Proof, SessionStore } from '../../src/users/session-store.ts'
import { UserStore } from '../../src/users/store.ts'
import { buildApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { addSecondFactor, signedInAs } from '../support/users.ts'

t.test('a session begins only while the account lets in by what was shown', async t => {
  const app = await buildApp(t)
  const operator = await signedInAs(app, 'operator')
  const { id } = (await operator.get('/api/auth/me')).body
  const db = openDatabase(app.config.dataDir)
  t.teardown(() => db.destroy())
  const account = async () => {
    const { passwordHash, totpSealed } = (await new UserStore(db, null).find(id))!
    return { passwordHash, totpSealed }
  }
  const begins = (proof: Proof) => {
    const now = Date.now()
    const session = { id: newId(), userId: id, now, expiresAt: now + 60_000, userAgent: null, address: null }
    const change = {
      actor: { kind: 'user', id, name: 'x', address: null },
      action: 'session.began',
      subject: { type: 'session', id: session.id, name: 'x' }
    } as const
    return new SessionStore(db).start({ ...session, tokenHash: session.id }, proof, change)
  }
  const identity = { issuer: 'https://id.example.com', subject: 'operator' }
  t.equal(await begins(identity), false)
  withDatabase(app.config.dataDir, db =>
    db.prepare('INSERT INTO identities VALUES (?, ?, ?, ?)').run(identity.issuer, identity.subject, id, 1)
  )
  const bare = await account()
  t.equal(await begins(bare), true)
  t.equal(await begins(identity), true)

  await addSecondFactor(operator)
  t.equal(await begins(bare), false, 'there is a second factor by now')
  const both = await account()
  t.equal(await begins(both), true)
  t.equal(await begins({ ...both, passwordHash: `${both.passwordHash}x` }), false)

  await app.patch(`/admin/users/${id}`, { disabled: true })
  t.equal(await begins(both), false)
  t.equal(await begins(identity), false)
  await app.patch(`/admin/users/${id}`, { disabled: false })
  await app.delete(`/admin/users/${id}/identities`)
  t.equal(await begins(identity), false)
  t.equal(await begins(both), true)
})
