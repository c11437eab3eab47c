import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, styleOf } from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { linesOf } from '../support/log-viewer.ts'
import { printing, scratchFolder } from '../support/logs.ts'
import { keysOf, LATE_SIZE, SHELL, screenOf, shows, sizeOf, startInTerminal, terminalOf } from '../support/terminal.ts'
import { eventually } from '../support/wait.ts'

t.test(
  'one talks to a shell: it answers, takes Ctrl+C, knows its size, and ends with its code',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { id } = await startInTerminal(app, SHELL, { name: 'A shell' })
    const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
    const { keyboard } = page
    await shows(page, 'ready>')
    t.ok(await isFocused(keysOf(page)), 'one can type at once')
    await keyboard.type('echo $((6 * 7)) ä€😀\n')
    await shows(page, /^42 ä€😀$/)
    await keyboard.type("printf '\\033[31mthis is red\\033[0m \\033[38;2;10;200;30mand this green\\033[0m\\n'\n")
    await shows(page, /^this is red/)
    const colourOf = async (text: string) =>
      (await styleOf(terminalOf(page).locator('.xterm-rows span', { hasText: text }).last(), 'color'))
        .match(/\d+/g)!
        .map(Number)
    const [red, green] = [await colourOf('this is red'), await colourOf('and this green')]
    t.ok(red[0]! > red[1]! + 60 && red[0]! > red[2]! + 60, `it is red: ${red}`)
    t.ok(green[1]! > green[0]! + 60 && green[1]! > green[2]! + 60, `it is green: ${green}`)

    await keyboard.type('stty size\n')
    const { columns, rows } = await sizeOf(page)
    await shows(page, new RegExp(`^${rows} ${columns}$`))
    t.ok(columns > 100 && rows > 20, 'as large as it is shown')

    await keyboard.type('sleep 1000 && echo slept\n')
    await shows(page, 'sleep 1000')
    await keyboard.press('Control+c')
    await keyboard.type('echo "after $?"\n')
    await shows(page, 'after 130')
    await keyboard.type('exit 3\n')
    await sees(page.getByRole('main').getByText('It ended with exit code 3.'))
    await sees(terminalOf(page).getByText('Ended with exit code 3'))
    t.equal(await keysOf(page).getAttribute('readonly'), '', 'nothing can be typed any more')

    await page.getByRole('button', { name: 'Plain log' }).click()
    await sees(linesOf(page).getByText('after 130', { exact: true }))
    await page.getByRole('button', { name: 'Terminal' }).click()
    await shows(page, 'after 130')
    noComplaints(t, complaints, LATE_SIZE)
  }
)

t.test('a password that is typed is shown nowhere', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(
    app,
    `printf 'Password: '; stty -echo; read -r word; stty echo; printf '\\n%s characters\\n' "\${#word}"; read -r _`
  )
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, 'Password:')
  await page.keyboard.type('opensesame\n')
  await shows(page, '10 characters')
  t.notMatch((await screenOf(page)).join('\n'), /opensesame/)
  await page.keyboard.type('\n')
  await app.ended(id)
  t.notMatch((await app.downloadLog(id)).toString(), /opensesame/)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('an editor and a pager fill the screen, and leave it as it was', needsBrowser, async t => {
  const app = await buildApp(t)
  const folder = scratchFolder(t)
  const { id } = await startInTerminal(app, `cd '${folder}'; ${SHELL}`)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  const { keyboard } = page
  await shows(page, 'ready>')
  await keyboard.type('echo before; busybox vi letter\n')
  await shows(page, /^~$/)
  await keyboard.type('iDear reader,\nhello.')
  await shows(page, /^hello\.$/)
  await keyboard.press('Escape')
  await shows(page, /^- letter/)
  await keyboard.type(':wq\n')
  await shows(page, /^before$/)
  t.equal(readFileSync(join(folder, 'letter'), 'utf8'), 'Dear reader,\nhello.\n')

  await keyboard.type('seq 500 >numbers; busybox less numbers\n')
  await shows(page, /^1$/)
  await keyboard.press('ArrowDown')
  await eventually('a line further', async () => (await screenOf(page))[0] === '2')
  await keyboard.press('PageDown')
  await eventually('a page further', async () => Number((await screenOf(page))[0]) > 20)
  await keyboard.type('q')
  await shows(page, 'ready>')
  await keyboard.type('exit\n')
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('the wheel scrolls back, and a key leads to where one types', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(app, `seq 300; read -r _`)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, /^300$/)
  t.notOk((await screenOf(page)).includes('1'))
  await terminalOf(page).locator('.xterm-screen').hover()
  await eventually('the first line', async () => {
    await page.mouse.wheel(0, -600)
    return (await screenOf(page)).includes('1')
  })
  await page.keyboard.type('x')
  await shows(page, /^x$/)
  await page.keyboard.press('Enter')
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('the bot hears of each new size, that of a phone too', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(app, `trap 'stty size' WINCH; printf 'ready\\n'; while :; do sleep 0.05; done`)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, /^ready$/)
  const large = await sizeOf(page)
  await shows(page, new RegExp(`^${large.rows} ${large.columns}$`))
  await page.setViewportSize({ width: 360, height: 740 })
  await eventually('another size', async () => (await sizeOf(page)).columns < large.columns)
  const small = await sizeOf(page)
  await shows(page, new RegExp(`^${small.rows} ${small.columns}$`))
  t.ok(small.columns >= 40 && small.rows >= 15, `${small.columns} × ${small.rows}`)
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360)
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('a hostile bot makes no link, no title and no window of what it prints', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(
    printing(
      t,
      '\x1b]0;a title\x07\x1b]8;;javascript:window.ran=1\x1b\\a link to press\x1b]8;;\x1b\\\r\n<img src=x onerror="window.ran=1">\r\n' +
        '\x1b]52;c;c3RvbGVu\x07\x1b[8;10;10t\x1b]2;not ended\x1b\\\x1bP$q"p\x1b\\\x1b[21tthe last line\r\n'
    ),
    { terminal: true }
  )
  const { page, context, complaints } = await openDashboard(t, app, `/executions/${id}`)
  context.on('dialog', dialog => t.fail(`a dialog: ${dialog.message()}`))
  context.on('page', opened => t.fail(`a window: ${opened.url()}`))
  await shows(page, /^the last line$/)
  await terminalOf(page)
    .locator('.xterm-screen')
    .click({ position: { x: 30, y: 5 } })
  t.match(await screenOf(page), ['a link to press', '<img src=x onerror="window.ran=1">', 'the last line'])
  t.match(await page.evaluate('({ ran: window.ran, title: document.title })'), { ran: undefined, title: /Botyard$/ })
  t.ok((await sizeOf(page)).columns > 10)
  t.equal(await terminalOf(page).getByRole('link').count(), 0)
  noComplaints(t, complaints)
})

t.test('what a terminal needs is loaded only where there is one', needsBrowser, async t => {
  const app = await buildApp(t)
  const [plain, terminal] = [
    await app.finished(['echo', 'plain']),
    await app.finished(['echo', 'in a terminal'], { slug: 'another', terminal: true })
  ]
  const { page, complaints } = await openDashboard(t, app)
  const loaded: string[] = []
  page.on('request', request => loaded.push(request.url()))
  await page.goto(`/executions/${plain.id}`)
  await sees(linesOf(page).getByText('plain'))
  t.notMatch(loaded.join('\n'), /terminal-pane/)
  await page.goto(`/executions/${terminal.id}`)
  await shows(page, 'in a terminal')
  t.match(loaded.join('\n'), /terminal-pane/)
  noComplaints(t, complaints)
})
