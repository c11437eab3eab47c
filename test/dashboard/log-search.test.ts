import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { comesIntoView, linesOf } from '../support/log-viewer.ts'
import { eventually } from '../support/wait.ts'

const PRINT = `seq -f 'line %.0f' 1 20000; printf 'the \\033[31mNeedle\\033[0m at first\\n'
seq -f 'line %.0f' 20002 60000; echo 'another needle'; seq -f 'line %.0f' 60002 90000`

t.test(
  'what is looked for is found in the whole log, and each line found leads to its place',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { id } = await app.finished(['/bin/sh', '-c', PRINT])
    const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
    await comesIntoView(page, linesOf(page).getByText('line 90000', { exact: true }))
    await page.getByRole('button', { name: 'Find', exact: true }).click()
    const find = page.getByRole('search', { name: 'Find in the log' })
    await find.getByRole('textbox').fill('needle')
    await sees(find.getByText('none in the lines loaded'))
    await find.getByRole('button', { name: 'Search the whole log' }).click()
    await sees(find.getByText('2 lines in the whole log'))
    const hits = find.getByRole('list', { name: 'Lines found' }).getByRole('button')
    t.same(
      (await hits.allTextContents()).map(text => text.replace(/\s+/g, ' ')),
      ['20001the Needle at first', '60001another needle']
    )

    await hits.first().click()
    await comesIntoView(page, linesOf(page).getByText('at first'))
    await eventually(
      'the match to stand out',
      async () => (await page.locator('.found-now').textContent()) === 'Needle'
    )
    await hits.last().click()
    await comesIntoView(page, linesOf(page).getByText('another'))

    await find.getByRole('textbox').fill('line 5')
    await seesNoMore(hits)
    await find.getByRole('button', { name: 'Search the whole log' }).click()
    await sees(find.getByText(/100 lines, \d+ % of the log looked through/))
    t.equal(await hits.count(), 100)
    await find.getByRole('button', { name: 'Search on' }).click()
    await eventually('more', async () => (await hits.count()) === 200)
    await find.getByRole('textbox').fill('nowhere')
    await find.getByRole('button', { name: 'Search the whole log' }).click()
    await sees(find.getByText('none in the whole log'))
    await page.keyboard.press('Escape')
    await seesNoMore(find)
    noComplaints(t, complaints)
  }
)
