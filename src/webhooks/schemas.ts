import { Type } from 'typebox'
import { Id, nullable, PageQuery, page, Timestamp } from '../lib/schemas.ts'
import { VERDICTS } from './verdicts.ts'

const path = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'JSONPath (RFC 9535) into `{ payload, headers, query }`, such as `$.payload.action`.'
})

const header = (description: string) =>
  nullable(Type.String({ maxLength: 100, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", description }))

const prefix = (description: string) => nullable(Type.String({ maxLength: 100, description }))

/** What may be set of a webhook, its secret apart. */
export const webhookFields = {
  verification: Type.Enum(['github', 'standard', 'gitlab', 'hmac', 'none'], {
    description:
      'How it is found out who sent something. `none`: whoever knows the address is believed; it has to be said in as many words.'
  }),
  header: header('Of `hmac`: the header with the signature. It and what follows are null for the others.'),
  algorithm: nullable(Type.Enum(['sha1', 'sha256', 'sha512'], { description: 'sha256 unless given.' })),
  prefix: prefix(
    'What stands before the signature, such as `sha256=`. Of a list with commas, what begins with it counts.'
  ),
  encoding: nullable(Type.Enum(['hex', 'base64', 'base64url'], { description: 'hex unless given.' })),
  signed: nullable(
    Type.String({
      maxLength: 200,
      description:
        'What is signed: `{body}` unless given, `{timestamp}` where the time is signed too: `v0:{timestamp}:{body}`.'
    })
  ),
  timestampHeader: header(
    'The header with the time it was signed at, in seconds since 1970: within five minutes of now.'
  ),
  timestampPrefix: prefix('What stands before the time, where it is one of a list: `t=`.'),
  deliveryHeader: header("The header with the sender's own id of what it sends, by which a repeat is known."),
  filters: Type.Object(
    {
      match: Type.Enum(['all', 'any']),
      rules: Type.Array(
        Type.Object(
          {
            path,
            op: Type.Enum(['equals', 'matches', 'exists']),
            value: Type.Optional(
              Type.Unknown({
                description: 'What `equals` compares with; the pattern (syntax of RE2) that `matches` looks for.'
              })
            )
          },
          { additionalProperties: false }
        ),
        { maxItems: 50 }
      )
    },
    { additionalProperties: false, description: 'Which deliveries start the bot; without rules all do.' }
  ),
  map: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), path, {
    maxProperties: 100,
    description: 'Parameters of the bot and where their values are found; where nothing is found, none is given.'
  })
}

export const Webhook = Type.Object(
  {
    ...webhookFields,
    hasSecret: Type.Boolean(),
    url: Type.String({ description: "Where to send, below this server's address." })
  },
  { additionalProperties: false }
)

export const GivenWebhook = Type.Object(
  {
    ...Type.Partial(Type.Object(webhookFields)).properties,
    secret: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description:
          'Written and never shown again. Several, of which any will do, are separated by blanks or line breaks: add the new one, ' +
          'give it to the sender, then leave the old one out.'
      })
    )
  },
  { additionalProperties: false }
)

export const Delivery = Type.Object(
  {
    id: Id,
    triggerId: Id,
    key: nullable(Type.String({ description: "The sender's own id of it; null when it has none." })),
    receivedAt: Timestamp,
    address: Type.String({ description: 'Where it came from.' }),
    verified: Type.Boolean({
      description: 'Whether it came from who has the secret. What did not starts nothing, ever.'
    }),
    verdict: Type.Enum([...VERDICTS]),
    detail: nullable(Type.String({ description: 'What was wrong, or why it started nothing.' })),
    bodyBytes: Type.Integer(),
    executionId: nullable(Type.String({ description: 'What it started.' })),
    replayOf: nullable(Type.String({ description: 'The delivery that somebody had started again.' })),
    repeatOf: nullable(Type.String({ description: 'The delivery that the sender sent again.' }))
  },
  { $id: 'Delivery', title: 'Delivery', additionalProperties: false }
)
export const DeliveryPage = page(Type.Ref('Delivery'))

export const DeliveryDetail = Type.Object(
  {
    ...Delivery.properties,
    headers: Type.Record(Type.String(), Type.String(), {
      description: 'Without the values of secrets and signatures.'
    }),
    query: Type.Record(Type.String(), Type.String())
  },
  { $id: 'DeliveryDetail', title: 'Delivery with its headers', additionalProperties: false }
)

export const DeliveryRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of a delivery.' }) })
export const DeliveriesQuery = Type.Object(
  { ...PageQuery.properties, verdict: Type.Optional(Type.Enum([...VERDICTS])) },
  { additionalProperties: false }
)

export const ReplayAll = Type.Object(
  {
    verdict: Type.Enum(['automation_off']),
    triggerId: Type.Optional(Type.String({ maxLength: 64, description: 'Those of one trigger; of all unless given.' }))
  },
  { additionalProperties: false }
)
export const Replayed = Type.Object(
  {
    started: Type.Integer({ description: 'How many have started a bot now, or had by then.' }),
    failed: Type.Integer({ description: 'How many could not: their verdict says why.' }),
    left: Type.Integer({ description: 'How many wait still, as the queue is full or there are very many: ask again.' })
  },
  { additionalProperties: false }
)

/** What the sender is told. */
export const Receipt = Type.Object(
  {
    deliveryId: Id,
    verdict: Type.Enum([...VERDICTS]),
    executionId: nullable(Type.String())
  },
  { $id: 'Receipt', title: 'Receipt of a delivery', additionalProperties: false }
)
/** Nothing else: some senders compare. */
export const Challenge = Type.Object({ challenge: Type.String() }, { additionalProperties: false })

export const WebhookRef = Type.Object({ triggerId: Type.String({ description: 'Id of a trigger of kind `webhook`.' }) })
