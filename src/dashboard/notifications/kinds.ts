import { BellRing, Hash, HeartPulse, Mail, MessagesSquare, Send, Webhook } from '@lucide/vue'
import type { Component } from 'vue'
import type { ChannelKind } from './settings'

/** How each kind of channel is called, and what it is good for. */
export const kinds: Record<ChannelKind, { word: string; icon: Component; use: string }> = {
  email: { word: 'E-mail', icon: Mail, use: 'A mail to one or several people.' },
  slack: { word: 'Slack', icon: Hash, use: 'A message in a channel of Slack.' },
  discord: { word: 'Discord', icon: MessagesSquare, use: 'A message in a channel of Discord.' },
  telegram: { word: 'Telegram', icon: Send, use: 'A message of a bot of yours in Telegram.' },
  ntfy: { word: 'ntfy', icon: BellRing, use: 'A push notification on a phone or a desktop.' },
  webhook: { word: 'Webhook', icon: Webhook, use: 'A signed request to a program of yours.' },
  ping: {
    word: 'Dead man’s switch',
    icon: HeartPulse,
    use: 'Somebody else, such as Healthchecks, raises the alarm when this server has not been heard of for too long.'
  }
}
