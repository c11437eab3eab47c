import { Type } from 'typebox'
import { linesOf, titleOf } from '../message.ts'
import { cutBytes } from '../text.ts'
import { addressProblems } from './address.ts'
import { channelKind, post } from './kind.ts'

/** A longer one would arrive as a file: https://docs.ntfy.sh/publish/#limitations has 4,096. */
const MESSAGE_BYTES = 4000

/** As https://docs.ntfy.sh/publish/#message-priority has them. */
const PRIORITIES = { good: 3, bad: 4, plain: 3 }
const TAGS = { good: 'white_check_mark', bad: 'x', plain: 'information_source' }

/** A topic of ntfy.sh, or of an ntfy of one's own. It shows text as it is. */
export const ntfy = channelKind({
  settings: Type.Object(
    {
      server: Type.String({ default: 'https://ntfy.sh', maxLength: 2000, description: 'Where it runs.' }),
      topic: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
      token: Type.Optional(
        Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$', description: 'For a topic that is not open to all.' })
      )
    },
    { additionalProperties: false }
  ),
  secrets: ['token'],
  leadsTo: ['server'],
  problems: ({ server }) => addressProblems({ server }),
  request(message, { server, topic, token }) {
    const { tone, url } = message
    const text = linesOf({ ...message, url: null }).join('\n')
    return post(
      `${server.replace(/\/+$/, '')}/`,
      {
        topic,
        title: titleOf(message),
        message: cutBytes(text, MESSAGE_BYTES) || titleOf(message),
        priority: PRIORITIES[tone],
        tags: [TAGS[tone]],
        ...(url && { click: url })
      },
      token === undefined ? {} : { authorization: `Bearer ${token}` }
    )
  }
})
