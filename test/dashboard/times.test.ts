import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { writeHistory } from '../support/history.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const NOW = Date.UTC(2026, 2, 10, 20, 30, 40)

t.test('a time is told as people tell it, and exactly in the zone of the reader', needsBrowser, async t => {
  const app = await buildApp(t)
  writeHistory(app, [
    { queuedAt: NOW - 3000 },
    { queuedAt: NOW - 5 * MINUTE },
    { queuedAt: NOW - 26 * 60 * MINUTE },
    { queuedAt: NOW - 400 * DAY }
  ])
  const zone = { locale: 'en-GB', timezoneId: 'Asia/Tokyo' }
  const { page, complaints } = await openDashboard(t, app, '/sign-in', zone)
  await page.clock.install({ time: NOW })
  await page.goto('/executions')
  const times = page.getByRole('main').getByRole('listitem').getByRole('time')
  await sees(times)
  t.same(await times.allTextContents(), ['just now', '5 minutes ago', 'yesterday', '4 Feb 2025'])

  const newest = times.first()
  t.equal(await newest.getAttribute('datetime'), new Date(NOW - 3000).toISOString())
  const title = (await newest.getAttribute('title'))!
  for (const part of ['Wednesday', '11 March 2026', '05:30:37', /JST|GMT\+9/]) t.match(title, part)

  await page.clock.fastForward(2 * MINUTE)
  await sees(page.getByText('2 minutes ago'))
  t.same(await times.allTextContents(), ['2 minutes ago', '7 minutes ago', 'yesterday', '4 Feb 2025'])
  noComplaints(t, complaints)
})
