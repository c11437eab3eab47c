import t from 'tap'
import type { Channel, NotificationRule } from '../../src/dashboard/api/types.ts'
import { channelDraft, givenSettings, leadsTo } from '../../src/dashboard/notifications/channel-draft.ts'
import { mayRetry, triesOf } from '../../src/dashboard/notifications/notice-words.ts'
import { givenRule, ruleDraft, ruleProblems } from '../../src/dashboard/notifications/rule-draft.ts'
import { events, mannerOf, occasionOf } from '../../src/dashboard/notifications/rule-words.ts'
import { settingsOf } from '../../src/dashboard/notifications/settings.ts'
import { kinds } from '../../src/notifications/channels/kinds.ts'
import { CHANNEL_KINDS, EVENTS } from '../../src/notifications/notifications.ts'

const channel = (kind: Channel['kind'], settings: object, secrets: string[] = []) =>
  ({ id: '1', name: 'A channel', kind, settings, secrets, createdAt: 1, updatedAt: 1 }) as Channel

const rule: NotificationRule = {
  id: '1',
  botId: null,
  botSlug: null,
  botName: null,
  name: 'A rule',
  events: ['failed'],
  channelIds: ['a'],
  quietMs: 0,
  longRunningMs: null,
  logLines: 0,
  enabled: true,
  createdAt: 1,
  updatedAt: 1
}

t.test('the form asks for just what the server wants of each kind of channel', async t => {
  t.same(Object.keys(settingsOf).sort(), [...CHANNEL_KINDS].sort())
  for (const kind of CHANNEL_KINDS) {
    const { settings, secrets } = kinds[kind]
    const asked = settingsOf[kind]
    t.same(asked.map(({ name }) => name).sort(), Object.keys(settings.properties).sort(), kind)
    t.same(
      asked
        .filter(({ secret }) => secret)
        .map(({ name }) => name)
        .sort(),
      [...secrets].sort(),
      `${kind}: secrets`
    )
    const needed = (settings.required as string[]).filter(name => !('default' in settings.properties[name]!))
    t.same(
      asked
        .filter(({ optional }) => !optional)
        .map(({ name }) => name)
        .sort(),
      needed.sort(),
      `${kind}: needed`
    )
  }
})

t.test('a new channel is given what was filled in', async t => {
  const draft = { ...channelDraft(null), values: { to: ' a@example.com,b@example.com  c@example.com ', from: ' ' } }
  const settings = { to: ['a@example.com', 'b@example.com', 'c@example.com'], from: undefined, smtpUrl: undefined }
  t.same(givenSettings(draft, true), settings)
})

t.test('a channel that there is keeps its secrets, and loses what was emptied or taken away', async t => {
  const draft = channelDraft(channel('ntfy', { server: 'https://ntfy.sh', topic: 'bots' }, ['token']))
  t.same(draft.values, { topic: 'bots', server: 'https://ntfy.sh', token: '' })
  draft.values.server = ''
  t.same(givenSettings(draft, false), { topic: 'bots', server: null, token: undefined })
  draft.removed = ['token']
  t.same(givenSettings(draft, false), { topic: 'bots', server: null, token: null })
})

t.test('where a channel leads is said as far as it is no secret', async t => {
  t.equal(leadsTo(channel('email', { to: ['a@example.com', 'b@example.com'] })), 'a@example.com, b@example.com')
  t.equal(leadsTo(channel('telegram', { chatId: '-100', server: 'https://api.telegram.org' })), '-100')
  t.equal(leadsTo(channel('slack', {}, ['url'])), '')
})

t.test('a rule is said in plain words', async t => {
  t.same(Object.keys(events).sort(), [...EVENTS].sort())
  t.equal(occasionOf(rule), 'When any bot fails.')
  const three = { ...rule, botName: 'Nightly', events: ['long_running', 'recovered', 'first_failure'] as const }
  t.equal(
    occasionOf({ ...three, events: [...three.events], longRunningMs: 90_000 }),
    'When Nightly fails for the first time, succeeds again or runs for 90 s.'
  )
  const names = new Map([
    ['a', 'Phone'],
    ['b', 'Chat']
  ])
  t.equal(mannerOf(rule, names), 'By Phone.')
  t.equal(
    mannerOf({ ...rule, channelIds: ['a', 'b', 'c'], quietMs: 3_600_000, logLines: 1 }, names),
    'By Phone, Chat and a channel. Quiet for 1 h after each. With the last line of the log.'
  )
})

t.test('a rule has a length of time only where it tells of what takes long', async t => {
  const draft = ruleDraft({ ...rule, events: ['failed', 'long_running'], longRunningMs: 5000 }, [])
  t.match(givenRule(draft), { longRunningMs: 5000, bot: null })
  draft.events = ['failed']
  draft.longRunningMs = Number.NaN
  t.match(givenRule(draft), { longRunningMs: null })
  t.equal(ruleProblems(draft).longRunningMs, null)
  draft.events = ['long_running']
  t.match(ruleProblems(draft).longRunningMs, /^Write a number from 1 s/)
})

t.test('the only channel there is is taken for a new rule; of several one chooses', async t => {
  t.same(ruleDraft(null, ['a']).channelIds, ['a'])
  t.same(ruleDraft(null, ['a', 'b']).channelIds, [])
  t.match(ruleProblems(ruleDraft(null, [])), { channelIds: 'Choose at least one.', events: null })
})

t.test('what is about to be sent anyway, or was, is not sent again', async t => {
  t.ok(mayRetry({ state: 'failed', tries: 1 }))
  t.ok(mayRetry({ state: 'waiting', tries: 1 }))
  t.notOk(mayRetry({ state: 'waiting', tries: 0 }))
  t.notOk(mayRetry({ state: 'sent', tries: 1 }))
  t.notOk(mayRetry({ state: 'suppressed', tries: 0 }))
  t.equal(triesOf({ state: 'sent', tries: 1 }), '')
  t.equal(triesOf({ state: 'failed', tries: 1 }), 'Tried once')
  t.equal(triesOf({ state: 'waiting', tries: 3 }), 'Tried 3 times')
})
