import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, openUserMenu, sees, seesNoMore, signIn } from '../support/dashboard.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const SIGN_IN = ['heading', { name: 'Sign in to Botyard', level: 1 }] as const
const OVER = 'Your session has ended. Sign in in another tab, then save here: what you typed stays.'
const OTHER_ROLE = 'Your role is another now, and may not change bots.'

/** How a browser says that a session has ended, or that a role may not do something any more. */
const REFUSED = /\b40[13]\b|ERR_INCOMPLETE_CHUNKED_ENCODING/

const name = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true })
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true })

/** The form for a new bot, filled in, and what the page asks from then on. `answer` is given to each question. */
async function begunBot(page: Page, answer: { value: boolean } = { value: false }): Promise<string[]> {
  const asked: string[] = []
  page.on('dialog', dialog => {
    asked.push(dialog.message())
    return answer.value ? dialog.accept() : dialog.dismiss()
  })
  await name(page).fill('Half a bot')
  await page.getByRole('textbox', { name: 'Program', exact: true }).fill('true')
  await sees(page.getByText('Not saved yet'))
  return asked
}

t.test(
  'when a session ends what was typed stays, and is saved after a sign-in in another tab',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const me = await makeUser(app, 'operator')
    const { page, context, complaints } = await openDashboard(t, app, '/bots/new', { email: 'operator@example.com' })
    const asked = await begunBot(page)
    await app.delete(`/admin/users/${me.id}/sessions`)
    await sees(page.getByText(OVER))
    t.equal(await name(page).inputValue(), 'Half a bot')
    await save(page).click()
    await sees(page.getByRole('alert').getByText('Your session has ended. Sign in again.'))

    const [other] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Sign in' }).click()
    ])
    await signIn(other, undefined, 'operator@example.com')
    await sees(other.getByRole('heading', { name: 'Bots', level: 1 }))
    await seesNoMore(page.getByText(OVER))
    await save(page).click()
    await sees(page.getByRole('heading', { name: 'Half a bot', level: 1 }))
    t.match((await app.get('/api/bots/half-a-bot')).body, { command: ['true'] })
    t.same(asked, [])
    noComplaints(t, complaints, REFUSED)
  }
)

t.test('whoever gives up what he typed when his session ended is asked, and signs in', needsBrowser, async t => {
  const app = await buildApp(t)
  const me = await makeUser(app, 'operator')
  const { page, complaints } = await openDashboard(t, app, '/bots/new', { email: 'operator@example.com' })
  const answer = { value: false }
  const asked = await begunBot(page, answer)
  await app.delete(`/admin/users/${me.id}/sessions`)
  await sees(page.getByText(OVER))
  const cancel = page.getByRole('link', { name: 'Cancel', exact: true })
  await cancel.click()
  await eventually('the question', () => asked.length === 1)
  t.equal(await name(page).inputValue(), 'Half a bot')

  answer.value = true
  await cancel.click()
  await sees(page.getByRole(...SIGN_IN))
  await sees(page.getByText('Your session has ended. Sign in again to go on.'))
  t.equal(asked.length, 2)
  await signIn(page, undefined, 'operator@example.com')
  await sees(page.getByRole('heading', { name: 'Bots', level: 1 }))
  noComplaints(t, complaints, REFUSED)
})

t.test('signing out asks first when something is not saved, and once', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, context, complaints } = await openDashboard(t, app, '/bots/new')
  const answer = { value: false }
  const asked = await begunBot(page, answer)
  const signOut = async () => (await openUserMenu(page)).getByRole('menuitem', { name: 'Sign out' }).click()
  await signOut()
  await eventually('the question', () => asked.length === 1)
  t.equal(await name(page).inputValue(), 'Half a bot')
  t.equal((await context.request.get('/api/auth/me')).status(), 200, 'and is signed in')

  answer.value = true
  await signOut()
  await sees(page.getByRole(...SIGN_IN))
  t.equal(asked.length, 2)
  t.equal((await context.request.get('/api/auth/me')).status(), 401)
  noComplaints(t, complaints, REFUSED)
})

t.test(
  'who may not change bots any more keeps what he typed, and saves it when he may again',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const me = await makeUser(app, 'operator')
    const { page, complaints } = await openDashboard(t, app, '/bots/new', { email: 'operator@example.com' })
    const asked = await begunBot(page)
    await app.patch(`/admin/users/${me.id}`, { role: 'viewer' })
    await sees(page.getByText(OTHER_ROLE))
    t.equal(await save(page).isDisabled(), true)
    t.equal(await name(page).inputValue(), 'Half a bot')

    await app.patch(`/admin/users/${me.id}`, { role: 'operator' })
    await seesNoMore(page.getByText(OTHER_ROLE))
    await save(page).click()
    await sees(page.getByRole('heading', { name: 'Half a bot', level: 1 }))
    t.same(asked, [])
    noComplaints(t, complaints, REFUSED)
  }
)

t.test('who may not change triggers any more keeps what he typed, too', needsBrowser, async t => {
  const app = await buildApp(t)
  const me = await makeUser(app, 'operator')
  const bot = await app.makeBot(['true'], { name: 'Nightly' })
  const form = `/bots/${bot.slug}/triggers/new`
  const { page, complaints } = await openDashboard(t, app, form, { email: 'operator@example.com' })
  await name(page).fill('Half a trigger')
  await app.patch(`/admin/users/${me.id}`, { role: 'viewer' })
  const otherRole = page.getByText('Your role is another now, and may not change triggers.')
  await sees(otherRole)
  t.equal(await save(page).isDisabled(), true)
  t.equal(await name(page).inputValue(), 'Half a trigger')

  await app.patch(`/admin/users/${me.id}`, { role: 'operator' })
  await seesNoMore(otherRole)
  await save(page).click()
  await sees(page.getByRole('heading', { name: 'Nightly', level: 1 }))
  await sees(page.getByRole('link', { name: 'Half a trigger' }))
  noComplaints(t, complaints, REFUSED)
})
