import t from 'tap'
import { buildApp } from '../support/app.ts'
import { COLOURS, isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { NOBODY_SIGNED_IN, noComplaints, openDashboard, openUserMenu, sees } from '../support/dashboard.ts'
import { withDatabase } from '../support/database.ts'
import { putSecret } from '../support/secrets.ts'

t.test('axe finds nothing on the pages before one is signed in', needsBrowser, async t => {
  const app = await buildApp(t, { setUp: false })
  const { page, complaints } = await openDashboard(t, app, `/setup#${app.app.setupToken}`, { signedIn: false })
  await sees(page.getByRole('button', { name: 'Make the administrator' }))
  await isAccessible(t, page, 'setup')
  await app.setUp(app.app.setupToken!)
  await page.goto('/')
  await page.getByLabel('E-mail').fill(ADMIN.email)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByRole('alert'))
  await isAccessible(t, page, 'sign-in')
  noComplaints(t, complaints, new RegExp(`${NOBODY_SIGNED_IN.source}|/api/auth/login`))
})

t.test('axe finds nothing on the pages of bots, and none is wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app)
  await sees(page.getByText('A bot is any command worth running again'))
  await isAccessible(t, page, 'first bot')

  await app.post('/api/bots/bundled')
  const bot = await app.makeBot(['/bin/sh', '-c', COLOURS], {
    name: 'A bot with a name as long as names of bots may well become some day',
    slug: 'colours',
    description: `${'Shows what can be shown. '.repeat(8)}https://example.com/${'x'.repeat(80)}`,
    tags: ['a-tag', 'another'],
    env: { TEXT: '{{parameters.text}}' },
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', title: 'Text', description: 'What to say.' },
        kind: { enum: ['one', 'two'], title: 'Kind' },
        count: { type: 'integer', title: 'Count', minimum: 1, default: 2 },
        loud: { type: 'boolean', title: 'Loud' },
        more: { type: 'object', title: 'More' }
      },
      required: ['text']
    }
  })
  await app.ended((await app.start(bot, { text: 'x'.repeat(200) })).id)
  await sees(page.getByRole('main').getByText('Failed', { exact: true }))
  await isAccessible(t, page, 'bots')
  await openUserMenu(page)
  await isAccessible(t, page, 'the menu of the user')

  await page.goto('/bots/colours')
  await sees(page.getByRole('main').getByText('Failed', { exact: true }))
  await isAccessible(t, page, 'a bot')
  await page.getByRole('button', { name: `Run ${bot.name}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
  await sees(page.getByRole('dialog').getByLabel(/^Text/).and(page.locator('[aria-invalid]')))
  await isAccessible(t, page, 'the dialog to run it')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await sees(page.getByRole('alertdialog'))
  await isAccessible(t, page, 'the question whether to delete it')

  await page.goto('/bots/colours/edit')
  await page.getByRole('button', { name: 'Add a parameter' }).click()
  for (const title of ['Several at a time', 'Retries', 'What counts as success']) {
    await page.getByRole('heading', { name: title }).click()
  }
  await page.getByRole('spinbutton', { name: 'Attempts' }).fill('3')
  await page.getByRole('spinbutton', { name: 'Processors' }).fill('0')
  await page.getByRole('button', { name: 'Add a text it must print' }).click()
  await isAccessible(t, page, 'the form of a bot')
  await page.goto('/bots/new')
  await page.getByText('A shell script', { exact: true }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await sees(page.getByText('Give the bot a name.'))
  await isAccessible(t, page, 'the form of a new bot')
  noComplaints(t, complaints, /\/api\/bots\/[^ ]*\/executions[: ].*400|400.*\/executions/)
})

t.test('axe finds nothing on the page of secrets, and it is no wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/secrets')
  await sees(page.getByText('No secrets yet'))
  await isAccessible(t, page, 'no secrets')

  const name = `A_NAME_AS_LONG_AS_ONE_MAY_BE_${'X'.repeat(71)}`
  await putSecret(app, name, 'hunter22', `What it opens. ${'x'.repeat(200)}`)
  await putSecret(app, 'TOKEN', 'hunter22')
  await app.finished(['true'], { name: 'Uses both of them', slug: 'uses-both', secrets: [name, 'TOKEN'] })
  withDatabase(app.config.dataDir, db => db.prepare("UPDATE secrets SET sealed = x'00' WHERE name = 'TOKEN'").run())
  await page.reload()
  await sees(page.getByText('Needs its value again'))
  await isAccessible(t, page, 'secrets')
  await page.getByRole('button', { name: 'Add a secret' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('TOKEN')
  await page.getByRole('dialog').getByRole('button', { name: 'Add the secret' }).click()
  await sees(page.getByRole('dialog').getByText('There is a secret of this name'))
  await isAccessible(t, page, 'the form of a secret')

  await page.goto('/bots/uses-both/edit')
  await sees(page.getByRole('group', { name: 'Secrets' }).getByLabel('TOKEN'))
  await isAccessible(t, page, 'the secrets in the form of a bot')
  noComplaints(t, complaints)
})
