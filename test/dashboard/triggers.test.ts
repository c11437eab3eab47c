import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused, tabTo } from '../support/keyboard.ts'
import { chain, makeTrigger } from '../support/triggers.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const row = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Triggers' }).getByRole('listitem').filter({ hasText: name })
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })
/** A day that is over by nobody's clock for a while. */
const NEXT_YEAR = new Date().getFullYear() + 1

t.test('what makes a bot run is listed in words, live, and can be switched off and deleted', needsBrowser, async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['true'], { name: 'First' })
  const bot = await app.makeBot(['true'], { name: 'Second' })
  const { page, complaints } = await openDashboard(t, app, '/bots/second', {
    timezoneId: 'America/New_York'
  })
  await sees(page.getByRole('link', { name: /Webhook When GitHub/ }))

  await chain(app, first, bot, { name: 'After the first', on: 'any' })
  await sees(row(page, 'After the first').getByText('After First has ended, however.'))
  await makeTrigger(app, {
    bot: bot.id,
    kind: 'schedule',
    name: 'Mornings',
    schedule: { cron: '30 9 * * *', timezone: 'Europe/Berlin' }
  })
  await sees(row(page, 'Mornings').getByText('At 09:30, Europe/Berlin time.'))
  await sees(row(page, 'Mornings').getByText(/Next .*0?9:30.* in Berlin/))
  await sees(row(page, 'Mornings').getByText(/your time/))
  await isAccessible(t, page, 'a bot with triggers')
  await page.setViewportSize({ width: 1280, height: 800 })

  await row(page, 'Mornings').getByRole('switch', { name: 'Mornings: on' }).click()
  await sees(row(page, 'Mornings').getByText('Off', { exact: true }))
  t.equal((await app.get('/api/triggers?bot=second&kind=schedule')).body.items[0].enabled, false)
  await row(page, 'Mornings').getByRole('button', { name: 'Delete Mornings' }).click()
  await page.getByRole('button', { name: 'Delete the trigger' }).click()
  // What lies behind the question is hidden while it is asked: that closes when it is done.
  await seesNoMore(page.getByRole('alertdialog'))
  await seesNoMore(row(page, 'Mornings'))
  t.equal((await app.get('/api/triggers?bot=second&kind=schedule')).body.items.length, 0)
  noComplaints(t, complaints)
})

t.test('a schedule is made as people mean it, with a preview by both clocks', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.makeBot(['true'], {
    name: 'Reports',
    parameters: { type: 'object', properties: { to: { type: 'string', title: 'To' } }, required: ['to'] }
  })
  const { page, complaints } = await openDashboard(t, app, '/bots/reports', { timezoneId: 'Asia/Tokyo' })
  await page.getByRole('link', { name: /Schedule At times/ }).click()
  await page.getByRole('radio', { name: 'Monday to Friday' }).check()
  await page.getByLabel('At', { exact: true }).fill('08:15')
  await page.getByLabel('Time zone').fill('Europe/Berlin')
  const preview = page.getByRole('region', { name: 'Preview' })
  await sees(preview.getByText('At 08:15, Monday through Friday, Europe/Berlin time.'))
  await sees(
    preview
      .getByRole('listitem')
      .nth(4)
      .getByText(/8:15.* in Berlin/)
  )
  await sees(
    preview
      .getByRole('listitem')
      .nth(4)
      .getByText(/your time/)
  )
  await page.getByLabel('Time zone').fill('Asia/Tokyo')
  await sees(preview.getByText('At 08:15, Monday through Friday, Asia/Tokyo time.'))
  await seesNoMore(preview.getByText(/your time/))

  await page.getByText('Limits', { exact: true }).click()
  await page.getByLabel('Not on these days').fill(`${NEXT_YEAR}-12-25`)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await sees(preview.getByText(`not on ${NEXT_YEAR}-12-25`))
  await page.getByText('What was missed', { exact: true }).click()
  await page.getByRole('radio', { name: 'None runs' }).check()
  await page.keyboard.press('Control+s')
  await eventually('the parameter that is missing', () => isFocused(page.getByLabel('To (required)')))
  await page.getByLabel('To (required)').fill('the team')
  await isAccessible(t, page, 'the form of a schedule')
  await page.setViewportSize({ width: 1280, height: 800 })
  await save(page).click()

  await sees(row(page, 'Monday to Friday at 08:15').getByText('Asia/Tokyo time'))
  const [made] = (await app.get('/api/triggers?bot=reports')).body.items
  t.match(made, {
    name: 'Monday to Friday at 08:15',
    parameters: { to: 'the team' },
    schedule: { cron: '15 8 * * 1-5', timezone: 'Asia/Tokyo', exclude: [`${NEXT_YEAR}-12-25`], missed: 'skip' }
  })
  noComplaints(t, complaints, /\b400\b/)
})

