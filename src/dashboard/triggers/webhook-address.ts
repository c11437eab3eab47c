import type { Trigger } from '../api/types'

/** Where deliveries of a webhook are to be sent: to the server as this page knows it. */
export const addressOf = (trigger: Trigger): string => new URL(trigger.webhook!.url, location.origin).href
