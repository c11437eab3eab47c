import { Type } from 'typebox'
import { Id, Timestamp } from '../schemas.ts'

const Email = Type.String({ format: 'email', maxLength: 254 })
const Password = Type.String({ minLength: 8, maxLength: 256 })

const Delivery = Type.Optional(
  Type.Enum(['cookie', 'body'], {
    default: 'cookie',
    description: '`body` for clients that keep no cookies: the refresh token comes in the answer, and no cookie is set.'
  })
)

export const User = Type.Object(
  { id: Id, email: Email, role: Type.Enum(['viewer', 'operator', 'admin']), createdAt: Timestamp },
  { $id: 'User', title: 'User', additionalProperties: false }
)

export const Setup = Type.Object(
  {
    setupToken: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Printed at the first start, and kept in DATA_DIR/setup-token until used.'
    }),
    email: Email,
    password: Password,
    bundledBots: Type.Optional(Type.Boolean({ default: false, description: 'Make the bundled bots as well.' })),
    delivery: Delivery
  },
  { additionalProperties: false }
)

export const Login = Type.Object(
  // Not checked as an address or a password would be: whatever is sent either fits an account or does not.
  { email: Type.String({ maxLength: 254 }), password: Type.String({ maxLength: 256 }), delivery: Delivery },
  { additionalProperties: false }
)

export const Refresh = Type.Object(
  { refreshToken: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Default: the cookie.' })) },
  { additionalProperties: false }
)

export const SignedIn = Type.Object(
  {
    accessToken: Type.String({ description: 'For `Authorization: Bearer`.' }),
    expiresIn: Type.Integer({ description: 'Seconds.' }),
    refreshToken: Type.Optional(Type.String({ description: 'Only with `delivery: body`. Good for one use.' })),
    user: Type.Ref('User')
  },
  { additionalProperties: false }
)
