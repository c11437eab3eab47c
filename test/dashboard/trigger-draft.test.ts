import t from 'tap'
import type { Schedule, Trigger, Webhook } from '../../src/dashboard/api/types.ts'
import { changesOf, draftOf, newDraft, suggestedName, triggerOf } from '../../src/dashboard/triggers/draft.ts'
import {
  newSchedule,
  type ScheduleDraft,
  scheduleDraftOf,
  scheduleDraftProblems,
  scheduleOf
} from '../../src/dashboard/triggers/schedule-draft.ts'
import { makeSecret, newWebhook, webhookDraftOf, webhookOf } from '../../src/dashboard/triggers/webhook-draft.ts'
import { scheduleWith } from '../support/schedules.ts'

const draft = (parts: Partial<ScheduleDraft>) => ({ ...newSchedule('Europe/Berlin'), ...parts })
const pattern = (parts: Partial<Schedule>) => scheduleDraftOf(scheduleWith(parts)).pattern

t.test('what people choose first is a cron expression, and is known again as what they chose', async t => {
  t.equal(scheduleOf(draft({ pattern: 'daily', time: '06:05' })).cron, '5 6 * * *')
  t.equal(scheduleOf(draft({ pattern: 'weekdays', time: '23:59' })).cron, '59 23 * * 1-5')
  t.match(scheduleDraftOf(scheduleWith({ cron: '5 6 * * *' })), { pattern: 'daily', time: '06:05' })
  t.match(scheduleDraftOf(scheduleWith({ cron: '59 23 * * 1-5' })), { pattern: 'weekdays', time: '23:59' })
  for (const cron of ['*/5 * * * *', '0 9 1 * *', '0 0 9 * * *', '@daily', '0 9 * * 6', '0 9 * * MON-FRI'])
    t.equal(pattern({ cron }), 'cron', cron)
  t.equal(pattern({ everyMs: 1000 }), 'every')
  t.equal(pattern({ at: 0 }), 'once')
})

t.test('days and times are meant by the clocks of the zone', async t => {
  const once = scheduleOf(draft({ pattern: 'once', once: '2026-07-01T09:00', startAt: '2026-01-01T00:00' }))
  t.equal(once.at, Date.parse('2026-07-01T07:00Z'))
  t.equal(once.startAt, Date.parse('2025-12-31T23:00Z'))
  t.equal(scheduleDraftOf(once).once, '2026-07-01T09:00')
})

t.test('only one kind of time is sent, whatever stands in the fields of the others', async t => {
  const filled = { cron: '@daily', everyMs: 5000, once: '2026-07-01T09:00' }
  const kinds = (['daily', 'every', 'once', 'cron'] as const).map(pattern => {
    const { cron, everyMs, at } = scheduleOf(draft({ ...filled, pattern }))
    return [cron, everyMs, at].filter(one => one !== null).length
  })
  t.same(kinds, [1, 1, 1, 1])
})

t.test('what is missing is said without asking the server', async t => {
  const paths = (parts: Partial<ScheduleDraft>) => scheduleDraftProblems(draft(parts)).map(({ path }) => path)
  t.same(paths({}), [])
  t.same(paths({ timezone: '' }), ['/schedule/timezone'])
  t.same(paths({ time: '' }), ['/schedule/cron'])
  t.same(paths({ pattern: 'every', everyMs: Number.NaN }), ['/schedule/everyMs'])
  t.same(paths({ pattern: 'once' }), ['/schedule/at'])
  t.same(paths({ pattern: 'cron', cron: ' ' }), ['/schedule/cron'])
  t.same(paths({ jitterMs: Number.NaN }), ['/schedule/jitterMs'])
})

t.test('values of filters are what they look like, and stay it', async t => {
  const values = ['opened', 'true', '5', '"5"', 'null', '{"a":1}', 'two words', '']
  const rules = values.map(value => ({ path: '$.payload.a', op: 'equals' as const, value }))
  const { filters } = webhookOf({ ...newWebhook(), rules })
  t.same(
    filters.rules.map(({ value }) => value),
    ['opened', true, 5, '5', null, { a: 1 }, 'two words', '']
  )
  const again = webhookDraftOf({ verification: 'github', filters, map: {} } as unknown as Webhook)
  t.same(again.rules, rules)
})

t.test('a pattern stays text, and what need only be there has no value', async t => {
  const rules = [
    { path: ' $.payload.n ', op: 'matches' as const, value: '5' },
    { path: '$.payload.a', op: 'exists' as const, value: 'left over' }
  ]
  t.same(webhookOf({ ...newWebhook(), rules }).filters.rules, [
    { path: '$.payload.n', op: 'matches', value: '5' },
    { path: '$.payload.a', op: 'exists' }
  ])
})

t.test('how a sender signs is sent for senders with a way of their own only', async t => {
  const filled = { ...newWebhook(), header: ' X-Sign ', timestampHeader: '' }
  t.notOk('header' in webhookOf(filled))
  t.match(webhookOf({ ...filled, verification: 'hmac' }), { header: 'X-Sign', timestampHeader: null, signed: '{body}' })
})

t.test('a secret that is made is another each time, and has the form that its kind wants', async t => {
  t.not(makeSecret('github'), makeSecret('github'))
  t.match(makeSecret('github'), /^[\w-]{43}$/)
  t.match(makeSecret('standard'), /^whsec_[A-Za-z0-9+/]{43}=$/)
})

t.test('only what was changed is sent, and what no field shows stays', async t => {
  const trigger = {
    id: 't',
    botId: 'b',
    kind: 'schedule',
    name: 'Often',
    parameters: {},
    schedule: scheduleWith({ everyMs: 60_000, startAt: 1234 }),
    webhook: null,
    chain: null
  } as unknown as Trigger
  const bot = { id: 'b' }
  const before = triggerOf(draftOf(trigger), bot, trigger.name)
  t.same(changesOf(before, before), {})
  const changed = draftOf(trigger)
  changed.schedule.everyMs = 120_000
  t.same(changesOf(before, triggerOf(changed, bot, 'Often')), { schedule: { everyMs: 120_000 } })
  t.same(changesOf(before, triggerOf(draftOf(trigger), bot, 'Other')), { name: 'Other' })
})

t.test('a secret is sent when one was given', async t => {
  const webhook = newDraft('webhook')
  t.notOk('secret' in triggerOf(webhook, { id: 'b' }, 'name').webhook!)
  webhook.webhook.secret = 'given'
  t.equal(triggerOf(webhook, { id: 'b' }, 'name').webhook!.secret, 'given')
})

t.test('what has no name is called by what it does', async t => {
  t.equal(suggestedName(newDraft('schedule'), undefined), 'Every day at 09:00')
  t.equal(suggestedName(newDraft('webhook'), undefined), 'Webhook from GitHub')
  t.equal(suggestedName(newDraft('chain'), 'Build'), 'After Build')
})
