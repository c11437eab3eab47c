import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { eventually } from '../support/wait.ts'

const ASKS = `echo "What is your name?"; read -r name; echo "Hello, $name!"
read -r more; echo "You said: '$more'"`

t.test('a bot that reads input is answered line by line, until it has ended', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await app.start(await app.makeBot(['/bin/sh', '-c', ASKS], { input: true }))
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  const log = page.getByRole('log')
  const line = page.getByRole('textbox', { name: 'A line for the bot' })
  await sees(log.getByText('What is your name?'))
  await line.fill('Ann; rm -rf /')
  await line.press('Enter')
  await sees(log.getByText('Hello, Ann; rm -rf /!'))
  await eventually('the line to be empty', async () => (await line.inputValue()) === '')
  await page.getByRole('button', { name: 'Send' }).click()
  await sees(log.getByText("You said: ''"))
  await sees(page.getByRole('main').getByText('Succeeded', { exact: true }))
  await seesNoMore(line)

  const plain = await app.finished(['true'], { name: 'Reads nothing' })
  await page.goto(`/executions/${plain.id}`)
  await sees(page.getByText('It printed nothing.'))
  t.equal(await line.count(), 0)
  noComplaints(t, complaints)
})

t.test('a bot that is only tried is answered, too', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/bots/new')
  await page.getByText('A shell script', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Script', exact: true }).fill('read -r name; echo "Hello, $name!"')
  await page.getByRole('heading', { name: 'Environment and input' }).click()
  await page.getByRole('checkbox', { name: 'Takes input' }).check()
  await page.getByRole('button', { name: 'Try it' }).click()
  const line = page.getByRole('textbox', { name: 'A line for the bot' })
  await line.fill('Bob')
  await line.press('Enter')
  await sees(page.getByRole('log').getByText('Hello, Bob!'))
  await seesNoMore(line)
  noComplaints(t, complaints)
})
