import type { BrowserContext, Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'

/** Keeps the first answer to such a request, as it was given, until it is let go. */
async function hold(page: Page | BrowserContext, address: RegExp, method: string) {
  let letGo = () => {}
  const free = new Promise<void>(resolve => {
    letGo = resolve
  })
  let answered = () => {}
  const given = new Promise<void>(resolve => {
    answered = resolve
  })
  let held = false
  await page.route(address, async route => {
    if (held || route.request().method() !== method) return route.continue()
    held = true
    const response = await route.fetch()
    answered()
    await free
    await route.fulfill({ response })
  })
  return { given, letGo }
}

t.test('what an event has told is not undone by an answer that comes later', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command, { name: 'Quick' })
  const { page, context, complaints } = await openDashboard(t, app)
  const main = page.getByRole('main')

  const start = await hold(page, /\/api\/bots\/[^/]+\/executions$/, 'POST')
  await page.getByRole('button', { name: 'Run Quick' }).click()
  await start.given
  await sees(main.getByRole('region', { name: 'Now' }).getByText('Running'))
  start.letGo()
  await page.waitForURL(/\/executions\//)
  await sees(main.getByText('Running', { exact: true }))
  await feed.write('it is there\n')
  await sees(page.getByRole('log').getByText('it is there'))

  const id = new URL(page.url()).pathname.split('/').at(-1)!
  const other = await context.newPage()
  const read = await hold(other, new RegExp(`/api/executions/${id}$`), 'GET')
  await other.goto(`/executions/${id}`)
  await read.given
  await feed.end()
  await sees(main.getByText('Succeeded', { exact: true }))
  read.letGo()
  await sees(other.getByRole('main').getByText('Succeeded', { exact: true }))

  const renamed = await context.newPage()
  const readBot = await hold(renamed, /\/api\/bots\/quick$/, 'GET')
  await renamed.goto('/bots/quick')
  await readBot.given
  await page.goto('/')
  await sees(page.getByRole('link', { name: 'Quick', exact: true }))
  await app.patch(`/api/bots/${bot.id}`, { name: 'Quicker' })
  await sees(page.getByRole('link', { name: 'Quicker', exact: true }))
  readBot.letGo()
  await sees(renamed.getByRole('heading', { name: 'Quicker', level: 1 }))
  noComplaints(t, complaints)
})
