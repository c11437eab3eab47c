import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import type { Client } from '../support/client.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { testFolder } from '../support/folder.ts'
import { comesIntoView, comesTo, linesOf, readAll } from '../support/log-viewer.ts'
import { Feed, startFed } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** Between two pieces of a line: so that there are many events, and the page is never done with the last. */
const PACE_MS = 3

/** A bot that prints numbered lines one by one, each in two pieces, until `stop` is called, which answers their number. */
function printSteadily(feed: Feed): { printed: () => number; stop: () => Promise<number> } {
  let count = 0
  let going = true
  const done = (async () => {
    while (going) {
      count++
      await feed.write(`line ${count} `)
      await delay(PACE_MS)
      await feed.write(`of ${count}\n`)
      await delay(PACE_MS)
    }
  })()
  return {
    printed: () => count,
    stop: async () => {
      going = false
      await done
      return count
    }
  }
}

/** Fails the test unless the page shows each line that was printed, once and in its place. */
async function showsAll(t: Test, client: Client, page: Page, id: string, count: number): Promise<void> {
  await comesIntoView(page, linesOf(page).getByText(`line ${count} of ${count}`))
  const downloaded = (await client.downloadLog(id)).toString().trimEnd().split('\n')
  t.equal(downloaded.length, count)
  t.same(await readAll(page, count), downloaded)
}

t.test('a page that is loaded again in the middle of a log goes on with it, each line once', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const bot = printSteadily(feed)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  for (let loads = 0; loads < 2; loads++) {
    await comesTo(page, bot.printed() + 20)
    await page.reload()
  }
  await comesTo(page, bot.printed() + 20)
  await showsAll(t, app, page, id, await bot.stop())
  await feed.end()
  await sees(page.getByRole('main').getByText('Succeeded', { exact: true }))
  noComplaints(t, complaints)
})

t.test('when the server is killed and comes back, an open log says so and goes on by itself', needsBrowser, async t => {
  const dataDir = testFolder(t)
  const server = await startServer(t, dataDir)
  const feed = await Feed.open(t)
  const id = await startFed(server, feed)
  const bot = printSteadily(feed)
  const { page, complaints } = await openDashboard(t, server, `/executions/${id}`)
  const offline = page.getByRole('status').getByText('The server does not answer')
  await comesTo(page, bot.printed() + 20)

  await server.kill('SIGKILL')
  await sees(offline)
  const before = bot.printed()
  await eventually('lines nobody reads', () => bot.printed() > before + 20)
  // Silent from here on, so that no later line helps to notice what was missed.
  const count = await bot.stop()
  const next = await startServer(t, dataDir, { PORT: new URL(server.url).port })
  await seesNoMore(offline)
  await showsAll(t, next, page, id, count)

  await page.getByRole('button', { name: 'To the end' }).click()
  await feed.write('after all that\n')
  await comesIntoView(page, linesOf(page).getByText('after all that'))
  await feed.end()
  await sees(page.getByRole('main').getByText('Succeeded', { exact: true }))
  noComplaints(
    t,
    complaints,
    /ERR_CONNECTION_(REFUSED|RESET)|ERR_SOCKET_NOT_CONNECTED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/
  )
})
