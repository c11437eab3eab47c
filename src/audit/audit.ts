import { isDeepStrictEqual } from 'node:util'

/** Who does something. The names are kept as they are at the time: people and tokens come and go. */
export interface Actor {
  /** `token`: a program with a token of that user's. `server`: the settings it was started with, or itself. */
  kind: 'user' | 'token' | 'server'
  /** The user's, or the token's; null for the server. */
  id: string | null
  name: string
  /** Where it was asked from; null for the server. */
  address: string | null
}

export const SERVER: Actor = { kind: 'server', id: null, name: 'Botyard', address: null }

/** What was done to what: what holds no secret of it, before and after. Null where there was or is nothing. */
export interface Change {
  actor: Actor
  /** A noun and what became of it, such as `bot.deleted`. */
  action: Action
  subject: { type: SubjectType; id: string | null; name: string }
  before?: Facts | null
  after?: Facts | null
}

export type Facts = Record<string, unknown>

export const SUBJECT_TYPES = [
  'automation',
  'bot',
  'channel',
  'execution',
  'machine',
  'notification_rule',
  'secret',
  'session',
  'token',
  'trigger',
  'user'
] as const
export type SubjectType = (typeof SUBJECT_TYPES)[number]

export const ACTIONS = [
  'artifact.shared',
  'automation.disabled',
  'automation.enabled',
  'bot.created',
  'bot.changed',
  'bot.deleted',
  'bot.tried',
  'delivery.replayed',
  'channel.created',
  'channel.changed',
  'channel.deleted',
  'execution.cancelled',
  'execution.typed',
  'machine.drained',
  'machine.resumed',
  'machine.restored',
  'backup.made',
  'backup.downloaded',
  'notification_rule.created',
  'notification_rule.changed',
  'notification_rule.deleted',
  'secret.created',
  'secret.changed',
  'secret.deleted',
  'session.began',
  'session.refused',
  'session.ended',
  'session.stolen',
  'token.created',
  'token.revoked',
  'trigger.created',
  'trigger.changed',
  'trigger.deleted',
  'user.created',
  'user.invited',
  'user.changed',
  'user.deleted',
  'user.password_set',
  'user.password_reset',
  'user.totp_enabled',
  'user.totp_disabled',
  'user.identity_linked',
  'user.identity_unlinked'
] as const
export type Action = (typeof ACTIONS)[number]

/** Of two states of one thing only what differs. Values that may be secret are given as {@link concealed}. */
export function difference(before: Facts, after: Facts): { before: Facts; after: Facts } {
  const names = Object.keys(after).filter(name => !isDeepStrictEqual(before[name], after[name]))
  const only = (facts: Facts) => Object.fromEntries(names.map(name => [name, facts[name]]))
  return { before: only(before), after: only(after) }
}
