import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { isFocused } from '../support/keyboard.ts'
import { ALLOWED, bodiesOf, makeChannel, makeHook, makeRule, noticesOf } from '../support/notifications.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const dialog = (page: Page) => page.getByRole('dialog')
const question = (page: Page) => page.getByRole('alertdialog')
const row = (page: Page, section: 'Channels' | 'Rules' | 'What was sent', text: string | RegExp) =>
  page.getByRole('region', { name: section }).getByRole('listitem').filter({ hasText: text })

t.test('a channel and a rule are made, and what fails is told and listed', needsBrowser, async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  target.answer = response => void response.end('thanks')
  const bot = await app.makeBot(['/bin/sh', '-c', 'echo the last words; exit 3'], { name: 'Nightly' })
  const { page, complaints } = await openDashboard(t, app)
  await goTo(page, 'Notifications')
  await sees(page.getByText('It needs a channel first.'))
  await page.getByRole('button', { name: 'Add a channel' }).click()
  await dialog(page).getByLabel('Kind').selectOption('Webhook')
  await dialog(page).getByLabel('Name').fill('My program')
  await dialog(page).getByLabel('Address').fill(`${target.url}/hook`)
  await dialog(page).getByRole('button', { name: 'Make one' }).click()
  await dialog(page).getByRole('button', { name: 'Add the channel' }).click()
  await seesNoMore(dialog(page))
  await sees(row(page, 'Channels', 'My program').getByText(`Webhook: ${target.url}/hook`))
  await page.getByRole('button', { name: 'Send a test to My program' }).click()
  await sees(row(page, 'Channels', 'My program').getByText('Delivered. It answered 200: thanks'))

  await page.getByRole('button', { name: 'Add a rule' }).click()
  await dialog(page).getByLabel('Name').fill('Failures')
  await dialog(page).getByLabel('Tell when …').selectOption('Nightly')
  await dialog(page).getByLabel('runs for long').check()
  await dialog(page).getByLabel('Long is', { exact: true }).fill('45')
  await dialog(page).getByLabel('Lines of the log').fill('5')
  await dialog(page).getByLabel('Then be quiet for', { exact: true }).fill('3600')
  t.ok(await dialog(page).getByLabel('My program').isChecked(), 'the only channel is taken')
  await dialog(page).getByRole('button', { name: 'Add the rule' }).click()
  await seesNoMore(dialog(page))
  const rule = row(page, 'Rules', 'Failures')
  await sees(rule.getByText('When Nightly fails for the first time, succeeds again or runs for 45 min.'))
  await sees(rule.getByText('By My program. Quiet for 1 h after each. With the last 5 lines of the log.'))

  await app.ended((await app.start(bot)).id)
  const notice = row(page, 'What was sent', 'Nightly failed')
  await sees(notice.getByText('Sent', { exact: true }))
  await sees(notice.getByText('By the rule Failures'))
  t.match((await bodiesOf(target, 2))[1], { type: 'execution.first_failure', data: { log: ['the last words'] } })
  await notice.getByRole('link', { name: 'Nightly', exact: true }).click()
  await sees(page.getByRole('heading', { name: 'Nightly', level: 1 }))
  noComplaints(t, complaints)
})

