import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore, styleOf } from '../support/dashboard.ts'
import { withDatabase } from '../support/database.ts'
import { isFocused } from '../support/keyboard.ts'
import { putSecret, secretsOf } from '../support/secrets.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const PEM = '-----BEGIN KEY-----\nMIIBVQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n'

const dialog = (page: Page) => page.getByRole('dialog')
const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })
const valueField = (page: Page) => dialog(page).getByRole('textbox', { name: 'Value' })

async function add(page: Page, name: string, value: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a secret' }).click()
  await dialog(page).getByLabel('Name').fill(name)
  await valueField(page).fill(value)
  await dialog(page).getByRole('button', { name: 'Add the secret' }).click()
  await seesNoMore(dialog(page))
}

t.test('a secret is added, given to a bot by its form, and covered where the bot prints it', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app)
  await goTo(page, 'Secrets')
  await sees(page.getByText('No secrets yet'))
  await add(page, 'API_TOKEN', 'hunter22-hunter22\n')
  await sees(row(page, 'API_TOKEN').getByText('No bot uses it'))

  await page.goto('/bots/new')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Prints it')
  await page.getByText('A shell script', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Script', exact: true }).fill('echo "it is [$API_TOKEN]"')
  await page.getByText('Environment and input').click()
  await page.getByRole('group', { name: 'Secrets' }).getByLabel('API_TOKEN').check()
  await sees(page.getByText('API_TOKEN=(a secret)'))
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await sees(page.getByRole('heading', { name: 'Prints it', level: 1 }))
  await sees(page.getByRole('definition').getByText('API_TOKEN'))
  t.same((await app.get('/api/bots/prints-it')).body.secrets, ['API_TOKEN'])

  await page.getByRole('button', { name: 'Run Prints it' }).click()
  await sees(page.getByRole('log').getByText(`it is [${'*'.repeat('hunter22-hunter22'.length)}]`))
  await sees(page.getByText('Succeeded', { exact: true }))
  await goTo(page, 'Secrets')
  await sees(row(page, 'API_TOKEN').getByText('Last used just now'))
  await row(page, 'API_TOKEN').getByRole('link', { name: 'Prints it' }).click()
  await page.waitForURL('/bots/prints-it')
  noComplaints(t, complaints)
})

t.test(
  'a value is hidden while it is typed, keeps its lines, and is not there when one comes back',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, complaints } = await openDashboard(t, app, '/secrets')
    await page.getByRole('button', { name: 'Add a secret' }).click()
    await eventually('the first field', () => isFocused(dialog(page).getByLabel('Name')))
    await dialog(page).getByLabel('Name').fill('KEY')
    await valueField(page).fill(PEM)
    t.equal(await styleOf(valueField(page), '-webkit-text-security'), 'disc')
    await sees(dialog(page).getByText(`4 lines, ${PEM.length} characters`))
    await dialog(page).getByRole('button', { name: 'Show the value' }).click()
    t.equal(await styleOf(valueField(page), '-webkit-text-security'), 'none')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Add a secret' }).click()
    t.equal(await valueField(page).inputValue(), '')
    t.equal(await styleOf(valueField(page), '-webkit-text-security'), 'disc')
    await page.keyboard.press('Escape')

    await add(page, 'KEY', PEM)
    await sees(row(page, 'KEY'))
    t.notMatch(await page.content(), 'MIIBVQ')
    const { id } = await app.finished(['/bin/sh', '-c', 'printf %s "$KEY" | wc -l -c'], { secrets: ['KEY'] })
    t.match(
      (await app.downloadLog(id)).toString().trim().split(/\s+/),
      ['4', String(PEM.length)],
      'every line of it, and the last break'
    )
    noComplaints(t, complaints)
  }
)

