import { Type } from 'typebox'
import { Id, nullable, Timestamp } from '../lib/schemas.ts'
import { RoleName } from '../users/schemas.ts'

const Bots = Type.Union([Type.Array(Id, { minItems: 1, maxItems: 200, uniqueItems: true }), Type.Null()], {
  description: 'Ids of the bots it is for: it knows of no others. null: all.'
})

export const Token = Type.Object(
  {
    id: Id,
    name: Type.String(),
    hint: Type.String({ description: 'Its last four characters.' }),
    role: RoleName,
    bots: Bots,
    user: Type.Object({ id: Id, email: Type.String() }, { description: 'Whose it is: it may never more than he.' }),
    createdAt: Timestamp,
    expiresAt: nullable(Timestamp),
    usedAt: nullable(Type.Integer({ description: 'To the minute.' })),
    usedFrom: nullable(Type.String({ description: 'The address it was last used from.' }))
  },
  { $id: 'Token', title: 'Token', additionalProperties: false }
)
export const TokenList = Type.Object({ items: Type.Array(Type.Ref('Token')) }, { additionalProperties: false })
export const TokenRef = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const CreateToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', description: 'What it is for.' }),
    role: RoleName,
    bots: Type.Optional(
      Type.Union(
        [
          Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 200, uniqueItems: true }),
          Type.Null()
        ],
        { description: 'Ids or slugs of the bots it is for: it knows of no others. Default null: all.' }
      )
    ),
    expiresAt: Type.Optional(
      nullable(Type.Integer({ description: 'In milliseconds since 1970. Default null: never.' }))
    ),
    password: Type.Optional(
      Type.String({
        maxLength: 256,
        description: 'Your own. An account without one makes tokens in the ten minutes after a sign-in.'
      })
    )
  },
  { additionalProperties: false }
)

export const CreatedToken = Type.Object(
  {
    token: Type.Ref('Token'),
    value: Type.String({ description: 'The token itself, for `Authorization: Bearer`. Shown this once.' })
  },
  { additionalProperties: false }
)
