import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { ALLOWED, makeChannel, makeHook, makeRule, noticesOf } from '../support/notifications.ts'
import { eventually } from '../support/wait.ts'

const LONG_NAME = 'x'.repeat(100)
const dialog = (page: Page) => page.getByRole('dialog')

t.test('axe finds nothing on the page of notifications, and it is no wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  const { page, complaints } = await openDashboard(t, app, '/notifications')
  await sees(page.getByText('It needs a channel first.'))
  await isAccessible(t, page, 'nothing yet')
  target.answer = response => void response.writeHead(410).end('y'.repeat(1000))
  const hook = await makeHook(app, target, LONG_NAME)
  await makeChannel(app, 'email', { to: [`${'a'.repeat(60)}@${'example'.repeat(8)}.com`, 'b@example.com'] }, 'Mail')
  await makeRule(app, hook, ['failed', 'long_running'], {
    name: LONG_NAME,
    longRunningMs: 60_000,
    quietMs: 60_000,
    enabled: true
  })
  await makeRule(app, hook, ['recovered'], { name: 'Off', enabled: false })
  const bot = await app.makeBot(['false'], { name: LONG_NAME.slice(1) })
  for (const state of ['failed', 'suppressed']) {
    await app.ended((await app.start(bot)).id)
    await eventually(`a notice that is ${state}`, async () => (await noticesOf(app))[0]?.state === state)
  }
  await page.reload()
  await sees(page.getByText('Kept quiet').and(page.locator('span')))
  await page.getByRole('button', { name: `Send a test to ${LONG_NAME}` }).click()
  await sees(page.getByText('Not delivered.'))
  await isAccessible(t, page, 'notifications')
  noComplaints(t, complaints)
})

t.test('axe finds nothing in the dialogs of notifications', needsBrowser, async t => {
  const app = await buildApp(t)
  const telegram = { token: '123:hushhushhushhushhushhush', chatId: '-100' }
  const channel = await makeChannel(app, 'telegram', telegram, LONG_NAME)
  await makeChannel(app, 'ntfy', { topic: 'bots', token: 'tk_hush' }, 'Phone')
  await makeRule(app, channel, ['failed'], { name: LONG_NAME })
  const { page, complaints } = await openDashboard(t, app, '/notifications')
  await page.getByRole('button', { name: 'Add a channel' }).click()
  await dialog(page).getByLabel('Name').fill('Mail')
  await dialog(page).getByLabel('To', { exact: true }).fill('nobody')
  await dialog(page).getByRole('button', { name: 'Add the channel' }).click()
  await sees(dialog(page).getByText('must be e-mail addresses'))
  await isAccessible(t, page, 'a new channel')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Change Phone' }).click()
  await isAccessible(t, page, 'a channel')
  await page.keyboard.press('Escape')
  await page
    .getByRole('button', { name: `Change ${LONG_NAME}` })
    .last()
    .click()
  for (const word of ['fails', 'runs for long'])
    await dialog(page)
      .getByLabel(word, { exact: true })
      .setChecked(word !== 'fails')
  await dialog(page).getByLabel(LONG_NAME).uncheck()
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  await sees(dialog(page).getByText('Choose at least one.'))
  await isAccessible(t, page, 'a rule')
  await page.keyboard.press('Escape')
  await page
    .getByRole('button', { name: `Delete ${LONG_NAME}` })
    .first()
    .click()
  await sees(page.getByRole('alertdialog').getByText('A rule names it'))
  await isAccessible(t, page, 'the question whether to delete a channel')
  noComplaints(t, complaints, /\b400\b/)
})
