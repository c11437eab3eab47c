import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { writeHistory } from '../support/history.ts'
import { Feed } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

const rowsOf = (page: Page) => page.getByRole('main').getByRole('listitem')

/** Waits until the list holds these executions in this order, each by its state and its bot. */
async function lists(page: Page, expected: string[]): Promise<void> {
  let shown: string[] = []
  await eventually(`a list of ${expected}`, async () => {
    shown = (await rowsOf(page).allInnerTexts()).map(text => text.split('\n').slice(0, 2).join(' '))
    return JSON.stringify(shown) === JSON.stringify(expected)
  }).catch(error => {
    throw new Error(`${error.message}; it shows ${shown}`)
  })
}

/** The executions that the list leads to. */
async function listed(page: Page): Promise<string[]> {
  const links = await rowsOf(page).getByRole('link').all()
  return Promise.all(links.map(async link => (await link.getAttribute('href'))!))
}

t.test(
  'filters narrow the history, stand in the address, and are there after a reload and the way back',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const alpha = await app.makeBot(['true'], { name: 'Alpha' })
    const beta = await app.makeBot(['true'], { name: 'Beta' })
    const at = (hours: number, minutes = 0) => Date.UTC(2026, 2, 1, hours, minutes)
    const by = (bot: typeof alpha) => ({ botId: bot.id, botSlug: bot.slug })
    writeHistory(app, [
      { ...by(alpha), state: 'failed', trigger: 'api', queuedAt: at(10) },
      { ...by(alpha), state: 'succeeded', trigger: 'manual', queuedAt: at(11) },
      { ...by(beta), state: 'failed', trigger: 'manual', queuedAt: at(12) },
      { ...by(beta), state: 'cancelled', trigger: 'api', queuedAt: at(13) }
    ])
    const all = ['Cancelled Beta', 'Failed Beta', 'Succeeded Alpha', 'Failed Alpha']
    const { page, complaints } = await openDashboard(t, app, '/executions', { timezoneId: 'America/New_York' })
    const query = () => Object.fromEntries(new URL(page.url()).searchParams)
    await lists(page, all)

    await page.getByRole('button', { name: 'Failed' }).click()
    await lists(page, ['Failed Beta', 'Failed Alpha'])
    await page.getByRole('combobox', { name: 'Bot' }).selectOption('Alpha')
    await lists(page, ['Failed Alpha'])
    t.same(query(), { state: 'failed', bot: 'alpha' })

    await page.reload()
    await lists(page, ['Failed Alpha'])
    await page.getByRole('link', { name: /Failed Alpha/ }).click()
    await sees(page.getByRole('heading', { name: 'Alpha', level: 1 }))
    await page.goBack()
    await lists(page, ['Failed Alpha'])
    await sees(page.getByRole('button', { name: 'Failed', pressed: true }))
    t.equal(await page.getByRole('combobox', { name: 'Bot' }).inputValue(), 'alpha')

    await page.getByRole('combobox', { name: 'Trigger' }).selectOption('By hand')
    await sees(page.getByText('Nothing fits these filters'))
    await page.getByRole('button', { name: 'Show all' }).first().click()
    await lists(page, all)
    t.same(query(), {})

    // New York is five hours behind.
    await page.getByLabel('From').fill('2026-03-01T06:30')
    await page.getByLabel('From').blur()
    await lists(page, ['Cancelled Beta', 'Failed Beta'])
    await page.getByLabel('Until').fill('2026-03-01T07:30')
    await page.getByLabel('Until').blur()
    await lists(page, ['Failed Beta'])
    t.same(query(), { since: String(at(11, 30)), until: String(at(12, 30)) })
    await page.reload()
    await lists(page, ['Failed Beta'])
    t.equal(await page.getByLabel('From').inputValue(), '2026-03-01T06:30')
    noComplaints(t, complaints)
  }
)

t.test(
  'a long history comes page by page, each execution once, also while another one begins',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const past = Array.from({ length: 120 }, (_, i) => ({ queuedAt: Date.UTC(2026, 2, 1) + (i >> 1) }))
    const ids = writeHistory(app, past)
    const feed = await Feed.open(t)
    const bot = await app.makeBot(feed.command, { name: 'Newcomer' })
    const { page, complaints } = await openDashboard(t, app, '/executions')
    const more = page.getByRole('button', { name: 'Show more' })

    await eventually('a first page', async () => (await rowsOf(page).count()) === 50)
    await more.click()
    await eventually('a second page', async () => (await rowsOf(page).count()) === 100)
    const { id } = await app.start(bot)
    await sees(rowsOf(page).filter({ hasText: 'newcomer' }).getByText('Running'))
    await more.click()
    await seesNoMore(more)
    await feed.end()
    await sees(rowsOf(page).filter({ hasText: 'newcomer' }).getByText('Succeeded'))

    const newestFirst = [id, ...ids.sort().reverse()].map(id => `/executions/${id}`)
    await eventually('all of it', async () => (await listed(page)).length === 121)
    t.same(await listed(page), newestFirst)
    noComplaints(t, complaints)
  }
)