t.test('a schedule that is changed keeps what was not', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'])
  // Seconds that no field shows.
  const startAt = Date.UTC(2026, 0, 1, 12, 34, 56)
  const { id } = await makeTrigger(app, {
    bot: bot.id,
    kind: 'schedule',
    name: 'Often',
    schedule: { everyMs: 5_400_000, startAt, timezone: 'Europe/Berlin', jitterMs: 1000 }
  })
  const { page, complaints } = await openDashboard(t, app, `/triggers/${id}/edit`)
  t.ok(await page.getByRole('radio', { name: 'Again and again' }).isChecked())
  t.equal(await page.getByLabel('Every', { exact: true }).inputValue(), '90')
  t.equal(await page.getByLabel('From', { exact: true }).inputValue(), '2026-01-01T13:34')
  await page.getByLabel('Every', { exact: true }).fill('45')
  await page.getByLabel('Name').fill('More often')
  await save(page).click()
  await sees(row(page, 'More often').getByText('Every 45 minutes'))
  const { name, schedule } = (await app.get(`/api/triggers/${id}`)).body
  t.match({ name, schedule }, { name: 'More often', schedule: { everyMs: 2_700_000, startAt, jitterMs: 1000 } })
  noComplaints(t, complaints)
})

t.test('what is wrong with a cron expression is said in the preview, and at its field', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.makeBot(['true'], { name: 'Bot' })
  const { page, complaints } = await openDashboard(t, app, '/bots/bot/triggers/new')
  await page.getByRole('radio', { name: 'By a cron expression' }).check()
  const field = page.getByLabel('Cron expression', { exact: true })
  await field.fill('*/90 * * * *')
  await sees(
    page.getByRole('region', { name: 'Preview' }).getByText(/^Cron expression: .* would not run every 90 minutes/)
  )
  await save(page).click()
  await sees(page.getByText('The trigger cannot be saved: see what is marked.'))
  await eventually('the field that is wrong', () => isFocused(field))
  await sees(page.getByText(/would not run every 90 minutes/).nth(1))
  await field.fill('0 12 1 * *')
  await sees(page.getByRole('region', { name: 'Preview' }).getByText('At 12:00, on day 1 of the month'))
  noComplaints(t, complaints, /\b400\b/)
})

t.test('a chain is made by keyboard, and one that leads round in circles is refused', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.makeBot(['true'], { name: 'First' })
  await app.makeBot(['true'], { name: 'Second' })
  const { page, complaints } = await openDashboard(t, app, '/bots/second')
  await tabTo(page, page.getByRole('link', { name: /Chain After another/ }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByLabel('Bot', { exact: true }))
  await page.keyboard.type('First')
  await tabTo(page, page.getByRole('radio', { name: 'has succeeded' }))
  await page.keyboard.press('ArrowDown')
  await isAccessible(t, page, 'the form of a chain')
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.keyboard.press('Control+s')
  await sees(row(page, 'After First').getByText('After First has failed, timed out or was lost.'))

  await page.goto('/bots/first/triggers/new?kind=chain')
  await page.getByLabel('Bot', { exact: true }).selectOption('Second')
  await save(page).click()
  await sees(page.getByText('would have bots start each other for ever'))
  t.ok(await isFocused(page.getByLabel('Bot', { exact: true })))
  noComplaints(t, complaints, /\b400\b/)
})

t.test('who may only look sees triggers, and nothing to change them by', needsBrowser, async t => {
  const app = await buildApp(t)
  await makeUser(app, 'viewer')
  const first = await app.makeBot(['true'], { name: 'First' })
  const bot = await app.makeBot(['true'], { name: 'Second' })
  const { id } = await chain(app, first, bot, { name: 'After the first' })
  const { page, complaints } = await openDashboard(t, app, '/bots/second', { email: 'viewer@example.com' })
  await sees(row(page, 'After the first'))
  t.equal(await row(page, 'After the first').getByRole('switch').count(), 0)
  await page.goto('/bots/first')
  await sees(page.getByText('Nothing: it runs when somebody starts it.'))
  await page.goto(`/triggers/${id}/edit`)
  await sees(page.getByText('You may look, but not change triggers'))
  noComplaints(t, complaints)
})
