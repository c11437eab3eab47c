/**
 * A rule says of which bots and events somebody wants to hear, and by which channels. What fires (`./firing.ts`) becomes a
 * notice for each channel, kept until the channel has taken it (`./outbox.ts`).
 */
export const EVENTS = ['failed', 'first_failure', 'recovered', 'succeeded', 'slot_missed', 'long_running'] as const
export type NotificationEvent = (typeof EVENTS)[number]

export const CHANNEL_KINDS = ['email', 'webhook', 'slack', 'discord', 'telegram', 'ntfy', 'ping'] as const
export type ChannelKindName = (typeof CHANNEL_KINDS)[number]

/**
 *   waiting     to be sent at once, or again after a failure
 *   sent        the channel has taken it
 *   failed      the channel will not take it, or has not for a day
 *   suppressed  the rule was to be quiet about its bot by then; the next that is sent says how many there were
 */
export const NOTICE_STATES = ['waiting', 'sent', 'failed', 'suppressed'] as const
export type NoticeState = (typeof NOTICE_STATES)[number]

export interface Rule {
  id: string
  name: string
  events: NotificationEvent[]
  /** Null: all bots. */
  botId: string | null
  channelIds: string[]
  /** So long after a notice about a bot no other of the same event is sent. */
  quietMs: number
  /** From when on an execution runs for long; null while the rule does not want to know. */
  longRunningMs: number | null
  /** How many of the last lines of the log are told. */
  logLines: number
  enabled: boolean
  createdAt: number
  updatedAt: number
}
