/**
 * Writes a picture of every page of the dashboard, in both themes and at two widths, into screenshots/.
 * `npm run screenshots [folder]`; the server it shows is made for this, on a data folder of its own.
 */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TOTP } from 'otpauth'
import { pino } from 'pino'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import settings from '../gunicorn-equivalent.config.ts'
import { createApp } from '../src/app.ts'
import { readConfig } from '../src/config/config.ts'
import { launchOptions } from './support/chromium.ts'
import { ADMIN, Client } from './support/client.ts'
import { makeChannel, makeRule } from './support/notifications.ts'
import { putSecret } from './support/secrets.ts'
import { chain, makeTrigger, switchAutomation } from './support/triggers.ts'
import { makeUser } from './support/users.ts'

const folder = process.argv[2] ?? 'screenshots'
const widths = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } }
const themes = ['light', 'dark'] as const

const NIGHTLY = `printf 'Collecting 1,204 orders\\n'; sleep 0.2; printf '\\033[32mSent to 3 people\\033[0m\\n'`
const FLAKY = `printf 'Opening the shop\\n'; sleep 0.1; if [ $((ROUND % 4)) = 0 ]; then
printf '\\033[31mThe basket is empty\\033[0m: expected 1 article, found 0\\n'; exit 3; fi; printf 'All is well\\n'`
const BUILD = `n=$(($(cat n 2>/dev/null || echo 0) + 1)); echo $n > n; printf 'Building the site, %s\\n' "$n"
if [ $n -lt 3 ]; then sleep 0.3; printf '\\033[31mThe mirror does not answer\\033[0m\\n'; exit 75; fi
for page in 1 2 3 4; do printf 'page %s\\n' $page; held="$held$(head -c 9000000 /dev/zero | tr '\\0' x)"; sleep 2; done
printf 'address=https://site.example.com/\\npages=1204\\n' > "$BOTYARD_OUTPUT"
mkdir "$BOTYARD_ARTIFACTS/reports"; seq 9000 > "$BOTYARD_ARTIFACTS/reports/links.csv"; seq 99999 > "$BOTYARD_ARTIFACTS/site.tar"`
const AGENT = `printf '\\033[1mReading test/stream.test.ts\\033[0m\\n'
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
  printf '  round %s: \\033[32mpassed\\033[0m in %s ms\\n' $n $((n * 37 % 90 + 12)); done
printf '  round 13: \\033[31mfailed\\033[0m: expected 5 events, got 4\\n'
printf '::group::What the test waits for\\n'
printf 'events.on(\\047change\\047) is called before subscribe() has answered\\n::endgroup::\\n'
printf '\\033[33mwarning\\033[0m: the clock is read twice\\n'
printf 'Changing \\033[36msrc/stream.ts\\033[0m: subscribe first, then read\\n'
printf 'Running the test 200 times, watching\\n'; sleep 600`
const ASKS = `printf '\\033[1mWhat is to be released\\033[0m\\n\\n'
printf '  \\033[7m 1 \\033[0m 2.4.1  \\033[32mpasses\\033[0m   3 changes since 2.4.0\\n'
printf '  \\033[7m 2 \\033[0m 2.5.0  \\033[33mwaits\\033[0m    \\033[2mnobody has looked at it yet\\033[0m\\n\\n'
printf '\\033[36mWhich one?\\033[0m '; read -r _`

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

const dataDir = mkdtempSync(join(tmpdir(), 'botyard-screenshots-'))
const { http, setupToken } = await createApp(
  readConfig({ DATA_DIR: dataDir, PATH: process.env.PATH, OUTGOING_ALLOW: '127.0.0.1' }, settings),
  pino({ level: 'silent' })
)
const url = await http.listen({ host: '127.0.0.1', port: 0 })
const client = new Client(url)
/** Where notifications go; what lies at /old is gone. */
const target = createServer((request, response) => void response.writeHead(request.url === '/old' ? 410 : 204).end())
target.listen(0, '127.0.0.1')
await once(target, 'listening')
const browser = await chromium.launch(launchOptions)
mkdirSync(folder, { recursive: true })

