import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN, Client } from '../support/client.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { withDatabase } from '../support/database.ts'
import { isFocused } from '../support/keyboard.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const DAY_MS = 24 * 3_600_000

const dialog = (page: Page) => page.getByRole('dialog')
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const row = (page: Page, name: string) => page.getByRole('main').getByRole('listitem').filter({ hasText: name })
const value = (page: Page) => dialog(page).getByRole('textbox', { name: 'Token' })

t.test('a token is made for a bot, shown once, used against the API, and revoked', needsBrowser, async t => {
  const app = await buildApp(t)
  const mine = await app.makeBot(['true'], { name: 'Mine' })
  await app.makeBot(['true'], { name: 'Not mine' })
  const { page, complaints } = await openDashboard(t, app, '/', { permissions: ['clipboard-read', 'clipboard-write'] })
  await goTo(page, 'Tokens')
  await sees(page.getByText('No tokens yet'))
  await button(page, 'New token').click()
  await eventually('the first field', () => isFocused(dialog(page).getByLabel('Name')))
  await page.keyboard.type('Deploy hook')
  await dialog(page).getByRole('radio', { name: 'Administrator' }).check()
  await dialog(page).getByRole('radio', { name: 'Only these' }).check()
  t.equal(await dialog(page).getByRole('radio', { name: 'Administrator' }).count(), 0, 'that is about no bot')
  t.ok(await dialog(page).getByRole('radio', { name: 'Operator' }).isChecked())
  await dialog(page).getByLabel('Your password').fill(ADMIN.password)
  await button(page, 'Make the token').click()
  await sees(dialog(page).getByText('Choose at least one bot.'))
  await dialog(page).getByRole('checkbox', { name: 'Mine', exact: true }).check()
  t.equal(await dialog(page).getByLabel('Good for').inputValue(), 'quarter')
  await dialog(page).getByLabel('Your password').fill(ADMIN.password)
  await button(page, 'Make the token').click()
  const token = await value(page).inputValue()
  t.match(token, /^byd_/)
  await page.keyboard.press('Escape')
  t.equal(await value(page).inputValue(), token, 'Escape does not take it away')
  await button(page, 'Copy').click()
  await sees(button(page, 'Copied'))
  t.equal(await page.evaluate('navigator.clipboard.readText()'), token)
  await button(page, 'Copy the command').click()
  t.equal(
    await page.evaluate('navigator.clipboard.readText()'),
    `curl -H 'authorization: Bearer ${token}' ${app.url}/api/bots`
  )
  await button(page, 'I have kept it').click()
  await seesNoMore(dialog(page))
  t.notMatch(await page.content(), token, 'it is not shown again')
  await sees(row(page, 'Deploy hook').getByText('Only Mine'))
  await sees(row(page, 'Deploy hook').getByText('Never used'))
  const { expiresAt } = (await app.get('/api/tokens')).body.items[0]
  t.ok(Math.abs(expiresAt - Date.now() - 90 * DAY_MS) < DAY_MS, 'for 90 days')

  const program = new Client(app.url)
  program.token = token
  t.same(
    (await program.get('/api/bots')).body.items.map((bot: { id: string }) => bot.id),
    [mine.id]
  )
  await eventually('its use is kept', async () => (await app.get('/api/tokens')).body.items[0].usedAt !== null)
  await page.reload()
  await sees(row(page, 'Deploy hook').getByText('Last used just now from 127.0.0.1'))
  await button(page, 'Revoke Deploy hook').click()
  await button(page, 'Revoke the token').click()
  await sees(page.getByText('No tokens yet'))
  t.equal((await program.get('/api/bots')).status, 401)
  noComplaints(t, complaints)
})

