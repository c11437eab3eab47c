import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees } from '../support/dashboard.ts'

/** What the browser says of a file that the server has no more. */
const GONE = /404|Failed to fetch dynamically imported module|Unable to preload CSS/

t.test('a page whose files a newer version has replaced is loaded anew, and once only', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, context, complaints } = await openDashboard(t, app, '/sign-in')
  let loads = 0
  page.on('load', () => loads++)
  await context.route('**/assets/history-page-*', route => route.fulfill({ status: 404 }))
  await page.goto('/')
  await sees(page.getByRole('heading', { name: 'Bots', level: 1 }))
  // What is fetched ahead is no reason to load the page anew under somebody's hands.
  await page.waitForLoadState('load')
  t.equal(loads, 1)

  const loaded = page.waitForEvent('load')
  await goTo(page, 'History')
  await loaded
  t.equal(new URL(page.url()).pathname, '/executions', 'it is the page that was asked for')
  // The server still lacks it: no other try follows by itself.
  await page.goto('/')
  await goTo(page, 'History')
  await app.makeBot(['true'], { name: 'Made meanwhile' })
  await sees(page.getByRole('link', { name: 'Made meanwhile' }))
  t.equal(loads, 3)

  await context.unroute('**/assets/history-page-*')
  await page.reload()
  await goTo(page, 'History')
  await sees(page.getByText('Nothing has run yet'))
  noComplaints(t, complaints, GONE)
})
