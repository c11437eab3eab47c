import type { BrowserContext, Page } from 'playwright-core'
import t from 'tap'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser, openBrowser } from '../support/browser.ts'
import { requireBuild } from '../support/build.ts'
import { ADMIN } from '../support/client.ts'
import { NOBODY_SIGNED_IN, noComplaints, openUserMenu, sees, seesNoMore, signIn } from '../support/dashboard.ts'
import { buildAppWithProvider } from '../support/provider.ts'

const signInHeading = ['heading', { name: 'Sign in to Botyard', level: 1 }] as const

t.before(requireBuild)

/** The pages of the test's provider want a font of somebody else's, and an icon that it does not have. */
async function withoutTrimmings(context: BrowserContext, issuer: string): Promise<void> {
  for (const url of ['https://fonts.googleapis.com/**', `${issuer}/favicon.ico`])
    await context.route(url, route => route.fulfill({ status: 200, contentType: 'text/css', body: '' }))
}

/** From the sign-in page to the provider, and back as `login`. */
async function continueAs(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: 'Continue with Example ID' }).click()
  await signInThere(page, login)
}

async function signInThere(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

t.test(
  'who continues with the provider, at another site, comes back to the page and is signed in',
  needsBrowser,
  async t => {
    const { app, provider, site } = await buildAppWithProvider(t)
    await app.post('/admin/users', { email: 'anna@example.com', role: 'operator' })
    provider.accounts.a1 = { email: 'anna@example.com', email_verified: true }
    const { page, context, complaints } = await openBrowser(t, { baseURL: site })
    await withoutTrimmings(context, provider.issuer)
    t.not(new URL(site).hostname, new URL(provider.issuer).hostname, 'cookies of the one are for no page of the other')

    await page.goto('/executions?state=failed')
    await continueAs(page, 'a1')

    await sees(page.getByRole('heading', { name: 'History', level: 1 }))
    await sees(page.getByRole('button', { name: 'Failed', pressed: true }))
    t.equal(page.url(), `${site}/executions?state=failed`)
    await app.makeBot(['true'], { name: 'Made meanwhile' })
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Bots' }).click()
    await sees(page.getByRole('link', { name: 'Made meanwhile' }))
    await page.reload()
    await sees(page.getByRole('link', { name: 'Made meanwhile' }))
    const kept = (await context.cookies(`${site}/api/auth/oidc`)).map(({ name, sameSite }) => `${name} ${sameSite}`)
    t.same(kept.sort(), ['botyard_access Strict', 'botyard_refresh Strict'])

    await (await openUserMenu(page)).getByRole('menuitem', { name: 'Sign out' }).click()
    await sees(page.getByRole(...signInHeading))
    await page.goBack()
    await sees(page.getByRole(...signInHeading))
    t.notMatch(page.url(), 'callback', 'the address with the code is not in the history')
    noComplaints(t, complaints, /\b401\b|ERR_INCOMPLETE_CHUNKED_ENCODING/)
  }
)

t.test('who is not let in reads why, and can use his password', needsBrowser, async t => {
  const { provider, site } = await buildAppWithProvider(t)
  provider.accounts.a1 = { email: 'stranger@example.com', email_verified: true }
  const { page, context, complaints } = await openBrowser(t, { baseURL: site })
  await withoutTrimmings(context, provider.issuer)
  await page.goto('/sign-in')
  await continueAs(page, 'a1')
  await sees(page.getByRole('alert').getByText('You have no account here.'))
  await sees(page.getByLabel('Password'))
  await isAccessible(t, page, 'a sign-in that was refused')

  await page.goto('/sign-in?problem=%3Cimg%20src=x%3E')
  await sees(page.getByRole('alert').getByText('The sign-in did not work. Begin again.'))
  await page.goto('/sign-in?problem=constructor')
  await sees(page.getByRole('alert').getByText('The sign-in did not work. Begin again.'))
  await page.goto('/sign-in')
  await seesNoMore(page.getByRole('alert'))
  noComplaints(t, complaints, NOBODY_SIGNED_IN)
})

t.test(
  'an administrator connects the provider to his account, and comes in by it from then on',
  needsBrowser,
  async t => {
    const { provider, site } = await buildAppWithProvider(t)
    const { page, context, complaints } = await openBrowser(t, { baseURL: site })
    await withoutTrimmings(context, provider.issuer)
    await page.goto('/machine')
    await signIn(page)
    await (await openUserMenu(page)).getByRole('menuitem', { name: 'Connect Example ID' }).click()
    const dialog = page.getByRole('dialog', { name: 'Connect Example ID' })
    await dialog.getByLabel('Password').fill('not it')
    await dialog.getByRole('button', { name: 'Connect' }).click()
    await sees(dialog.getByRole('alert').getByText('This is not your current password.'))
    await dialog.getByLabel('Password').fill(ADMIN.password)
    await dialog.getByRole('button', { name: 'Connect' }).click()
    await signInThere(page, 'root')
    await sees(page.getByRole('heading', { name: 'Machine', level: 1 }))
    t.equal(page.url(), `${site}/machine`)

    await (await openUserMenu(page)).getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Continue with Example ID' }).click()
    await sees(page.getByRole('heading', { name: 'Bots', level: 1 }))
    const menu = await openUserMenu(page)
    await sees(menu.getByText(`${ADMIN.email} · admin`))
    await menu.getByRole('menuitem', { name: 'Connect Example ID' }).click()
    await sees(dialog)
    await isAccessible(t, page, 'connecting a provider')
    noComplaints(t, complaints, /\b(401|403)\b|ERR_INCOMPLETE_CHUNKED_ENCODING/)
  }
)
