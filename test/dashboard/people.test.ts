import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { goTo, NOBODY_SIGNED_IN, noComplaints, openDashboard, sees, seesNoMore, signIn } from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { addSecondFactor, makeUser, signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const row = (page: Page, email: string) => page.getByRole('main').getByRole('listitem').filter({ hasText: email })
const dialog = (page: Page) => page.getByRole('dialog')
const question = (page: Page) => page.getByRole('alertdialog')
const link = (page: Page) => dialog(page).getByRole('textbox', { name: 'Link' })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** What a browser says when its session was ended, or its streams were. */
const ENDED = /\b401\b|ERR_INCOMPLETE_CHUNKED_ENCODING/

async function choose(page: Page, email: string, word: string): Promise<void> {
  await page.getByRole('button', { name: `More about ${email}` }).click()
  await page.getByRole('menuitem', { name: word }).click()
}

async function personOf(app: TestApp, email: string) {
  return (await app.get('/admin/users')).body.items.find((person: { email: string }) => person.email === email)
}

t.test(
  'who is invited opens the link, chooses a password, and is signed in with the role he was given',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { page, complaints } = await openDashboard(t, app, '/')
    await goTo(page, 'People')
    await button(page, 'Invite somebody').click()
    await eventually('the first field', () => isFocused(dialog(page).getByLabel('E-mail')))
    await page.keyboard.type('Ada@example.com')
    await dialog(page).getByRole('radio', { name: 'Operator' }).check()
    await button(page, 'Make the link').click()
    await eventually('the link is ready to be copied', () => isFocused(link(page)))
    const address = await link(page).inputValue()
    t.match(address, new RegExp(`^${app.url}/choose-password#[\\w-]+$`))
    await sees(dialog(page).getByText('Nobody can show it again'))
    // A click that missed it does not take away what is shown once.
    await page.mouse.click(5, 5)
    t.equal(await link(page).inputValue(), address)
    await button(page, 'Done').click()
    await seesNoMore(dialog(page))
    await sees(row(page, 'ada@example.com').getByText('Invited until'))
    t.notMatch(await page.content(), address.split('#')[1]!, 'the link is gone')

    const { page: hers, complaints: others } = await openDashboard(t, app, address, { signedIn: false })
    await sees(hers.getByText('ada@example.com'))
    t.equal(hers.url(), `${app.url}/choose-password`, 'the token has left the address')
    t.notMatch(await hers.evaluate('JSON.stringify(history.state)'), address.split('#')[1]!)
    await eventually('the field', () => isFocused(hers.getByLabel('Password')))
    await hers.keyboard.type('a long password')
    t.equal(await hers.getByLabel('Password').getAttribute('type'), 'password')
    await hers.getByRole('button', { name: 'Show what is typed' }).click()
    t.equal(await hers.getByLabel('Password').getAttribute('type'), 'text')
    await hers.getByLabel('Password').press('Enter')
    await sees(hers.getByRole('heading', { name: 'Bots', level: 1 }))
    await sees(hers.getByRole('link', { name: 'Make your own' }))
    t.equal(await hers.getByRole('link', { name: 'People' }).count(), 0, 'an operator is not offered people')
    t.same((await (await hers.request.get('/api/auth/me')).json()).role, 'operator')

    await page.reload()
    await sees(row(page, 'ada@example.com').getByText('Active'))
    await sees(row(page, 'ada@example.com').getByText('Last sign-in just now'))
    noComplaints(t, complaints)
    noComplaints(t, others)
  }
)

t.test('a link that was used, and one without its end, are told for what they are', needsBrowser, async t => {
  const app = await buildApp(t)
  const { body } = await app.post('/admin/users', { email: 'ada@example.com', role: 'viewer' })
  await app.post('/api/auth/link/password', { token: body.link.token, password: 'a long password' })
  const { page, complaints } = await openDashboard(t, app, body.link.url, { signedIn: false })
  await sees(page.getByRole('alert').getByText('This link has been used, replaced, or has run out.'))
  t.equal(await page.getByLabel('Password').count(), 0)
  await page.reload()
  await sees(page.getByText('This page needs the whole link'))
  const { body: next } = await app.post('/admin/users', { email: 'grace@example.com', role: 'viewer' })
  await page.goto(next.link.url)
  await sees(page.getByText('grace@example.com'))
  t.equal(page.url(), `${app.url}/choose-password`, 'also of another link, put into the same page')
  noComplaints(t, complaints, /\b403\b/)
})

