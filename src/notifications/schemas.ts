import { Type } from 'typebox'
import { Id, nullable, PageQuery, page, Timestamp } from '../lib/schemas.ts'
import { CHANNEL_KINDS, EVENTS, NOTICE_STATES } from './notifications.ts'

const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })

const SETTINGS =
  'By kind. `email`: to (a list), from, smtpUrl*. `webhook`: url, secret*. `slack` and `discord`: url*. `telegram`: token*, ' +
  'chatId, server. `ntfy`: server, topic, token*. `ping`: url*. Those with a * are secret: written, and never shown again.'

export const Channel = Type.Object(
  {
    id: Id,
    name: Type.String(),
    kind: Type.Enum([...CHANNEL_KINDS]),
    settings: Type.Record(Type.String(), Type.Unknown(), { description: `Without those that are secret. ${SETTINGS}` }),
    secrets: Type.Array(Type.String(), { description: 'The names of the secret settings that it has.' }),
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  { $id: 'Channel', title: 'Channel', additionalProperties: false, description: 'A way to tell somebody something.' }
)
export const ChannelList = Type.Object({ items: Type.Array(Type.Ref('Channel')) }, { additionalProperties: false })
export const ChannelRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of a channel.' }) })

const GivenSettings = Type.Record(Type.String(), Type.Unknown(), { description: SETTINGS })

export const CreateChannel = Type.Object(
  { name: Name, kind: Type.Enum([...CHANNEL_KINDS]), settings: GivenSettings },
  { additionalProperties: false }
)
export const UpdateChannel = Type.Object(
  {
    name: Type.Optional(Name),
    settings: Type.Optional({
      ...GivenSettings,
      description: `Only what is given changes; null takes one away. ${SETTINGS}`
    })
  },
  { additionalProperties: false, minProperties: 1 }
)

export const TestResult = Type.Object(
  {
    delivered: Type.Boolean(),
    detail: Type.String({ description: 'What the other side answered, shortened, or why it did not.' })
  },
  { additionalProperties: false }
)

const MAX_MS = 365 * 24 * 3_600_000

const ruleFields = {
  name: Name,
  events: Type.Array(Type.Enum([...EVENTS]), {
    minItems: 1,
    uniqueItems: true,
    description:
      '`failed`: failed, timed out or lost, but not cancelled. `first_failure`: that, after a success or as the first. `recovered`: a success after a failure. `slot_missed`: a schedule did not start its bot. `long_running`: it has been running for `longRunningMs`.'
  }),
  channelIds: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 20, uniqueItems: true }),
  quietMs: Type.Integer({
    minimum: 0,
    maximum: MAX_MS,
    description:
      'So long after a notice about a bot no other of the same event is sent; the next says how many were not. A `ping` is always sent.'
  }),
  longRunningMs: nullable(
    Type.Integer({ minimum: 1000, maximum: MAX_MS, description: 'For the event `long_running`.' })
  ),
  logLines: Type.Integer({ minimum: 0, maximum: 20, description: 'Last lines of the log that are told.' }),
  enabled: Type.Boolean()
}

export const NotificationRule = Type.Object(
  {
    id: Id,
    botId: nullable(Type.String({ description: 'The bot it is for; null: all.' })),
    botSlug: nullable(Type.String()),
    botName: nullable(Type.String()),
    ...ruleFields,
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  { $id: 'NotificationRule', title: 'Notification rule', additionalProperties: false }
)
export const RuleList = Type.Object(
  { items: Type.Array(Type.Ref('NotificationRule')) },
  { additionalProperties: false }
)
export const RuleRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of a rule.' }) })

const bot = Type.Optional(
  nullable(Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug of the bot it is for; null: all.' }))
)

export const CreateRule = Type.Object(
  {
    name: ruleFields.name,
    events: ruleFields.events,
    channelIds: ruleFields.channelIds,
    bot,
    quietMs: Type.Optional({ ...ruleFields.quietMs, default: 0 }),
    longRunningMs: Type.Optional(ruleFields.longRunningMs),
    logLines: Type.Optional({ ...ruleFields.logLines, default: 0 }),
    enabled: Type.Optional({ ...ruleFields.enabled, default: true })
  },
  { additionalProperties: false }
)
export const UpdateRule = Type.Object(
  { ...Type.Partial(Type.Object(ruleFields)).properties, bot },
  { additionalProperties: false, minProperties: 1, description: 'Only what is given changes.' }
)

export const Notice = Type.Object(
  {
    id: Id,
    ruleId: nullable(Type.String({ description: 'Null once the rule has been deleted.' })),
    ruleName: nullable(Type.String()),
    channelId: Id,
    channelName: Type.String(),
    event: Type.Enum([...EVENTS]),
    title: Type.String({ description: 'What it says.' }),
    botId: nullable(Type.String()),
    executionId: nullable(Type.String()),
    at: Type.Integer({ description: 'When it happened: milliseconds since 1970, UTC.' }),
    state: Type.Enum([...NOTICE_STATES], {
      description: '`suppressed`: the rule was to be quiet by then. `failed`: it is given up.'
    }),
    tries: Type.Integer(),
    nextAt: nullable(Type.Integer({ description: 'When it is tried next, while it waits.' })),
    detail: nullable(Type.String({ description: 'What came of the last try.' })),
    createdAt: Timestamp,
    settledAt: nullable(Timestamp)
  },
  { $id: 'Notice', title: 'Notice', additionalProperties: false, description: 'Something a channel is told.' }
)
export const NoticePage = page(Type.Ref('Notice'))
export const NoticeRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of a notice.' }) })
export const NoticesQuery = Type.Object(
  {
    ...PageQuery.properties,
    state: Type.Optional(Type.Enum([...NOTICE_STATES])),
    channel: Type.Optional(Type.String({ maxLength: 64, description: 'Id of a channel.' })),
    rule: Type.Optional(Type.String({ maxLength: 64, description: 'Id of a rule.' }))
  },
  { additionalProperties: false }
)
