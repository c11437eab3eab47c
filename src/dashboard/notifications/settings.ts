import type { Channel } from '../api/types.ts'

export type ChannelKind = Channel['kind']

/** One setting of a channel as people fill it in. */
export interface Setting {
  name: string
  label: string
  hint: string
  /** Written, and never shown again. */
  secret?: true
  optional?: true
  /** Several, with commas between them. */
  list?: true
  placeholder?: string
  /** What the server says by a pattern, in words. */
  wrong?: string
}

const address = (hint: string): Setting => ({ name: 'url', label: 'Address', hint, secret: true })

/** What each kind of channel has to be told. */
export const settingsOf: Record<ChannelKind, Setting[]> = {
  email: [
    {
      name: 'to',
      label: 'To',
      hint: 'Up to 20 addresses, with commas between them.',
      list: true,
      placeholder: 'ada@example.com, grace@example.com',
      wrong: 'must be e-mail addresses, without names, with commas between them'
    },
    {
      name: 'from',
      label: 'From',
      hint: 'Left empty: as the server sends its mail (SMTP_FROM).',
      optional: true,
      placeholder: 'bots@example.com',
      wrong: 'must be an e-mail address'
    },
    {
      name: 'smtpUrl',
      label: 'Mail server',
      hint: 'Such as smtps://user:password@mail.example.com. Left empty: that of the server (SMTP_URL).',
      secret: true,
      optional: true
    }
  ],
  webhook: [
    {
      name: 'url',
      label: 'Address',
      hint: 'Where your program listens. It is told by POST.',
      placeholder: 'https://example.com/hook'
    },
    {
      name: 'secret',
      label: 'Secret',
      hint: 'Your program tells by it that it is this server. 24 to 64 bytes as base64.',
      secret: true
    }
  ],
  slack: [address('In Slack: Your apps, Incoming Webhooks, Add New Webhook. Chats that take the same take it, too.')],
  discord: [address('In Discord: Edit Channel, Integrations, Webhooks, Copy Webhook URL.')],
  telegram: [
    {
      name: 'token',
      label: 'Token of the bot',
      hint: 'BotFather gives it to you when you make a bot there.',
      secret: true,
      wrong: 'must be as BotFather shows it: digits, a colon, and letters'
    },
    {
      name: 'chatId',
      label: 'Chat',
      hint: 'The number of a chat that the bot was added to, or the @name of a public channel.',
      placeholder: '-1001234567890',
      wrong: 'must be a number, or a name that begins with @'
    },
    {
      name: 'server',
      label: 'Server',
      hint: 'Left empty: https://api.telegram.org. Whoever changes it gives the token again.',
      optional: true
    }
  ],
  ntfy: [
    {
      name: 'topic',
      label: 'Topic',
      hint: 'At ntfy.sh whoever knows its name can read it: take one that nobody guesses.',
      placeholder: 'my-bots-1f9c',
      wrong: 'must be letters, digits, - and _, 64 at most'
    },
    {
      name: 'server',
      label: 'Server',
      hint: 'Left empty: https://ntfy.sh. Whoever changes it gives the token again.',
      optional: true
    },
    {
      name: 'token',
      label: 'Token',
      hint: 'For a topic that is not open to all.',
      secret: true,
      optional: true,
      wrong: 'must be up to 200 characters without blanks'
    }
  ],
  ping: [address('Is asked for after each success, and with /fail behind it after each failure that a rule has.')]
}