t.test(
  'a new password ends the sessions there were, and asks for the second factor as any sign-in',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const grace = await signedInAs(app, 'operator', 'grace@example.com')
    const { totp } = await addSecondFactor(grace)
    const { page, complaints } = await openDashboard(t, app, '/people')
    await choose(page, 'grace@example.com', 'Link for a new password…')
    await sees(dialog(page).getByText('The old password holds until the link is used.'))
    await button(page, 'Make the link').click()
    const address = await link(page).inputValue()
    t.equal((await grace.get('/api/auth/me')).status, 200)

    const { page: hers, complaints: others } = await openDashboard(t, app, address, { signedIn: false })
    await sees(hers.getByRole('heading', { name: 'Choose a new password' }))
    await hers.getByLabel('Password').fill('another long password')
    await hers.getByLabel('Password').press('Enter')
    await eventually('the field of the code', () => isFocused(hers.getByLabel('Code')))
    t.equal((await grace.get('/api/auth/me')).status, 401, 'the session from before has ended')
    await hers.keyboard.type(totp.generate({ timestamp: Date.now() + 30_000 }))
    await hers.keyboard.press('Enter')
    await sees(hers.getByRole('heading', { name: 'Bots', level: 1 }))
    noComplaints(t, complaints)
    noComplaints(t, others, /login.*401|401.*login/)
  }
)

t.test('what the server refuses about people is said where it was asked for', needsBrowser, async t => {
  const app = await buildApp(t)
  await makeUser(app, 'viewer', 'ada@example.com')
  const { page, complaints } = await openDashboard(t, app, '/people')
  await button(page, 'Invite somebody').click()
  await dialog(page).getByLabel('E-mail').fill('ada@example.com')
  await button(page, 'Make the link').click()
  await sees(dialog(page).getByRole('alert').getByText('There is an account with this address already.'))
  t.equal(await dialog(page).getByLabel('E-mail').inputValue(), 'ada@example.com', 'what was typed is still there')
  await dialog(page).getByLabel('E-mail').fill('bob@localhost')
  await button(page, 'Make the link').click()
  await sees(dialog(page).getByRole('alert').getByText('This cannot be taken: email is not an e-mail address.'))
  await page.keyboard.press('Escape')

  await makeUser(app, 'admin', 'second@example.com')
  await page.reload()
  await choose(page, ADMIN.email, 'Delete…')
  const { items } = (await app.get('/admin/users')).body
  const second = items.find((person: { email: string }) => person.email === 'second@example.com')
  await app.delete(`/admin/users/${second.id}`)
  await button(page, 'Delete the account').click()
  await sees(question(page).getByRole('alert').getByText('Nobody would be left who may do everything.'))
  noComplaints(t, complaints, /\b40[09]\b/)
})

t.test('the last administrator is offered nothing that would leave nobody', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.post('/admin/users', { email: 'invited@example.com', role: 'admin' })
  const { page, complaints } = await openDashboard(t, app, '/people')
  const offered = async () => {
    await page.getByRole('button', { name: `More about ${ADMIN.email}` }).click()
    await sees(page.getByRole('menuitem'))
    const words = await page.getByRole('menuitem').allInnerTexts()
    await page.keyboard.press('Escape')
    return words
  }
  t.same(await offered(), ['Change address…', 'Link for a new password…', 'Sessions…'])
  await choose(page, ADMIN.email, 'Change address…')
  await sees(dialog(page).getByLabel('E-mail'))
  t.equal(await dialog(page).getByRole('radio').count(), 0)
  await page.keyboard.press('Escape')

  await makeUser(app, 'admin', 'second@example.com')
  await page.reload()
  await sees(page.getByText('second@example.com'))
  t.same(await offered(), ['Change address or role…', 'Link for a new password…', 'Sessions…', 'Disable…', 'Delete…'])
  noComplaints(t, complaints)
})

t.test(
  'another role counts at once in the page of whose it is, also where it listens to what he may not',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    await makeUser(app, 'operator', 'grace@example.com')
    const { page: hers, complaints: others } = await openDashboard(t, app, '/secrets', { email: 'grace@example.com' })
    await sees(hers.getByText('No secrets yet'))
    const { page, complaints } = await openDashboard(t, app, '/people')
    await choose(page, 'grace@example.com', 'Change address or role…')
    await dialog(page).getByRole('radio', { name: 'Viewer' }).check()
    await dialog(page).getByLabel('E-mail').fill('hopper@example.com')
    await button(page, 'Save').click()
    await sees(row(page, 'hopper@example.com').getByText('Viewer'))

    await sees(hers.getByText('You may look, but not at secrets'))
    await seesNoMore(hers.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Secrets' }))
    await app.makeBot(['true'], { name: 'Made afterwards' })
    await goTo(hers, 'Bots')
    await sees(hers.getByRole('link', { name: 'Made afterwards' }))
    t.equal(await hers.getByRole('button', { name: /^Run / }).count(), 0, 'what she may not do is not offered')
    await sees(hers.getByRole('button', { name: 'Account and appearance' }).getByText('hopper@example.com'))
    noComplaints(t, complaints)
    noComplaints(t, others, /403|ERR_INCOMPLETE_CHUNKED_ENCODING/)
  }
)

