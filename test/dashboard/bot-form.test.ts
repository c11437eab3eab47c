import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { eventually } from '../support/wait.ts'

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()

/** The parts of the form that most leave as they are. */
const FOLDED = ['Environment and input', 'Limits', 'Several at a time', 'Retries', 'What counts as success']
const folded = (page: Page, title: string) =>
  page.locator('details').filter({ has: page.getByRole('heading', { name: title }) })

async function unfoldAll(page: Page): Promise<void> {
  for (const title of FOLDED) await page.getByRole('heading', { name: title, exact: true }).click()
}

/** What stands beside a field to explain it or to say what is wrong with it. */
function saidOf(field: Locator): Promise<string> {
  return field.evaluate(element =>
    (element.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id: string) => element.ownerDocument.getElementById(id)?.textContent ?? '')
      .join(' ')
  )
}

t.test('a bot is written, watched in the preview, tried without being saved, and saved', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/bots/new')
  await field(page, 'Name').fill('Greet somebody')
  t.equal(await field(page, 'Slug').inputValue(), 'greet-somebody')
  await field(page, 'Program').fill('printf %s "Hello, {{parameters.who}}!"')
  await page.getByRole('button', { name: 'Split it into 3 arguments' }).click()
  await sees(page.getByText('the bot declares no such parameter'))

  await page.getByRole('button', { name: 'Add a parameter' }).click()
  const added = page.getByRole('group', { name: 'A new parameter' })
  await added.getByLabel('Name').fill('who')
  await added.getByLabel('When left empty').fill('world')
  await added.getByRole('button', { name: 'Add', exact: true }).click()
  await seesNoMore(page.getByText('the bot declares no such parameter'))

  const argv = async () => {
    const items = await page.getByRole('list', { name: 'Arguments' }).getByRole('listitem').allInnerTexts()
    return items.map(text => text.replace(/^\d+\s+/, ''))
  }
  t.same(await argv(), ['printf', '%s', 'Hello, world!'], 'with what stands for an empty field')
  await page.getByRole('region', { name: 'The form people will see' }).getByRole('textbox').fill('"; rm -rf /')
  await eventually('the preview to follow', async () => (await argv())[2] === 'Hello, "; rm -rf /!')

  await page.getByRole('button', { name: 'Try it' }).click()
  await sees(page.getByRole('log').getByText('Hello, "; rm -rf /!'))
  await sees(page.getByText('Succeeded', { exact: true }))
  t.same((await app.get('/api/bots')).body.items, [], 'nothing is saved by that')

  await field(page, 'Argument 2').fill('Good evening, {{parameters.who}}!')
  await page.getByRole('button', { name: 'Try again' }).click()
  await sees(page.getByRole('log').getByText('Good evening, "; rm -rf /!'))
  await save(page)
  await sees(page.getByRole('heading', { name: 'Greet somebody', level: 1 }))
  t.match((await app.get('/api/bots/greet-somebody')).body, {
    name: 'Greet somebody',
    command: ['printf', '%s', 'Good evening, {{parameters.who}}!'],
    parameters: { properties: { who: { type: 'string', default: 'world' } } }
  })
  await goTo(page, 'History')
  await eventually(
    'both trials',
    async () => (await page.getByRole('main').getByText('Trial', { exact: true }).count()) === 2
  )
  noComplaints(t, complaints)
})

