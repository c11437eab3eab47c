import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees } from '../support/dashboard.ts'
import { comesIntoView, linesOf } from '../support/log-viewer.ts'
import { printing } from '../support/logs.ts'

const IMG = '<img src=x onerror="window.ran=1">'
const SCRIPT = '</title></script><script>window.ran=1</script>'
const TURNED = 'invoice\u202Efdp.exe'
const LINK = 'javascript:window.ran=1'
const osc8 = (target: string, text: string) => `\x1b]8;;${target}\x1b\\${text}\x1b]8;;\x1b\\`

const LOG = [
  IMG,
  SCRIPT,
  ' </script>',
  TURNED,
  `${LINK} data:text/html,${SCRIPT}`,
  osc8(LINK, 'a link to press'),
  osc8(`data:text/html,${SCRIPT}`, 'another link to press'),
  osc8('https://example.com/', 'a link that hides where it leads'),
  '\x1b]0;window.ran=1\x07a title',
  '\x1b]2;not ended',
  'nul\0nul',
  '{{constructor.constructor("window.ran=1")()}}',
  'http://example.com/?q="><img/src=x/onerror=window.ran=1>',
  `wide ${'x'.repeat(50_000)} end`,
  'the last line',
  ''
].join('\n')

/** Fails the test when anything of it has run on a page, or has become more than text. */
async function isInert(t: Test, page: Page, where: string): Promise<void> {
  const found = await page.evaluate(`({
    ran: window.ran,
    images: [...document.images].map(image => image.getAttribute('src')),
    schemes: [...new Set([...document.links].map(link => link.protocol))],
    title: document.title
  })`)
  t.match(found, { ran: undefined, images: [], title: /Botyard$/ }, where)
  const { images, schemes } = found as { images: string[]; schemes: string[] }
  t.ok(
    images.every(src => src === '/favicon.svg'),
    `${where}: no image but the logo`
  )
  t.strictSame(
    schemes.filter(scheme => scheme !== 'http:' && scheme !== 'https:'),
    [],
    `${where}: no odd link`
  )
}

t.test('whatever a bot is called and prints is text, and runs nowhere', needsBrowser, async t => {
  const app = await buildApp(t)
  const bot = await app.makeBot(printing(t, LOG), {
    name: `${IMG} ${TURNED}`,
    slug: 'hostile',
    description: `${SCRIPT} ${LINK}`,
    tags: [IMG],
    env: { TEXT: '{{parameters.text}}' },
    parameters: {
      type: 'object',
      title: IMG,
      properties: {
        text: { type: 'string', title: IMG, description: SCRIPT, default: SCRIPT },
        choice: { enum: [IMG, SCRIPT, LINK], title: LINK }
      }
    }
  })
  const { id } = await app.ended((await app.start(bot, { text: SCRIPT, choice: IMG })).id)
  const { page, context, complaints } = await openDashboard(t, app)
  context.on('dialog', dialog => t.fail(`a dialog: ${dialog.message()}`))
  context.on('page', opened => t.fail(`a window: ${opened.url()}`))

  await sees(page.getByRole('link', { name: bot.name }))
  await sees(page.getByText(bot.description))
  await isInert(t, page, 'the bots')

  await page.getByRole('button', { name: `Run ${bot.name}` }).click()
  await sees(page.getByRole('dialog').getByText(SCRIPT))
  await page.getByLabel(LINK).selectOption({ label: IMG })
  await isInert(t, page, 'the dialog to run it')

  await page.goto('/bots/hostile')
  await sees(page.getByRole('heading', { name: bot.name, level: 1 }))
  t.equal(await page.title(), `${bot.name} · Botyard`)
  await isInert(t, page, 'the bot')

  await page.goto('/bots/hostile/edit')
  await sees(page.getByRole('textbox', { name: 'Name', exact: true }))
  t.equal(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), bot.name)
  await isInert(t, page, 'the form')

  await page.goto('/executions')
  await page.getByRole('combobox', { name: 'Bot' }).selectOption({ label: bot.name })
  await isInert(t, page, 'the history')

  await page.goto(`/executions/${id}`)
  const log = linesOf(page)
  await comesIntoView(page, log.getByText('the last line'))
  await page.getByRole('button', { name: 'To the start' }).click()
  for (const text of [IMG, SCRIPT, TURNED, 'a link to press', 'a link that hides where it leads', 'a title']) {
    await sees(log.getByText(text, { exact: true }))
  }
  await sees(log.getByText(`${LINK} data:text/html,`))
  t.notMatch(await log.textContent(), /[\0\x1b\x07]/)
  const links = log.getByRole('link').filter({ hasNotText: /^\d+$/ })
  t.match(await links.allInnerTexts(), ['http://example.com/?q=', 'cut here'], 'no other text is a link')
  t.match(await links.first().getAttribute('rel'), /noopener/)
  await page.getByText('a link to press', { exact: true }).click()
  await isInert(t, page, 'the log')
  noComplaints(t, complaints)
})

t.test('whatever a bot leaves is text, is saved and not shown, and is found as it stands', needsBrowser, async t => {
  const app = await buildApp(t)
  const names = [`${IMG.replaceAll('/', ' ')}.html`, LINK, TURNED, '%3Cimg src=x onerror=complain(1)%3E.svg']
  const script = `cd "$BOTYARD_ARTIFACTS"; for name; do printf '%s' '${SCRIPT}' >"$name"; done
printf '%s\\n' 'link=${LINK}' 'other=data:text/html,${SCRIPT}' 'markup=${IMG}' >>"$BOTYARD_OUTPUT"
printf '%s\\n' '${SCRIPT}' '${LINK}'`
  const { id } = await app.finished(['/bin/sh', '-c', script, 'sh', ...names])
  const { page, context, complaints } = await openDashboard(t, app, `/executions/${id}?show=results`)
  context.on('dialog', dialog => t.fail(`a dialog: ${dialog.message()}`))
  context.on('page', opened => t.fail(`a window: ${opened.url()}`))
  const main = page.getByRole('main')

  for (const text of [LINK, `data:text/html,${SCRIPT}`, IMG]) await sees(main.getByText(text, { exact: true }))
  for (const name of names) await sees(main.getByRole('link', { name: `Download ${name}`, exact: true }))
  await isInert(t, page, 'the results')

  for (const name of names) {
    const address = `/api/executions/${id}/artifacts/${encodeURIComponent(name)}`
    // Even where somebody is led straight to it.
    const [download] = await Promise.all([page.waitForEvent('download'), page.goto(address).catch(() => null)])
    t.equal(readFileSync(await download.path(), 'utf8'), SCRIPT, name)
    await isInert(t, page, name)
  }
  noComplaints(t, complaints)
})
