import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'

t.test('what is done elsewhere to bots and executions shows in every open page by itself', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page: bots, context, complaints } = await openDashboard(t, app)
  await sees(bots.getByText('A bot is any command worth running again'))
  const history = await context.newPage()
  await history.goto('/executions')
  await sees(history.getByText('Nothing has run yet'))
  const executions = history.getByRole('main').getByRole('listitem')
  const row = bots
    .getByRole('main')
    .getByRole('listitem')
    .filter({ has: bots.getByRole('button', { name: /^Run/ }) })

  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command, { name: 'Draft' })
  await sees(row.getByRole('link', { name: 'Draft', exact: true }))
  await sees(row.getByText('Has not run yet'))
  await app.patch(`/api/bots/${bot.id}`, { name: 'Nightly report', description: 'Sums up the day.' })
  await sees(row.getByRole('link', { name: 'Nightly report', exact: true }))
  await sees(row.getByText('Sums up the day.'))
  t.equal(await bots.getByText('Draft', { exact: true }).count(), 0)

  const { id } = await app.start(bot)
  await sees(row.getByText('Running', { exact: true }))
  await sees(bots.getByRole('region', { name: 'Now' }).getByRole('link', { name: /Nightly report/ }))
  await sees(executions.getByText('Running'))
  await executions.getByRole('link').click()
  await history.waitForURL(`/executions/${id}`)
  await sees(history.getByRole('main').getByText('Running', { exact: true }))

  await feed.write('first line\n')
  await sees(history.getByText('first line'))
  await feed.end()
  await sees(history.getByRole('main').getByText('Succeeded', { exact: true }))
  await sees(row.getByText('Succeeded', { exact: true }))
  await seesNoMore(bots.getByRole('region', { name: 'Now' }))
  t.match(await history.title(), /^Succeeded: Nightly report/)

  await row.getByRole('link', { name: 'Nightly report', exact: true }).click()
  await sees(bots.getByRole('heading', { name: 'Nightly report', level: 1 }))
  await history.goto('/')
  await sees(history.getByRole('link', { name: 'Nightly report', exact: true }))
  await app.patch(`/api/bots/${bot.id}`, { slug: 'nightly-report' })
  await bots.waitForURL('/bots/nightly-report')
  await sees(bots.getByRole('main').getByText('Succeeded', { exact: true }))
  await app.delete(`/api/bots/${bot.id}`)
  await sees(history.getByText('A bot is any command worth running again'))
  await sees(bots.getByRole('alert').getByText('There is no bot'))
  noComplaints(t, complaints, /404/)
})