try {
  const strangers = await contexts()
  await picture(strangers, 'setup', `/setup#${setupToken}`)
  await client.setUp(setupToken!)
  await picture(strangers, 'sign-in', '/sign-in')

  const { link } = (await client.post('/admin/users', { email: 'ada@example.com', role: 'operator' })).body
  await picture(strangers, 'choose-password', link.url)

  const people = await contexts(signIn)
  await picture(people, 'first-bot', '/')
  await picture(people, 'tokens-empty', '/tokens')
  await picture(people, 'secrets-empty', '/secrets')
  await picture(people, 'notifications-empty', '/notifications')
  const shown = await fill()
  await picture(people, 'bots', '/')
  await picture(people, 'bot', '/bots/nightly-report')
  await picture(people, 'new-bot', '/bots/new')
  await picture(people, 'edit-bot', '/bots/nightly-report/edit')
  await picture(people, 'run', '/bots/translate', async page => {
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('dialog').waitFor()
  })
  await picture(people, 'trigger-new', '/bots/nightly-report/triggers/new', async page => {
    await page.getByRole('radio', { name: 'Monday to Friday' }).check()
    await page.getByLabel('Time zone').fill('America/New_York')
    await page.getByText('in New York').first().waitFor()
  })
  await picture(people, 'trigger-new-webhook', '/bots/check-the-shop/triggers/new?kind=webhook', async page => {
    await page.getByRole('button', { name: 'Add a filter' }).click()
    await page.getByLabel('Place of filter 1').fill('$.payload.action')
    await page.getByLabel('Value of filter 1').fill('published')
    await page.getByRole('button', { name: 'Fill in a parameter' }).click()
  })
  await picture(people, 'trigger-new-chain', '/bots/translate/triggers/new?kind=chain')
  const [everywhere] = people
  await picture([everywhere!], 'trigger-secret', '/bots/check-the-shop/triggers/new?kind=webhook', async page => {
    await page.getByRole('button', { name: 'Make one' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('dialog').waitFor()
  })
  await picture(people, 'trigger-webhook', `/triggers/${shown.webhook}`, async page => {
    await page.getByText('Headers and payload').first().click()
    await page.getByText('x-github-event').waitFor()
  })
  await picture(people, 'trigger-schedule', `/triggers/${shown.schedule}`)
  await picture(people, 'schedule', '/schedule')
  await picture(people, 'execution-triggered', `/executions/${shown.delivered}`)
  await picture(people, 'automation-question', '/', async page => {
    await page.getByRole('switch', { name: 'Automation' }).click()
    await page.getByRole('alertdialog').waitFor()
  })
  await switchAutomation(client, false)
  await picture(people, 'automation-off', '/')
  await switchAutomation(client, true)
  await picture(people, 'secrets', '/secrets')
  await picture(people, 'secret-new', '/secrets', async page => {
    await page.getByRole('button', { name: 'Add a secret' }).click()
    await page.getByLabel('Name').fill('DEPLOY_KEY')
    await page.getByLabel('Value', { exact: true }).fill('-----BEGIN KEY-----\nnot a real one\n-----END KEY-----\n')
  })
  await picture(people, 'history', '/executions')
  await picture(people, 'history-empty', '/executions?state=lost')
  await picture(people, 'execution', `/executions/${shown.running}`)
  await picture(people, 'execution-failed', `/executions/${shown.failed}`)
  await picture(people, 'terminal', `/executions/${shown.terminal}`, async page => {
    await page.locator('.xterm-rows').getByText('Which one?').waitFor()
  })
  await picture(people, 'execution-attempts', `/executions/${shown.retried}?attempt=2`)
  await picture(people, 'execution-results', `/executions/${shown.retried}?show=results`)
  await picture(people, 'execution-resources', `/executions/${shown.retried}?show=resources`)
  await picture(people, 'execution-skipped', `/executions/${shown.skipped}`)
  await picture(people, 'machine', '/machine')
  await client.request('PUT', '/api/machine/drain', { body: { enabled: true } })
  await picture(people, 'machine-drained', '/machine')
  await client.request('PUT', '/api/machine/drain', { body: { enabled: false } })
  await picture(people, 'people', '/people')
  await picture(people, 'people-menu', '/people', async page => {
    await page.getByRole('button', { name: 'More about grace@example.com' }).click()
  })
  await picture(people, 'people-invite', '/people', async page => {
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByLabel('E-mail').fill('alan@example.com')
  })
  await picture(people, 'people-link', '/people', async page => {
    await choose(page, 'Link for a new password…')
    await page.getByRole('button', { name: 'Make the link' }).click()
    await page.getByRole('textbox', { name: 'Link' }).waitFor()
  })
  await picture(people, 'people-sessions', '/people', page => choose(page, 'Sessions…'))
  await picture(people, 'people-disable', '/people', page => choose(page, 'Disable…'))
  await picture(people, 'tokens', '/tokens')
  await picture(people, 'token-new', '/tokens', async page => {
    await page.getByRole('button', { name: 'New token' }).click()
    await page.getByLabel('Name').fill('The backup script')
    await page.getByRole('radio', { name: 'Only these' }).check()
    await page.getByLabel('Nightly report').check()
  })
  await picture(people, 'token-value', '/tokens', async page => {
    await page.getByRole('button', { name: 'New token' }).click()
    await page.getByLabel('Name').fill('The backup script')
    await page.getByLabel('Your password').fill(ADMIN.password)
    await page.getByRole('button', { name: 'Make the token' }).click()
    await page.getByRole('textbox', { name: 'Token' }).waitFor()
  })
  await picture(people, 'notifications', '/notifications')
  await picture(people, 'notifications-channel', '/notifications', async page => {
    await page.getByRole('button', { name: 'Add a channel' }).click()
    await page.getByLabel('Kind').selectOption('Telegram')
    await page.getByLabel('Name').fill('On call')
  })
  await picture(people, 'notifications-rule', '/notifications', async page => {
    await page.getByRole('button', { name: 'Change Failures' }).click()
    await page.getByRole('dialog').waitFor()
  })
  await picture(people, 'audit', '/audit', async page => {
    await page.getByText('What differs').first().click()
  })
  await picture(people, 'account', '/account', page => page.getByText('This one').waitFor())
  await picture(people, 'account-second-factor', '/account', async page => {
    await page.getByRole('button', { name: 'Add a second factor' }).click()
    await page.getByLabel('Your password').fill(ADMIN.password)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
  })
  await picture(people, 'user-menu', '/', async page => {
    await page.getByRole('button', { name: 'Account and appearance' }).click()
  })
  await picture(people, 'not-found', '/nowhere')
  // Last, as a code is good once.
  const [first] = people
  await picture([first!], 'account-recovery-codes', '/account', keepRecoveryCodes)
  await picture(strangers, 'sign-in-code', '/sign-in', async page => {
    await page.getByLabel('E-mail').fill(ADMIN.email)
    await page.getByLabel('Password').fill(ADMIN.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('textbox', { name: 'Code' }).waitFor()
  })
  for (const { id } of (await client.get('/api/executions?state=running,queued')).body.items) {
    await client.post(`/api/executions/${id}/cancel`)
    await client.ended(id)
  }
} finally {
  await browser.close()
  await http.close()
  target.close()
  rmSync(dataDir, { recursive: true, force: true })
}

type Contexts = { name: string; context: BrowserContext }[]

async function contexts(prepare?: (context: BrowserContext) => Promise<void>): Promise<Contexts> {
  const made: Contexts = []
  for (const [width, viewport] of Object.entries(widths)) {
    for (const colorScheme of themes) {
      const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 2, baseURL: url })
      await prepare?.(context)
      made.push({ name: `${width}-${colorScheme}`, context })
    }
  }
  return made
}

async function signIn(context: BrowserContext): Promise<void> {
  const answer = await context.request.post('/api/auth/login', { data: ADMIN })
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()}`)
}

async function picture(all: Contexts, name: string, address: string, prepare?: (page: Page) => Promise<void>) {
  for (const { name: kind, context } of all) {
    const page = await context.newPage()
    await page.goto(address)
    await page.getByRole('heading', { level: 1 }).or(page.getByRole('main').getByText('no page')).first().waitFor()
    await page.waitForLoadState('networkidle', { timeout: 600 }).catch(() => {
      // A page that listens to a stream is never idle; by now it has what it shows.
    })
    await prepare?.(page)
    await page.screenshot({ path: join(folder, `${name}-${kind}.png`) })
    await page.close()
  }
}

/** Opens what can be done about grace@example.com, and chooses from it. */
async function choose(page: Page, word: string): Promise<void> {
  await page.getByRole('button', { name: 'More about grace@example.com' }).click()
  await page.getByRole('menuitem', { name: word }).click()
  await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor()
}

async function keepRecoveryCodes(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add a second factor' }).click()
  await page.getByLabel('Your password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Go on' }).click()
  const key = (await page.getByRole('dialog').locator('code').textContent())!.replaceAll(' ', '')
  await page.getByRole('textbox', { name: 'Code' }).fill(new TOTP({ secret: key }).generate())
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByRole('list', { name: 'Recovery codes' }).waitFor()
}

/** People and tokens such as somebody might have. */
async function fillPeople(nightly: { id: string }): Promise<void> {
  const day = 24 * 3_600_000
  await makeUser(client, 'operator', 'grace@example.com')
  const grace = new Client(url)
  grace.token = (
    await grace.post(
      '/api/auth/login',
      { email: 'grace@example.com', password: ADMIN.password },
      { 'user-agent': FIREFOX }
    )
  ).body.accessToken
  await makeUser(client, 'viewer', 'edsger@example.com')
  const left = await makeUser(client, 'operator', 'left@example.com')
  await client.patch(`/admin/users/${left.id}`, { disabled: true })
  await client.post('/api/auth/login', { email: 'grace@example.com', password: 'a guess' })
  const make = (of: Client, name: string, role: string, more: object) =>
    of.post('/api/tokens', { password: ADMIN.password, name, role, ...more })
  const { value } = (
    await make(client, 'Deploy hook', 'operator', { bots: [nightly.id], expiresAt: Date.now() + 80 * day })
  ).body
  const hook = new Client(url)
  hook.token = value
  await hook.get('/api/bots')
  await make(grace, 'Dashboard on the wall', 'viewer', {})
  await make(client, 'For the move', 'admin', { expiresAt: Date.now() + 1000 })
  await client.patch(`/api/bots/${nightly.id}`, { priority: 5, tags: ['reports', 'mail'] })
}

/** Triggers such as somebody might have, and what some of them have done. */
async function fillTriggers(bots: Record<'nightly' | 'flaky' | 'site', { id: string }>) {
  const schedule = (name: string, bot: { id: string }, schedule: object) =>
    makeTrigger(client, { bot: bot.id, kind: 'schedule', name, schedule })
  const { id } = await schedule('Every morning', bots.nightly, { cron: '30 6 * * 1-5', timezone: 'Europe/Berlin' })
  const pause = await schedule('End of the quarter', bots.nightly, {
    cron: '0 18 L 3,6,9,12 *',
    timezone: 'America/New_York'
  })
  await client.patch(`/api/triggers/${pause.id}`, { enabled: false })
  await chain(client, bots.site, bots.nightly, { name: 'After the site was built' })
  await schedule('Around the clock', bots.flaky, { everyMs: 900_000 })
  await schedule('Before the week', bots.site, { cron: '0 22 * * 0', timezone: 'Asia/Tokyo' })
  const secret = 'not-a-real-one-but-long'
  const webhook = await makeTrigger(client, {
    bot: bots.flaky.id,
    kind: 'webhook',
    name: 'When a release is published',
    webhook: {
      verification: 'github',
      secret,
      filters: { match: 'all', rules: [{ path: '$.payload.action', op: 'equals', value: 'published' }] }
    }
  })
  const send = (body: object, key = secret) => {
    const raw = JSON.stringify(body)
    const signature = `sha256=${createHmac('sha256', key).update(raw).digest('hex')}`
    const headers = { 'x-github-event': 'release', 'x-hub-signature-256': signature, 'user-agent': 'GitHub-Hookshot/1' }
    return client.request('POST', `/api/webhooks/${webhook.id}`, { raw, headers })
  }
  const release = (action: string) => ({
    action,
    release: { tag_name: 'v2.4.1', draft: false },
    sender: { login: 'ada' }
  })
  await send(release('created'), 'somebody-elses-secret')
  await send(release('created'))
  await switchAutomation(client, false)
  await send(release('published'))
  await switchAutomation(client, true)
  const { executionId } = (await send(release('published'))).body
  await client.ended(executionId)
  return { schedule: id, webhook: webhook.id, delivered: executionId as string }
}

/** Who is told of what; before anything happens. */
async function fillNotifications(shop: { id: string }): Promise<void> {
  const server = `http://127.0.0.1:${(target.address() as AddressInfo).port}`
  const phone = await makeChannel(client, 'ntfy', { server, topic: 'our-bots-1f9c' }, 'On-call phone')
  const chat = await makeChannel(client, 'slack', { url: `${server}/services/T0/B0/x` }, 'Operations')
  const old = await makeChannel(client, 'discord', { url: `${server}/old` }, 'The people of the shop')
  await makeChannel(client, 'email', { to: ['ada@example.com', 'grace@example.com'] }, 'The team')
  await makeRule(client, phone, ['first_failure', 'recovered'], {
    name: 'Failures',
    channelIds: [phone.id, chat.id],
    quietMs: 3_600_000,
    logLines: 5
  })
  await makeRule(client, old, ['recovered'], { name: 'The shop is open again', bot: shop.id })
  await makeRule(client, chat, ['long_running', 'slot_missed'], {
    name: 'Something hangs',
    longRunningMs: 1_800_000,
    enabled: false
  })
}

