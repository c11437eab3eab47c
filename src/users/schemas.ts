import { Type } from 'typebox'
import { Id, nullable, Timestamp } from '../lib/schemas.ts'

const Email = Type.String({ format: 'email', maxLength: 254 })
const Password = Type.String({ minLength: 8, maxLength: 256 })

const Delivery = Type.Optional(
  Type.Enum(['cookie', 'body'], {
    default: 'cookie',
    description: '`body` for clients that keep no cookies: the refresh token comes in the answer, and no cookie is set.'
  })
)

export const RoleName = Type.Enum(['viewer', 'operator', 'admin'])

const userFields = {
  id: Id,
  email: Email,
  role: RoleName,
  createdAt: Timestamp,
  signedInAt: nullable(Timestamp),
  disabledAt: nullable(Timestamp),
  hasPassword: Type.Boolean({ description: 'False until the owner of the account has chosen one.' }),
  twoFactor: Type.Boolean({ description: 'Whether a sign-in takes a code of an authenticator app.' })
}

export const User = Type.Object(userFields, { $id: 'User', title: 'User', additionalProperties: false })

export const Person = Type.Object(
  {
    ...userFields,
    linkExpiresAt: nullable(
      Type.Integer({ description: 'Until when the link to choose a password can be used; null: there is none.' })
    )
  },
  { $id: 'Person', title: 'Person', additionalProperties: false }
)
export const PersonList = Type.Object({ items: Type.Array(Type.Ref('Person')) }, { additionalProperties: false })
export const UserRef = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const Invite = Type.Object({ email: Email, role: RoleName }, { additionalProperties: false })
export const ChangePerson = Type.Object(
  {
    email: Type.Optional(Email),
    role: Type.Optional(RoleName),
    disabled: Type.Optional(Type.Boolean({ description: 'Whoever is disabled is out at once, with his tokens.' }))
  },
  { additionalProperties: false, minProperties: 1 }
)

/** A link to choose a password, as it is handed over. */
export const Link = Type.Object(
  {
    token: Type.String({ description: 'Shown this once. Good for one use.' }),
    url: Type.String({ description: 'Of the page that takes it, with the token behind the #: to be handed over.' }),
    expiresAt: Timestamp
  },
  { additionalProperties: false }
)
export const Invited = Type.Object({ user: Type.Ref('User'), link: Link }, { additionalProperties: false })

const LinkToken = Type.String({ minLength: 1, maxLength: 200 })
export const LinkQuestion = Type.Object({ token: LinkToken }, { additionalProperties: false })
export const LinkAnswer = Type.Object(
  { email: Email, hasPassword: Type.Boolean(), expiresAt: Timestamp },
  { additionalProperties: false }
)
export const UseLink = Type.Object({ token: LinkToken, password: Password }, { additionalProperties: false })

export const ChangePassword = Type.Object(
  {
    currentPassword: Type.String({ maxLength: 256 }),
    newPassword: Password,
    revokeTokens: Type.Optional(
      Type.Boolean({ default: false, description: 'Revoke your tokens for programs as well.' })
    )
  },
  { additionalProperties: false }
)

export const Session = Type.Object(
  {
    id: Id,
    userAgent: nullable(Type.String()),
    address: nullable(Type.String({ description: 'From where it was begun.' })),
    createdAt: Timestamp,
    seenAt: Type.Integer({
      description: 'When it last got a new access token: at most 15 minutes ago while it is used.'
    }),
    expiresAt: Timestamp,
    current: Type.Boolean({ description: 'Whether it is the one that asks.' })
  },
  { $id: 'Session', title: 'Session', additionalProperties: false }
)
export const SessionList = Type.Object({ items: Type.Array(Type.Ref('Session')) }, { additionalProperties: false })
export const SessionRef = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const SecondFactorKey = Type.Object(
  {
    key: Type.String({ description: 'In base 32, to type in.' }),
    uri: Type.String({ description: 'otpauth://…, as authenticator apps read it from a QR code.' })
  },
  { additionalProperties: false }
)
const Code = Type.String({ minLength: 6, maxLength: 40 })
export const ConfirmSecondFactor = Type.Object({ code: Code }, { additionalProperties: false })
export const RecoveryCodes = Type.Object(
  { recoveryCodes: Type.Array(Type.String(), { description: 'Each is good for one sign-in. Shown this once.' }) },
  { additionalProperties: false }
)
export const PasswordAgain = Type.Object({ password: Type.String({ maxLength: 256 }) }, { additionalProperties: false })

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
  {
    email: Type.String({ maxLength: 254 }),
    password: Type.String({ maxLength: 256 }),
    code: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'Of the authenticator app, or a recovery code; for accounts with a second factor.'
      })
    ),
    delivery: Delivery
  },
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
