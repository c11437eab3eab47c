import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN, Client } from '../support/client.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { putSecret } from '../support/secrets.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'

const rows = (page: Page) => page.getByRole('main').locator('ol > li')
const row = (page: Page, text: string) => rows(page).filter({ hasText: text })

t.test('the audit log says in plain words who did what, from where, and what differs', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['true'], { name: 'Nightly', timeoutMs: 60_000 })
  await app.patch(`/api/bots/${bot.id}`, { timeoutMs: 120_000, description: HOSTILE })
  await putSecret(app, 'TOKEN', 'hunter22-hunter22')
  const { value } = (await app.post('/api/tokens', { password: ADMIN.password, name: HOSTILE, role: 'operator' })).body
  const program = new Client(app.url)
  program.token = value
  await program.patch(`/api/bots/${bot.id}`, { enabled: false })
  await makeUser(app, 'viewer', 'ada@example.com')
  await new Client(app.url).post('/api/auth/login', { email: 'ada@example.com', password: 'a guess' })
  // It is written down some time after the answer.
  await eventually('the guess is noted', async () =>
    (await app.get('/admin/audit')).body.items.some(({ action }: { action: string }) => action === 'session.refused')
  )

  const { page, complaints } = await openDashboard(t, app, '/')
  await goTo(page, 'Audit log')
  await sees(row(page, `${ADMIN.email} made the bot nightly`))
  await sees(row(page, `${ADMIN.email} added the secret TOKEN`))
  await sees(row(page, `${ADMIN.email} invited ada@example.com`))
  await sees(row(page, 'ada@example.com chose a password'))
  await sees(row(page, 'somebody tried to sign in as ada@example.com with a wrong password'))
  await sees(row(page, `${ADMIN.email} made the token ${HOSTILE}`))
  await sees(row(page, `${HOSTILE} (${ADMIN.email}) changed the bot nightly`))
  t.match((await rows(page).first().textContent())!, /signed in[\s\S]*from 127\.0\.0\.1/, 'the newest first')
  t.notMatch(await page.content(), 'hunter22')

  const changed = row(page, `${ADMIN.email} changed the bot nightly`).filter({ hasText: 'timeoutMs' })
  t.notOk(await changed.getByText('timeoutMs').isVisible(), 'folded up at first')
  await changed.getByText('What differs').click()
  const difference = changed.locator('dl > div').filter({ hasText: 'timeoutMs' })
  t.match((await difference.textContent())!, /60000[\s\S]*→[\s\S]*120000/)
  await sees(changed.getByText(HOSTILE))
  t.equal(await page.locator('main img').count(), 0, 'names and values are text')
  await changed.getByRole('link', { name: 'nightly' }).click()
  await sees(page.getByRole('heading', { name: 'Nightly', level: 1 }))
  noComplaints(t, complaints)
})

t.test(
  'the filters stand in the address, narrow what is exported as well, and are taken away again',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { id } = await makeUser(app, 'viewer', 'ada@example.com')
    await new Client(app.url).post('/api/auth/login', { email: 'ada@example.com', password: ADMIN.password })
    await app.makeBot(['true'], { name: 'Nightly' })
    const { page, complaints } = await openDashboard(t, app, '/audit')
    await sees(row(page, 'made the bot nightly'))
    await page.getByLabel('Who').selectOption('ada@example.com')
    await seesNoMore(row(page, 'made the bot nightly'))
    await sees(row(page, 'ada@example.com signed in'))
    await page.getByLabel('What').selectOption('Password chosen')
    await eventually('one entry', async () => (await rows(page).count()) === 1)
    t.equal(new URL(page.url()).search, `?actor=${id}&action=user.password_set`)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export as CSV' }).click()
    ])
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n')
    t.equal(lines.length, 2)
    t.match(lines[1]!, 'user.password_set')

    await page.reload()
    await eventually('the same', async () => (await rows(page).count()) === 1)
    await page.getByLabel('Until').fill('2020-01-01T00:00')
    await sees(page.getByText('Nothing fits these filters'))
    await page.getByRole('button', { name: 'Show all' }).first().click()
    await sees(row(page, 'made the bot nightly'))
    t.equal(new URL(page.url()).search, '')

    // Who is gone can still be asked for.
    await app.delete(`/admin/users/${id}`)
    await page.goto(`/audit?actor=${id}`)
    await sees(row(page, 'ada@example.com signed in'))
    await eventually('the name it went by', async () =>
      (await page.getByLabel('Who').locator('option:checked').textContent())!.includes('ada@example.com')
    )
    noComplaints(t, complaints)
  }
)

t.test('what is older comes page by page', needsBrowser, async t => {
  const app = await buildApp(t)
  for (let n = 1; n <= 30; n++) {
    await putSecret(app, `SECRET_${n}`, 'hunter22-hunter22')
    await app.delete(`/api/secrets/SECRET_${n}`)
  }
  const { page, complaints } = await openDashboard(t, app, '/audit')
  await eventually('the first page', async () => (await rows(page).count()) === 50)
  await page.getByRole('button', { name: 'Show more' }).click()
  await sees(row(page, 'made the first account'))
  await seesNoMore(page.getByRole('button', { name: 'Show more' }))
  noComplaints(t, complaints)
})
