import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { eventually } from '../support/wait.ts'

t.test('an execution is run again with what it was started with, at once or changed before', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['printf', '%s looks for %s', '{{parameters.who}}', '{{parameters.what}}'], {
    name: 'Seeker',
    parameters: {
      type: 'object',
      properties: { who: { type: 'string', title: 'Who' }, what: { type: 'string', title: 'What', default: 'gold' } }
    }
  })
  const first = await app.ended((await app.start(bot, { who: 'Ann', what: 'silver' })).id)
  const { page, complaints } = await openDashboard(t, app, `/executions/${first.id}`)
  const log = page.getByRole('log')
  const main = page.getByRole('main')
  await sees(log.getByText('Ann looks for silver'))
  const shown = () => new URL(page.url()).pathname.split('/').at(-1)!

  await page.getByRole('button', { name: 'Run again' }).click()
  await eventually('another execution', () => shown() !== first.id)
  await sees(log.getByText('Ann looks for silver'))
  const second = shown()
  t.match(await app.execution(second), { rerunOf: first.id, parameters: { who: 'Ann', what: 'silver' } })

  await sees(main.getByText('Succeeded', { exact: true }))
  await page.getByRole('button', { name: 'Change and run' }).click()
  const dialog = page.getByRole('dialog')
  t.equal(await dialog.getByLabel('Who').inputValue(), 'Ann')
  t.equal(await dialog.getByLabel('What').inputValue(), 'silver')
  await dialog.getByLabel('Who').fill('Bob')
  await dialog.getByRole('button', { name: 'Run', exact: true }).click()
  await sees(log.getByText('Bob looks for silver'))
  t.match(await app.execution(shown()), { rerunOf: second, parameters: { who: 'Bob', what: 'silver' } })

  await main.getByRole('link', { name: 'repeats an earlier one' }).click()
  await page.waitForURL(`/executions/${second}`)
  await sees(log.getByText('Ann looks for silver'))
  noComplaints(t, complaints)
})

t.test('what the bot no longer takes is said, and nothing is started', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], {
    name: 'Has changed',
    parameters: { type: 'object', properties: { n: { type: 'integer', title: 'Number' } } }
  })
  const { id } = await app.ended((await app.start(bot, { n: 5 })).id)
  const parameters = { type: 'object', properties: { n: { type: 'integer', title: 'Number', maximum: 3 } } }
  await app.patch(`/api/bots/${bot.id}`, { parameters })
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await page.getByRole('button', { name: 'Run again' }).click()
  await sees(page.getByRole('alert').getByText('cannot be started with these parameters'))
  await page.getByRole('button', { name: 'Change and run' }).click()
  const number = page.getByRole('dialog').getByLabel('Number')
  t.equal(await number.inputValue(), '5')
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
  await sees(number.and(page.locator('[aria-invalid]')))
  t.equal((await app.get('/api/executions')).body.items.length, 1)
  noComplaints(t, complaints, /400/)
})
