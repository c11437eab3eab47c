import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused, tabTo } from '../support/keyboard.ts'
import { switchAutomation } from '../support/triggers.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const isOff = (page: Page) => page.getByRole('status').getByText('schedules, webhooks and chains start nothing')
const theSwitch = (page: Page) => page.getByRole('switch', { name: 'Automation' })

t.test(
  'automation is switched off by keyboard after one question, and says so on every page',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, context, complaints } = await openDashboard(t, app)
    const other = await context.newPage()
    await other.goto('/executions')
    await sees(page.getByRole('switch', { name: 'Automation', checked: true }))
    t.notOk(await isOff(page).isVisible())

    await tabTo(page, theSwitch(page))
    await page.keyboard.press('Enter')
    await sees(page.getByRole('alertdialog').getByText('you can run every bot by hand'))
    await page.keyboard.press('Escape')
    await eventually('the focus back on the switch', () => isFocused(theSwitch(page)))
    t.same((await app.get('/api/automation')).body, { enabled: true })

    await page.keyboard.press('Enter')
    await tabTo(page, page.getByRole('button', { name: 'Switch it off' }))
    await page.keyboard.press('Enter')
    await sees(isOff(page))
    await sees(isOff(other))
    await seesNoMore(page.getByRole('alertdialog'))
    t.same((await app.get('/api/automation')).body, { enabled: false })
    await isAccessible(t, page, 'automation off')
    await page.setViewportSize({ width: 1280, height: 800 })
    await goTo(page, 'Machine')
    await sees(isOff(page))

    await theSwitch(other).click()
    await sees(other.getByRole('alertdialog').getByText('start bots again'))
    await isAccessible(t, other, 'the question')
    await other.getByRole('button', { name: 'Switch it on' }).click()
    await seesNoMore(isOff(other))
    await seesNoMore(isOff(page))
    noComplaints(t, complaints)
  }
)

t.test('a question that somebody else has answered goes away', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app)
  await theSwitch(page).click()
  await sees(page.getByRole('alertdialog'))
  await switchAutomation(app, false)
  await seesNoMore(page.getByRole('alertdialog'))
  await sees(isOff(page))
  noComplaints(t, complaints)
})

t.test('who may only look sees how the automation stands, and no switch', needsBrowser, async t => {
  const app = await buildApp(t)
  await makeUser(app, 'viewer')
  const { page, complaints } = await openDashboard(t, app, '/', { email: 'viewer@example.com' })
  await sees(page.getByText('Automation is on'))
  await switchAutomation(app, false)
  await sees(page.getByText('Automation is off', { exact: true }))
  await sees(isOff(page))
  t.equal(await theSwitch(page).count(), 0)
  noComplaints(t, complaints)
})
