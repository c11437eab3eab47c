import { CalendarClock, Link2, Webhook as WebhookIcon } from '@lucide/vue'
import type { Component } from 'vue'
import { inWords } from '../../triggers/words.ts'
import type { Chain, Trigger, Webhook } from '../api/types'

/** How each kind of trigger is called, and what it is good for. */
export const kinds: Record<Trigger['kind'], { word: string; icon: Component; use: string }> = {
  schedule: { word: 'Schedule', icon: CalendarClock, use: 'At times you say: every morning, every ten minutes, once.' },
  webhook: {
    word: 'Webhook',
    icon: WebhookIcon,
    use: 'When GitHub, GitLab, Slack or another service says that something happened.'
  },
  chain: { word: 'Chain', icon: Link2, use: 'After another bot, with what that has left.' }
}

/** After which ends of the bot before it a chain goes on, as the end of a sentence. */
export const chainEnds: Record<Chain['on'], string> = {
  succeeded: 'has succeeded',
  failed: 'has failed, timed out or was lost',
  any: 'has ended, however'
}

export const verifications: Record<Webhook['verification'], { word: string; sentence: string }> = {
  github: { word: 'GitHub', sentence: 'Signed as GitHub, Gitea and Forgejo do' },
  gitlab: { word: 'GitLab', sentence: 'With the secret token of GitLab' },
  standard: { word: 'Standard Webhooks', sentence: 'Signed by Standard Webhooks' },
  hmac: { word: 'Another signature', sentence: 'Signed with an HMAC' },
  none: { word: 'No signature', sentence: 'From whoever knows the address' }
}

/** When a trigger starts its bot, in a sentence. `before`: what the bot before a chain is called. */
export function sentenceOf(trigger: Trigger, before: string): string {
  if (trigger.schedule) return inWords(trigger.schedule)
  if (trigger.chain) return `After ${before} ${chainEnds[trigger.chain.on]}.`
  const { verification, filters } = trigger.webhook!
  return `${verifications[verification].sentence}${filtersInWords(filters)}.`
}

function filtersInWords({ match, rules }: Webhook['filters']): string {
  if (rules.length === 0) return ''
  if (rules.length === 1) return ', where its filter fits'
  return match === 'all' ? `, where all of ${rules.length} filters fit` : `, where any of ${rules.length} filters fits`
}

/** What is to be done at the sender's. */
export const setUpWords: Record<Webhook['verification'], string> = {
  github:
    'At GitHub: Settings, Webhooks, Add webhook; content type application/json, with the address and the secret. Gitea and Forgejo sign alike.',
  gitlab: 'At GitLab: Settings, Webhooks, Add new webhook, with the address as URL and the secret as secret token.',
  standard:
    'For senders that follow standardwebhooks.com. They give you the secret, or take this one; it begins with whsec_.',
  hmac: 'For senders with a signature of their own, such as Slack, Stripe, Shopify or Linear: their documentation says how.',
  none: 'Whoever knows the address can start the bot, with any payload. Take this only where the sender cannot sign, and keep the address to yourself.'
}
