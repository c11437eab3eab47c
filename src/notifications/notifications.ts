import type { Static } from 'typebox'
import type * as schemas from './schemas.ts'

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

export type Channel = Static<typeof schemas.Channel>
export type Rule = Static<typeof schemas.NotificationRule>
export type Notice = Static<typeof schemas.Notice>
export type CreateChannel = Static<typeof schemas.CreateChannel>
export type UpdateChannel = Static<typeof schemas.UpdateChannel>
export type CreateRule = Static<typeof schemas.CreateRule>
export type UpdateRule = Static<typeof schemas.UpdateRule>
