import { Type } from 'typebox'
import { Id, nullable, page, Timestamp } from '../lib/schemas.ts'
import { ACTIONS, SUBJECT_TYPES } from './audit.ts'

const Facts = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
  description: 'Of what was changed, what differs. No secret is in it.'
})

export const AuditEntry = Type.Object(
  {
    id: Id,
    at: Timestamp,
    actor: Type.Object({
      kind: Type.Enum(['user', 'token', 'server']),
      id: nullable(
        Type.String({ description: 'Of the user or the token; null for the server and for who is not known.' })
      ),
      name: Type.String(),
      address: nullable(Type.String())
    }),
    action: Type.Enum([...ACTIONS]),
    subject: Type.Object({
      type: Type.Enum([...SUBJECT_TYPES]),
      id: nullable(Type.String()),
      name: Type.String()
    }),
    before: Facts,
    after: Facts
  },
  { $id: 'AuditEntry', title: 'Audit entry', additionalProperties: false }
)
export const AuditPage = page(Type.Ref('AuditEntry'))

const filter = {
  actor: Type.Optional(Type.String({ maxLength: 64, description: 'Id of a user or a token.' })),
  action: Type.Optional(Type.Enum([...ACTIONS])),
  subject: Type.Optional(
    Type.String({ maxLength: 200, description: 'Id of what something was done to; of a secret its name.' })
  ),
  since: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 47, description: 'From then on, in ms since 1970.' })),
  until: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 47, description: 'Before then, in ms since 1970.' }))
}

export const AuditExportQuery = Type.Object(filter, { additionalProperties: false })

export const AuditQuery = Type.Object(
  {
    ...filter,
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    cursor: Type.Optional(
      Type.String({ maxLength: 64, pattern: '^[0-9a-f-]{36}$', description: '`nextCursor` of the page before.' })
    )
  },
  { additionalProperties: false }
)
