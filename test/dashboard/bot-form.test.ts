import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { needsBrowser } from '../support/browser.ts'
import { goTo, noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { eventually } from '../support/wait.ts'

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()

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
  await page.getByText('Limits and environment').click()
  const boxes = ['Name', 'Slug', 'Description', 'Tags', 'As JSON Schema', 'Working folder']
  const numbers = ['Time limit', 'Time to end', 'Log limit', 'Executions at a time']
  const fields = [
    ...boxes.map(name => field(page, name)),
    ...numbers.map(name => page.getByRole('spinbutton', { name, exact: true }))
  ]
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
