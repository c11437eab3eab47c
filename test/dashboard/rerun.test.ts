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

t.test('the second click of a double click does not cancel what the first has started', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(
    ['/bin/sh', '-c', 'echo begun; [ "$1" = stay ] || exit 0; sleep 600', 'sh', '{{parameters.how}}'],
    {
      parameters: { type: 'object', properties: { how: { type: 'string' } } }
    }
  )
  const first = await app.start(bot, { how: 'stay' })
  await app.printed(first.id, 'begun')
  const { page, complaints } = await openDashboard(t, app, `/executions/${first.id}`)
  await page.getByRole('button', { name: 'Cancel', exact: true }).dblclick()
  const again = page.getByRole('button', { name: 'Run again' })
  await sees(again)
  t.match(await app.execution(first.id), { state: 'cancelled' })
  await again.dblclick()
  await page.waitForURL(url => !url.pathname.endsWith(first.id))
  const shown = new URL(page.url()).pathname.split('/').at(-1)!
  await app.printed(shown, 'begun')
  await sees(page.getByRole('button', { name: 'Cancel', exact: true, disabled: false }))
  t.match(await app.execution(shown), { state: 'running', attempts: [{ ending: null }] })
  t.equal((await app.get('/api/executions')).body.items.length, 2)
  await app.post(`/api/executions/${shown}/cancel`)
  await app.ended(shown)
  noComplaints(t, complaints)
})

t.test('an execution that waits says what for', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['sleep', '600'])
  const first = await app.start(bot)
  const second = await app.start(bot)
  const { page, complaints } = await openDashboard(t, app, `/executions/${second.id}`)
  await sees(page.getByText('Its bot is running already'))
  await page.getByRole('link', { name: 'The one it waits for' }).click()
  await page.waitForURL(`/executions/${first.id}`)
  for (const { id } of [second, first]) await app.post(`/api/executions/${id}/cancel`)
  await app.ended(first.id)
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
