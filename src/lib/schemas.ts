/** The pieces that the schemas of every noun share. */
import { type Static, type TSchema, Type } from 'typebox'

export const Id = Type.String({ description: 'UUIDv7.' })
export const Timestamp = Type.Integer({ description: 'Milliseconds since 1970, UTC.' })

/** `T | null`, in the short form that generated clients and the reference page read best. */
export function nullable<T extends TSchema & { type?: string; enum?: unknown[] }>(schema: T) {
  const base = schema as { type?: string; enum?: unknown[] }
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [base.type ?? 'string', 'null'],
    ...(base.enum && { enum: [...base.enum, null] })
  })
}

/** A list's answer: newest first; `nextCursor` asks for what comes after, and is null at the end. */
export const page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), nextCursor: nullable(Type.String()) }, { additionalProperties: false })

export const PageQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    cursor: Type.Optional(
      Type.String({ maxLength: 64, pattern: '^[0-9a-f-]{36}$', description: '`nextCursor` of the page before.' })
    )
  },
  { additionalProperties: false }
)

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'For programs; does not change.' }),
    detail: Type.String({ description: 'For people: what is wrong and what to do.' }),
    instance: Type.String({ description: 'The request, as the server log names it.' }),
    requestId: Type.Optional(
      Type.String({ description: 'Of a 5xx: by which the server log says more, as the header X-Request-ID.' })
    ),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String({ description: 'JSON pointer.' }), message: Type.String() }))
    )
  },
  { $id: 'Problem', title: 'Problem', description: 'RFC 9457 problem details.' }
)

/** The answers any route may give besides its own. */
const problem = {
  description: 'A problem.',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } }
}
export const problems = { '4xx': problem, '5xx': problem }

/** One page out of `limit + 1` rows: the extra row only tells that there is more. */
export function toPage<T extends { id: string }>(rows: T[], limit: number): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null }
}