t.test('each field says what it is for, and what the server has against what stands in it', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.makeBot(['true'], { name: 'Taken' })
  const { page, complaints } = await openDashboard(t, app, '/bots/new')
  await unfoldAll(page)
  const number = (name: string) => page.getByRole('spinbutton', { name, exact: true })
  await number('Attempts').fill('2')
  const boxes = [
    'Name',
    'Slug',
    'Description',
    'Tags',
    'As JSON Schema',
    'Working folder',
    'Key',
    'Only with these exit codes'
  ]
  const limits = ['Time limit', 'Silence limit', 'Time to end', 'Log limit', 'Memory', 'Processors', 'Processes']
  const others = ['Executions at a time', 'Priority', 'Attempts', 'Wait before the second', 'Longest wait']
  const fields = [...boxes.map(name => field(page, name)), ...[...limits, ...others].map(number)]
  for (const explained of fields) t.match(await saidOf(explained), /\w+ \w+.*\./, `${explained}`)

  await field(page, 'Name').fill('Another')
  await field(page, 'Slug').fill('taken')
  await field(page, 'Program').fill('true')
  await save(page)
  await eventually('what is wrong', () => isFocused(field(page, 'Slug')))
  t.match(await saidOf(field(page, 'Slug')), /taken/)
  await field(page, 'Slug').fill('free')
  await field(page, 'As JSON Schema').fill('{ "type": "object", "properties": { "n": { "type": "nonsense" } } }')
  await save(page)
  await eventually('what is wrong', () => isFocused(field(page, 'As JSON Schema')))
  await field(page, 'As JSON Schema').fill('{ "type": "object", }')
  await sees(page.getByText(/line 1/i))
  await field(page, 'As JSON Schema').fill('{ "type": "object" }')
  await save(page)
  await page.waitForURL('/bots/free')
  noComplaints(t, complaints, /\/api\/bots: 4(09|00)|4(09|00) .*\/api\/bots$/)
})

t.test('what was typed is not lost by leaving the form, unless one says so', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/bots/new')
  const asked: string[] = []
  let leave = false
  page.on('dialog', dialog => {
    asked.push(dialog.type())
    void (leave ? dialog.accept() : dialog.dismiss())
  })
  await sees(page.getByRole('heading', { name: 'New bot' }))
  await goTo(page, 'History')
  await sees(page.getByText('Nothing has run yet'))
  t.same(asked, [], 'nothing was typed')

  await page.goBack()
  await field(page, 'Name').fill('Half done')
  await goTo(page, 'History')
  await eventually('a question', () => asked.length === 1)
  t.equal(await field(page, 'Name').inputValue(), 'Half done')
  await page.close({ runBeforeUnload: true })
  await eventually('another', () => asked.length === 2)
  t.same(asked, ['confirm', 'beforeunload'])
  t.equal(await field(page, 'Name').inputValue(), 'Half done')
  leave = true
  await goTo(page, 'History')
  await sees(page.getByText('Nothing has run yet'))
  noComplaints(t, complaints)
})

t.test(
  'an edited bot is sent with what was changed alone, and what somebody else saved is kept',
  needsBrowser,
  async t => {
    const app = await buildApp(t)
    const bot = await app.makeBot(['echo', 'before'], { name: 'Shared', description: 'As it was.', tags: ['one'] })
    const { page, complaints } = await openDashboard(t, app, '/bots/shared/edit')
    await field(page, 'Argument 1').fill('after')
    const theirs = {
      name: 'Theirs',
      description: 'As somebody else has it.',
      tags: ['two'],
      timeoutMs: 5000,
      enabled: false
    }
    await app.patch(`/api/bots/${bot.id}`, theirs)
    await sees(page.getByRole('alert').getByText('Somebody else changed this bot'))
    await page.keyboard.press('Control+s')
    await page.waitForURL('/bots/shared')
    await sees(page.getByText('As somebody else has it.'))
    t.match((await app.get('/api/bots/shared')).body, { ...theirs, command: ['echo', 'after'] })

    await page.getByRole('link', { name: 'Edit' }).click()
    await field(page, 'Description').fill('As I would have it.')
    const last = (await app.patch(`/api/bots/${bot.id}`, { description: 'As it shall be.' })).body
    await page.getByRole('button', { name: 'Load theirs' }).click()
    t.equal(await field(page, 'Description').inputValue(), 'As it shall be.')
    await save(page)
    await page.waitForURL('/bots/shared')
    t.same((await app.get('/api/bots/shared')).body, last, 'nothing was changed')
    noComplaints(t, complaints)
  }
)

