import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { testFolder } from '../support/folder.ts'
import { comesIntoView, linesOf } from '../support/log-viewer.ts'
import { Feed, printing } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { keysOf, LATE_SIZE, screenOf, shows, startInTerminal, terminalOf } from '../support/terminal.ts'
import { eventually } from '../support/wait.ts'

const DOWN =
  /ERR_CONNECTION_(REFUSED|RESET)|ERR_SOCKET_NOT_CONNECTED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/
const DOWN_OR_LATE = new RegExp(`${DOWN.source}|${LATE_SIZE.source}`)

t.test(
  'a page that is loaded again shows the same screen, and answers nothing a second time',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { id } = await startInTerminal(
      app,
      `ask() { stty raw -echo; printf '\\033[6n'; answer=; while :; do c=$(dd bs=1 count=1 2>/dev/null); answer=$answer$c; [ "$c" = R ] && break; done; stty sane; }
     printf '\\033[6n\\033[c\\033[5n'
     while read -r line; do printf 'got <%s>\\n' "$line" | cat -v
       if [ "$line" = ask ]; then ask; printf 'told <%s>\\n' "$answer" | cat -v; fi
     done`
    )
    await app.printed(id, '\x1b[5n')
    const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
    await sees(terminalOf(page).getByText('Running'))
    await page.keyboard.type('one\n')
    await shows(page, /^got <one>$/)
    await page.keyboard.type('ask\n')
    await shows(page, /^told <\^\[\[\d+;\d+R>$/)

    for (const word of ['two', 'three']) {
      await page.reload()
      await shows(page, /^told </)
      await page.keyboard.type(`${word}\n`)
      await shows(page, new RegExp(`^got <${word}>$`))
    }
    t.same(
      (await screenOf(page)).filter(row => /^(got|told)/.test(row)).map(row => row.slice(0, 8)),
      ['got <one', 'got <ask', 'told <^[', 'got <two', 'got <thr']
    )
    await page.keyboard.press('Control+d')
    await app.ended(id)
    noComplaints(t, complaints, LATE_SIZE)
  }
)

t.test(
  'who was there when an attempt began answers for its terminal what it asks right away',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const asks = `stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | cat -v; printf ' was told\\r\\n'; dd bs=1 count=1 2>/dev/null`
    await app.makeBot(['/bin/sh', '-c', `${asks}; exit 1`], {
      name: 'Asks',
      terminal: true,
      retry: { maxAttempts: 2, backoffMs: 0, maxBackoffMs: 0, on: ['exit_code'], exitCodes: [] }
    })
    const { page, complaints } = await openDashboard(t, app)
    await page.getByRole('button', { name: 'Run Asks' }).click()
    await shows(page, '^[[1;1R was told')
    await page.keyboard.press('Enter')
    await sees(page.getByRole('navigation', { name: 'Attempts' }))
    await shows(page, '^[[1;1R was told')
    await page.keyboard.press('Enter')
    await sees(page.getByRole('main').getByText('Failed', { exact: true }))
    noComplaints(t, complaints, LATE_SIZE)
  }
)

t.test('when the server is killed and comes back, a terminal goes on where it was', needsBrowser, async t => {
  const dataDir = testFolder(t)
  const server = await startServer(t, dataDir)
  const feed = await Feed.open(t)
  const { id } = await server.start(await server.makeBot(feed.command, { terminal: true }))
  // All of it fits on this screen.
  const { page, complaints } = await openDashboard(t, server, `/executions/${id}`, {
    viewport: { width: 1280, height: 2000 }
  })
  let count = 0
  const print = async (lines: number) => {
    for (const end = count + lines; count < end; ) await feed.write(`line ${++count} of a bot that goes on\n`)
  }
  await print(10)
  await shows(page, /^line 10 /)
  await feed.write('not ended')
  await shows(page, /^not ended$/)

  await server.kill('SIGKILL')
  await sees(terminalOf(page).getByText('Connecting again…'))
  await feed.write(' yet\n')
  await print(20)
  const next = await startServer(t, dataDir, { PORT: new URL(server.url).port })
  await shows(page, /^line 30 /)
  await print(5)
  await shows(page, /^line 35 /)
  await feed.end()
  await sees(page.getByRole('main').getByText('Succeeded', { exact: true }))
  const printed = (await next.downloadLog(id)).toString().replaceAll('\r', '').trimEnd().split('\n')
  t.equal(printed.length, 36)
  t.same(await screenOf(page), printed, 'each line once')
  noComplaints(t, complaints, DOWN_OR_LATE)
})

t.test('what is typed while the server is away is not lost silently', needsBrowser, async t => {
  const dataDir = testFolder(t)
  const server = await startServer(t, dataDir)
  const { id } = await startInTerminal(server, 'echo ready; while read -r line; do echo "got <$line>"; done')
  const { page, complaints } = await openDashboard(t, server, `/executions/${id}`)
  await shows(page, /^ready$/)
  await page.keyboard.type('one\n')
  await shows(page, /^got <one>$/)
  await server.kill('SIGKILL')
  await page.keyboard.type('two\n')
  const unsent = terminalOf(page).getByRole('alert')
  await sees(unsent.getByText(/It may not have 4 characters that you typed/))
  const next = await startServer(t, dataDir, { PORT: new URL(server.url).port })
  await seesNoMore(terminalOf(page).getByText('Connecting again…'))
  await unsent.getByRole('button', { name: 'Send it again' }).click()
  await shows(page, /^got <two>$/)
  await seesNoMore(unsent)
  await keysOf(page).focus()
  await page.keyboard.press('Control+d')
  await next.ended(id)
  noComplaints(t, complaints, DOWN_OR_LATE)
})

t.test('a tab that nobody looks at holds no stream, and misses nothing', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const { id } = await app.start(await app.makeBot(feed.command, { terminal: true }))
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  const setHidden = (hidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`)
  await feed.write('one\n')
  await shows(page, /^one$/)
  await eventually('two streams', async () => (await app.openStreams()) === 2)
  await setHidden(true)
  await eventually('one stream', async () => (await app.openStreams()) === 1)
  await feed.write('two\n')
  await app.printed(id, 'two')
  t.notOk((await screenOf(page)).includes('two'))
  await setHidden(false)
  await shows(page, /^two$/)
  await feed.write('three\n')
  await shows(page, /^three$/)
  t.same(await screenOf(page), ['one', 'two', 'three'])
  await feed.end()
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('of a long log the end is shown, and it says how much is left out', needsBrowser, async t => {
  const app = await buildApp(t)
  const lines = Array.from({ length: 60_000 }, (_, i) => `\x1b[32mline ${i + 1} of many lines\x1b[0m\n`)
  const { id } = await app.finished(printing(t, lines.join('')), { terminal: true })
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, /^line 60000 of many lines$/)
  await sees(terminalOf(page).getByText(/The first \d.* are left out here/))
  for (const row of await screenOf(page)) t.match(row, /^line \d+ of many lines$|^$/)
  await page.getByRole('button', { name: 'Plain log' }).click()
  await page.getByRole('button', { name: 'To the start' }).click()
  await comesIntoView(page, linesOf(page).getByText('line 1 of many lines'))
  noComplaints(t, complaints)
})
