import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { EACH_SECOND, makeSchedule } from '../support/schedules.ts'
import { chain } from '../support/triggers.ts'
import { eventually } from '../support/wait.ts'

t.test('an execution of a chain leads to its trigger, and to the execution before', needsBrowser, async t => {
  const app = await buildApp(t)
  const first = await app.makeBot(['/bin/sh', '-c', 'echo total=7 > "$BOTYARD_OUTPUT"'], { name: 'First' })
  const second = await app.makeBot(['true'], { name: 'Second' })
  const { id } = await chain(app, first, second, { name: 'After the first' })
  const before = await app.ended((await app.start(first)).id)
  const execution = await eventually(
    'the second',
    async () => (await app.get('/api/executions?bot=second')).body.items[0]
  )
  await app.ended(execution.id)

  const { page, complaints } = await openDashboard(t, app, `/executions/${execution.id}`)
  await page.getByText(/^Payload, /).click()
  await sees(page.getByRole('region', { name: 'Payload' }).getByText('"total": "7"'))
  await page.getByRole('link', { name: 'the execution before' }).click()
  await page.waitForURL(`/executions/${before.id}`)
  await sees(page.getByRole('heading', { name: 'First', level: 1 }))
  await page.goBack()
  await page.getByRole('link', { name: 'After the first' }).click()
  await sees(page.getByText('After First has succeeded.'))

  await app.delete(`/api/triggers/${id}`)
  await page.goto(`/executions/${execution.id}`)
  await sees(page.getByText('one that was deleted'))
  // The page of the trigger was open when that went.
  noComplaints(t, complaints, /\b404\b/)
})

t.test('an execution of a schedule says for which time it is', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { name: 'Ticks' })
  const { id } = await makeSchedule(app, bot, { cron: EACH_SECOND }, { name: 'Each second' })
  const { page, complaints } = await openDashboard(t, app, `/triggers/${id}`)
  await sees(page.getByRole('region', { name: 'Before' }).getByText('Started', { exact: true }))
  await page.getByRole('switch', { name: 'Each second: on' }).click()
  await sees(page.getByText('Off', { exact: true }))
  await page.getByRole('region', { name: 'Before' }).getByRole('link', { name: 'The execution' }).first().click()
  await page.waitForURL('/executions/*')
  const fact = page.getByRole('definition').filter({ hasText: 'Schedule' })
  await sees(fact.getByRole('link', { name: 'Each second' }))
  t.match(await fact.textContent(), /Schedule\s+·\s+Each second, for .*\d/)
  await eventually('the end of all', async () => {
    const { items } = (await app.get('/api/executions?state=queued,running')).body
    return items.length === 0
  })
  noComplaints(t, complaints)
})
