import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { withDatabase } from '../support/database.ts'
import { makeSchedule } from '../support/schedules.ts'

const DAY_MS = 86_400_000
const line = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })

t.test('what schedules start in a week is seen day by day, by both clocks, and live', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { name: 'Reports' })
  const { page, complaints } = await openDashboard(t, app, '/', { timezoneId: 'Asia/Tokyo' })
  await goTo(page, 'Schedule')
  await sees(page.getByText('Nothing is due on these days'))

  await makeSchedule(app, bot, { cron: '30 12 * * *', timezone: 'Europe/London' }, { name: 'At noon' })
  await makeSchedule(app, bot, { cron: '0 * * * *', timezone: 'Asia/Tokyo' }, { name: 'Hourly' })
  await sees(line(page, 'At noon').getByText(/12:30.* in London/))
  // Tomorrow has all of it, at whatever time of today this runs.
  await sees(page.getByRole('region').nth(1).getByText('24 times', { exact: true }))
  await isAccessible(t, page, 'the schedule')
  await page.setViewportSize({ width: 1280, height: 800 })

  await page.getByRole('link', { name: 'Later' }).click()
  await sees(line(page, 'Hourly').nth(6))
  t.match(page.url(), /from=\d{4}-\d{2}-\d{2}$/)
  await page.getByRole('link', { name: 'Today' }).click()
  await line(page, 'Hourly').last().getByRole('link', { name: 'Reports' }).click()
  await sees(page.getByRole('heading', { name: 'Hourly', level: 1 }))
  await sees(page.getByRole('heading', { name: 'Next' }))
  noComplaints(t, complaints)
})

t.test('what became of times that have been stays to be seen, with why', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { name: 'Reports' })
  const { id } = await makeSchedule(app, bot, { cron: '30 12 * * *' }, { name: 'At noon' })
  const execution = await app.ended((await app.start(bot)).id)
  const at = Date.now() - DAY_MS
  withDatabase(app.config.dataDir, db => {
    const put = db.prepare(
      'INSERT INTO occurrences (trigger_id, slot_at, due_at, state, reason, execution_id, settled_at) VALUES (?, ?, ?, ?, ?, ?, ?)'
    )
    put.run(id, at, at, 'started', null, execution.id, at)
    put.run(id, at - 1000, at - 1000, 'missed', 'too_old', null, at)
  })
  const from = new Date(at - DAY_MS).toISOString().slice(0, 10)
  const { page, complaints } = await openDashboard(t, app, `/schedule?from=${from}`, { timezoneId: 'UTC' })
  await sees(page.getByText('Missed', { exact: true }))
  await sees(page.getByText('It could not run for longer than its schedule allows.'))
  await isAccessible(t, page, 'a week that has been')
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('link', { name: 'The execution' }).click()
  await page.waitForURL(`/executions/${execution.id}`)

  await page.goto(`/triggers/${id}`)
  const before = page.getByRole('region', { name: 'Before' })
  await sees(before.getByText('Started', { exact: true }))
  await sees(before.getByText('Missed', { exact: true }))
  await isAccessible(t, page, 'the trigger of a schedule')
  noComplaints(t, complaints)
})
