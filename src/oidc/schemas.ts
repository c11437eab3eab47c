import { Type } from 'typebox'
import { nullable } from '../lib/schemas.ts'

/** A page of the dashboard, as it comes from an address: whatever is no such page is the first one. */
const Next = Type.Optional(
  Type.String({ maxLength: 2000, description: 'The page to go to then, such as `/executions`. Default: `/`.' })
)

export const Means = Type.Object(
  {
    password: Type.Boolean(),
    provider: nullable(
      Type.Object(
        { name: Type.String({ description: 'For “Continue with …”.' }) },
        { additionalProperties: false, description: 'With whom people can sign in instead; null: with nobody.' }
      )
    )
  },
  { additionalProperties: false }
)

export const StartQuery = Type.Object({ next: Next })

export const Connect = Type.Object(
  { password: Type.String({ maxLength: 256 }), next: Next },
  { additionalProperties: false }
)
export const ConnectAt = Type.Object(
  { url: Type.String({ description: 'Of the provider, to go to in this browser, within ten minutes.' }) },
  { additionalProperties: false }
)

export const Elsewhere = Type.Null({ description: 'Go there.' })
