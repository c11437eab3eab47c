import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, styleOf } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'
import { chain, switchAutomation } from '../support/triggers.ts'
import { eventually } from '../support/wait.ts'

t.test('a skipped execution says why, and leads to the one that was in its way', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command, { name: 'Never two', concurrency: { policy: 'skip' } })
  const { id } = await app.start(bot)
  const { page, complaints } = await openDashboard(t, app)
  const main = page.getByRole('main')
  await page.getByRole('button', { name: 'Run Never two' }).click()
  await page.waitForURL(/\/executions\//)
  await sees(main.getByText('Skipped', { exact: true }))
  await sees(main.getByText('is set to skip what is started meanwhile'))
  await main.getByRole('link', { name: 'The one in its way' }).click()
  await page.waitForURL(`/executions/${id}`)
  await sees(main.getByText('Running', { exact: true }))
  await feed.end()
  await sees(main.getByText('Succeeded', { exact: true }))

  await page.goto('/executions')
  const rows = main.getByRole('listitem')
  await eventually('both in the history', async () => (await rows.count()) === 2)
  await page.getByRole('button', { name: 'Skipped' }).click()
  await eventually('one', async () => (await rows.count()) === 1)
  await rows.getByRole('link').click()
  await sees(main.getByRole('link', { name: /The one in its way/ }).getByText('Succeeded'))

  await page.goto('/bots/never-two')
  const bars = page.getByRole('list', { name: 'Latest executions, oldest first' }).getByRole('link')
  await sees(bars)
  t.match(await bars.allTextContents(), [/^Succeeded/, /^Skipped/])
  const grounds = await Promise.all([0, 1].map(n => styleOf(bars.nth(n).locator('span').first(), 'backgroundColor')))
  t.match(grounds[1], /rgba\(0, 0, 0, 0\)|transparent/, 'it is an empty frame')
  t.notMatch(grounds[0], /rgba\(0, 0, 0, 0\)|transparent/)
  noComplaints(t, complaints)
})

t.test('one that was skipped for another reason names that', needsBrowser, async t => {
  const app = await buildApp(t)
  const [first, second] = [
    await app.makeBot(['true'], { name: 'First' }),
    await app.makeBot(['true'], { name: 'Second' })
  ]
  await chain(app, first, second)
  await switchAutomation(app, false)
  await app.ended((await app.start(first)).id)
  let skipped: { id: string } | undefined
  await eventually('what the chain did not start', async () => {
    skipped = (await app.get(`/api/bots/${second.id}/executions`)).body.items[0]
    return skipped !== undefined
  })
  const { page, complaints } = await openDashboard(t, app, `/executions/${skipped!.id}`)
  const main = page.getByRole('main')
  await sees(main.getByText('The automation was switched off.'))
  t.equal(await main.getByText('was running already').count(), 0)
  noComplaints(t, complaints)
})
