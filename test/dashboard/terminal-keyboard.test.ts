import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { NOBODY_SIGNED_IN, noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { isFocused, tabTo } from '../support/keyboard.ts'
import { comesIntoView, linesOf } from '../support/log-viewer.ts'
import { scratchFolder } from '../support/logs.ts'
import { keysOf, LATE_SIZE, paste, SHELL, SHOWS_KEYS, shows, startInTerminal, terminalOf } from '../support/terminal.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

t.test('keys go to the bot, Tab and Escape too, and one of them leads out', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(app, SHOWS_KEYS)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  const { keyboard } = page
  await shows(page, /^ready$/)
  for (const key of ['Tab', 'Shift+Tab', 'Escape', 'Control+c', 'ArrowUp', 'Alt+x']) await keyboard.press(key)
  await shows(page, '^I^[[Z^[^C^[[A^[x')
  t.ok(await isFocused(keysOf(page)))
  await sees(terminalOf(page).getByText('Ctrl+M leads out'))
  t.match(
    await keysOf(page).evaluate(
      keys => keys.ownerDocument.getElementById(keys.getAttribute('aria-describedby')).textContent
    ),
    /Ctrl\+M leads out/,
    'a screen reader says so, too'
  )

  await keyboard.press('Control+m')
  t.notOk(await isFocused(keysOf(page)))
  await tabTo(page, page.getByRole('button', { name: 'Cancel' }), 'Shift+Tab')
  await tabTo(page, keysOf(page))
  await keyboard.press('Control+m')
  await tabTo(page, page.getByRole('button', { name: 'Plain log' }), 'Shift+Tab')
  await keyboard.press('Enter')
  await comesIntoView(page, linesOf(page).getByText('ready'))
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('Ctrl+C copies what is selected, and only that', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(app, SHOWS_KEYS)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await shows(page, /^ready$/)
  await terminalOf(page)
    .locator('.xterm-rows span', { hasText: 'ready' })
    .dblclick({ force: true, position: { x: 10, y: 5 } })
  await page.keyboard.press('Control+c')
  await eventually('the copy', async () => (await page.evaluate('navigator.clipboard.readText()')) === 'ready')
  await page.keyboard.type('x')
  await page.keyboard.press('Control+c')
  await shows(page, /^x\^C$/)
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('several lines are pasted as one where the bot asks for that, and hide no command', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(app, `printf '\\033[?2004h'; ${SHOWS_KEYS}`)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, /^ready$/)
  await paste(page, 'one\r\ntwo\n\x1b[201~three\x07')
  await shows(page, '^[[200~one^Mtwo^M[201~three^[[201~')
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('a long paste arrives whole and in order', needsBrowser, async t => {
  const app = await buildApp(t)
  const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${'x'.repeat(i % 90)} ä😀`)
  const file = join(scratchFolder(t), 'pasted')
  const { id } = await startInTerminal(
    app,
    `stty -echo; printf 'ready\\n'; while IFS= read -r line && [ "$line" != "the end" ]; do printf '%s\\n' "$line"; done >'${file}'; printf 'took it\\n'`
  )
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, /^ready$/)
  const text = `${lines.join('\n')}\n`
  await paste(page, `${text}the end\n`)
  await shows(page, 'took it')
  await app.ended(id)
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  t.equal(hash(readFileSync(file, 'utf8')), hash(text))
  noComplaints(t, complaints, LATE_SIZE)
})

t.test('who may only watch sees all, types nothing, and is held by no key', needsBrowser, async t => {
  const app = await buildApp(t)
  await signedInAs(app, 'viewer')
  const { id } = await startInTerminal(app, `seq 300; ${SHOWS_KEYS}`)
  const { page, complaints } = await openDashboard(t, app, '/', { signedIn: false })
  await page.request.post('/api/auth/login', { data: { ...ADMIN, email: 'viewer@example.com' } })
  await page.goto(`/executions/${id}`)
  await shows(page, /^ready$/)
  await sees(terminalOf(page).getByText('You may watch, not type.'))
  await tabTo(page, keysOf(page))
  await page.keyboard.type('hello')
  await page.keyboard.press('Home')
  await shows(page, /^1$/)
  await page.keyboard.press('End')
  await shows(page, /^ready$/)
  await page.keyboard.press('Tab')
  t.notOk(await isFocused(keysOf(page)))
  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  t.notMatch((await app.downloadLog(id)).toString(), /hello/)
  noComplaints(t, complaints, NOBODY_SIGNED_IN)
})

t.test('a screen reader can be given what the terminal shows', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await startInTerminal(app, SHELL)
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  await shows(page, 'ready>')
  await page.getByRole('button', { name: 'For a screen reader' }).click()
  await keysOf(page).focus()
  await page.keyboard.type('echo $((6 * 7))\n')
  await sees(terminalOf(page).getByRole('listitem').filter({ hasText: /^42$/ }))
  await page.reload()
  await sees(terminalOf(page).getByRole('listitem').filter({ hasText: /^42$/ }))
  await page.keyboard.type('exit\n')
  await app.ended(id)
  noComplaints(t, complaints, LATE_SIZE)
})
