import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore, styleOf } from '../support/dashboard.ts'
import { comesIntoView, isInView, linesOf, numberOf, rowsOf } from '../support/log-viewer.ts'
import { Feed, startFed } from '../support/logs.ts'
import { eventually } from '../support/wait.ts'

const LINES = 200_000
const WIDE = `wide ${'0123456789'.repeat(200)} end`
/** As many rows as fill a window several times over; of two hundred thousand lines, nearly none. */
const FEW_ROWS = 400

const PRINT = `printf '\\033[32mline 1 of many\\033[0m\\n%s\\n' "$WIDE"; seq -f 'line %.0f of many' 3 ${LINES}`

t.test(
  'a log of two hundred thousand lines is at hand everywhere, and the page holds few of them',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const { id } = await app.finished(['/bin/sh', '-c', PRINT], { env: { WIDE } })
    const { page, context, complaints } = await openDashboard(t, app, `/executions/${id}`, {
      permissions: ['clipboard-read', 'clipboard-write']
    })
    const log = linesOf(page)
    const line = (n: number) => log.getByText(`line ${n} of many`, { exact: true })
    const fewRows = async (where: string) => t.ok((await rowsOf(page)).length < FEW_ROWS, `few rows ${where}`)

    await comesIntoView(page, line(LINES))
    await fewRows('at the end')
    await page.getByRole('button', { name: 'To the start' }).click()
    await comesIntoView(page, line(1))
    await page.getByRole('button', { name: 'To the end' }).click()
    await comesIntoView(page, line(LINES))
    await log.press('Home')
    await comesIntoView(page, line(1))
    await log.press('End')
    await comesIntoView(page, line(LINES))

    await log.evaluate(region => {
      region.scrollTop = region.scrollHeight / 2
    })
    await eventually('the middle', async () => {
      const rows = await rowsOf(page)
      const [first, text] = rows[rows.length >> 1] ?? [0, '']
      return Math.abs(first - LINES / 2) < LINES / 100 && text === `line ${first} of many`
    })
    await fewRows('in the middle')

    await page.getByRole('button', { name: 'Go to a line' }).click()
    await page.getByRole('textbox', { name: /^Line/ }).fill('123456')
    await page.keyboard.press('Enter')
    await comesIntoView(page, line(123_456))
    await numberOf(page, 123_457).click()
    t.equal(new URL(page.url()).hash, '#L123457')

    const other = await context.newPage()
    await other.goto(page.url())
    await comesIntoView(other, linesOf(other).getByText('line 123457 of many'))
    const groundOf = (n: number) => styleOf(numberOf(other, n).locator('..'), 'backgroundColor')
    t.not(await groundOf(123_457), await groundOf(123_458), 'the line stands out')
    await other.close()

    await log.press('Home')
    await comesIntoView(page, line(1))
    await numberOf(page, 1).click()
    await numberOf(page, 3).click({ modifiers: ['Shift'] })
    t.equal(new URL(page.url()).hash, '#L1-L3')
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await sees(page.getByText('Copied.'))
    t.equal(await page.evaluate('navigator.clipboard.readText()'), `line 1 of many\n${WIDE}\nline 3 of many`)

    const height = async () => (await log.getByText(WIDE).boundingBox())!.height
    const before = await height()
    await page.getByRole('button', { name: 'Wrap long lines' }).click()
    await eventually('a line on several', async () => (await height()) > before * 2)
    await page.getByRole('button', { name: 'Show times' }).click()
    const time = log.getByRole('time').first()
    t.match(await time.textContent(), /^\d\d:\d\d:\d\d/)
    await page.reload()
    await sees(page.getByRole('button', { name: 'Wrap long lines', pressed: true }))
    await sees(page.getByRole('button', { name: 'Show times', pressed: true }))
    noComplaints(t, complaints)
  }
)

t.test('what is looked for is found in the lines that are loaded, one match after the other', needsBrowser, async t => {
  const app = await buildApp(t)
  const print = `seq -f 'line %.0f of many' 1 300; echo 'a Needle here'; seq 1 300; echo 'needle there'; seq 1 5`
  const { id } = await app.finished(['/bin/sh', '-c', print])
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}#L300`)
  await comesIntoView(page, linesOf(page).getByText('a Needle here'))
  await page.getByRole('button', { name: 'To the end' }).click()
  await comesIntoView(page, linesOf(page).getByText('needle there'))

  await linesOf(page).press('/')
  const find = page.getByRole('search', { name: 'Find in the log' })
  await find.getByRole('textbox').fill('needle')
  await sees(find.getByText('of 2 in the lines loaded'))
  const seen = async () => [
    await isInView(page, linesOf(page).getByText('a Needle here')),
    await isInView(page, linesOf(page).getByText('needle there'))
  ]
  const first = await find.getByText('of 2 in the lines loaded').textContent()
  await page.keyboard.press('Enter')
  await eventually('the other', async () => (await find.getByText('of 2').textContent()) !== first)
  const here = await seen()
  t.equal(here.filter(Boolean).length, 1, 'it is in view')
  await page.keyboard.press('Shift+Enter')
  await eventually('the one before', async () => (await find.getByText('of 2').textContent()) === first)
  await find.getByRole('textbox').fill('nowhere')
  await sees(find.getByText('none in the lines loaded'))
  await page.keyboard.press('Escape')
  await seesNoMore(find)
  noComplaints(t, complaints)
})

t.test(
  'a log that is followed stays at its end until one scrolls up, and says then how much is new',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const feed = await Feed.open(t)
    const id = await startFed(app, feed)
    const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
    const log = linesOf(page)
    const write = (from: number, count: number) =>
      feed.write(Array.from({ length: count }, (_, i) => `line ${from + i}\n`).join(''))
    await sees(page.getByText('Nothing printed yet.'))
    await write(1, 300)
    await comesIntoView(page, log.getByText('line 300', { exact: true }))
    await write(301, 300)
    await comesIntoView(page, log.getByText('line 600', { exact: true }))

    await log.hover()
    await page.mouse.wheel(0, -2000)
    await eventually('the end out of view', async () => (await rowsOf(page)).at(-1)![0] < 600)
    await write(601, 37)
    const news = page.getByRole('button', { name: '37 new lines' })
    await sees(news)
    t.notOk(await isInView(page, log.getByText('line 637', { exact: true })), 'what one reads stays where it is')
    await news.click()
    await comesIntoView(page, log.getByText('line 637', { exact: true }))
    await write(638, 300)
    await comesIntoView(page, log.getByText('line 937', { exact: true }))
    await feed.end()
    noComplaints(t, complaints)
  }
)

t.test('on its own page a log takes its keys without a click', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['seq', '5000'])
  const { page, complaints } = await openDashboard(t, app, `/executions/${id}`)
  const log = linesOf(page)
  await comesIntoView(page, log.getByText('5000', { exact: true }))
  await page.keyboard.press('Home')
  await comesIntoView(page, log.getByRole('link', { name: '1', exact: true }))
  await page.keyboard.press('End')
  await comesIntoView(page, log.getByText('5000', { exact: true }))
  await page.keyboard.press('/')
  await page.keyboard.type('4990')
  await sees(page.getByRole('search', { name: 'Find in the log' }).getByText(/\b1 .*in the lines loaded/))
  noComplaints(t, complaints)
})
