import t from 'tap'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { testFolder } from '../support/folder.ts'
import { startFreshServer, type TestServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** The link to make the administrator, as the server prints it when it starts for the first time. */
function printedLink(server: TestServer): Promise<string> {
  return eventually('the printed link', () => /http:\S+\/setup#\S+/.exec(server.output)?.[0])
}

t.test('from the printed link to the first green run, by nothing but the page', needsBrowser, async t => {
  const server = await startFreshServer(t, testFolder(t))
  const link = await printedLink(server)
  const { page, complaints } = await openDashboard(t, server, link, { signedIn: false })
  await sees(page.getByRole('heading', { name: 'Welcome to Botyard' }))
  await page.waitForURL(`${server.url}/setup`)
  t.notMatch(await page.evaluate('JSON.stringify(history.state)'), new URL(link).hash.slice(1))
  await page.reload()
  await page.getByLabel('E-mail').fill(ADMIN.email)
  await page.getByLabel('Password').fill(ADMIN.password)
  t.ok(await page.getByRole('checkbox', { name: /three bots/ }).isChecked())
  await page.getByRole('button', { name: 'Make the administrator' }).click()

  for (const name of ['System report', 'Self-check', 'Clock']) await sees(page.getByRole('link', { name, exact: true }))
  t.equal(await page.evaluate('sessionStorage.getItem("setup-token")'), null, 'it is kept no longer than needed')
  await page.getByRole('button', { name: 'Run System report' }).click()
  await sees(page.getByRole('log').getByText('Memory', { exact: true }))
  await sees(page.getByRole('main').getByText('Succeeded', { exact: true }))
  noComplaints(t, complaints)
})

t.test('who starts with no bots is led to the first one, made and run in the page', needsBrowser, async t => {
  const server = await startFreshServer(t, testFolder(t))
  const { page, complaints } = await openDashboard(t, server, await printedLink(server), { signedIn: false })
  await page.getByLabel('E-mail').fill(ADMIN.email)
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('checkbox', { name: /three bots/ }).uncheck()
  await page.getByRole('button', { name: 'Make the administrator' }).click()

  await sees(page.getByRole('heading', { name: 'A bot is any command worth running again' }))
  await page.getByRole('link', { name: 'Make your own' }).click()
  await page.getByText('A shell script', { exact: true }).click()
  await page.getByLabel('Name', { exact: true }).fill('Greeter')
  await page
    .getByRole('textbox', { name: 'Script', exact: true })
    .fill('for who in world moon; do\n  echo "Hello, $who!"\ndone')
  await page.getByRole('button', { name: 'Save' }).click()

  await sees(page.getByRole('heading', { name: 'Greeter', level: 1 }))
  await sees(page.getByText('This bot has not run yet'))
  await page.getByRole('button', { name: 'Run Greeter' }).click()
  await sees(page.getByRole('log').getByText('Hello, moon!'))
  await sees(page.getByRole('main').getByText('Succeeded', { exact: true }))
  noComplaints(t, complaints)
})
