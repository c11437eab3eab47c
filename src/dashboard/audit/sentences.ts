import type { AuditEntry } from '../api/types.ts'

export type Action = AuditEntry['action']

/** What was done, as the end of a sentence that begins with who did it. `name` is set off from the words around it. */
export interface Sentence {
  before: string
  name: string
  after: string
}

/** Who is one's own doer of what is done about accounts and sessions needs no second name. */
const isOwn = ({ actor, subject }: AuditEntry): boolean => actor.name === subject.name

const own =
  (mine: string, others: string) =>
  (entry: AuditEntry): string =>
    isOwn(entry) ? mine : others

/** `*` stands for the name of what it was done to. */
const words: Record<Action, string | ((entry: AuditEntry) => string)> = {
  'artifact.shared': 'made a link to an artifact of *',
  'automation.disabled': 'switched all automation off',
  'automation.enabled': 'switched automation on',
  'bot.created': 'made the bot *',
  'bot.changed': 'changed the bot *',
  'bot.deleted': 'deleted the bot *',
  'bot.tried': 'tried the bot * without saving it',
  'delivery.replayed': 'had deliveries to * start their bot again',
  'channel.created': 'made the channel *',
  'channel.changed': 'changed the channel *',
  'channel.deleted': 'deleted the channel *',
  'execution.cancelled': 'cancelled an execution of *',
  'execution.typed': 'typed to an execution of *',
  'machine.drained': 'drained the machine',
  'machine.resumed': 'let the machine run things again',
  'machine.restored': 'was restored from a backup',
  'backup.made': 'had a backup made',
  'backup.downloaded': 'downloaded a backup',
  'notification_rule.created': 'made the notification rule *',
  'notification_rule.changed': 'changed the notification rule *',
  'notification_rule.deleted': 'deleted the notification rule *',
  'secret.created': 'added the secret *',
  'secret.changed': 'changed the secret *',
  'secret.deleted': 'deleted the secret *',
  'session.began': ({ after }) => {
    if (after?.code === 'recovery') return 'signed in with a recovery code'
    return after?.means === 'provider' ? 'signed in with the provider' : 'signed in'
  },
  'session.refused': entry => {
    const { after } = entry
    if (after?.means === 'provider') return 'came from the provider to * and was not let in'
    // Somebody who is signed in was asked for it once more.
    if (isOwn(entry)) return 'gave a wrong password of their own'
    if (after?.wrong === 'account_disabled') return 'tried to sign in as *, whose account is disabled'
    return `tried to sign in as * with a wrong ${after?.wrong === 'code' ? 'code' : 'password'}`
  },
  'session.ended': entry => {
    if (entry.after?.signedOut) return 'signed out'
    const count = Number(entry.after?.count ?? 1)
    const sessions = count === 1 ? 'a session' : `${count} sessions`
    return isOwn(entry) ? `ended ${sessions} of their own` : `ended ${sessions} of *`
  },
  'session.stolen': 'had a session ended: its refresh token was used twice, and may have been stolen',
  'token.created': 'made the token *',
  'token.revoked': 'revoked the token *',
  'trigger.created': 'made the trigger *',
  'trigger.changed': 'changed the trigger *',
  'trigger.deleted': 'deleted the trigger *',
  'user.created': own('made the first account', 'made the account *'),
  'user.invited': 'invited *',
  'user.changed': entry => {
    const { disabled, role, email } = entry.after ?? {}
    const whom = isOwn(entry) ? 'themselves' : '*'
    const account = isOwn(entry) ? 'their own account' : 'the account *'
    if (disabled !== undefined) return `${disabled ? 'disabled' : 'enabled'} ${account}`
    if (typeof role === 'string')
      return `made ${whom} ${{ viewer: 'a viewer', operator: 'an operator' }[role] ?? 'an administrator'}`
    if (email !== undefined) return `changed the address of ${whom}`
    return `changed ${account}`
  },
  'user.deleted': own('deleted their own account', 'deleted the account *'),
  'user.password_set': own('chose a password', 'chose a password for *'),
  'user.password_reset': own('made a link to choose a new password', 'made a link for * to choose a new password'),
  'user.totp_enabled': own('added a second factor', 'added a second factor to *'),
  'user.totp_disabled': own('removed their second factor', 'removed the second factor of *'),
  'user.identity_linked': own('connected their account with the provider', 'connected * with the provider'),
  'user.identity_unlinked': own('disconnected their account from the provider', 'disconnected * from the provider')
}

/** What happened, in plain words. */
export function sentenceOf(entry: AuditEntry): Sentence {
  const said = words[entry.action]
  const [before, after] = (typeof said === 'string' ? said : said(entry)).split('*')
  return after === undefined
    ? { before: before!, name: '', after: '' }
    : { before: before!, name: entry.subject.name, after }
}

/** What each kind of entry is called in a list to choose from. */
export const actionWords: Record<Action, string> = {
  'artifact.shared': 'Artifact shared',
  'automation.disabled': 'Automation off',
  'automation.enabled': 'Automation on',
  'bot.created': 'Bot made',
  'bot.changed': 'Bot changed',
  'bot.deleted': 'Bot deleted',
  'bot.tried': 'Bot tried',
  'delivery.replayed': 'Delivery replayed',
  'channel.created': 'Channel made',
  'channel.changed': 'Channel changed',
  'channel.deleted': 'Channel deleted',
  'execution.cancelled': 'Execution cancelled',
  'execution.typed': 'Input typed',
  'machine.drained': 'Machine drained',
  'machine.resumed': 'Machine resumed',
  'machine.restored': 'Restored from a backup',
  'backup.made': 'Backup made',
  'backup.downloaded': 'Backup downloaded',
  'notification_rule.created': 'Notification rule made',
  'notification_rule.changed': 'Notification rule changed',
  'notification_rule.deleted': 'Notification rule deleted',
  'secret.created': 'Secret added',
  'secret.changed': 'Secret changed',
  'secret.deleted': 'Secret deleted',
  'session.began': 'Signed in',
  'session.refused': 'Sign-in refused',
  'session.ended': 'Session ended',
  'session.stolen': 'Session stolen',
  'token.created': 'Token made',
  'token.revoked': 'Token revoked',
  'trigger.created': 'Trigger made',
  'trigger.changed': 'Trigger changed',
  'trigger.deleted': 'Trigger deleted',
  'user.created': 'First account made',
  'user.invited': 'Somebody invited',
  'user.changed': 'Account changed',
  'user.deleted': 'Account deleted',
  'user.password_set': 'Password chosen',
  'user.password_reset': 'Link for a password made',
  'user.totp_enabled': 'Second factor added',
  'user.totp_disabled': 'Second factor removed',
  'user.identity_linked': 'Connected with the provider',
  'user.identity_unlinked': 'Disconnected from the provider'
}
