import { Webhook } from 'standardwebhooks'
import t from 'tap'
import type { ChannelRequest } from '../../src/notifications/channels/kind.ts'
import { kinds } from '../../src/notifications/channels/kinds.ts'
import type { Message } from '../../src/notifications/message.ts'
import type { ChannelKindName } from '../../src/notifications/notifications.ts'
import { aMessage } from '../support/messages.ts'

const SETTINGS: Record<ChannelKindName, Record<string, unknown>> = {
  email: { to: ['a@example.com'], from: 'bots@example.com' },
  webhook: { url: 'https://example.com/hook', secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
  slack: { url: 'https://hooks.slack.com/services/T0/B0/x' },
  discord: { url: 'https://discord.com/api/webhooks/1/x' },
  telegram: { token: '123:abcdefghijklmnopqrstuvwxyz', chatId: '-100', server: 'https://api.telegram.org' },
  ntfy: { server: 'https://ntfy.sh', topic: 'bots' },
  ping: { url: 'https://hc-ping.com/uuid?create=1' }
}
const delivery = { id: '0190', now: Date.now() }

const request = (kind: ChannelKindName, message: Message, settings = SETTINGS[kind]): ChannelRequest =>
  kinds[kind].request(message, settings, delivery)

/** What is sent by HTTP, as the other side reads it. */
function sent(kind: ChannelKindName, message: Message, settings = SETTINGS[kind]) {
  const made = request(kind, message, settings)
  if (made.by !== 'http') throw new Error(`${kind} is not sent by HTTP`)
  return { ...made, json: kind === 'ping' ? null : JSON.parse(made.body!) }
}

const HOSTILE =
  '@everyone <!channel> <@U123> <https://evil.example|click> [click](https://evil.example) <b>x</b> & `a` ```b``` https://evil.example evil.example /start @alice'
const hostile = aMessage({ who: HOSTILE, facts: [{ label: 'Detail', value: HOSTILE }], log: [HOSTILE, '```'] })
const long = 'long '.repeat(5000)
const endless = aMessage({
  who: 'n'.repeat(120),
  facts: Array.from({ length: 9 }, (_, i) => ({ label: `Fact ${i}`, value: '&'.repeat(500) })),
  log: Array.from({ length: 10 }, () => '<'.repeat(199))
})

t.test('Slack is told in rich text, where a name cannot be a mention or a link', async t => {
  const { url, json } = sent('slack', aMessage())
  t.equal(url, SETTINGS.slack.url)
  const [{ elements }] = json.blocks
  t.same(elements[0].elements[0], { type: 'text', text: 'Nightly backup failed', style: { bold: true } })
  t.same(elements[0].elements.at(-1), {
    type: 'link',
    url: 'https://bots.example.com/executions/1',
    text: 'Open in Botyard'
  })
  t.same(elements[1], { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'copying\nno space left' }] })

  const bad = sent('slack', hostile).json
  const kindsOf = bad.blocks[0].elements.flatMap((block: { elements: { type: string }[] }) =>
    block.elements.map(e => e.type)
  )
  t.same(new Set(kindsOf), new Set(['text', 'link']), 'one link, which is ours')
  t.equal(kindsOf.filter((type: string) => type === 'link').length, 1)
  t.notMatch(bad.text, /[<>]|@everyone|@alice|:\/\/|&(?!amp;|lt;|gt;)/)
})

