import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { ADMIN } from '../support/client.ts'
import { NOBODY_SIGNED_IN, noComplaints, openDashboard, openUserMenu, sees } from '../support/dashboard.ts'
import { Feed } from '../support/logs.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** A phone comes last: whether a page is wider than that is looked at then. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 }
]

const COLOURS = `printf '\\033[1mbold\\033[0m \\033[2mdim\\033[0m \\033[7minverse\\033[0m\\n'
for n in 0 1 2 3 4 5 6 7; do printf "\\033[3\${n}mcolour $n\\033[0m \\033[9\${n}mbright $n\\033[0m\\n"; done
printf '::group::A group\\n::error file=a.c,line=3::an error\\n::warning::a warning\\n::notice::a notice\\n::endgroup::\\n'
printf 'https://example.com/ %s\\n' "$(seq -s ' ' 200)"
exit 3`

interface Violation {
  id: string
  nodes: { html: string; failureSummary: string }[]
}

/** Fails the test for what axe finds on a page as it stands, in both themes and widths; and where it is wider than a phone. */
async function isAccessible(t: Test, page: Page, name: string): Promise<void> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE)
  for (const size of SIZES) {
    await page.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const violations = (await page.evaluate(
        `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`
      )) as Violation[]
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`)
      )
      t.same(found, [], `${name}, ${size.width} px, ${colorScheme}`)
    }
  }
  const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  t.ok((wide as number) <= 0, `${name}: ${wide} px wider than a phone`)
}

t.test('axe finds nothing on the pages before one is signed in', needsBrowser, async t => {
  const app = await buildApp(t, { setUp: false })
  const { page, complaints } = await openDashboard(t, app, `/setup#${app.app.setupToken}`, { signedIn: false })
  await sees(page.getByRole('button', { name: 'Make the administrator' }))
  await isAccessible(t, page, 'setup')
  await app.setUp(app.app.setupToken!)
  await page.goto('/')
  await page.getByLabel('E-mail').fill(ADMIN.email)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await sees(page.getByRole('alert'))
  await isAccessible(t, page, 'sign-in')
  noComplaints(t, complaints, new RegExp(`${NOBODY_SIGNED_IN.source}|/api/auth/login`))
})

t.test('axe finds nothing on the pages of bots, and none is wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app)
  await sees(page.getByText('A bot is any command worth running again'))
  await isAccessible(t, page, 'first bot')

  await app.post('/api/bots/bundled')
  const bot = await app.makeBot(['/bin/sh', '-c', COLOURS], {
    name: 'A bot with a name as long as names of bots may well become some day',
    slug: 'colours',
    description: `${'Shows what can be shown. '.repeat(8)}https://example.com/${'x'.repeat(80)}`,
    tags: ['a-tag', 'another'],
    env: { TEXT: '{{parameters.text}}' },
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', title: 'Text', description: 'What to say.' },
        kind: { enum: ['one', 'two'], title: 'Kind' },
        count: { type: 'integer', title: 'Count', minimum: 1, default: 2 },
        loud: { type: 'boolean', title: 'Loud' },
        more: { type: 'object', title: 'More' }
      },
      required: ['text']
    }
  })
  await app.ended((await app.start(bot, { text: 'x'.repeat(200) })).id)
  await sees(page.getByRole('main').getByText('Failed', { exact: true }))
  await isAccessible(t, page, 'bots')
  await openUserMenu(page)
  await isAccessible(t, page, 'the menu of the user')

  await page.goto('/bots/colours')
  await sees(page.getByRole('main').getByText('Failed', { exact: true }))
  await isAccessible(t, page, 'a bot')
  await page.getByRole('button', { name: `Run ${bot.name}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
  await sees(page.getByRole('dialog').getByLabel(/^Text/).and(page.locator('[aria-invalid]')))
  await isAccessible(t, page, 'the dialog to run it')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await sees(page.getByRole('alertdialog'))
  await isAccessible(t, page, 'the question whether to delete it')

  await page.goto('/bots/colours/edit')
  await page.getByText('Limits and environment').click()
  await page.getByRole('button', { name: 'Add a parameter' }).click()
  await isAccessible(t, page, 'the form of a bot')
  await page.goto('/bots/new')
  await page.getByText('A shell script', { exact: true }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await sees(page.getByText('Give the bot a name.'))
  await isAccessible(t, page, 'the form of a new bot')
  noComplaints(t, complaints, /\/api\/bots\/[^ ]*\/executions[: ].*400|400.*\/executions/)
})

t.test('axe finds nothing on the pages of executions, and none is wider than a phone', needsBrowser, async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const running = await app.start(await app.makeBot(feed.command, { name: 'Runs on' }))
  const ended = await app.finished(['/bin/sh', '-c', COLOURS], { name: 'Colours' })
  const { page, complaints } = await openDashboard(t, app, '/executions')
  await sees(page.getByRole('main').getByText('Failed', { exact: true }).and(page.locator('span')))
  await isAccessible(t, page, 'the history')
  await page.goto('/executions?state=lost')
  await sees(page.getByText('Nothing fits these filters'))
  await isAccessible(t, page, 'an empty history')

  await page.goto(`/executions/${running.id}`)
  await sees(page.getByText('Nothing printed yet.'))
  await isAccessible(t, page, 'a silent execution')
  await feed.write('a first line\n')
  await sees(page.getByRole('log').getByText('a first line'))
  await isAccessible(t, page, 'a running execution')
  await feed.end()

  await page.goto(`/executions/${ended.id}#L3-L4`)
  await sees(page.getByRole('log').getByText('bright 7'))
  await page.getByRole('button', { name: 'Show times' }).click()
  await page.getByRole('button', { name: 'Find', exact: true }).click()
  await page.getByRole('textbox', { name: 'Find' }).fill('colour')
  await sees(page.getByText(/in the lines loaded/))
  await isAccessible(t, page, 'an execution that has ended')
  await page.goto('/nowhere')
  await sees(page.getByText('There is no page at this address'))
  await isAccessible(t, page, 'no page')
  noComplaints(t, complaints, /404/)
})
