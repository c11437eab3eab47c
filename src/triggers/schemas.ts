import { type Static, Type } from 'typebox'
import { Id, nullable, PageQuery, page, Timestamp } from '../lib/schemas.ts'
import { GivenWebhook, Webhook } from '../webhooks/schemas.ts'
import { CHAIN_ON, TRIGGER_KINDS } from './kinds.ts'

const MAX_MS = 2 ** 48 - 1
const Instant = Type.Integer({ minimum: 0, maximum: MAX_MS, description: 'Milliseconds since 1970, UTC.' })

export const Schedule = Type.Object(
  {
    cron: nullable(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Five fields, or six with seconds first; names of months and days; `@daily` and the like.'
      })
    ),
    everyMs: nullable(
      Type.Integer({
        minimum: 1000,
        maximum: MAX_MS,
        description: 'Every so many milliseconds, counted from `startAt`.'
      })
    ),
    at: nullable({ ...Instant, description: 'Once, at this instant.' }),
    timezone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA name, such as Europe/Berlin.' }),
    startAt: nullable(Instant),
    endAt: nullable(Instant),
    exclude: Type.Array(Type.String({ format: 'date' }), {
      maxItems: 200,
      uniqueItems: true,
      description: 'Dates in `timezone` on which it does not run.'
    }),
    jitterMs: Type.Integer({
      minimum: 0,
      maximum: 24 * 3_600_000,
      description: 'Each slot begins up to so much later, by chance.'
    }),
    missed: Type.Enum(['skip', 'latest', 'all'], {
      description: 'What becomes of slots that passed while no server ran: none is made up for, the latest is, all are.'
    }),
    maxAgeMs: Type.Integer({
      minimum: 0,
      maximum: MAX_MS,
      description: 'What was missed longer ago is not made up for.'
    }),
    spreadMs: Type.Integer({ minimum: 0, maximum: MAX_MS, description: 'What is made up for is spread over so long.' })
  },
  { additionalProperties: false }
)

export const Chain = Type.Object(
  {
    afterBotId: Type.String({ maxLength: 64, description: 'The bot it comes after.' }),
    on: Type.Enum([...CHAIN_ON], {
      description: '`failed`: failed, timed out or lost. `any`: these, succeeded and cancelled; never what was skipped.'
    })
  },
  { additionalProperties: false }
)

const fields = {
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  enabled: Type.Boolean(),
  parameters: Type.Record(Type.String(), Type.Unknown(), { description: 'What it starts the bot with.' })
}

export const Trigger = Type.Object(
  {
    id: Id,
    botId: Id,
    botSlug: Type.String(),
    botName: Type.String(),
    kind: Type.Enum([...TRIGGER_KINDS]),
    ...fields,
    schedule: Type.Union([Schedule, Type.Null()]),
    webhook: Type.Union([Webhook, Type.Null()]),
    chain: Type.Union([Chain, Type.Null()]),
    nextAt: nullable(Type.Integer({ description: 'When a schedule is due next; null when it is not.' })),
    createdAt: Timestamp,
    updatedAt: Timestamp
  },
  { $id: 'Trigger', title: 'Trigger', additionalProperties: false }
)

const given = {
  schedule: Type.Optional(Type.Partial(Schedule, { additionalProperties: false })),
  webhook: Type.Optional(GivenWebhook),
  chain: Type.Optional(Type.Partial(Chain, { additionalProperties: false }))
}

export const CreateTrigger = Type.Object(
  {
    bot: Type.String({ maxLength: 64, description: 'Id or slug of the bot it starts.' }),
    kind: Type.Enum([...TRIGGER_KINDS]),
    name: fields.name,
    enabled: Type.Optional({ ...fields.enabled, default: true }),
    parameters: Type.Optional({ ...fields.parameters, default: {} }),
    ...given
  },
  { additionalProperties: false, description: 'With the settings of its kind, under the name of its kind.' }
)

export const UpdateTrigger = Type.Object(
  { ...Type.Partial(Type.Object(fields)).properties, ...given },
  { additionalProperties: false, minProperties: 1, description: 'Only what is given changes.' }
)

export type GivenSettings = Pick<Static<typeof CreateTrigger>, 'schedule' | 'webhook' | 'chain'>

export const TriggerRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of a trigger.' }) })
export const TriggersQuery = Type.Object(
  {
    ...PageQuery.properties,
    bot: Type.Optional(Type.String({ maxLength: 64, description: 'Id or slug of a bot.' })),
    kind: Type.Optional(Type.Enum([...TRIGGER_KINDS]))
  },
  { additionalProperties: false }
)
export const TriggerPage = page(Type.Ref('Trigger'))