t.test(
  'a channel is changed without its secrets, which stay, and is deleted when no rule names it',
  needsBrowser,
  async t => {
    const app = await buildApp(t, { config: ALLOWED })
    const target = await startHttpTarget(t)
    const channel = await makeChannel(
      app,
      'ntfy',
      { server: target.url, topic: 'bots', token: 'tk_hush_hush' },
      'Phone'
    )
    const rule = await makeRule(app, channel, ['failed'], { name: 'Failures' })
    const { page, complaints } = await openDashboard(t, app, '/notifications')
    const save = dialog(page).getByRole('button', { name: 'Save' })
    await page.getByRole('button', { name: 'Change Phone' }).click()
    const token = dialog(page).getByRole('textbox', { name: 'Token' })
    t.equal(await token.inputValue(), '')
    t.equal(await token.getAttribute('placeholder'), 'Set; leave empty to keep')
    await dialog(page).getByLabel('Topic').fill('a/b')
    await save.click()
    await eventually('the topic that is wrong', () => isFocused(dialog(page).getByLabel('Topic')))
    await sees(dialog(page).getByText('must be letters, digits, - and _'))
    await dialog(page).getByLabel('Topic').fill('others')
    await save.click()
    await sees(row(page, 'Channels', 'ntfy: others'))
    await page.getByRole('button', { name: 'Send a test to Phone' }).click()
    await sees(page.getByText('Delivered.'))
    t.equal(target.arrived[0]!.headers.authorization, 'Bearer tk_hush_hush', 'the token stayed')

    await page.getByRole('button', { name: 'Change Phone' }).click()
    await dialog(page).getByLabel('Server').fill('https://ntfy.example.com')
    await save.click()
    await sees(dialog(page).getByText('must be given again'))
    await eventually('the token that is missing', () => isFocused(token))
    await dialog(page).getByLabel('Take it away').check()
    await save.click()
    await seesNoMore(dialog(page))
    t.match((await app.get(`/api/channels/${channel.id}`)).body, {
      settings: { server: 'https://ntfy.example.com', topic: 'others' },
      secrets: []
    })

    await page.getByRole('button', { name: 'Delete Phone' }).click()
    await sees(question(page).getByText('A rule names it: Failures.'))
    t.ok(await question(page).getByRole('button', { name: 'Delete the channel' }).isDisabled())
    // The page hears what others do.
    await app.delete(`/api/notification-rules/${rule.id}`)
    await sees(question(page).getByText('What it was sent goes with it'))
    await question(page).getByRole('button', { name: 'Delete the channel' }).click()
    await sees(page.getByText('No channels yet'))
    await eventually('the focus near', () => isFocused(page.getByRole('heading', { name: 'Channels' })))
    noComplaints(t, complaints, /\b400\b/)
  }
)

t.test('a rule is switched off, changed and deleted', needsBrowser, async t => {
  const app = await buildApp(t)
  const channel = await makeChannel(app, 'slack', { url: 'https://hooks.slack.com/x' }, 'Chat')
  const { id } = await makeRule(app, channel, ['failed', 'long_running'], { name: 'All', longRunningMs: 60_000 })
  const { page, complaints } = await openDashboard(t, app, '/notifications')
  const kept = async () => (await app.get(`/api/notification-rules/${id}`)).body
  await page.getByRole('switch', { name: 'All: on' }).click()
  await sees(row(page, 'Rules', 'All').getByText('Off', { exact: true }))
  t.equal((await kept()).enabled, false)

  await page.getByRole('button', { name: 'Change All' }).click()
  for (const word of ['fails', 'runs for long']) await dialog(page).getByLabel(word, { exact: true }).uncheck()
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  await sees(dialog(page).getByText('Choose at least one.'))
  await eventually('what is wrong', () => isFocused(dialog(page).getByRole('checkbox').first()))
  await dialog(page).getByLabel('succeeds', { exact: true }).check()
  await dialog(page).getByLabel('Lines of the log').fill('21')
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  t.ok(await dialog(page).isVisible(), 'nothing was saved')
  await dialog(page).getByLabel('Lines of the log').fill('20')
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  await sees(row(page, 'Rules', 'When any bot succeeds.'))
  t.match(await kept(), { events: ['succeeded'], longRunningMs: null, logLines: 20, enabled: false, botId: null })

  await page.getByRole('button', { name: 'Delete All' }).click()
  await question(page).getByRole('button', { name: 'Delete the rule' }).click()
  await sees(page.getByText('No rules yet'))
  await eventually('the focus near', () => isFocused(page.getByRole('heading', { name: 'Rules' })))
  noComplaints(t, complaints)
})

