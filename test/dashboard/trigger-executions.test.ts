import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { chain, switchAutomation } from '../support/triggers.ts'
import { eventually } from '../support/wait.ts'

/** As long as a name may be, and no word in it can be broken. */
const LONG_NAME = 'x'.repeat(100)

const rows = (page: Page) => page.getByRole('main').getByRole('listitem')
/** Waits until there are so many. */
const listed = (page: Page, count: number) =>
  eventually(`${count} executions`, async () => (await rows(page).count()) === count)

/** Two bots, of which two chains lead from one to the other. */
async function twoChains(app: TestApp) {
  const first = await app.makeBot(['true'], { name: 'First' })
  const second = await app.makeBot(['true'], { name: 'Second' })
  const long = await chain(app, first, second, { name: LONG_NAME })
  const short = await chain(app, first, second, { name: 'After the first' })
  const startedBy = async ({ id }: { id: string }) => (await app.get(`/api/executions?triggerId=${id}`)).body.items
  /** Runs the first, and waits until both chains have had the second run. */
  const run = async () => {
    const before = (await startedBy(short)).length
    const { id } = await app.ended((await app.start(first)).id)
    for (const trigger of [long, short]) {
      await eventually('what the chain starts', async () => (await startedBy(trigger)).length > before)
      await app.ended((await startedBy(trigger))[0].id)
    }
    return id
  }
  return { first, second, long, short, run }
}

t.test('the page of a chain shows what it has started, live, and what led to each', needsBrowser, async t => {
  const app = await buildApp(t)
  const { long, short, run } = await twoChains(app)
  const { page, complaints } = await openDashboard(t, app, `/triggers/${short.id}`)
  await sees(page.getByText('It has started nothing yet'))
  await isAccessible(t, page, 'a chain that has started nothing')
  await page.setViewportSize({ width: 1280, height: 800 })

  const began = await run()
  const list = page.getByRole('region', { name: 'Executions' })
  await sees(list.getByRole('link', { name: /^Succeeded/ }))
  await switchAutomation(app, false)
  const later = await run()
  await sees(list.getByRole('link', { name: /^Skipped.*The automation was switched off/ }))
  t.equal(await rows(page).count(), 2, 'what the other chain starts is not among them')
  await isAccessible(t, page, 'a chain')
  await page.goto(`/triggers/${long.id}`)
  await sees(list.getByRole('link', { name: /^Skipped/ }))
  await isAccessible(t, page, 'a chain with a long name')
  await page.goBack()

  for (const [number, id] of [later, began].entries()) {
    await list.getByRole('listitem').nth(number).getByRole('link', { name: 'The execution before' }).click()
    await page.waitForURL(`/executions/${id}`)
    await page.goBack()
  }
  await list.getByRole('link', { name: /^Succeeded/ }).click()
  await sees(page.getByRole('heading', { name: 'Second', level: 1 }))
  await page.goBack()
  await page.getByRole('link', { name: 'All executions' }).click()
  await sees(page.getByText('Started by After the first'))
  t.equal(new URL(page.url()).search, `?triggerId=${short.id}`)
  await listed(page, 2)
  noComplaints(t, complaints)
})

t.test('the history can be narrowed to one trigger by its address, and says so', needsBrowser, async t => {
  const app = await buildApp(t)
  const { second, long, short, run } = await twoChains(app)
  await run()
  await switchAutomation(app, false)
  await run()
  const { page, complaints } = await openDashboard(t, app, `/executions?triggerId=${short.id}&state=skipped`)
  await listed(page, 1)
  await page.getByRole('button', { name: 'Skipped' }).click()
  await listed(page, 2)
  await page.reload()
  await listed(page, 2)
  t.equal(await rows(page).filter({ hasText: 'Chain · After the first' }).count(), 2)
  await isAccessible(t, page, 'the history of a trigger')
  t.equal(await page.getByLabel('Bot', { exact: true }).isVisible(), false, 'on a phone the other filters stay folded')
  await page.setViewportSize({ width: 1280, height: 800 })

  await app.patch(`/api/triggers/${short.id}`, { name: 'Afterwards' })
  await sees(page.getByRole('link', { name: 'Afterwards', exact: true }))
  await sees(rows(page).filter({ hasText: 'Chain · Afterwards' }))
  await app.delete(`/api/triggers/${short.id}`)
  await sees(page.getByText('Started by a trigger that is not there any more'))
  await seesNoMore(rows(page).filter({ hasText: 'Afterwards' }))
  t.equal(await rows(page).filter({ hasText: 'Second' }).count(), 2, 'what it started stays')

  await page.getByRole('button', { name: 'Show what others have started, too' }).click()
  await listed(page, 6)
  t.equal(new URL(page.url()).search, '')
  await eventually('the focus', () => isFocused(page.getByRole('heading', { name: 'History' })))
  await page.goto('/executions?triggerId=mornings')
  await sees(page.getByText('triggerId must be the id of a trigger'))

  await page.goto(`/executions?triggerId=${long.id}`)
  await listed(page, 2)
  await isAccessible(t, page, 'the history of a trigger with a long name')
  await page.goto(`/bots/${second.slug}`)
  await sees(rows(page).filter({ hasText: `Chain · ${LONG_NAME}` }))
  await isAccessible(t, page, 'a bot that a trigger with a long name has started')
  noComplaints(
    t,
    complaints,
    /\/api\/triggers\/.*40[04]|40[04].*\/api\/triggers\/|\/api\/executions\?.*400|400.*\/api\/executions\?/
  )
})
