import t from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { startHttpTarget } from '../support/http-target.ts'
import { startMailServer } from '../support/mail-server.ts'
import { ALLOWED, makeChannel, makeHook, makeRule, noticesOf, WEBHOOK_SECRET } from '../support/notifications.ts'
import { isProblem, wrongFields } from '../support/problems.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const trial = async (app: TestApp, id: string) => (await app.post(`/api/channels/${id}/test`)).body

t.test('a channel is made, shown without its secrets, changed and deleted', async t => {
  const app = await buildApp(t)
  const secret = `https://hooks.slack.com/services/T000/B000/hushhushhush`
  const channel = await makeChannel(app, 'slack', { url: secret }, ' Ops ')
  t.match(channel, { name: 'Ops', kind: 'slack', settings: {}, secrets: ['url'] })
  const path = `/api/channels/${channel.id}`
  const renamed = await app.patch(path, { name: 'Operations' })
  t.match(renamed.body, { name: 'Operations', secrets: ['url'] })
  t.same((await app.get(path)).body, renamed.body)
  t.same((await app.get('/api/channels')).body.items, [renamed.body])
  await app.patch(path, { settings: { url: 'https://hooks.slack.com/services/T000/B000/hushhush2' } })

  const rule = await makeRule(app, channel, ['failed'])
  isProblem(t, await app.delete(path), 409, 'channel_in_use')
  await app.delete(`/api/notification-rules/${rule.id}`)
  t.equal((await app.delete(path)).status, 204)
  isProblem(t, await app.get(path), 404, 'not_found')

  const seen = [await app.get('/api/channels'), await app.get('/admin/audit'), await app.get('/api/secrets')]
  for (const { text } of seen) t.notMatch(text, /hushhush/)
  const actions = seen[1]!.body.items.map(({ action }: { action: string }) => action)
  t.same(actions.slice(0, 6), [
    'channel.deleted',
    'notification_rule.deleted',
    'notification_rule.created',
    'channel.changed',
    'channel.changed',
    'channel.created'
  ])
  t.match(seen[1]!.body.items[3].after, { replaced: ['url'] })
  const rows = withDatabase(app.config.dataDir, db => db.prepare('SELECT count(*) FROM secrets').pluck().get())
  t.equal(rows, 0, 'its secrets went with it')
})

t.test('settings that nothing can be sent with are refused by their names', async t => {
  const app = await buildApp(t)
  const wrong = async (kind: string, settings: object) =>
    wrongFields(await app.post('/api/channels', { name: 'x', kind, settings }))
  t.same(await wrong('slack', {}), ['/settings/url'])
  t.same(await wrong('slack', { url: 'https://a.example', channel: '#x' }), ['/settings/channel'])
  t.same(await wrong('slack', { url: 5 }), ['/settings/url'])
  t.same(await wrong('webhook', { url: 'file:///etc/passwd', secret: 'x' }), ['/settings/secret', '/settings/url'])
  t.same(await wrong('email', { to: ['nobody', 'a@example.com'] }), ['/settings/to/0'])
  t.same(await wrong('email', { to: ['a@example.com\r\nBcc: b@example.com'] }), ['/settings/to/0'])
  t.same(await wrong('telegram', { token: '1:x/../../', chatId: '5' }), ['/settings/token'])
  t.same(await wrong('ntfy', { topic: 'a/b', token: 'a\r\nX: y' }), ['/settings/token', '/settings/topic'])
  t.same(await wrong('pigeon', {}), ['/kind'])
})

t.test('who has a channel lead elsewhere gives its secrets again', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  const channel = await makeChannel(app, 'ntfy', { topic: 'bots', token: 'tk_hush_hush' })
  t.match(channel.settings, { server: 'https://ntfy.sh', topic: 'bots' })
  const path = `/api/channels/${channel.id}`
  const stolen = await app.patch(path, { settings: { server: target.url } })
  isProblem(t, stolen, 400, 'invalid_request')
  t.same(wrongFields(stolen), ['/settings/token'])
  t.match((await app.patch(path, { settings: { topic: 'other' } })).body, {
    settings: { topic: 'other' },
    secrets: ['token']
  })
  t.equal((await app.patch(path, { settings: { server: target.url, token: 'tk_new' } })).status, 200)
  t.match(await trial(app, channel.id), { delivered: true })
  t.equal(target.arrived[0]!.headers.authorization, 'Bearer tk_new')
  t.match((await app.patch(path, { settings: { token: null } })).body.secrets, [])
  await trial(app, channel.id)
  t.notHas(target.arrived[1]!.headers, { authorization: '' })
})

