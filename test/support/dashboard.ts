import type { BrowserContext, Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { openBrowser } from './browser.ts'
import { requireBuild } from './build.ts'
import { ADMIN, type Client } from './client.ts'

/**
 * The dashboard in a real browser, and everything the browser complains about. Signed in as {@link ADMIN}, or as who has that
 * address and the same password, unless told otherwise.
 */
export async function openDashboard(
  t: Test,
  server: Client,
  address = '/',
  options: Parameters<typeof openBrowser>[1] & { signedIn?: boolean; email?: string } = {}
): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  requireBuild()
  const { signedIn = true, email = ADMIN.email, ...browserOptions } = options
  const opened = await openBrowser(t, { baseURL: server.url, ...browserOptions })
  if (signedIn) {
    const answer = await opened.page.request.post('/api/auth/login', { data: { ...ADMIN, email } })
    if (!answer.ok()) throw new Error(`sign-in: ${answer.status()}`)
  }
  await opened.page.goto(address)
  return opened
}

/**
 * Fails the test for what the browser complained about. `expected` are complaints that belong to what is tested: of a server
 * that is down, for example.
 */
export function noComplaints(t: Test, complaints: string[], expected?: RegExp): void {
  t.same(expected ? complaints.filter(complaint => !expected.test(complaint)) : complaints, [], 'no complaints')
}

/** What a browser says when a page finds that nobody is signed in. */
export const NOBODY_SIGNED_IN = /401.*\/api\/auth\/(me|refresh)|\/api\/auth\/(me|refresh): 401/

/** Waits until the page shows `what`. */
export const sees = (what: Locator): Promise<void> => what.first().waitFor()

/** Waits until the page shows it no more. */
export const seesNoMore = (what: Locator): Promise<void> => what.first().waitFor({ state: 'hidden' })

/** Fills in the sign-in page, and sends it. */
export async function signIn(
  page: Page,
  password: string = ADMIN.password,
  email: string = ADMIN.email
): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Goes to one of the places that every page leads to. */
export async function goTo(
  page: Page,
  place: 'Bots' | 'History' | 'Schedule' | 'Secrets' | 'Tokens' | 'Notifications' | 'Machine' | 'People' | 'Audit log'
): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click()
}

/** The menu of the account and the appearance, opened. */
export async function openUserMenu(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Account and appearance' }).click()
  const menu = page.getByRole('menu')
  await menu.waitFor()
  return menu
}

/** A property of an element's style, as the browser has computed it. */
export const styleOf = (what: Locator, property: string): Promise<string> =>
  what.first().evaluate((element, name) => element.ownerDocument.defaultView.getComputedStyle(element)[name], property)
