import { Type } from 'typebox'
import { cut } from '../text.ts'
import { Address, addressProblems } from './address.ts'
import { channelKind, post } from './kind.ts'

/** An embed has 6,000 characters at most: https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
const TITLE_CHARACTERS = 256
const VALUE_CHARACTERS = 300

const COLOURS = { good: 0x2e9e5b, bad: 0xd64545, plain: 0x6b7280 }

/** A webhook of Discord's. What is not ours stands in code, where nothing is a link, a mention or markup. */
export const discord = channelKind({
  settings: Type.Object({ url: Address('The webhook’s, as Discord shows it.') }, { additionalProperties: false }),
  secrets: ['url'],
  leadsTo: [],
  problems: addressProblems,
  request(message, { url }) {
    const { who, what, facts, log, at, tone } = message
    // An escaped character takes two: no escape is cut in two when the name is cut before.
    const title = `${escaped(cut(who, (TITLE_CHARACTERS - 60) / 2))} ${what}`
    const embed = {
      title,
      color: COLOURS[tone],
      timestamp: new Date(at).toISOString(),
      fields: facts.map(({ label, value }) => ({
        name: label,
        value: code(cut(value, VALUE_CHARACTERS - 2)),
        inline: true
      })),
      ...(message.url && { url: message.url }),
      ...(log.length > 0 && {
        description: `\`\`\`\n${withoutTicks(log.join('\n'))}\n\`\`\``
      })
    }
    return post(url, { embeds: [embed], allowed_mentions: { parse: [] } })
  }
})

/** All punctuation: Discord takes a backslash before any of it for an escape. */
const escaped = (value: string): string => value.replace(/[!-/:-@[-`{-~]/g, '\\$&')

const code = (value: string): string => `\`${withoutTicks(value)}\``

/** Nothing escapes a backtick in code; this one only looks like it. */
const withoutTicks = (value: string): string => value.replaceAll('`', 'ˋ')
