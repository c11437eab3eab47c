import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { goTo, noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { isFocused, tabTo } from '../support/keyboard.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const focuses = (page: Page, role: 'button' | 'heading', name: string) =>
  eventually(`the focus on ${name}`, () => isFocused(page.getByRole(role, { name, exact: true })))

t.test('what had the focus may go, and the focus stays near', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.request('PUT', '/api/secrets/A_TOKEN', { body: { value: 'a long token' } })
  await makeUser(app, 'viewer')
  const { page, complaints } = await openDashboard(t, app, '/secrets')
  const { keyboard } = page
  await sees(page.getByRole('button', { name: 'Delete A_TOKEN' }))
  await tabTo(page, page.getByRole('button', { name: 'Delete A_TOKEN' }))
  await keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Delete the secret' }))
  await keyboard.press('Enter')
  await focuses(page, 'heading', 'Secrets')

  await goTo(page, 'People')
  await tabTo(page, page.getByRole('button', { name: 'More about viewer@example.com' }))
  await keyboard.press('Enter')
  await keyboard.press('End')
  await keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Delete the account' }))
  await keyboard.press('Enter')
  await focuses(page, 'heading', 'People')

  await page.goto('/account')
  const end = page.getByRole('button', { name: /^End the session/ })
  await sees(end)
  await tabTo(page, end)
  await keyboard.press('Enter')
  await focuses(page, 'heading', 'Sessions')
  noComplaints(t, complaints)
})

t.test('a dialog without a field begins in itself', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/people')
  await page.getByRole('button', { name: `More about ${ADMIN.email}` }).click()
  await page.getByRole('menuitem', { name: 'New password…' }).click()
  await eventually('the focus in the dialog', () => isFocused(page.getByRole('dialog')))
  await page.keyboard.press('Tab')
  await focuses(page, 'button', 'Close')
  noComplaints(t, complaints)
})

t.test('the focus stays by the rows of a form as they come and go', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  const { page, complaints } = await openDashboard(t, app, `/bots/${bot.slug}/triggers/new?kind=webhook`)
  await page.getByRole('button', { name: 'Add a filter' }).click()
  await page.getByRole('button', { name: 'Add a filter' }).click()
  const place = (n: number) => page.getByRole('textbox', { name: `Place of filter ${n}` })
  await eventually('the focus in the second', () => isFocused(place(2)))
  await page.getByRole('button', { name: 'Remove filter 2' }).click()
  await eventually('the focus in the first', () => isFocused(place(1)))
  await page.getByRole('button', { name: 'Remove filter 1' }).click()
  await focuses(page, 'button', 'Add a filter')
  noComplaints(t, complaints)
})