t.test('sessions of somebody are seen and ended, and his page goes to the sign-in', needsBrowser, async t => {
  const app = await buildApp(t)
  await makeUser(app, 'viewer', 'ada@example.com')
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
  const hers = await openDashboard(t, app, '/executions', { email: 'ada@example.com', userAgent: firefox })
  const other = await openDashboard(t, app, '/executions', { email: 'ada@example.com' })
  await sees(hers.page.getByText('Nothing has run yet'))
  await sees(other.page.getByText('Nothing has run yet'))

  const { page, complaints } = await openDashboard(t, app, '/people')
  await choose(page, 'ada@example.com', 'Sessions…')
  await button(page, 'End the session of Firefox on Linux').click()
  await sees(hers.page.getByRole('heading', { name: 'Sign in to Botyard' }))
  await seesNoMore(dialog(page).getByText('Firefox on Linux'))
  t.equal(await other.page.getByRole('heading', { name: 'History' }).count(), 1, 'the other one goes on')
  await button(page, 'End all').click()
  await sees(other.page.getByRole('heading', { name: 'Sign in to Botyard' }))
  await sees(dialog(page).getByText('Nobody is signed in with this account.'))
  await page.keyboard.press('Escape')
  await eventually('the focus back where it was', () =>
    isFocused(page.getByRole('button', { name: 'More about ada@example.com' }))
  )
  noComplaints(t, complaints)
  noComplaints(t, [...hers.complaints, ...other.complaints], ENDED)
})

t.test(
  'somebody is disabled, enabled, freed of his second factor, and deleted, each after a word on what it does',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const grace = await signedInAs(app, 'operator', 'grace@example.com')
    await addSecondFactor(grace)
    const { page, complaints } = await openDashboard(t, app, '/people')
    await sees(row(page, 'grace@example.com').getByText('with second factor'))
    await choose(page, 'grace@example.com', 'Remove second factor…')
    await sees(question(page).getByText('the password alone opens the account'))
    await button(page, 'Remove the second factor').click()
    await sees(row(page, 'grace@example.com').getByText('no second factor'))
    t.equal((await personOf(app, 'grace@example.com')).twoFactor, false)

    await choose(page, 'grace@example.com', 'Disable…')
    await eventually('the focus on what changes nothing', () => isFocused(button(page, 'Leave it enabled')))
    await button(page, 'Disable the account').click()
    await sees(row(page, 'grace@example.com').getByText('Disabled'))
    t.equal((await grace.get('/api/auth/me')).status, 401)
    await choose(page, 'grace@example.com', 'Enable…')
    await button(page, 'Enable the account').click()
    await sees(row(page, 'grace@example.com').getByText('Active'))
    const { page: hers, complaints: others } = await openDashboard(t, app, '/', { signedIn: false })
    await signIn(hers, ADMIN.password, 'grace@example.com')
    await sees(hers.getByRole('heading', { name: 'Bots', level: 1 }))

    await choose(page, 'grace@example.com', 'Delete…')
    await sees(question(page).getByText('It cannot be brought back.'))
    await button(page, 'Delete the account').click()
    await seesNoMore(row(page, 'grace@example.com'))
    await sees(hers.getByRole('heading', { name: 'Sign in to Botyard' }))
    t.equal(await personOf(app, 'grace@example.com'), undefined)
    noComplaints(t, complaints)
    noComplaints(t, others, new RegExp(`${NOBODY_SIGNED_IN.source}|${ENDED.source}`))
  }
)

t.test(
  'who is no administrator is offered neither people nor the audit log, and told so there',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const bot = await app.makeBot(['true'], { name: 'A bot' })
    const { id } = await app.ended((await app.start(bot)).id)
    await makeUser(app, 'viewer', 'ada@example.com')
    const { page, complaints } = await openDashboard(t, app, '/people', { email: 'ada@example.com' })
    await sees(page.getByText('People are for administrators to see'))
    await page.goto('/audit')
    await sees(page.getByText('The audit log is for administrators to see'))
    const places = page.getByRole('navigation', { name: 'Main' }).getByRole('link')
    t.same(await places.allTextContents(), ['Bots', 'History', 'Schedule', 'Tokens', 'Machine'])
    // Elsewhere he finds no button he may not use.
    for (const address of ['/', '/bots/a-bot', `/executions/${id}`, '/machine', '/secrets', '/people', '/audit']) {
      await page.goto(address)
      await sees(page.getByRole('heading', { level: 1 }))
      const buttons = page
        .getByRole('main')
        .getByRole('button', { name: /^(Run|New|Edit|More$|Delete|Drain|Add|Invite)/ })
      for (const offered of await buttons.all())
        t.ok(await offered.isDisabled(), `${address}: ${await offered.textContent()}`)
      t.equal(
        await page
          .getByRole('main')
          .getByRole('link', { name: /^(New|Edit|Export)/ })
          .count(),
        0,
        address
      )
    }
    noComplaints(t, complaints)
  }
)
