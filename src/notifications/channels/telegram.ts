import { Type } from 'typebox'
import { cut, escapeHtml } from '../text.ts'
import { addressProblems } from './address.ts'
import { channelKind, post } from './kind.ts'

/** A message has at most 4,096 characters, when its markup is taken away. */
const VALUE_CHARACTERS = 200

/** A bot of Telegram's. What is not ours stands in code: outside of it a bare name or word can become a link or a mention. */
export const telegram = channelKind({
  settings: Type.Object(
    {
      token: Type.String({ pattern: '^[0-9]{1,20}:[A-Za-z0-9_-]{20,100}$', description: 'The bot’s, from BotFather.' }),
      chatId: Type.String({
        pattern: '^(-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64})$',
        description: 'The number of a chat with the bot in it, or the @name of a public channel.'
      }),
      server: Type.String({
        default: 'https://api.telegram.org',
        maxLength: 2000,
        description: 'Another one, for who runs a Bot API server himself.'
      })
    },
    { additionalProperties: false }
  ),
  secrets: ['token'],
  leadsTo: ['server'],
  problems: ({ server }) => addressProblems({ server }),
  request({ who, what, facts, log, url }, { token, chatId, server }) {
    const lines = [
      `${code(who)} <b>${escapeHtml(what)}</b>`,
      ...facts.map(({ label, value }) => `${escapeHtml(label)}: ${code(cut(value, VALUE_CHARACTERS))}`),
      ...(log.length > 0 ? [`<pre>${escapeHtml(log.join('\n'))}</pre>`] : []),
      ...(url ? [`<a href="${escapeHtml(url)}">Open in Botyard</a>`] : [])
    ]
    return post(`${server.replace(/\/+$/, '')}/bot${token}/sendMessage`, {
      chat_id: chatId,
      text: lines.join('\n'),
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true }
    })
  }
})

const code = (value: string): string => `<code>${escapeHtml(value)}</code>`
