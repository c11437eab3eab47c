import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { NOBODY_SIGNED_IN, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused, tabTo } from '../support/keyboard.ts'
import { comesIntoView, linesOf } from '../support/log-viewer.ts'
import { Feed } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

const focuses = (page: Page, role: Parameters<Page['getByRole']>[0], name: string | RegExp) =>
  eventually(`the focus on ${name}`, () => isFocused(page.getByRole(role, { name, exact: true })))

t.test('one signs in, runs a bot and follows its log by the keyboard alone', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  await app.makeBot(feed.command, {
    name: 'Follow me',
    parameters: { type: 'object', properties: { who: { type: 'string', title: 'Who' } } }
  })
  const { page, complaints } = await openDashboard(t, app, '/', { signedIn: false })
  const { keyboard } = page
  await focuses(page, 'textbox', 'E-mail')
  await keyboard.type(ADMIN.email)
  await tabTo(page, page.getByLabel('Password'))
  await keyboard.type(ADMIN.password)
  await keyboard.press('Enter')

  const run = page.getByRole('button', { name: 'Run Follow me' })
  await sees(run)
  await tabTo(page, run)
  await keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await sees(dialog)
  const stops = new Set<string>()
  for (let i = 0; i < 8; i++) {
    await keyboard.press('Tab')
    t.ok(
      await page.locator(':focus').evaluate(element => element.closest('[role=dialog]') !== null),
      'inside the dialog'
    )
    stops.add(await page.locator(':focus').evaluate(element => element.textContent + element.id))
  }
  t.equal(stops.size, 4, 'the field, to run, to cancel, and to close')
  await keyboard.press('Escape')
  await seesNoMore(dialog)
  await eventually('the focus back where it was', () => isFocused(run))

  await keyboard.press('Enter')
  await sees(dialog)
  if (!(await isFocused(page.getByLabel('Who')))) await tabTo(page, page.getByLabel('Who'))
  await keyboard.type('a reader')
  await keyboard.press('Enter')
  await sees(page.getByText('a reader'))

  await feed.write(Array.from({ length: 200 }, (_, i) => `line ${i + 1} is here\n`).join(''))
  await comesIntoView(page, linesOf(page).getByText('line 200 is here'))
  await tabTo(page, linesOf(page))
  await keyboard.press('Home')
  await comesIntoView(page, linesOf(page).getByText('line 1 is here', { exact: true }))
  await feed.write('a new one\n')
  await tabTo(page, page.getByRole('button', { name: '1 new line' }))
  await keyboard.press('Enter')
  await comesIntoView(page, linesOf(page).getByText('a new one'))

  await tabTo(page, page.getByRole('button', { name: 'Go to a line' }), 'Shift+Tab')
  await keyboard.press('Enter')
  await focuses(page, 'textbox', /^Line/)
  await keyboard.type('120')
  await keyboard.press('Enter')
  await comesIntoView(page, linesOf(page).getByText('line 120 is here'))
  t.equal(new URL(page.url()).hash, '#L120', 'a link to the line')
  await tabTo(page, page.getByRole('button', { name: 'Copy link' }))
  await feed.end()
  noComplaints(t, complaints, NOBODY_SIGNED_IN)
})

t.test(
  'one skips to the content, filters the history and answers menus by the keyboard alone',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    await app.finished(['false'], { name: 'Fails' })
    await app.finished(['true'], { name: 'Works' })
    const { page, complaints } = await openDashboard(t, app, '/executions')
    const { keyboard } = page
    const rows = page.getByRole('main').getByRole('listitem')
    await eventually('both', async () => (await rows.count()) === 2)

    await tabTo(page, page.getByRole('link', { name: 'Skip to the content' }))
    t.ok((await page.getByRole('link', { name: 'Skip to the content' }).boundingBox())!.y >= 0, 'it can be seen')
    await keyboard.press('Enter')
    await tabTo(page, page.getByRole('button', { name: 'Failed' }))
    await keyboard.press('Space')
    await eventually('one', async () => (await rows.count()) === 1)
    await tabTo(page, page.getByRole('combobox', { name: 'Trigger' }))
    await keyboard.press('ArrowDown')
    await sees(page.getByText('Nothing fits these filters'))
    await tabTo(page, page.getByRole('button', { name: 'Show all' }))
    await keyboard.press('Enter')
    await eventually('both again', async () => (await rows.count()) === 2)

    const account = page.getByRole('button', { name: 'Account and appearance' })
    await tabTo(page, account, 'Shift+Tab')
    await keyboard.press('Enter')
    await keyboard.press('ArrowDown')
    await keyboard.press('ArrowDown')
    await eventually('dark', () => isFocused(page.getByRole('menuitemradio', { name: 'Dark' })))
    await keyboard.press('Escape')
    await eventually('the focus back where it was', () => isFocused(account))

    await page.goto('/bots/fails')
    const more = page.getByRole('button', { name: 'More', exact: true })
    await sees(more)
    await tabTo(page, more)
    await keyboard.press('Enter')
    await keyboard.press('ArrowDown')
    await keyboard.press('Enter')
    const question = page.getByRole('alertdialog', { name: 'Delete Fails?' })
    await sees(question)
    await eventually('the focus on what changes nothing', () =>
      isFocused(question.getByRole('button', { name: 'Keep it' }))
    )
    await keyboard.press('Escape')
    await seesNoMore(question)
    await eventually('the focus back where it was', () => isFocused(more))
    noComplaints(t, complaints)
  }
)

