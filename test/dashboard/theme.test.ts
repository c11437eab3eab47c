import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, openUserMenu, sees } from '../support/dashboard.ts'

/** Which theme the page is in, by the light of its ground. */
async function themeOf(page: Page): Promise<'light' | 'dark'> {
  const ground = (await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')) as string
  return Number(/\d+/.exec(ground)![0]) < 128 ? 'dark' : 'light'
}

async function choose(page: Page, theme: string): Promise<void> {
  await (await openUserMenu(page)).getByRole('menuitemradio', { name: theme }).click()
  await page.getByRole('menu').waitFor({ state: 'hidden' })
}

t.test('the theme follows the system until one is chosen, and a choice stays', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, context, complaints } = await openDashboard(t, app, '/', { colorScheme: 'dark' })
  await sees(page.getByRole('heading', { name: 'Bots', level: 1 }))
  t.equal(await themeOf(page), 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  t.equal(await themeOf(page), 'light')

  await choose(page, 'Dark')
  t.equal(await themeOf(page), 'dark')
  // There is nothing to be painted before the page has a body.
  await context.addInitScript(`new MutationObserver((_, observer) => {
    if (!document.body) return
    observer.disconnect()
    window.firstTheme = getComputedStyle(document.documentElement).colorScheme
  }).observe(document, { childList: true, subtree: true })`)
  await page.reload()
  t.equal(await page.evaluate('window.firstTheme'), 'dark', 'before anything is painted')
  await sees(page.getByRole('heading', { name: 'Bots', level: 1 }))
  t.equal(await themeOf(page), 'dark', 'the choice outlives the page')

  await choose(page, 'As the system')
  t.equal(await themeOf(page), 'light')
  await page.emulateMedia({ colorScheme: 'dark' })
  t.equal(await themeOf(page), 'dark')
  noComplaints(t, complaints)
})
