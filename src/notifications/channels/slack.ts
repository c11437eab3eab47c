import { Type } from 'typebox'
import { titleOf } from '../message.ts'
import { Address, addressProblems } from './address.ts'
import { channelKind, post } from './kind.ts'

/**
 * An incoming webhook of Slack's. In rich text only what says that it is a link or a mention is one; `text` is for
 * notifications and for other chats that take the same, and has what means something in it escaped.
 */
export const slack = channelKind({
  settings: Type.Object({ url: Address('The webhook’s, as Slack shows it.') }, { additionalProperties: false }),
  secrets: ['url'],
  leadsTo: [],
  problems: addressProblems,
  request(message, { url }) {
    const { who, what, facts, log } = message
    const lines = facts.flatMap(({ label, value }) => [text(`\n${label}: `), text(value)])
    const link = message.url ? [text('\n'), { type: 'link', url: message.url, text: 'Open in Botyard' }] : []
    const section = [text(`${who} ${what}`, { bold: true }), ...lines, ...link]
    const elements: object[] = [{ type: 'rich_text_section', elements: section }]
    if (log.length > 0) elements.push({ type: 'rich_text_preformatted', elements: [text(log.join('\n'))] })
    return post(url, {
      text: escaped(titleOf(message)),
      unfurl_links: false,
      unfurl_media: false,
      blocks: [{ type: 'rich_text', elements }]
    })
  }
})

const text = (value: string, style?: { bold: true }) => ({ type: 'text', text: value, ...(style && { style }) })

/** https://docs.slack.dev/messaging/formatting-message-text: these three. Chats like it know @channel as well. */
function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//')
}
