import type { Facts } from '../audit/audit.ts'
import type { Trigger } from './trigger.ts'

/** A trigger as the audit log keeps it. Its secret is not in it. */
export function triggerFacts(trigger: Trigger): Facts {
  const { name, kind, enabled, parameters, botSlug } = trigger
  return { bot: botSlug, name, kind, enabled, parameters, [kind]: trigger[kind] }
}

export function triggerSubject({ id, name }: Trigger): { type: 'trigger'; id: string; name: string } {
  return { type: 'trigger', id, name }
}