t.test(
  'a value is copied from the dialog also where the browser has no clipboard for the page',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, context, complaints } = await openDashboard(t, app, '/tokens')
    await context.addInitScript(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`)
    await page.reload()
    await button(page, 'New token').click()
    await dialog(page).getByLabel('Name').fill('Wall')
    await dialog(page).getByLabel('Your password').fill(ADMIN.password)
    await button(page, 'Make the token').click()
    const token = await value(page).inputValue()
    await button(page, 'Copy').click()
    await sees(button(page, 'Copied'))
    await button(page, 'I have kept it').click()
    await button(page, 'New token').click()
    await dialog(page).getByLabel('Name').press('Control+V')
    t.equal(await dialog(page).getByLabel('Name').inputValue(), token)
    noComplaints(t, complaints)
  }
)

t.test('a token says when it ran out, and the days one may choose are kept to', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/tokens')
  await button(page, 'New token').click()
  await dialog(page).getByLabel('Name').fill('For today')
  await dialog(page).getByLabel('Good for').selectOption('Until a day')
  t.equal(
    await dialog(page).getByLabel('Last day').getAttribute('min'),
    await dialog(page).getByLabel('Last day').inputValue()
  )
  await dialog(page).getByLabel('Your password').fill(ADMIN.password)
  await button(page, 'Make the token').click()
  await sees(value(page))
  await button(page, 'I have kept it').click()
  const { expiresAt } = (await app.get('/api/tokens')).body.items[0]
  t.equal(new Date(expiresAt).getHours(), 0, 'the day that is meant is whole')

  await button(page, 'New token').click()
  await dialog(page).getByLabel('Name').fill('For ever')
  await dialog(page).getByLabel('Good for').selectOption('Without an end')
  await sees(dialog(page).getByText('Whoever finds it some day can use it.'))
  await dialog(page).getByLabel('Your password').fill(ADMIN.password)
  await button(page, 'Make the token').click()
  await sees(value(page))
  await button(page, 'I have kept it').click()
  await sees(row(page, 'For ever').getByText('Has no end'))

  withDatabase(app.config.dataDir, db =>
    db.prepare("UPDATE api_tokens SET expires_at = 1 WHERE name = 'For today'").run()
  )
  await page.reload()
  await sees(row(page, 'For today').getByText('Has run out'))
  noComplaints(t, complaints)
})

t.test(
  'who is no administrator makes tokens of no more than his role, and sees those of nobody else',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    await app.post('/api/tokens', { password: ADMIN.password, name: 'Of the administrator', role: 'viewer' })
    await makeUser(app, 'operator', 'grace@example.com')
    const { page: hers, complaints: others } = await openDashboard(t, app, '/tokens', { email: 'grace@example.com' })
    await sees(hers.getByText('No tokens yet'))
    await button(hers, 'New token').click()
    t.equal(await dialog(hers).getByRole('radio', { name: 'Operator' }).count(), 1)
    t.equal(await dialog(hers).getByRole('radio', { name: 'Administrator' }).count(), 0)
    await dialog(hers).getByLabel('Name').fill('Of Grace')
    await dialog(hers).getByLabel('Your password').fill(ADMIN.password)
    await button(hers, 'Make the token').click()
    await sees(value(hers))

    const { page, complaints } = await openDashboard(t, app, '/tokens')
    await sees(row(page, 'Of Grace').getByText('Of grace@example.com'))
    await sees(row(page, 'Of the administrator').getByText('Yours'))
    noComplaints(t, complaints)
    noComplaints(t, others)
  }
)

t.test('a browser without a network is told that nothing answers, and can ask again', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.post('/api/tokens', { password: ADMIN.password, name: 'Of a program', role: 'viewer' })
  const { page, context, complaints } = await openDashboard(t, app, '/tokens')
  await button(page, 'Revoke Of a program').click()
  const question = page.getByRole('alertdialog')
  await sees(question)
  await context.setOffline(true)
  await button(page, 'Revoke the token').click()
  await sees(question.getByRole('alert').getByText('The server does not answer.'))
  await context.setOffline(false)
  await button(page, 'Revoke the token').click()
  await sees(page.getByText('No tokens yet'))
  noComplaints(t, complaints, /ERR_INTERNET_DISCONNECTED/)
})
