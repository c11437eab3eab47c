import { readFileSync } from 'node:fs'
import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN, Client } from '../support/client.ts'
import {
  NOBODY_SIGNED_IN,
  noComplaints,
  openDashboard,
  openUserMenu,
  sees,
  seesNoMore,
  signIn
} from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { addSecondFactor } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const dialog = (page: Page) => page.getByRole('dialog')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const code = (page: Page) => page.getByRole('textbox', { name: 'Code' })
const bots = (page: Page) => page.getByRole('heading', { name: 'Bots', level: 1 })
const signInHeading = (page: Page) => page.getByRole('heading', { name: 'Sign in to Botyard' })

/** Takes the browser's credentials away, when no request of the page is under way any more that would be refused for that. */
async function forget(page: Page): Promise<void> {
  await page.goto('about:blank')
  await page.context().clearCookies()
}

const SIGN_IN_REFUSED = new RegExp(`${NOBODY_SIGNED_IN.source}|login.*401|401.*login`)

t.test(
  'a second factor is added, asked for at the next sign-in, and a recovery code does in its place, once',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, complaints } = await openDashboard(t, app, '/', {
      permissions: ['clipboard-read', 'clipboard-write']
    })
    await (await openUserMenu(page)).getByRole('menuitem', { name: 'Account' }).click()
    await button(page, 'Add a second factor').click()
    await eventually('the password', () => isFocused(dialog(page).getByLabel('Your password')))
    await page.keyboard.type(ADMIN.password)
    await page.keyboard.press('Enter')
    await sees(dialog(page).getByRole('img', { name: 'QR code' }))
    await button(page, 'Copy').click()
    const key = (await page.evaluate('navigator.clipboard.readText()')) as string
    t.equal(await dialog(page).locator('code').textContent(), key.replace(/.{4}(?=.)/g, '$& '))
    const totp = new TOTP({ secret: key })
    const wrong = totp.generate({ timestamp: Date.now() + 3_600_000 })
    await code(page).fill(wrong)
    await button(page, 'Turn it on').click()
    await sees(dialog(page).getByRole('alert').getByText('The code is wrong.'))
    const first = totp.generate()
    await code(page).fill(`${first.slice(0, 3)} ${first.slice(3)}`)
    await button(page, 'Turn it on').click()
    await sees(dialog(page).getByRole('list', { name: 'Recovery codes' }))
    const codes = await dialog(page)
      .getByRole('list', { name: 'Recovery codes' })
      .getByRole('listitem')
      .allTextContents()
    t.equal(new Set(codes).size, 10)
    await button(page, 'Copy all').click()
    t.equal(await page.evaluate('navigator.clipboard.readText()'), codes.join('\n'))
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click()
    ])
    const kept = readFileSync(await download.path(), 'utf8')
    t.match(kept, codes.join('\n'))
    t.match(kept, ADMIN.email)
    await button(page, 'I have kept them').click()
    await seesNoMore(dialog(page))
    await sees(page.getByText('Second factor: on'))
    t.notMatch(await page.content(), codes[0]!, 'the codes are gone')

    await forget(page)
    await page.goto('/executions?trigger=api')
    await signIn(page)
    await eventually('the field of the code', () => isFocused(code(page)))
    t.equal(await code(page).getAttribute('autocomplete'), 'one-time-code')
    t.equal(await code(page).getAttribute('inputmode'), 'numeric')
    await code(page).fill(wrong)
    await button(page, 'Sign in').click()
    await sees(page.getByRole('alert').getByText('The code is wrong, or was used already.'))
    await code(page).fill(codes[0]!.toUpperCase())
    await button(page, 'Sign in').click()
    await sees(page.getByRole('heading', { name: 'History' }))
    t.equal(new URL(page.url()).search, '?trigger=api', 'where one wanted to go')

    await forget(page)
    await page.goto('/')
    await signIn(page)
    await code(page).fill(codes[0]!)
    await button(page, 'Sign in').click()
    await sees(page.getByRole('alert').getByText('This is none of your recovery codes, or it was used already.'))
    await code(page).fill(totp.generate({ timestamp: Date.now() + 30_000 }))
    await button(page, 'Sign in').click()
    await sees(bots(page))
    noComplaints(t, complaints, new RegExp(`${SIGN_IN_REFUSED.source}|second-factor.*40|40.*second-factor`))
  }
)

