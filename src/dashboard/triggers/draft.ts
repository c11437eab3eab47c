import type { Bot, Chain, CreateTrigger, Trigger } from '../api/types.ts'
import { same } from '../forms/json-schema.ts'
import { myZone } from '../lib/zones.ts'
import {
  newSchedule,
  patterns,
  type ScheduleDraft,
  scheduleDraftOf,
  scheduleDraftProblems,
  scheduleOf
} from './schedule-draft.ts'
import { newWebhook, type WebhookDraft, webhookDraftOf, webhookOf } from './webhook-draft.ts'

/** A trigger as its form holds it, with settings of all kinds: one may go from one to another and back. */
export interface Draft {
  kind: Trigger['kind']
  /** Empty: what it is suggested to be called. */
  name: string
  parameters: Trigger['parameters']
  schedule: ScheduleDraft
  webhook: WebhookDraft
  chain: Chain
}

export const newDraft = (kind: Trigger['kind']): Draft => ({
  kind,
  name: '',
  parameters: {},
  schedule: newSchedule(myZone()),
  webhook: newWebhook(),
  chain: { afterBotId: '', on: 'succeeded' }
})

export function draftOf(trigger: Trigger): Draft {
  const { kind, name, parameters, schedule, webhook, chain } = trigger
  return {
    ...newDraft(kind),
    name,
    parameters,
    ...(schedule && { schedule: scheduleDraftOf(schedule) }),
    ...(webhook && { webhook: webhookDraftOf(webhook) }),
    ...(chain && { chain: { ...chain } })
  }
}

/** What the draft is called where nobody gave it a name. `before`: what the bot before a chain is called, if one is chosen. */
export function suggestedName({ kind, schedule, webhook }: Draft, before: string | undefined): string {
  if (kind === 'chain') return `After ${before ?? 'another bot'}`
  if (kind === 'webhook') return SENDERS[webhook.verification] ?? 'Webhook'
  const { pattern, time, cron } = schedule
  if (pattern === 'cron') return `Cron ${cron.trim()}`.slice(0, 100)
  return pattern === 'daily' || pattern === 'weekdays' ? `${patterns[pattern]} at ${time}` : patterns[pattern]
}

const SENDERS: Partial<Record<WebhookDraft['verification'], string>> = {
  github: 'Webhook from GitHub',
  gitlab: 'Webhook from GitLab'
}

/** The trigger that a draft stands for, as it is sent to be made. */
export function triggerOf(draft: Draft, bot: Pick<Bot, 'id'>, name: string): CreateTrigger {
  const { kind, parameters } = draft
  return { bot: bot.id, kind, name, parameters, [kind]: settingsOf(draft) }
}

function settingsOf({ kind, schedule, webhook, chain }: Draft): object {
  if (kind === 'schedule') return scheduleOf(schedule)
  if (kind === 'chain') return { ...chain }
  return { ...webhookOf(webhook), ...(webhook.secret !== '' && { secret: webhook.secret }) }
}

/** What differs, as it is sent to be changed; settings field by field, as what was only shown to the minute was exact. */
export function changesOf(before: CreateTrigger, now: CreateTrigger): Partial<CreateTrigger> {
  const { kind } = now
  const settings = differing(before[kind] ?? {}, now[kind] ?? {})
  return {
    ...differing({ name: before.name, parameters: before.parameters }, { name: now.name, parameters: now.parameters }),
    ...(Object.keys(settings).length > 0 && { [kind]: settings })
  }
}

const differing = (before: object, now: object): object =>
  Object.fromEntries(
    Object.entries(now).filter(([name, value]) => !same(value, (before as Record<string, unknown>)[name]))
  )

export function draftProblems({ kind, schedule, chain }: Draft): { path: string; message: string }[] {
  if (kind === 'schedule') return scheduleDraftProblems(schedule)
  if (kind === 'chain' && chain.afterBotId === '') return [{ path: '/chain/afterBotId', message: 'Choose a bot.' }]
  return []
}