t.test('all that a bot can be is set in the form, and is there when it is opened again', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.makeBot(['true'], { name: 'Everything', killGraceMs: 10_000 })
  const { page, complaints } = await openDashboard(t, app, '/bots/everything/edit')
  const number = (name: string) => page.getByRole('spinbutton', { name, exact: true })
  const unit = (name: string) => page.getByRole('combobox', { name: `Unit of: ${name}` })
  const tick = (name: string) => page.getByRole('checkbox', { name, exact: true })
  await sees(page.getByText('1 h at most, 1 GiB of log'))
  for (const title of FOLDED) t.notOk(await folded(page, title).evaluate(element => element.open), `${title} is closed`)
  await unfoldAll(page)

  await tick('Takes input').check()
  await number('Silence limit').fill('10')
  await unit('Silence limit').selectOption('min')
  await number('Memory').fill('512')
  await number('Processors').fill('1.5')
  await number('Processes').fill('64')
  await number('Executions at a time').fill('3')
  await page.getByRole('radio', { name: /^Replace/ }).check()
  await field(page, 'Key').fill('all of them')
  await number('Priority').fill('-5')
  await number('Attempts').fill('4')
  await number('Wait before the second').fill('30')
  await tick('It cannot be started').uncheck()
  await tick('Nobody knows how it ended; it may have done its work').check()
  await field(page, 'Only with these exit codes').fill('75, 3')
  await page.getByRole('button', { name: 'Add a text it must print' }).click()
  await page.keyboard.type('All is well')
  await page.getByRole('button', { name: 'Add a text it must print' }).click()
  await page.getByRole('button', { name: 'Add an artifact it must create' }).click()
  await page.keyboard.type('report-*.pdf')
  await save(page)
  await page.waitForURL('/bots/everything')
  const saved = (await app.get('/api/bots/everything')).body
  t.match(saved, {
    input: true,
    terminal: false,
    idleTimeoutMs: 600_000,
    limits: { memoryBytes: 512 * 2 ** 20, cpus: 1.5, pids: 64 },
    concurrency: { limit: 3, policy: 'replace', key: 'all of them' },
    priority: -5,
    retry: { maxAttempts: 4, backoffMs: 30_000, exitCodes: [75, 3] },
    assert: { mustPrint: ['All is well'], mustNotPrint: [], mustCreate: ['report-*.pdf'] }
  })
  t.notOk(saved.retry.on.includes('spawn'))
  t.ok(saved.retry.on.includes('unknown_end'))
  await sees(page.getByText('one at a time for each all of them, the newest replaces the oldest, priority -5'))

  await page.getByRole('link', { name: 'Edit' }).click()
  await sees(number('Silence limit'))
  for (const title of FOLDED) t.ok(await folded(page, title).evaluate(element => element.open), `${title} is open`)
  t.equal(await number('Silence limit').inputValue(), '10')
  t.equal(await field(page, 'It must create, 1').inputValue(), 'report-*.pdf')
  await number('Memory').fill('')
  await save(page)
  await page.waitForURL('/bots/everything')
  t.match((await app.get('/api/bots/everything')).body.limits, { memoryBytes: null, cpus: 1.5, pids: 64 })
  noComplaints(t, complaints)
})

t.test('what is wrong in a folded part of the form opens it', needsBrowser, async t => {
  const app = await buildApp(t)
  const { page, complaints } = await openDashboard(t, app, '/bots/new')
  await field(page, 'Name').fill('Wrong somewhere')
  await field(page, 'Program').fill('true')
  await page.getByRole('heading', { name: 'Retries', exact: true }).click()
  await page.getByRole('spinbutton', { name: 'Attempts' }).fill('0')
  await sees(page.getByText('Write a whole number from 1 to 100.'))
  await page.getByRole('heading', { name: 'Several at a time', exact: true }).click()
  await field(page, 'Key').fill('{{parameters.repo}}')
  await sees(page.getByText('the bot declares no such parameter'))
  await field(page, 'Key').fill('')
  await page.getByRole('spinbutton', { name: 'Attempts' }).fill('2')
  // Two words for one code, which only the server notices.
  await field(page, 'Only with these exit codes').fill('7, 07')
  await page.getByRole('heading', { name: 'Retries', exact: true }).click()
  t.notOk(await folded(page, 'Retries').evaluate(element => element.open))
  await save(page)
  await eventually('what is wrong', () => isFocused(field(page, 'Only with these exit codes')))
  noComplaints(t, complaints, /400/)
})