t.test('what was given up says why, and is sent again; what was kept quiet is there as well', needsBrowser, async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  target.answer = response => void response.writeHead(410).end('moved away')
  const channel = await makeHook(app, target, 'My program')
  await makeRule(app, channel, ['failed'], { quietMs: 3_600_000 })
  const bot = await app.makeBot(['false'], { name: 'Nightly' })
  await app.ended((await app.start(bot)).id)
  await eventually('it to be given up', async () => (await noticesOf(app))[0]?.state === 'failed')
  const { page, complaints } = await openDashboard(t, app, '/notifications')
  const notice = row(page, 'What was sent', 'Given up')
  await sees(notice.getByText('It answered 410: moved away'))
  await app.ended((await app.start(bot)).id)
  await sees(row(page, 'What was sent', 'Kept quiet'))

  await page.getByRole('button', { name: 'Send a test to My program' }).click()
  await sees(page.getByText('Not delivered. It answered 410: moved away'))
  target.answer = response => void response.writeHead(204).end()
  await notice.getByRole('button', { name: 'Send now: Nightly failed' }).click()
  await sees(row(page, 'What was sent', 'It answered 204').getByText('Sent', { exact: true }))
  t.equal(await page.getByRole('button', { name: /^Send now/ }).count(), 0)
  await page.getByLabel('Which of them').selectOption('Kept quiet')
  await seesNoMore(row(page, 'What was sent', 'It answered 204'))
  t.equal(await row(page, 'What was sent', 'Kept quiet').count(), 1)
  await page.getByLabel('Which of them').selectOption('Waiting')
  await sees(page.getByText('None of these'))
  noComplaints(t, complaints)
})

t.test('older notices are shown when somebody asks for them', needsBrowser, async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  const channel = await makeHook(app, target)
  for (let n = 1; n <= 3; n++) await makeRule(app, channel, ['succeeded'], { name: `Rule ${n}` })
  const bot = await app.makeBot(['true'], { name: 'Often' })
  for (let n = 1; n <= 18; n++) await app.ended((await app.start(bot)).id)
  await eventually('all to be sent', async () => (await noticesOf(app, '&state=sent')).length === 54)
  const { page, complaints } = await openDashboard(t, app, '/notifications')
  const notices = row(page, 'What was sent', 'Often succeeded')
  await sees(notices)
  t.equal(await notices.count(), 50)
  await page.getByRole('button', { name: 'Show more' }).click()
  await eventually('all of them', async () => (await notices.count()) === 54)
  noComplaints(t, complaints)
})

t.test('viewers are not led there, and are told that they may not', needsBrowser, async t => {
  const app = await buildApp(t)
  for (const role of ['operator', 'viewer'] as const) {
    const email = `${role}@example.com`
    await makeUser(app, role)
    const { page, complaints } = await openDashboard(t, app, '/notifications', { email })
    if (role === 'operator') await sees(page.getByText('No channels yet'))
    else await sees(page.getByText('You may look, but not at notifications'))
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Notifications' })
    t.equal(await link.count(), role === 'operator' ? 1 : 0)
    t.equal(await page.getByRole('button', { name: 'Add a channel' }).count(), role === 'operator' ? 1 : 0)
    noComplaints(t, complaints)
  }
})

t.test('the page opens its stream once, and reads who is signed in no more often', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page } = await openDashboard(t, app)
  await goTo(page, 'Notifications')
  await sees(page.getByText('No channels yet'))
  let asked = 0
  page.on('request', request => {
    if (new URL(request.url()).pathname === '/api/auth/me') asked++
  })
  for (const name of ['one', 'two', 'three', 'four']) {
    await makeChannel(app, 'slack', { url: 'https://hooks.slack.example/x' }, name)
    await sees(row(page, 'Channels', name))
  }
  t.ok(asked <= 2, `${asked} times`)
})
