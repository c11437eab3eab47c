import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees, styleOf } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

const CHECK = `echo "Opening the $SHOP"
printf '\\033[31mThe basket is empty\\033[0m\\n'
exit 3`

t.test('a bot that fails says so, and why, wherever it is shown; and can be run again', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/sh', '-c', CHECK], {
    name: 'Check the shop',
    env: { SHOP: '{{parameters.shop}}' },
    parameters: { type: 'object', properties: { shop: { type: 'string', title: 'Shop' } } }
  })
  const { page, complaints } = await openDashboard(t, app)
  await page.getByRole('button', { name: 'Run Check the shop' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run Check the shop' })
  await dialog.getByLabel('Shop').fill('bakery')
  await dialog.getByRole('button', { name: 'Run', exact: true }).click()

  const main = page.getByRole('main')
  await sees(main.getByText('Failed', { exact: true }))
  await sees(main.getByText('It ended with exit code 3.'))
  await sees(main.getByRole('definition').getByText('3', { exact: true }))
  const log = page.getByRole('log')
  await sees(log.getByText('Opening the bakery'))
  const red = log.getByText('The basket is empty')
  await sees(red)
  const [r, g, b] = (await styleOf(red, 'color')).match(/\d+/g)!.map(Number)
  t.ok(r! > g! + 60 && r! > b! + 60, `it is red: ${[r, g, b]}`)

  const first = new URL(page.url()).pathname
  await page.getByRole('button', { name: 'Run again' }).click()
  await eventually('another execution', () => new URL(page.url()).pathname !== first)
  await sees(log.getByText('Opening the bakery'))
  await sees(main.getByText('It ended with exit code 3.'))

  await goTo(page, 'History')
  const rows = main.getByRole('listitem')
  await eventually('both in the history', async () => (await rows.count()) === 2)
  for (const text of await rows.allInnerTexts()) t.match(text, /Failed.*Check the shop.*It ended with exit code 3\./s)
  await goTo(page, 'Bots')
  await sees(main.getByRole('listitem').filter({ hasText: bot.name }).getByText('Failed', { exact: true }))
  noComplaints(t, complaints)
})

t.test(
  'an execution that waits says so, and one that was cancelled before its turn never started',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const feed = await Feed.open(t)
    const bot = await app.makeBot(feed.command, { name: 'One at a time' })
    const first = await app.start(bot)
    const second = await app.start(bot)
    const { page, complaints } = await openDashboard(t, app, `/executions/${second.id}`)
    const main = page.getByRole('main')
    await sees(main.getByText('Waiting to start'))
    await page.getByRole('button', { name: 'Cancel' }).click()
    await sees(main.getByText('Cancelled', { exact: true }))
    await sees(main.getByText('Somebody cancelled it.'))
    await sees(main.getByText('It never started'))
    await feed.end()
    await app.ended(first.id)
    noComplaints(t, complaints)
  }
)
