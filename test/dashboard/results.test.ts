import { readFileSync } from 'node:fs'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'

const LEAVES = `echo 'pr=https://example.com/pull/42' >> "$BOTYARD_OUTPUT"
echo 'summary=<b>all</b> is well' >> "$BOTYARD_OUTPUT"
mkdir -p "$BOTYARD_ARTIFACTS/a folder"
printf 'the report' > "$BOTYARD_ARTIFACTS/report.txt"
printf '<script>complain("run")</script>' > "$BOTYARD_ARTIFACTS/a folder/#1 100%.html"`

t.test('what a bot has left is listed, copied and downloaded', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['/bin/sh', '-c', LEAVES])
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`, {
    permissions: ['clipboard-read', 'clipboard-write']
  })
  const main = page.getByRole('main')
  await main.getByRole('link', { name: 'Results 4' }).click()
  await sees(main.getByRole('link', { name: 'https://example.com/pull/42' }))
  await sees(main.getByText('<b>all</b> is well', { exact: true }))
  await page.getByRole('button', { name: 'Copy summary' }).click()
  await sees(main.getByText('Copied'))
  t.equal(await page.evaluate('navigator.clipboard.readText()'), '<b>all</b> is well')

  for (const [name, file, text] of [
    ['report.txt', 'report.txt', 'the report'],
    ['a folder/#1 100%.html', '#1 100%.html', '<script>complain("run")</script>']
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      main.getByRole('link', { name: `Download ${name}` }).click()
    ])
    t.equal(download.suggestedFilename(), file)
    t.equal(readFileSync(await download.path(), 'utf8'), text)
  }
  noComplaints(t, complaints)
})

t.test('what is left appears when the bot ends, and each attempt shows what it has left', needsBrowser, async t => {
  const app = await buildApp(t)
  const script =
    'cd "$BOTYARD_ARTIFACTS"; n=$(ls ../.. | wc -l); echo "try=$n" >>"$BOTYARD_OUTPUT"; : >"from-$n"; read -r go; exit 1'
  const bot = await app.makeBot(['/bin/sh', '-c', script], { input: true, retry: { maxAttempts: 2, backoffMs: 0 } })
  const { id } = await app.start(bot)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}?show=results`)
  const main = page.getByRole('main')
  await sees(main.getByText('from-1'))
  const goOn = () => app.post(`/api/executions/${id}/input`, { text: 'go\n' })
  await goOn()
  await sees(main.getByText('from-2'))
  await goOn()
  await sees(main.getByRole('term').filter({ hasText: 'try' }))
  await sees(main.getByText('from-2'))
  await page.getByRole('navigation', { name: 'Attempts' }).getByRole('link').first().click()
  await sees(main.getByText('from-1'))
  t.equal(await main.getByText('from-2').count(), 0)
  noComplaints(t, complaints)
})

t.test('an execution without results says how a bot leaves some', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['true'])
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}?show=results`)
  await sees(page.getByText('It has left nothing'))
  await sees(page.getByText('$BOTYARD_ARTIFACTS'))
  await page.getByRole('link', { name: 'Log', exact: true }).click()
  await sees(page.getByText('It printed nothing.'))
  noComplaints(t, complaints)
})

t.test('files and logs are downloaded from a page whose access token has run out', needsBrowser, async t => {
  const app = await buildApp(t)
  const long = 'head -c 20000 /dev/zero | tr "\\0" x; echo'
  const { id } = await app.finished(['/bin/sh', '-c', `printf 'the report' > "$BOTYARD_ARTIFACTS/report.txt"; ${long}`])
  const { page, context, complaints } = await openDashboard(t, app, `/executions/${id}?show=results`)
  const main = page.getByRole('main')

  async function downloaded(name: string | RegExp): Promise<string> {
    const link = main.getByRole('link', { name })
    await sees(link)
    // As the browser does by itself after a quarter of an hour.
    await context.clearCookies({ name: 'botyard_access' })
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    return readFileSync(await download.path(), 'utf8')
  }

  t.equal(await downloaded('Download report.txt'), 'the report')
  await main.getByRole('link', { name: 'Log', exact: true }).click()
  const log = `${'x'.repeat(20_000)}\n`
  t.equal(await downloaded(/^Download the log/), log)
  t.equal(await downloaded(/cut here/), log)
  await page.goto('/audit')
  t.match(await downloaded('Export as CSV'), /^time,/)
  // What the page itself was just reading is refused, too, and asked for again.
  noComplaints(t, complaints, /: 401$|a status of 401 /)
})
