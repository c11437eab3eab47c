import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { BOT_USER, needsRoot, startWithBotUser } from '../support/bot-user.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
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

  // As a stop does where bots end with the server.
  const drained = app.app.drain(600_000)
  await sees(page.getByText('The server is about to stop: nothing new starts. What runs may go on until '))
  await sees(other.getByRole('main').getByRole('heading', { name: 'About to stop' }))
  t.match((await app.execution(running.id)).state, 'running')
  await feed.end()
  await app.ended(running.id)
  await drained
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

t.test('a backup that failed is loud until one succeeds, and whoever may has one made', needsBrowser, async t => {
  const folder = testFolder(t)
  const url = join(folder, 'backups')
  const backup = { url, cron: '30 3 * * *', keep: 14, passphrase: null }
  const app = await buildApp(t, { dataDir: join(folder, 'data'), config: { backup } })
  const { page, complaints } = await openDashboard(t, app, '/machine')
  await sees(page.getByRole('heading', { name: 'The first backup is yet to come' }))
  await page.getByRole('button', { name: 'Back up now' }).click()
  await sees(page.getByRole('heading', { name: 'The last backup failed' }))
  await sees(page.getByRole('alert').getByText(/Backups cannot be written into/))
  await sees(page.getByText(/It is tried again in (60 minutes|1 hour)/))
  await isAccessible(t, page, 'a backup that failed')

  mkdirSync(url)
  await page.getByRole('button', { name: 'Back up now' }).click()
  await sees(page.getByRole('heading', { name: 'Backed up' }))
  await sees(page.getByText('The last whole one:'))
  t.equal(await page.getByRole('alert').count(), 0)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download a backup' }).click()
  ])
  t.match(download.suggestedFilename(), /^botyard-.*\.tar\.zst$/)
  t.equal(await download.failure(), null)
  noComplaints(t, complaints)
})

t.test('a machine that was restored says of when it is, until it runs things again', needsBrowser, async t => {
  const dataDir = testFolder(t)
  const first = await buildApp(t, { dataDir })
  await first.app.http.close()
  withDatabase(dataDir, db => {
    const set = db.prepare('INSERT INTO settings (name, value) VALUES (?, ?)')
    set.run('draining', 'true')
    set.run('restored_from', String(Date.UTC(2026, 0, 2, 12)))
  })
  const app = await buildApp(t, { dataDir })
  const { page, complaints } = await openDashboard(t, app, '/machine')
  await sees(page.getByText(/It was restored from a backup of .*2026/))
  await isAccessible(t, page, 'a machine that was restored')
  await goTo(page, 'Bots')
  await sees(
    page.getByRole('status').getByText('This server was restored from a backup: nothing starts until somebody lets it.')
  )
  await page.getByRole('link', { name: 'See the machine' }).click()
  await page.getByRole('link', { name: 'what is queued' }).click()
  await page.waitForURL('/executions?state=queued')
  await page.goBack()
  await sees(page.getByRole('heading', { name: 'No backups are made' }))
  await page.getByRole('button', { name: 'Run things again' }).click()
  await seesNoMore(page.getByText(/It was restored from a backup/))
  noComplaints(t, complaints)
})
