import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { numberOf } from '../support/log-viewer.ts'
import { scratchFolder } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

/** Attempt n says so, waits for the file `go-n`, and exits with what stands in it. */
const TRIES = `n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n
echo "this is try $n"
while [ ! -s "$0/go-$n" ]; do sleep 0.02; done
exit "$(cat "$0/go-$n")"`

const attemptLinks = (page: Page) => page.getByRole('navigation', { name: 'Attempts' }).getByRole('link')

t.test(
  'the page goes from attempt to attempt as they begin, and stays at one that was chosen',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const folder = scratchFolder(t)
    const go = (n: number, exitCode: number) => writeFileSync(join(folder, `go-${n}`), `${exitCode}\n`)
    const bot = await app.makeBot(['/bin/sh', '-c', TRIES, folder], {
      name: 'Tries again',
      retry: { maxAttempts: 3, backoffMs: 0 }
    })
    const { id } = await app.start(bot)
    const { page, context, complaints } = await openDashboard(t, app, `/executions/${id}`)
    const main = page.getByRole('main')
    const log = page.getByRole('log')
    await sees(log.getByText('this is try 1'))
    t.equal(await attemptLinks(page).count(), 0, 'nobody is bothered with a first attempt')

    go(1, 7)
    await sees(log.getByText('this is try 2'))
    await eventually('two attempts', async () => (await attemptLinks(page).count()) === 2)
    t.match(await attemptLinks(page).allInnerTexts(), [/1/, /2/])
    await attemptLinks(page).first().click()
    await sees(log.getByText('this is try 1'))
    await sees(main.getByText('It ended with exit code 7.'))
    t.equal(new URL(page.url()).search, '?attempt=1')

    go(2, 8)
    await eventually('three attempts', async () => (await attemptLinks(page).count()) === 3)
    await sees(log.getByText('this is try 1'))
    await numberOf(page, 1).click()
    await page.waitForURL(/\?attempt=1#L1$/)
    await attemptLinks(page).last().click()
    await sees(log.getByText('this is try 3'))
    t.equal(new URL(page.url()).search + new URL(page.url()).hash, '', 'the last one, whichever that is')

    const other = await context.newPage()
    await other.goto(`/executions/${id}?attempt=2#L1`)
    await sees(other.getByRole('log').getByText('this is try 2'))
    await sees(other.getByRole('main').getByText('It ended with exit code 8.'))
    await other.close()

    go(3, 0)
    await sees(main.getByText('Succeeded', { exact: true }))
    const words = await attemptLinks(page).allTextContents()
    t.match(words, [/1\s*Failed/, /2\s*Failed/, /3\s*Succeeded/])
    noComplaints(t, complaints)
  }
)

t.test(
  'an execution that waits for its next attempt says when that begins, and can be cancelled',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const bot = await app.makeBot(['/bin/sh', '-c', 'echo not yet; exit 75'], {
      retry: { maxAttempts: 2, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 }
    })
    const { id } = await app.start(bot)
    const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
    const main = page.getByRole('main')
    await sees(main.getByText('Waiting', { exact: true }))
    await sees(main.getByText(/It ended with exit code 75\. Attempt 2 begins in (1 h 00 min|[345]\d min \d\d s)\./))
    await sees(page.getByRole('log').getByText('not yet'))
    const left = () => main.getByText(/begins in/).textContent()
    const before = await left()
    await eventually('a second to pass', async () => (await left()) !== before)

    await page.getByRole('button', { name: 'Cancel' }).click()
    await sees(main.getByText('Cancelled', { exact: true }))
    await sees(main.getByText('Somebody cancelled it.'))
    await seesNoMore(main.getByText(/begins in/))
    await sees(page.getByRole('log').getByText('not yet'))
    noComplaints(t, complaints)
  }
)

t.test('what waits for its next attempt after it took too long can be cancelled as well', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(['sleep', '600'], { timeoutMs: 1, retry: { maxAttempts: 2, backoffMs: 3_600_000 } })
  const { id } = await app.start(bot)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  const main = page.getByRole('main')
  await sees(main.getByText(/It took longer than its time limit\. Attempt 2 begins in/))
  await page.getByRole('button', { name: 'Cancel' }).click()
  await sees(main.getByText('Cancelled', { exact: true }))
  noComplaints(t, complaints)
})