t.test('one makes a token and revokes it by the keyboard alone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/tokens')
  const { keyboard } = page
  const dialog = page.getByRole('dialog')
  await sees(page.getByText('No tokens yet'))
  const open = page.getByRole('button', { name: 'New token' })
  await tabTo(page, open)
  await keyboard.press('Enter')
  await focuses(page, 'textbox', 'Name')
  await keyboard.type('By hand')
  await tabTo(page, dialog.getByRole('radio', { name: 'Viewer' }))
  await keyboard.press('ArrowDown')
  await tabTo(page, dialog.getByLabel('Good for'))
  await keyboard.press('ArrowUp')
  await tabTo(page, dialog.getByLabel('Your password'))
  await keyboard.type(ADMIN.password)
  await tabTo(page, dialog.getByRole('button', { name: 'Make the token' }))
  await keyboard.press('Enter')
  await focuses(page, 'textbox', 'Token')
  await tabTo(page, dialog.getByRole('button', { name: 'I have kept it' }))
  await keyboard.press('Enter')
  await seesNoMore(dialog)
  await eventually('the focus back where it was', () => isFocused(open))
  const [made] = (await app.get('/api/tokens')).body.items
  t.match(made, { name: 'By hand', role: 'operator' })

  await tabTo(page, page.getByRole('button', { name: 'Revoke By hand' }))
  await keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Revoke the token' }))
  await keyboard.press('Enter')
  await sees(page.getByText('No tokens yet'))
  await focuses(page, 'heading', 'Tokens')
  noComplaints(t, complaints)
})

t.test('the menu of somebody, and that of the account, lead on by the keyboard alone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/people')
  const { keyboard } = page
  const more = page.getByRole('button', { name: `More about ${ADMIN.email}` })
  await sees(more)
  await tabTo(page, more)
  await keyboard.press('Enter')
  await keyboard.press('ArrowDown')
  await keyboard.press('ArrowDown')
  await eventually('the sessions', () => isFocused(page.getByRole('menuitem', { name: 'Sessions…' })))
  await keyboard.press('Enter')
  await sees(page.getByRole('dialog').getByText('This one'))
  await keyboard.press('Escape')
  await eventually('the focus back where it was', () => isFocused(more))

  await tabTo(page, page.getByRole('button', { name: 'Account and appearance' }), 'Shift+Tab')
  await keyboard.press('Enter')
  // Past the themes; what stands beside the menu on a screen so wide is left out.
  for (let i = 0; i < 3; i++) await keyboard.press('ArrowDown')
  await eventually('the account', () => isFocused(page.getByRole('menuitem', { name: 'Account' })))
  await keyboard.press('Enter')
  await sees(page.getByRole('heading', { name: 'Account', level: 1 }))
  noComplaints(t, complaints)
})

t.test('on a phone the menu of the account leads to what has no room beside it', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/', { viewport: { width: 360, height: 740 } })
  await sees(page.getByRole('heading', { name: 'Bots', level: 1 }))
  for (const place of ['Secrets', 'Tokens', 'Notifications', 'Machine', 'People', 'Audit log', 'Account']) {
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await page.getByRole('menuitem', { name: place }).click()
    await sees(page.getByRole('heading', { name: place, level: 1 }))
  }
  noComplaints(t, complaints)
})
