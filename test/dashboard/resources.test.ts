import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { scratchFolder } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

/** Has some twenty megabytes in its memory until the file $0 exists. */
const HOLDS = `held=$(head -c 20000000 /dev/zero | tr '\\0' x); while [ ! -e "$0" ]; do sleep 0.05; done`

t.test('what a bot uses is drawn as it runs, with its limits, and stands in a table as well', needsBrowser, async t => {
  const app = await buildApp(t)
  const end = join(scratchFolder(t), 'end')
  const bot = await app.makeBot(['/bin/sh', '-c', HOLDS, end], { limits: { memoryBytes: 256 * 2 ** 20 } })
  const { id } = await app.start(bot)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}?show=resources`)
  const main = page.getByRole('main')
  const chart = (name: string) => main.getByRole('img', { name: new RegExp(`^${name} over time: at most `) })
  await sees(chart('Processors'))
  await sees(chart('Memory'))
  await sees(main.getByText('limit 256 MiB'))
  await eventually('the limit as a line', async () => (await main.locator('svg line').count()) === 1)
  await main.getByText('As a table').click()
  const table = main.getByRole('region', { name: 'What it used' }).getByRole('table')
  await eventually('some rows', async () => (await table.getByRole('row').count()) > 2)
  t.same(await table.getByRole('columnheader').allTextContents(), ['After', 'Processors', 'Memory', 'Processes'])

  writeFileSync(end, '')
  await sees(main.getByText('Succeeded', { exact: true }))
  await sees(main.getByText('Processor time', { exact: true }))
  await sees(chart('Memory'))
  noComplaints(t, complaints)
})

t.test('nothing is drawn of a bot that has used next to nothing', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['true'])
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}?show=resources`)
  const main = page.getByRole('main')
  await sees(main.getByText('Nothing was measured').or(main.getByText('Processor time', { exact: true })))
  await seesNoMore(main.getByRole('img'))
  noComplaints(t, complaints)
})
