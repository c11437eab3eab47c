import { Type } from 'typebox'
import { Id, nullable, Timestamp } from '../lib/schemas.ts'
import { MAX_NAME_CHARACTERS, MAX_VALUE_BYTES, MIN_VALUE_CHARACTERS } from './secret.ts'

export const Secret = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    usable: Type.Boolean({
      description:
        'False when it was kept with another SECRET_KEY: bots that name it cannot be launched until it is given its value again.'
    }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    lastUsedAt: nullable(
      Type.Integer({ description: 'When a bot was last launched with it, to the minute; null: never.' })
    ),
    usedBy: Type.Array(Type.Object({ id: Id, slug: Type.String(), name: Type.String() }), {
      description: 'The bots that name it.'
    })
  },
  { $id: 'Secret', title: 'Secret', additionalProperties: false, description: 'Its value never comes out again.' }
)

export const SecretList = Type.Object({ items: Type.Array(Type.Ref('Secret')) }, { additionalProperties: false })

export const SecretRef = Type.Object({
  name: Type.String({
    maxLength: 200,
    description: `An environment variable's name: letters, digits and _, no digit first, at most ${MAX_NAME_CHARACTERS}.`
  })
})

export const PutSecret = Type.Object(
  {
    value: Type.String({
      maxLength: MAX_VALUE_BYTES,
      description: `At least ${MIN_VALUE_CHARACTERS} characters, at most ${MAX_VALUE_BYTES} bytes, no NUL.`
    }),
    description: Type.Optional(
      Type.String({ maxLength: 500, description: 'What it is for. Left out, it stays as it is.' })
    )
  },
  { additionalProperties: false }
)