t.test('what cannot be a secret is said beside its field, before anything is sent', needsBrowser, async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TAKEN', 'hunter22')
  const { page, complaints } = await openDashboard(t, app, '/secrets')
  await sees(row(page, 'TAKEN'))
  await page.getByRole('button', { name: 'Add a secret' }).click()
  const send = dialog(page).getByRole('button', { name: 'Add the secret' })
  await send.click()
  await eventually('the field that is wrong', () => isFocused(dialog(page).getByLabel('Name')))
  await sees(dialog(page).getByText('must be letters, digits'))
  await dialog(page).getByLabel('Name').fill('PATH')
  await sees(dialog(page).getByText('PATH means something'))
  await dialog(page).getByLabel('Name').fill('TAKEN')
  await sees(dialog(page).getByText('There is a secret of this name'))
  await dialog(page).getByLabel('Name').fill('FREE')
  await valueField(page).fill('short')
  await send.click()
  await eventually('the field that is wrong', () => isFocused(valueField(page)))
  await sees(dialog(page).getByText('would hide half of every log'))
  t.same(
    (await secretsOf(app)).map(({ name }) => name),
    ['TAKEN']
  )
  noComplaints(t, complaints)
})

t.test('a secret is replaced and deleted, and one that is used says by whom', needsBrowser, async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22', 'Opens the shop.')
  const bot = await app.makeBot(['true'], { name: 'Shopkeeper', secrets: ['TOKEN'] })
  const { page, complaints } = await openDashboard(t, app, '/secrets')
  await page.getByRole('button', { name: 'Replace TOKEN' }).click()
  t.equal(await dialog(page).getByLabel('Description').inputValue(), 'Opens the shop.')
  await dialog(page).getByLabel('Description').fill('Opens all shops.')
  await valueField(page).fill('hunter33')
  await dialog(page).getByRole('button', { name: 'Replace the value' }).click()
  await sees(row(page, 'TOKEN').getByText('Opens all shops.'))

  const question = page.getByRole('alertdialog')
  await page.getByRole('button', { name: 'Delete TOKEN' }).click()
  await sees(question.getByText('It is given to Shopkeeper.'))
  t.ok(await question.getByRole('button', { name: 'Delete the secret' }).isDisabled())
  // The page hears what others do.
  await app.patch(`/api/bots/${bot.id}`, { secrets: [] })
  await sees(question.getByText('No bot uses it.'))
  await question.getByRole('button', { name: 'Delete the secret' }).click()
  await sees(page.getByText('No secrets yet'))
  await putSecret(app, 'NEW', 'hunter44')
  await sees(row(page, 'NEW'))
  noComplaints(t, complaints)
})

t.test('a bot’s form shows a secret that is gone, so that it can be taken away', needsBrowser, async t => {
  const app = await buildApp(t)
  await putSecret(app, 'GONE', 'hunter22')
  await app.makeBot(['true'], { name: 'Needs it', secrets: ['GONE'] })
  const { page, complaints } = await openDashboard(t, app, '/bots/needs-it/edit')
  const secrets = page.getByRole('group', { name: 'Secrets' })
  await sees(secrets.getByLabel('GONE'))
  t.ok(await secrets.getByLabel('GONE').isChecked())
  withDatabase(app.config.dataDir, db => db.prepare('DELETE FROM secrets').run())
  await page.reload()
  await sees(secrets.getByText('It is not there any more.'))
  await secrets.getByLabel('GONE').click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.waitForURL('/bots/needs-it')
  t.same((await app.get('/api/bots/needs-it')).body.secrets, [])
  noComplaints(t, complaints)
})

t.test(
  'operators see which secrets there are and change none; viewers are told that they may not',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    await putSecret(app, 'TOKEN', 'hunter22')
    for (const role of ['operator', 'viewer'] as const) {
      await signedInAs(app, role)
      const { page, complaints } = await openDashboard(t, app, '/sign-in', { signedIn: false })
      await page.request.post('/api/auth/login', { data: { email: `${role}@example.com`, password: ADMIN.password } })
      await page.goto('/secrets')
      await sees(page.getByRole('heading', { name: 'Secrets', level: 1 }))
      if (role === 'operator') await sees(row(page, 'TOKEN'))
      else await sees(page.getByText('You may look, but not at secrets'))
      t.equal(await page.getByRole('button', { name: /secret|Replace|Delete/ }).count(), 0, `${role}: no buttons`)
      const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Secrets' })
      t.equal(await link.count(), role === 'operator' ? 1 : 0)
      noComplaints(t, complaints)
    }
  }
)
