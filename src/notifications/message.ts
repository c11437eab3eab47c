import type { NotificationEvent } from './notifications.ts'
import { plainLine } from './text.ts'

/** What is said of something that happened, by whatever channel. No text in it has line breaks or control characters. */
export interface Message {
  event: NotificationEvent | 'test'
  /** When it happened. */
  at: number
  tone: 'good' | 'bad' | 'plain'
  /** Whom it is about: the bot's name, which may be anything. */
  who: string
  /** What goes on behind that, in our words: `failed`. */
  what: string
  facts: { label: string; value: string }[]
  /** The last lines of the log. */
  log: string[]
  /** The page to look at; null while nobody has said where people reach the server. */
  url: string | null
  /** The same for programs. */
  data: Record<string, unknown>
}

/** What a channel is tried with. */
export function testMessage(channel: string, at: number, url: string | null): Message {
  return {
    event: 'test',
    at,
    tone: 'plain',
    who: 'Botyard',
    what: 'is trying this channel',
    facts: [{ label: 'Channel', value: plainLine(channel) }],
    log: [],
    url,
    data: { channel, url }
  }
}

/** In one line, for where nothing in it means anything but itself. */
export const titleOf = (message: Message): string => `${message.who} ${message.what}`

/** As plain text, below the title. */
export function linesOf(message: Message): string[] {
  return [
    ...message.facts.map(({ label, value }) => `${label}: ${value}`),
    ...(message.log.length > 0 ? ['', ...message.log] : []),
    ...(message.url ? ['', message.url] : [])
  ]
}