/** Bots and executions such as somebody might have. */
async function fill() {
  await client.post('/api/bots/bundled')
  await putSecret(
    client,
    'SMTP_PASSWORD',
    'not a real one',
    'The mailbox reports are sent from; a new one in the mail console.'
  )
  await putSecret(client, 'SHOP_TOKEN', 'not a real one', 'Reads orders.')
  await putSecret(client, 'OLD_REGISTRY_TOKEN', 'not a real one')
  const nightly = await client.makeBot(['/bin/sh', '-c', NIGHTLY], {
    name: 'Nightly report',
    description: 'Collects yesterday’s numbers and mails them to the team.',
    secrets: ['SHOP_TOKEN', 'SMTP_PASSWORD'],
    tags: ['reports']
  })
  const flaky = await client.makeBot(['/bin/sh', '-c', FLAKY], {
    name: 'Check the shop',
    description: 'Opens the shop, puts something into the basket, looks whether that works.',
    env: { ROUND: '{{parameters.round}}' },
    parameters: { type: 'object', properties: { round: { type: 'integer', title: 'Round', default: 1 } } }
  })
  await client.makeBot(['echo', '{{parameters.text}}'], {
    name: 'Translate',
    description: 'Translates a text into another language.',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', title: 'Text', description: 'What to translate.', maxLength: 5000 },
        language: { type: 'string', title: 'Into', enum: ['German', 'French', 'Japanese'], default: 'German' },
        formal: { type: 'boolean', title: 'In a formal tone', default: false }
      },
      required: ['text']
    }
  })
  const agent = await client.makeBot(['/bin/sh', '-c', AGENT], {
    name: 'Fix the flaky test',
    description: 'A coding agent on the main repository.',
    tags: ['agent']
  })
  await fillPeople(nightly)
  await fillNotifications(flaky)
  let failed = ''
  for (let round = 1; round <= 9; round++) {
    await client.ended((await client.start(nightly)).id)
    const { id } = await client.ended((await client.start(flaky, { round })).id)
    if (round % 4 === 0) failed = id
  }
  const running = (await client.start(agent)).id
  await client.printed(running, 'watching')
  const terminal = (
    await client.start(
      await client.makeBot(['/bin/sh', '-c', ASKS], {
        name: 'Release',
        description: 'Asks before it does.',
        terminal: true
      })
    )
  ).id
  await client.printed(terminal, 'Which one?')
  const site = await client.makeBot(['/bin/sh', '-c', BUILD], {
    name: 'Build the site',
    description: 'From the main branch, with all pages.',
    concurrency: { policy: 'skip' },
    retry: { maxAttempts: 3, backoffMs: 100 },
    limits: { memoryBytes: 256 * 2 ** 20 }
  })
  const retried = (await client.start(site)).id
  const skipped = (await client.start(site)).id
  await client.ended(retried)
  return { running, failed, terminal, retried, skipped, ...(await fillTriggers({ nightly, flaky, site })) }
}