t.test(
  'one goes back from the code to sign in as somebody else, with what was typed still there',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    await addSecondFactor(app)
    const { page, complaints } = await openDashboard(t, app, '/sign-in', { signedIn: false })
    await signIn(page)
    await sees(page.getByText(`Signing in as ${ADMIN.email}`))
    await button(page, 'Use another account').click()
    t.equal(await page.getByLabel('E-mail').inputValue(), ADMIN.email)
    noComplaints(t, complaints, SIGN_IN_REFUSED)
  }
)

t.test('a second factor is removed with the password', needsBrowser, async t => {
  const app = await buildApp(t)
  // Before there is one that a sign-in would take.
  const { page, complaints } = await openDashboard(t, app, '/account')
  await addSecondFactor(app)
  await page.reload()
  await button(page, 'Remove the second factor').click()
  await dialog(page).getByLabel('Your password').fill('not the password')
  await button(page, 'Remove it').click()
  await sees(dialog(page).getByRole('alert').getByText('This is not your current password.'))
  await dialog(page).getByLabel('Your password').fill(ADMIN.password)
  await button(page, 'Remove it').click()
  await sees(page.getByText('Second factor: off'))
  t.equal((await app.post('/api/auth/login', ADMIN)).status, 200)
  noComplaints(t, complaints, /403.*second-factor|second-factor.*403/)
})

t.test('another password ends the other sessions, and this one goes on', needsBrowser, async t => {
  const app = await buildApp(t)
  const other = await openDashboard(t, app, '/')
  await sees(bots(other.page))
  await app.post('/api/tokens', { name: 'ci', role: 'viewer', password: ADMIN.password })
  const { page, complaints } = await openDashboard(t, app, '/account')
  await page.getByLabel('Current password').fill('not the password')
  await page.getByLabel('New password').fill('a longer password')
  await button(page, 'Change the password').click()
  await sees(page.getByRole('alert').getByText('This is not your current password.'))
  t.equal(await page.getByLabel('New password').inputValue(), 'a longer password', 'what was typed is still there')
  await page.getByLabel('Current password').fill(ADMIN.password)
  await page.getByLabel('Revoke my tokens for programs as well').check()
  await button(page, 'Change the password').click()
  await sees(page.getByText('Your password is changed, and your other sessions have ended.'))
  await sees(signInHeading(other.page))
  await eventually(
    'this one alone',
    async () => (await page.getByRole('listitem').filter({ hasText: 'Begun' }).count()) === 1
  )
  await sees(page.getByText('This one'))
  const stranger = new Client(app.url)
  const answer = await stranger.post('/api/auth/login', { ...ADMIN, password: 'a longer password' })
  t.equal(answer.status, 200)
  stranger.token = answer.body.accessToken
  t.same((await stranger.get('/api/tokens')).body.items, [])
  noComplaints(t, complaints, /403.*password|password.*403/)
})

t.test('one sees one’s own sessions, and ends one and then all others', needsBrowser, async t => {
  const app = await buildApp(t)
  const safari =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1'
  const phone = await openDashboard(t, app, '/', { userAgent: safari })
  const other = await openDashboard(t, app, '/')
  await sees(bots(phone.page))
  await sees(bots(other.page))
  const { page, complaints } = await openDashboard(t, app, '/account')
  const mine = page.getByRole('listitem').filter({ hasText: 'This one' })
  await sees(mine)
  t.equal(await mine.getByRole('button').count(), 0, 'one leaves the one that asks by signing out')
  await button(page, 'End the session of Safari on iPhone').click()
  await sees(signInHeading(phone.page))
  await button(page, 'End all others').click()
  await sees(signInHeading(other.page))
  await seesNoMore(button(page, 'End all others'))
  await sees(mine)
  noComplaints(t, complaints)
})
