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
  'bot.created': 'made the bot *',
  'bot.changed': 'changed the bot *',
  'bot.deleted': 'deleted the bot *',
  'bot.tried': 'tried the bot * without saving it',
  'execution.cancelled': 'cancelled an execution of *',
  'execution.typed': 'typed to an execution of *',
  'machine.drained': 'drained the machine',
  'machine.resumed': 'let the machine run things again',
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
    return `tried to sign in as * with a wrong ${after?.wrong === 'code' ? 'code' : 'password'}`
  },
  'session.ended': entry => {
    const count = Number(entry.after?.count ?? 1)
    const sessions = count === 1 ? 'a session' : `${count} sessions`
    return isOwn(entry) ? `ended ${sessions} of their own` : `ended ${sessions} of *`
  },
  'session.stolen': 'had a session ended: its refresh token was used twice, and may have been stolen',
  'token.created': 'made the token *',
  'token.revoked': 'revoked the token *',
  'user.created': own('made the first account', 'made the account *'),
  'user.invited': 'invited *',
  'user.changed': own('changed their own account', 'changed the account *'),
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
  'bot.created': 'Bot made',
  'bot.changed': 'Bot changed',
  'bot.deleted': 'Bot deleted',
  'bot.tried': 'Bot tried',
  'execution.cancelled': 'Execution cancelled',
  'execution.typed': 'Input typed',
  'machine.drained': 'Machine drained',
  'machine.resumed': 'Machine resumed',
  'secret.created': 'Secret added',
  'secret.changed': 'Secret changed',
  'secret.deleted': 'Secret deleted',
  'session.began': 'Signed in',
  'session.refused': 'Sign-in refused',
  'session.ended': 'Session ended',
  'session.stolen': 'Session stolen',
  'token.created': 'Token made',
  'token.revoked': 'Token revoked',
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
