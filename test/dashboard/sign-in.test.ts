import type { BrowserContext } from 'playwright-core'
import t from 'tap'
import { SessionCookies } from '../../src/plugins/session-cookies.ts'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, openUserMenu, sees, signIn } from '../support/dashboard.ts'

const ACCESS_COOKIE = new SessionCookies(false).access.name

const heading = (name: string) => ['heading', { name, level: 1 }] as const

const ENDED = 'Your session has ended. Sign in again to go on.'

/** How a browser says that it was refused without a sign-in. */
const REFUSED = /\b401\b/

/** How a browser says that a session has ended: its streams break off, and what it asks for is refused. */
const SESSION_ENDED = /\b401\b|ERR_INCOMPLETE_CHUNKED_ENCODING/

/** The access token of whoever is signed in, as no script of a page can read it. */
async function accessToken(context: BrowserContext): Promise<string> {
  return (await context.cookies()).find(({ name }) => name === ACCESS_COOKIE)!.value
}

t.test('a wrong password is told, and after the right one comes the page that was asked for', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/executions?state=failed', { signedIn: false })
  await sees(page.getByRole(...heading('Sign in to Botyard')))

  await signIn(page, 'not the password')
  await sees(page.getByRole('alert').getByText('The address or the password is wrong, or the account is disabled.'))
  t.equal(await page.getByLabel('E-mail').inputValue(), 'admin@example.com', 'what was typed is still there')

  await signIn(page)
  await sees(page.getByRole(...heading('History')))
  await sees(page.getByRole('button', { name: 'Failed', pressed: true }))
  t.equal(new URL(page.url()).pathname, '/executions')
  noComplaints(t, complaints, REFUSED)
})

t.test('signing in leads to no other host, whatever the address says comes next', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/sign-in', { signedIn: false })
  for (const next of ['//evil.example/', 'https://evil.example/', '/\\evil.example/', 'javascript:alert(1)']) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`)
    await signIn(page)
    await sees(page.getByRole(...heading('Bots')))
    t.equal(page.url(), `${app.url}/`, next)
  }
  noComplaints(t, complaints)
})

t.test(
  'signing out in one tab brings the others to the sign-in page, and back where they were',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, context, complaints } = await openDashboard(t, app)
    const other = await context.newPage()
    await other.goto('/executions?trigger=api')
    await sees(other.getByText('Nothing fits these filters'))

    await (await openUserMenu(page)).getByRole('menuitem', { name: 'Sign out' }).click()
    await sees(page.getByRole(...heading('Sign in to Botyard')))
    await sees(other.getByRole(...heading('Sign in to Botyard')))
    await sees(other.getByText(ENDED))
    t.equal(await page.getByText(ENDED).count(), 0, 'who has signed out himself is not told')
    t.equal((await context.cookies()).length, 0)

    await signIn(other)
    await sees(other.getByRole(...heading('History')))
    t.equal(new URL(other.url()).search, '?trigger=api')
    noComplaints(t, complaints, SESSION_ENDED)
  }
)

t.test('who signs in anew after a session has ended stays, and all is live', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, context, complaints } = await openDashboard(t, app)
  await sees(page.getByRole(...heading('Bots')))
  const headers = { authorization: `Bearer ${await accessToken(context)}` }
  await app.request('POST', '/api/auth/logout', { headers, body: {} })
  await sees(page.getByRole(...heading('Sign in to Botyard')))

  const other = await context.newPage()
  await other.goto('/')
  await signIn(other)
  await sees(other.getByText('A bot is any command worth running again'))
  await app.makeBot(['true'], { name: 'Made afterwards' })
  await sees(other.getByRole('link', { name: 'Made afterwards' }))
  t.equal(new URL(other.url()).pathname, '/')
  noComplaints(t, complaints, SESSION_ENDED)
})

t.test('a server that cannot renew a session just now does not end it', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, context, complaints } = await openDashboard(t, app)
  await sees(page.getByText('A bot is any command worth running again'))
  // All is live: what opens the stream later would renew the session by itself, from where no route of the page leads.
  await app.makeBot(['true'], { name: 'Seen at once' })
  await sees(page.getByRole('link', { name: 'Seen at once' }))
  const busy = { status: 503, json: { code: 'overloaded', detail: 'Try again later.' } }
  await context.route('**/api/auth/refresh', route => route.fulfill(busy))
  await context.clearCookies({ name: ACCESS_COOKIE })
  await goTo(page, 'History')
  await sees(page.getByRole('alert').getByText('Try again later.'))

  await context.unroute('**/api/auth/refresh')
  await page.getByRole('button', { name: 'Try again' }).click()
  await sees(page.getByText('Nothing has run yet'))
  noComplaints(t, complaints, /\b(401|503)\b/)
})

t.test('a session that ends at the server ends in the page', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, context, complaints } = await openDashboard(t, app)
  await sees(page.getByRole(...heading('Bots')))
  const headers = { authorization: `Bearer ${await accessToken(context)}` }
  t.equal((await app.request('POST', '/api/auth/logout', { headers, body: {} })).status, 204)
  await sees(page.getByRole(...heading('Sign in to Botyard')))
  await sees(page.getByText(ENDED))
  noComplaints(t, complaints, SESSION_ENDED)
})

t.test(
  'an access token that has run out is renewed without a word, also by two tabs at once',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, context, complaints } = await openDashboard(t, app)
    await sees(page.getByText('A bot is any command worth running again'))
    await context.clearCookies({ name: ACCESS_COOKIE })
    await goTo(page, 'History')
    await sees(page.getByText('Nothing has run yet'))
    t.ok(await accessToken(context), 'there is one again')

    const other = await context.newPage()
    await other.goto('/')
    await sees(other.getByRole(...heading('Bots')))
    await context.clearCookies({ name: ACCESS_COOKIE })
    await Promise.all([page.reload(), other.reload()])
    await sees(page.getByText('Nothing has run yet'))
    await sees(other.getByText('A bot is any command worth running again'))

    await app.makeBot(['true'], { name: 'Made afterwards' })
    await sees(other.getByRole('link', { name: 'Made afterwards' }))
    noComplaints(t, complaints, REFUSED)
  }
)
