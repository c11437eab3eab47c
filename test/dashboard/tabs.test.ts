import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

/** More than the six connections that a browser opens to a server. */
const TABS = 7

t.test(
  'seven tabs that each follow another log share one stream, and leave room for requests',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const feeds = await Promise.all(Array.from({ length: TABS }, () => Feed.open(t)))
    const ids: string[] = []
    for (const [i, feed] of feeds.entries()) {
      ids.push((await app.start(await app.makeBot(feed.command, { name: `Bot ${i}` }))).id)
      await feed.write(`beginning of ${i}\n`)
    }

    const { page: list, context, complaints } = await openDashboard(t, app)
    const tabs: Page[] = []
    for (const [i, id] of ids.entries()) {
      const tab = await context.newPage()
      tabs.push(tab)
      await tab.goto(`/executions/${id}`)
      await sees(tab.getByRole('log').getByText(`beginning of ${i}`))
    }
    for (const [i, feed] of feeds.entries()) await feed.write(`news of ${i}\n`)
    for (const [i, tab] of tabs.entries()) await sees(tab.getByRole('log').getByText(`news of ${i}`))
    // One that is followed by another may still be closing.
    await eventually('one stream for all', async () => (await app.openStreams()) === 1)

    await goTo(tabs[0]!, 'History')
    await eventually(
      'a list of all',
      async () => (await tabs[0]!.getByRole('main').getByRole('listitem').count()) === TABS
    )
    const eighth = await context.newPage()
    await eighth.goto('/bots/bot-3')
    await sees(eighth.getByRole('heading', { name: 'Bot 3', level: 1 }))

    // The network comes back: all tabs hear of it at one moment.
    for (const tab of context.pages()) await tab.evaluate("dispatchEvent(new Event('online'))")
    for (const [i, feed] of feeds.entries()) await feed.write(`more of ${i}\n`)
    for (const [i, tab] of tabs.slice(1).entries()) await sees(tab.getByRole('log').getByText(`more of ${i + 1}`))
    await eventually('again one stream for all', async () => (await app.openStreams()) === 1)

    for (const feed of feeds) await feed.end()
    for (const tab of tabs.slice(1)) await sees(tab.getByRole('main').getByText('Succeeded', { exact: true }))
    await eventually(
      'the list of bots to tell',
      async () => (await list.getByRole('main').getByText('Succeeded', { exact: true }).count()) === TABS
    )
    await eventually('still one stream', async () => (await app.openStreams()) === 1)
    for (const tab of context.pages()) await tab.close()
    await eventually('no stream when nobody looks', async () => (await app.openStreams()) === 0)
    noComplaints(t, complaints)
  }
)