t.test('each kind is tried as it is addressed, and says what the other side answered', async t => {
  const mail = await startMailServer(t, { disabledCommands: ['STARTTLS', 'AUTH'] })
  const server = { host: '127.0.0.1', port: mail.port, secure: false, auth: null }
  const app = await buildApp(t, { config: { ...ALLOWED, mail: { server, from: 'bots@example.com' } } })
  const target = await startHttpTarget(t)
  target.answer = (response, { path }) => void response.end(`thanks, ${path}`)
  const channels = [
    await makeHook(app, target),
    await makeChannel(app, 'slack', { url: `${target.url}/services/T0/B0/hushhush` }),
    await makeChannel(app, 'discord', { url: `${target.url}/api/webhooks/1/hushhush` }),
    await makeChannel(app, 'telegram', {
      token: '123:hushhushhushhushhushhush',
      chatId: '-100',
      server: target.url
    }),
    await makeChannel(app, 'ntfy', { server: target.url, topic: 'bots' }),
    await makeChannel(app, 'ping', { url: `${target.url}/hushhush` })
  ]
  for (const { id, kind } of channels) {
    const result = await trial(app, id)
    t.match(result, { delivered: true, detail: /^It answered 200: thanks/ }, kind)
    t.notMatch(result.detail, /hushhush/, kind)
  }
  t.same(
    target.arrived.map(({ path }) => path),
    [
      '/hook',
      '/services/T0/B0/hushhush',
      '/api/webhooks/1/hushhush',
      '/bot123:hushhushhushhushhushhush/sendMessage',
      '/',
      '/hushhush'
    ]
  )
  const email = await makeChannel(app, 'email', { to: ['a@example.com'] })
  t.match(await trial(app, email.id), { delivered: true })
  t.match(mail.letters, [{ from: 'bots@example.com', to: ['a@example.com'], text: /Botyard is trying this channel/ }])
  target.answer = response => void response.writeHead(403).end('no')
  t.same(await trial(app, channels[0]!.id), { delivered: false, detail: 'It answered 403: no' })
})

t.test('nothing is sent to this machine or its network unless it is allowed by name', async t => {
  const inside = await startHttpTarget(t)
  const mail = await startMailServer(t, { disabledCommands: ['STARTTLS', 'AUTH'] })
  const app = await buildApp(t)
  const hosts = ['127.0.0.1', '[::1]', '169.254.169.254', '0x7f.1', '2130706433', 'localhost', '[::ffff:127.0.0.1]']
  for (const host of hosts) {
    const url = `http://${host}:${inside.port}/x`
    for (const [kind, settings] of [
      ['webhook', { url, secret: WEBHOOK_SECRET }],
      ['slack', { url }],
      ['ping', { url }],
      ['ntfy', { server: url, topic: 'x' }],
      ['telegram', { server: url, chatId: '1', token: '123:hushhushhushhushhushhush' }]
    ] as const) {
      const { id } = await makeChannel(app, kind, settings)
      t.match(await trial(app, id), { delivered: false, detail: /is not on the internet/ }, `${kind} ${host}`)
    }
  }
  const smtp = { to: ['a@example.com'], from: 'b@example.com', smtpUrl: `smtp://0x7f.1:${mail.port}` }
  const { id } = await makeChannel(app, 'email', smtp)
  t.match(await trial(app, id), { delivered: false, detail: /is not on the internet/ })
  t.same([...inside.arrived, ...mail.letters], [])

  await makeRule(app, await makeHook(app, inside), ['failed'])
  await app.finished(['false'])
  const [notice] = await eventually('it to be given up', async () => {
    const notices = await noticesOf(app)
    return notices[0]?.state === 'failed' ? notices : null
  })
  t.match(notice, { tries: 1, detail: /127\.0\.0\.1 is not on the internet, .* OUTGOING_ALLOW/ })
  t.same(inside.arrived, [])
})

t.test('a redirect to this machine is not followed', async t => {
  const inside = await startHttpTarget(t, '127.0.0.2')
  const outside = await startHttpTarget(t)
  outside.answer = response => void response.writeHead(307, { location: inside.url }).end()
  const app = await buildApp(t, { config: { outgoingAllow: ['127.0.0.1', '127.0.0.2'] } })
  const { id } = await makeHook(app, outside)
  t.match(await trial(app, id), { delivered: false, detail: /redirect/ })
  t.same(inside.arrived, [])
})

