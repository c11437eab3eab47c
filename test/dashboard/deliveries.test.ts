import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { isAccessible } from '../support/axe.ts'
import { needsBrowser } from '../support/browser.ts'
import { noComplaints, openDashboard, sees, seesNoMore } from '../support/dashboard.ts'
import { isFocused } from '../support/keyboard.ts'
import { makeTrigger, switchAutomation } from '../support/triggers.ts'
import { makeUser } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const SECRET = 'a-secret-of-some-length'

/** Sends something as GitHub does. */
async function deliver(app: TestApp, id: string, body: object, secret = SECRET) {
  const raw = JSON.stringify(body)
  const signature = `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`
  const headers = { 'x-github-event': 'push', 'x-hub-signature-256': signature, authorization: '' }
  return app.request('POST', `/api/webhooks/${id}`, { raw, headers })
}

const deliveries = (page: Page) => page.getByRole('region', { name: 'Deliveries' }).getByRole('listitem')

async function webhook(app: TestApp) {
  const bot = await app.makeBot(['cat'], { name: 'Reviews' })
  return makeTrigger(app, {
    bot: bot.id,
    kind: 'webhook',
    name: 'From GitHub',
    webhook: { verification: 'github', secret: SECRET }
  })
}

t.test('a webhook is made with a secret, a filter and a parameter, and starts its bot', needsBrowser, async t => {
  const app = await buildApp(t)
  await app.makeBot(['echo', '{{parameters.title}}'], {
    name: 'Reviews',
    parameters: { type: 'object', properties: { title: { type: 'string', title: 'Title' } } }
  })
  const { page, complaints } = await openDashboard(t, app, '/bots/reviews')
  await page.getByRole('link', { name: /Webhook When GitHub/ }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await eventually('the secret that is missing', () => isFocused(page.getByLabel('Secret', { exact: true })))
  await page.getByRole('button', { name: 'Make one' }).click()
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue()
  t.ok(secret.length >= 32, 'nobody guesses it')
  await page.getByRole('button', { name: 'Add a filter' }).click()
  await page.keyboard.press('End')
  await page.keyboard.type('action')
  await page.getByLabel('Value of filter 1').fill('opened')
  await page.getByRole('button', { name: 'Fill in a parameter' }).click()
  await page.getByLabel('Place of parameter 1').fill('$.payload[')
  await isAccessible(t, page, 'the form of a webhook')
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await eventually('the path that is wrong', () => isFocused(page.getByLabel('Place of parameter 1')))
  await page.getByLabel('Place of parameter 1').fill('$.payload.title')
  await page.getByRole('button', { name: 'Save', exact: true }).click()

  const dialog = page.getByRole('dialog', { name: 'Give these to the sender' })
  t.equal(await dialog.getByLabel('Secret').inputValue(), secret)
  const address = await dialog.getByLabel('Address').inputValue()
  t.match(address, `${app.url}/api/webhooks/`)
  await isAccessible(t, page, 'what the sender is given')
  await page.setViewportSize({ width: 1280, height: 800 })
  await dialog.getByRole('button', { name: 'I have kept them' }).click()

  await sees(page.getByText('Nothing has come yet'))
  t.notMatch(await page.content(), secret, 'it is shown once')
  const id = address.split('/').at(-1)!
  t.match(page.url(), `/triggers/${id}`)
  await deliver(app, id, { action: 'closed' }, secret)
  await sees(deliveries(page).getByText('Filtered', { exact: true }))
  const { body } = await deliver(app, id, { action: 'opened', title: 'A title' }, secret)
  await sees(deliveries(page).nth(0).getByText('Started', { exact: true }))
  await app.ended(body.executionId)

  await deliveries(page).nth(0).getByRole('link', { name: 'The execution' }).click()
  await sees(page.getByRole('log').getByText('A title'))
  await page.getByText(/^Payload, \d+ bytes$/).click()
  await sees(page.getByRole('region', { name: 'Payload' }).getByText('"title": "A title"'))
  await isAccessible(t, page, 'an execution with a payload')
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('link', { name: 'its delivery' }).click()
  const found = page.getByRole('region', { name: 'The delivery', exact: true })
  await sees(found.getByText('x-github-event'))
  await sees(found.getByText('"title": "A title"'))
  noComplaints(t, complaints, /\b400\b/)
})

t.test('what was not believed says why, hides what was secret, and cannot be replayed', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await webhook(app)
  const { page, complaints } = await openDashboard(t, app, `/triggers/${id}`)
  await sees(page.getByText('Nothing has come yet'))
  await deliver(app, id, { a: 1 }, 'another-secret-entirely')
  const delivery = deliveries(page).nth(0)
  await sees(delivery.getByText('Not believed'))
  await sees(delivery.getByText(/The signature is wrong/))
  t.equal(await delivery.getByRole('button', { name: 'Replay' }).count(), 0)
  await delivery.getByText('Headers and payload').click()
  await sees(delivery.getByText('x-hub-signature-256'))
  await sees(delivery.getByText('[removed]'))
  await isAccessible(t, page, 'a delivery')
  noComplaints(t, complaints)
})

t.test('a delivery is replayed by one click, and all that came while the automation was off', needsBrowser, async t => {
  const app = await buildApp(t)
  const { id } = await webhook(app)
  await switchAutomation(app, false)
  for (const n of [1, 2, 3]) await deliver(app, id, { n })
  await switchAutomation(app, true)
  const { page, complaints } = await openDashboard(t, app, `/triggers/${id}`)
  await sees(deliveries(page).nth(2).getByText('Automation off'))
  await deliveries(page).nth(1).getByRole('button', { name: 'Replay' }).click()
  await sees(deliveries(page).nth(1).getByText('Replayed:'))
  await sees(deliveries(page).nth(1).getByText('Started', { exact: true }))
  await page.getByRole('button', { name: 'Replay all that came' }).click()
  await sees(page.getByText('2 started.'))
  await seesNoMore(page.getByRole('button', { name: 'Replay all that came' }))
  const { items } = (await app.get('/api/executions')).body
  t.equal(items.length, 3)
  for (const execution of items) await app.ended(execution.id)
  noComplaints(t, complaints)
})

t.test('who may only look sees what was delivered, but no payload and no way to replay it', needsBrowser, async t => {
  const app = await buildApp(t)
  await makeUser(app, 'viewer')
  const { id } = await webhook(app)
  const { body } = await deliver(app, id, { a: 1 })
  await app.ended(body.executionId)
  const { page, complaints } = await openDashboard(t, app, `/triggers/${id}`, { email: 'viewer@example.com' })
  await sees(deliveries(page).getByText('Started', { exact: true }))
  t.equal(await deliveries(page).getByRole('button').count(), 0)
  t.equal(await page.getByText('Headers and payload').count(), 0)
  noComplaints(t, complaints)
})
