import { TOTP } from 'otpauth'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { withDatabase } from '../support/database.ts'
import { addSecondFactor, makeUser } from '../support/users.ts'

/** As long as one may be. */
const LONG_ADDRESS = `${'a'.repeat(60)}@${'example'.repeat(8)}.${'long'.repeat(10)}.com`
const LONG_NAME = 'x'.repeat(100)

t.test(
  'axe finds nothing on the page of people, and none of its dialogs is wider than a phone',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    await makeUser(app, 'operator', LONG_ADDRESS)
    await app.post('/admin/users', { email: 'invited@example.com', role: 'viewer' })
    await app.post('/admin/users', { email: 'lapsed@example.com', role: 'viewer' })
    const { id } = await makeUser(app, 'viewer', 'disabled@example.com')
    await app.patch(`/admin/users/${id}`, { disabled: true })
    withDatabase(app.config.dataDir, db =>
      db
        .prepare("DELETE FROM password_links WHERE user_id = (SELECT id FROM users WHERE email = 'lapsed@example.com')")
        .run()
    )
    const { page, complaints } = await openDashboard(t, app, '/people')
    await sees(page.getByText('Invitation has run out'))
    await isAccessible(t, page, 'people')
    const more = page.getByRole('button', { name: `More about ${LONG_ADDRESS}` })
    await more.click()
    await sees(page.getByRole('menu'))
    await isAccessible(t, page, 'what can be done about somebody')
    await page.keyboard.press('Escape')
    for (const word of ['Change address or role…', 'Link for a new password…', 'Sessions…', 'Disable…']) {
      await more.click()
      await page.getByRole('menuitem', { name: word }).click()
      await sees(page.getByRole('dialog').or(page.getByRole('alertdialog')))
      await isAccessible(t, page, word)
      if (word.startsWith('Link')) {
        await page.getByRole('button', { name: 'Make the link' }).click()
        await sees(page.getByRole('textbox', { name: 'Link' }))
        await isAccessible(t, page, 'a link')
        await page.getByRole('button', { name: 'Done' }).click()
      } else await page.keyboard.press('Escape')
    }
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByRole('dialog').getByLabel('E-mail').fill(LONG_ADDRESS)
    await page.getByRole('button', { name: 'Make the link' }).click()
    await sees(page.getByRole('dialog').getByRole('alert'))
    await isAccessible(t, page, 'an invitation that is refused')
    noComplaints(t, complaints, /\b409\b/)
  }
)

t.test('axe finds nothing on the page of the account, and it is no wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/account')
  await sees(page.getByText('This one'))
  await page.getByLabel('Current password').fill('not the password')
  await page.getByLabel('New password').fill('a longer password')
  await page.getByRole('button', { name: 'Change the password' }).click()
  await sees(page.getByRole('alert'))
  await isAccessible(t, page, 'account')
  await page.getByRole('button', { name: 'Add a second factor' }).click()
  await page.getByLabel('Your password').fill(ADMIN.password)
  await isAccessible(t, page, 'the password again')
  await page.getByRole('button', { name: 'Go on' }).click()
  await sees(page.getByRole('img', { name: 'QR code' }))
  await isAccessible(t, page, 'the key')
  const key = (await page.getByRole('dialog').locator('code').textContent())!.replaceAll(' ', '')
  await page.getByRole('textbox', { name: 'Code' }).fill(new TOTP({ secret: key }).generate())
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await sees(page.getByRole('list', { name: 'Recovery codes' }))
  await isAccessible(t, page, 'the recovery codes')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await sees(page.getByText('Second factor: on'))
  await isAccessible(t, page, 'account with a second factor')
  noComplaints(t, complaints, /403.*password|password.*403/)
})

t.test('axe finds nothing on the page of tokens, and it is no wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/tokens')
  await sees(page.getByText('No tokens yet'))
  await isAccessible(t, page, 'no tokens')
  const bots: string[] = []
  for (let n = 1; n <= 9; n++) bots.push((await app.makeBot(['true'], { name: `${LONG_NAME.slice(2)}${n}` })).id)
  await app.post('/api/tokens', { password: ADMIN.password, name: LONG_NAME, role: 'admin', bots })
  await app.post('/api/tokens', { password: ADMIN.password, name: 'Old', role: 'viewer' })
  withDatabase(app.config.dataDir, db =>
    db.prepare("UPDATE api_tokens SET expires_at = 1, used_at = 1, used_from = '::1' WHERE name = 'Old'").run()
  )
  await page.reload()
  await sees(page.getByText('Has run out'))
  await isAccessible(t, page, 'tokens')
  await page.getByRole('button', { name: 'New token' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Another')
  await page.getByLabel('Your password').fill(ADMIN.password)
  await page.getByRole('radio', { name: 'Only these' }).check()
  await page.getByLabel('Good for').selectOption('Until a day')
  await page.getByRole('button', { name: 'Make the token' }).click()
  await sees(page.getByText('Choose at least one bot.'))
  await isAccessible(t, page, 'a new token')
  await page.getByRole('checkbox').first().check()
  await page.getByRole('button', { name: 'Make the token' }).click()
  await sees(page.getByRole('textbox', { name: 'Token' }))
  await isAccessible(t, page, 'the value of a token')
  noComplaints(t, complaints)
})

t.test('axe finds nothing on the page of the audit log, and it is no wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/sh', '-c', 'x'.repeat(1000)], { name: LONG_NAME, slug: 'a-slug' })
  await app.patch(`/api/bots/${bot.id}`, { description: 'y'.repeat(1000), tags: ['a', 'b'] })
  await makeUser(app, 'viewer', LONG_ADDRESS)
  const { page, complaints } = await openDashboard(t, app, '/audit')
  await sees(page.getByText('What differs'))
  for (const word of ['What differs', 'Details']) await page.getByText(word).first().click()
  await isAccessible(t, page, 'audit log')
  await page.goto('/audit?action=bot.deleted')
  await sees(page.getByText('Nothing fits these filters'))
  await isAccessible(t, page, 'nothing in the audit log')
  noComplaints(t, complaints)
})

t.test('axe finds nothing where a password is chosen and a code is asked for', needsBrowser, async t => {
  const app = await buildApp(t)
  const { body } = await app.post('/admin/users', { email: LONG_ADDRESS, role: 'viewer' })
  const { page, complaints } = await openDashboard(t, app, body.link.url, { signedIn: false })
  await sees(page.getByLabel('Password'))
  await isAccessible(t, page, 'choosing a password')
  await page.reload()
  await sees(page.getByText('This page needs the whole link'))
  await isAccessible(t, page, 'no link')
  await page.goto('/choose-password#wrong')
  await sees(page.getByRole('alert'))
  await isAccessible(t, page, 'a link that is none')
  await addSecondFactor(app)
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(ADMIN.email)
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Code').fill('000000')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByRole('alert'))
  await isAccessible(t, page, 'the code')
  noComplaints(t, complaints, /\b40[13]\b/)
})