t.test('a rule is made, changed and deleted, and goes with its bot', async t => {
  const app = await buildApp(t)
  const channel = await makeChannel(app, 'slack', { url: 'https://hooks.slack.com/x' })
  const bot = await app.makeBot(['true'], { name: 'Nightly' })
  const rule = await makeRule(app, channel, ['failed', 'long_running'], {
    bot: 'nightly',
    longRunningMs: 60_000,
    quietMs: 1000,
    logLines: 10
  })
  t.match(rule, { botId: bot.id, botSlug: 'nightly', botName: 'Nightly', enabled: true, channelIds: [channel.id] })
  const path = `/api/notification-rules/${rule.id}`
  const changed = await app.patch(path, { bot: null, enabled: false, events: ['failed'], longRunningMs: null })
  t.match(changed.body, { botId: null, botSlug: null, enabled: false, logLines: 10, longRunningMs: null })
  t.same((await app.get('/api/notification-rules')).body.items, [changed.body])

  const refused = async (body: object) => wrongFields(await app.patch(path, body))
  t.same(await refused({ events: ['long_running'] }), ['/longRunningMs'])
  t.same(await refused({ longRunningMs: 60_000 }), ['/longRunningMs'])
  t.same(await refused({ events: ['exploded'] }), ['/events/0'])
  t.same(await refused({ channelIds: [] }), ['/channelIds'])
  t.same(await refused({ logLines: 21 }), ['/logLines'])
  isProblem(t, await app.patch(path, { channelIds: ['nothing'] }), 404, 'not_found')
  isProblem(t, await app.patch(path, { bot: 'nothing' }), 404, 'not_found')

  await app.patch(path, { bot: bot.id })
  await app.delete(`/api/bots/${bot.id}`)
  isProblem(t, await app.get(path), 404, 'not_found')
})

t.test('notifications are for operators', async t => {
  const app = await buildApp(t)
  const viewer = await signedInAs(app, 'viewer')
  const operator = await signedInAs(app, 'operator')
  for (const path of ['/api/channels', '/api/notification-rules', '/api/notices', '/api/events?topics=notifications'])
    isProblem(t, await viewer.get(path), 403, 'forbidden', path)
  for (const path of ['/api/channels', '/api/notification-rules', '/api/notices'])
    t.equal((await operator.get(path)).status, 200)
  t.equal(
    (await operator.post('/api/channels', { name: 'x', kind: 'slack', settings: { url: 'https://a.example' } })).status,
    201
  )
})

t.test('pages hear of what changes', async t => {
  const app = await buildApp(t, { config: ALLOWED })
  const target = await startHttpTarget(t)
  const stream = await app.stream('/api/events?topics=notifications')
  const hook = await makeHook(app, target)
  const rule = await makeRule(app, hook, ['failed'])
  await app.finished(['false'])
  const heard: string[] = []
  for await (const { event, data } of stream) {
    heard.push(event === 'notice.changed' ? `${event} ${data.state}` : event)
    if (data.state === 'sent') break
  }
  await app.delete(`/api/notification-rules/${rule.id}`)
  await app.delete(`/api/channels/${hook.id}`)
  for await (const { event, data } of stream) {
    heard.push(`${event} ${data.id === hook.id || data.id === rule.id}`)
    if (event === 'channel.deleted') break
  }
  stream.close()
  t.same(heard, [
    'resync',
    'channel.changed',
    'notification_rule.changed',
    'notice.changed waiting',
    'notice.changed sent',
    'notification_rule.deleted true',
    'channel.deleted true'
  ])
})

t.test('a channel whose secrets another SECRET_KEY keeps says so, and works again when it is given them', async t => {
  const dataDir = testFolder(t)
  const target = await startHttpTarget(t)
  const first = await buildApp(t, { dataDir, config: { ...ALLOWED, secretKey: 'a'.repeat(40) } })
  const { id } = await makeHook(first, target)
  await first.app.http.close()
  const app = await buildApp(t, { dataDir, config: { ...ALLOWED, secretKey: 'b'.repeat(40) } })
  t.match(await trial(app, id), { delivered: false, detail: /Another SECRET_KEY is needed to open secret/ })
  t.equal((await app.patch(`/api/channels/${id}`, { settings: { secret: WEBHOOK_SECRET } })).status, 200)
  t.match(await trial(app, id), { delivered: true })
})