t.test('Discord is told in code and escapes, and may mention nobody', async t => {
  const { json } = sent('discord', aMessage())
  t.match(json, {
    embeds: [
      {
        title: 'Nightly backup failed',
        url: 'https://bots.example.com/executions/1',
        fields: [{ name: 'Why', value: '`It ended with exit code 3.`' }, {}],
        description: '```\ncopying\nno space left\n```'
      }
    ],
    allowed_mentions: { parse: [] }
  })
  const [embed] = sent('discord', hostile).json.embeds
  t.notMatch(embed.title, /(?<!\\)[@<>[\]()`:/&]/, 'no punctuation of a name means anything')
  t.match(embed.fields[0].value, /^`[^`]*`$/)
  t.match(embed.description, /^```\n[^`]*\n```$/)
})

t.test('Telegram is told in HTML, with all that is not ours in code', async t => {
  const { url, json } = sent('telegram', aMessage())
  t.equal(url, 'https://api.telegram.org/bot123:abcdefghijklmnopqrstuvwxyz/sendMessage')
  t.match(json, { chat_id: '-100', parse_mode: 'HTML', link_preview_options: { is_disabled: true } })
  t.equal(
    json.text,
    '<code>Nightly backup</code> <b>failed</b>\nWhy: <code>It ended with exit code 3.</code>\nTook: <code>12 s</code>\n' +
      '<pre>copying\nno space left</pre>\n<a href="https://bots.example.com/executions/1">Open in Botyard</a>'
  )
  const { text } = sent('telegram', hostile).json
  const outside = text.replace(/<(code|pre)>[^<]*<\/\1>/g, '').replace(/<a href="https:\/\/bots[^>]*>/, '')
  t.equal(outside.replace(/<\/?[ab]>/g, '').trim(), 'failed\nDetail: \n\nOpen in Botyard')
})

t.test('ntfy and mail show text as it is', async t => {
  t.match(sent('ntfy', aMessage(), { ...SETTINGS.ntfy, server: 'http://ntfy.internal/', token: 'tk_1' }), {
    url: 'http://ntfy.internal/',
    headers: { authorization: 'Bearer tk_1' },
    json: {
      topic: 'bots',
      title: 'Nightly backup failed',
      message: 'Why: It ended with exit code 3.\nTook: 12 s\n\ncopying\nno space left',
      priority: 4,
      click: 'https://bots.example.com/executions/1'
    }
  })
  t.notHas(sent('ntfy', aMessage({ url: null })).json, { click: '' })
  t.same(request('email', aMessage({ log: [] })), {
    by: 'mail',
    smtpUrl: null,
    from: 'bots@example.com',
    to: ['a@example.com'],
    subject: 'Nightly backup failed',
    text: 'Nightly backup failed\n\nWhy: It ended with exit code 3.\nTook: 12 s\n\nhttps://bots.example.com/executions/1\n'
  })
})

t.test('a webhook is signed as Standard Webhooks wants it', async t => {
  const { headers, body } = sent('webhook', aMessage())
  const webhook = new Webhook(SETTINGS.webhook.secret as string)
  t.same(webhook.verify(body!, headers), {
    type: 'execution.failed',
    timestamp: '2026-05-17T08:30:00.000Z',
    data: { bot: { name: 'Nightly backup' } }
  })
  t.equal(headers['webhook-id'], '0190')
  t.throws(() => webhook.verify(`${body} `, headers))
  t.throws(() => new Webhook(Buffer.alloc(32, 8).toString('base64')).verify(body!, headers))
})

t.test('a switch is asked for by itself after a success, and for its /fail after a failure', async t => {
  const urlOf = (more: Partial<Message>) => sent('ping', aMessage(more)).url
  t.equal(urlOf({ event: 'succeeded', tone: 'good' }), 'https://hc-ping.com/uuid?create=1')
  t.equal(urlOf({ event: 'test', tone: 'plain' }), 'https://hc-ping.com/uuid?create=1')
  t.equal(urlOf({ tone: 'bad' }), 'https://hc-ping.com/uuid/fail?create=1')
  t.equal(urlOf({ event: 'long_running', tone: 'plain' }), 'https://hc-ping.com/uuid/fail?create=1')
})

t.test('what is too long for a channel is cut to what it takes', async t => {
  const slack = sent('slack', endless).json.blocks[0].elements
  t.ok(slack[1].elements[0].text.length <= 3000, 'as much as Slack takes for a text')
  const [embed] = sent('discord', { ...endless, who: '*'.repeat(120) }).json.embeds
  t.ok(embed.title.length <= 256 && embed.description.length <= 4096)
  for (const { value } of embed.fields) t.ok(value.length <= 1024)
  const lengths = [embed.title, embed.description, ...embed.fields.flatMap((f: object) => Object.values(f).map(String))]
  t.ok(lengths.reduce((sum, text) => sum + text.length, 0) <= 6000, 'an embed has 6,000 in all')
  const telegram = sent('telegram', endless)
    .json.text.replace(/<[^>]+>/g, '')
    .replace(/&#\d+;/g, '&')
  t.ok(telegram.length <= 4096 && telegram.includes('…'))
  const ntfy = sent('ntfy', aMessage({ log: ['€'.repeat(2000)] })).json.message
  t.ok(Buffer.byteLength(ntfy) <= 4000 && ntfy.endsWith('€…'))
  const mail = request('email', aMessage({ who: long }))
  t.ok(mail.by === 'mail' && mail.subject.length <= 200)
})

t.test('settings that nothing could be sent with are refused', async t => {
  const wrong: [ChannelKindName, Record<string, unknown>, string[]][] = [
    ['webhook', { url: 'ftp://a', secret: 'short' }, ['/url', '/secret']],
    ['webhook', { ...SETTINGS.webhook, secret: Buffer.alloc(23).toString('base64') }, ['/secret']],
    ['slack', { url: 'javascript:alert(1)' }, ['/url']],
    ['discord', { url: 'https://user:pw@discord.com/x' }, ['/url']],
    ['ping', { url: 'hc-ping.com/x' }, ['/url']],
    ['ntfy', { ...SETTINGS.ntfy, server: 'ntfy.sh' }, ['/server']],
    ['telegram', { ...SETTINGS.telegram, server: 'file:///' }, ['/server']],
    ['email', { ...SETTINGS.email, smtpUrl: 'https://mail.example.com' }, ['/smtpUrl']],
    ['email', { ...SETTINGS.email, smtpUrl: 'smtp://h/?tls.rejectUnauthorized=false' }, ['/smtpUrl']],
    ['email', { ...SETTINGS.email, smtpUrl: 'smtp://u%zz@h' }, ['/smtpUrl']],
    ['email', { to: ['a@example.com'], smtpUrl: 'smtp://h' }, ['/from']]
  ]
  for (const [kind, settings, paths] of wrong)
    t.same(
      kinds[kind].problems(settings).map(({ path }) => path),
      paths,
      `${kind} ${JSON.stringify(settings)}`
    )
  for (const kind of Object.keys(SETTINGS) as ChannelKindName[]) t.same(kinds[kind].problems(SETTINGS[kind]), [], kind)
  t.same(kinds.email.problems({ ...SETTINGS.email, smtpUrl: 'smtps://u:p%40@mail.example.com:465/' }), [])
})
