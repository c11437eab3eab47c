import type { Static } from 'typebox'
import type { Facts } from '../audit/audit.ts'
import type * as schemas from './schemas.ts'

/** Why a bot runs when nobody starts it: a schedule, a webhook, or another bot that has ended. */
export type Trigger = Static<typeof schemas.Trigger>
export type CreateTrigger = Static<typeof schemas.CreateTrigger>
export type UpdateTrigger = Static<typeof schemas.UpdateTrigger>
export type Schedule = Static<typeof schemas.Schedule>
export type Webhook = Static<typeof schemas.Webhook>
export type Chain = Static<typeof schemas.Chain>

/** A trigger as the audit log keeps it. Its secret is not in it. */
export function triggerFacts(trigger: Trigger): Facts {
  const { name, kind, enabled, parameters, botSlug } = trigger
  return { bot: botSlug, name, kind, enabled, parameters, [kind]: trigger[kind] }
}

export function triggerSubject({ id, name }: Trigger): { type: 'trigger'; id: string; name: string } {
  return { type: 'trigger', id, name }
}
