import t from 'tap'
import { buildApp } from '../support/app.ts'
import { COLOURS, isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'
import { keysOf, LATE_SIZE, shows, startInTerminal } from '../support/terminal.ts'

t.test('axe finds nothing on the pages of executions, and none is wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const running = await app.start(await app.makeBot(feed.command, { name: 'Runs on' }))
  const ended = await app.finished(['/bin/sh', '-c', COLOURS], { name: 'Colours' })
  const { page, complaints } = await openDashboard(t, app, '/executions')
  await sees(page.getByRole('main').getByText('Failed', { exact: true }).and(page.locator('span')))
  await isAccessible(t, page, 'the history')
  await page.goto('/executions?state=lost')
  await sees(page.getByText('Nothing fits these filters'))
  await isAccessible(t, page, 'an empty history')

  await page.goto(`/executions/${running.id}`)
  await sees(page.getByText('Nothing printed yet.'))
  await isAccessible(t, page, 'a silent execution')
  await feed.write('a first line\n')
  await sees(page.getByRole('log').getByText('a first line'))
  await isAccessible(t, page, 'a running execution')
  await feed.end()

  await page.goto(`/executions/${ended.id}#L3-L4`)
  await sees(page.getByRole('log').getByText('bright 7'))
  await page.getByRole('button', { name: 'Show times' }).click()
  await page.getByRole('button', { name: 'Find', exact: true }).click()
  await page.getByRole('textbox', { name: 'Find' }).fill('colour')
  await sees(page.getByText(/in the lines loaded/))
  await isAccessible(t, page, 'an execution that has ended')
  await page.getByRole('button', { name: 'Search the whole log' }).click()
  await sees(page.getByText(/lines in the whole log/))
  await isAccessible(t, page, 'what was found in the whole log')
  await page.goto('/nowhere')
  await sees(page.getByText('There is no page at this address'))
  await isAccessible(t, page, 'no page')
  noComplaints(t, complaints, /404/)
})

const LEAVES = `printf 'pr=https://example.com/%s\\n' "$(seq -s '' 80)" > "$BOTYARD_OUTPUT"
mkdir -p "$BOTYARD_ARTIFACTS/a/b"; : > "$BOTYARD_ARTIFACTS/a/b/$(seq -s '' 80).txt"; exit 3`

t.test('axe finds nothing on the parts of an execution, and none is wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const long = 'what is repeated and long '.repeat(8)
  const bot = await app.makeBot(['/bin/sh', '-c', LEAVES], {
    name: 'Leaves much behind',
    retry: { maxAttempts: 12, backoffMs: 0 },
    concurrency: { key: '{{parameters.text}}' },
    priority: 7,
    parameters: { type: 'object', properties: { text: { type: 'string', title: 'Text' } } }
  })
  const { id } = await app.ended((await app.start(bot, { text: long })).id)
  const again = (await app.post(`/api/executions/${id}/rerun`)).body
  await app.ended(again.id)
  const { page, complaints } = await openDashboard(t, app, `/executions/${again.id}?attempt=12`)
  await sees(page.getByRole('navigation', { name: 'Attempts' }))
  await sees(page.getByText('It printed nothing.'))
  await isAccessible(t, page, 'an execution of several attempts')
  await page.getByRole('link', { name: 'Results 2' }).click()
  await sees(page.getByRole('heading', { name: 'Artifacts' }))
  await isAccessible(t, page, 'outputs and artifacts')
  await page.getByRole('link', { name: 'Resources' }).click()
  await sees(page.getByRole('main').getByText(/Nothing was measured|Processor time/))
  await isAccessible(t, page, 'nothing measured')
  await page.getByRole('button', { name: 'Change and run' }).click()
  await sees(page.getByRole('dialog').getByLabel('Text'))
  await isAccessible(t, page, 'the dialog to run it again')

  const asking = await app.makeBot(feed.command, {
    name: 'Takes its time',
    input: true,
    concurrency: { policy: 'skip' },
    limits: { memoryBytes: 8 * 2 ** 20, cpus: 0.5 }
  })
  const running = await app.start(asking)
  const skipped = await app.start(asking)
  await page.goto(`/executions/${skipped.id}`)
  await sees(page.getByRole('link', { name: 'The one in its way' }))
  await isAccessible(t, page, 'a skipped execution')
  await page.goto(`/executions/${running.id}`)
  await sees(page.getByRole('textbox', { name: 'A line for the bot' }))
  await isAccessible(t, page, 'an execution that takes input')
  await page.getByRole('link', { name: 'Resources' }).click()
  await sees(page.getByRole('img', { name: /^Memory over time/ }))
  await page.getByText('As a table').click()
  await sees(page.getByRole('table'))
  await isAccessible(t, page, 'the use of resources')
  await feed.end()
  await app.ended(running.id)

  const waiting = await app.makeBot(['false'], { name: 'Waits', retry: { maxAttempts: 2, backoffMs: 3_600_000 } })
  const waits = await app.start(waiting)
  await page.goto(`/executions/${waits.id}`)
  await sees(page.getByText(/Attempt 2 begins in/))
  await isAccessible(t, page, 'an execution that is tried again')
  await app.post(`/api/executions/${waits.id}/cancel`)
  noComplaints(t, complaints)
})

t.test(
  'axe finds nothing on the page of the machine, nor on what is said when it is drained',
  needsBrowser,
  async t => {
    const app = await buildApp(t, { config: { minFreeBytes: 2 ** 60 } })
    const { page, complaints } = await openDashboard(t, app, '/machine')
    await sees(page.getByRole('status').getByText('disk is nearly full'))
    await isAccessible(t, page, 'a machine whose disk is nearly full')
    await page.getByRole('button', { name: 'Drain the machine' }).click()
    await sees(page.getByRole('status').getByText('It is drained as well.'))
    await isAccessible(t, page, 'a drained machine')
    noComplaints(t, complaints)
  }
)

t.test('axe finds nothing on a terminal, and it is no wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const [styles, colours] = COLOURS.split('\n')
  const dim = `printf '\\033[2;7mdim and inverse\\033[0m \\033[44mon blue\\033[0m\\n'`
  const { id } = await startInTerminal(app, [styles, dim, colours, 'read -r _'].join('\n'))
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, 'bright 7')
  await isAccessible(t, page, 'a terminal')
  await page.getByRole('button', { name: 'For a screen reader' }).click()
  await sees(page.getByRole('listitem').filter({ hasText: 'bright 7' }))
  await isAccessible(t, page, 'a terminal for a screen reader')
  await keysOf(page).press('Enter')
  await app.ended(id)
  await sees(page.getByText('Ended with exit code 0'))
  await isAccessible(t, page, 'a terminal that has ended')
  noComplaints(t, complaints, LATE_SIZE)
})
