import t from 'tap'
import { buildApp } from '../support/app.ts'
import { BOT_USER, needsRoot, startWithBotUser } from '../support/bot-user.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'
import { signedInAs } from '../support/users.ts'

t.test('a drained machine says so on every page, and runs what waited when it may again', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const running = await app.start(await app.makeBot(feed.command, { name: 'Runs on' }))
  await app.makeBot(['echo', 'my turn'], { name: 'Comes later' })
  const { page, context, complaints } = await openDashboard(t, app, `/executions/${running.id}`)
  const banner = page.getByRole('status').getByText('nothing new starts')
  await sees(page.getByText('Nothing printed yet.'))
  t.notOk(await banner.isVisible())

  const other = await context.newPage()
  await other.goto('/')
  await goTo(other, 'Machine')
  const main = other.getByRole('main')
  await sees(main.getByText('1 of at most'))
  await other.getByRole('button', { name: 'Drain the machine' }).click()
  await sees(banner)
  await feed.write('it goes on\n')
  await sees(page.getByRole('log').getByText('it goes on'))

  await goTo(page, 'Bots')
  await sees(banner)
  await page.getByRole('button', { name: 'Run Comes later' }).click()
  await sees(page.getByText('Waiting to start'))
  await page.getByRole('link', { name: 'See the machine' }).click()
  await sees(page.getByRole('heading', { name: 'Machine' }))
  await page.goBack()

  await other.getByRole('button', { name: 'Run things again' }).click()
  await sees(page.getByRole('log').getByText('my turn'))
  await seesNoMore(banner)
  await feed.end()
  await app.ended(running.id)
  noComplaints(t, complaints)
})

t.test('a disk that is nearly full is told, and what it means', needsBrowser, async t => {
  const app = await buildApp(t, { config: { minFreeBytes: 2 ** 60 } })
  await app.makeBot(['true'], { name: 'Has no room' })
  const { page, complaints } = await openDashboard(t, app)
  await sees(page.getByRole('status').getByText('disk is nearly full'))
  await page.getByRole('button', { name: 'Run Has no room' }).click()
  await sees(page.getByText('Waiting to start'))
  await goTo(page, 'Machine')
  await sees(page.getByRole('main').getByText(/ free$/))
  noComplaints(t, complaints)
})

t.test('who is no administrator sees how the machine stands, and no switch', needsBrowser, async t => {
  const app = await buildApp(t)
  await signedInAs(app, 'viewer')
  const { page, complaints } = await openDashboard(t, app, '/machine', { signedIn: false })
  await page.getByLabel('E-mail').fill('viewer@example.com')
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByText('An administrator can switch this.'))
  t.equal(await page.getByRole('main').getByRole('button').count(), 0)
  noComplaints(t, complaints, /401/)
})

t.test('whom bots run as is said, and what that means', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/machine')
  await sees(page.getByText('The server’s own user'))
  await sees(page.getByText(/A bot can read and change all that the server can/))
  noComplaints(t, complaints)
})

t.test('a user of their own is named', { skip: needsBrowser.skip || needsRoot.skip }, async t => {
  const server = await startWithBotUser(t, 'root')
  const { page, complaints } = await openDashboard(t, server, '/machine')
  await sees(page.getByText(BOT_USER, { exact: true }))
  await sees(page.getByText(/they cannot read the server’s database/))
  noComplaints(t, complaints)
})
