import type {
  Automation,
  Bot,
  Channel,
  Delivery,
  Execution,
  Machine,
  Notice,
  NotificationRule,
  Trigger
} from '../api/types'

/** What the server says of a log that grows: the bytes from `from` to `to`, the first of them in line `line`. */
export interface LogGrew {
  executionId: string
  attempt: number
  from: number
  to: number
  line: number
  lineCount: number
  /** When it was published, in milliseconds; null when unknown. */
  at: number | null
  /** Null when it is much: whoever needs it reads it. */
  text: string | null
}

/** An event as the server sent it. */
export type ServerEvent =
  | { type: 'bot.changed'; data: Bot }
  | { type: 'bot.deleted'; data: { id: string; slug: string } }
  | { type: 'execution.changed'; data: Execution }
  | { type: 'machine.changed'; data: Pick<Machine, 'draining' | 'stopsBy' | 'disk'> }
  | { type: 'automation.changed'; data: Automation }
  | { type: 'trigger.changed'; data: Trigger }
  | { type: 'trigger.deleted'; data: { id: string; botId: string } }
  | { type: 'delivery.received'; data: Delivery }
  | { type: 'channel.changed'; data: Channel }
  | { type: 'channel.deleted'; data: { id: string } }
  | { type: 'notification_rule.changed'; data: NotificationRule }
  | { type: 'notification_rule.deleted'; data: { id: string } }
  | { type: 'notice.changed'; data: Notice }
  | { type: 'secrets.changed'; data: { names: string[] } }
  | { type: 'log.grew'; data: LogGrew }

/** How the browser stands with the server. `retryAt` is the time of the next try, in milliseconds. */
export type LinkStatus =
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'offline'; retryAt: number }
  | { kind: 'signed-out' }

/** From a tab to whoever holds the stream for all tabs. */
export type ToLink =
  /** All that it shows; said again and again, as a tab that crashed says nothing and is forgotten. */
  | { kind: 'topics'; topics: string[] }
  /** Try again now: somebody signed in, or pressed the button. */
  | { kind: 'retry' }
  | { kind: 'bye' }

/** From there to a tab. */
export type FromLink =
  | { kind: 'status'; status: LinkStatus }
  | { kind: 'event'; event: ServerEvent }
  /** Something may have been missed: read anew what is shown. */
  | { kind: 'resync' }
