import { Type } from 'typebox'

const Verdict = Type.Enum(['healthy', 'unhealthy'])

export const Healthy = Type.Object({ status: Type.Literal('healthy') })
export const Health = Type.Object({ status: Verdict })

/** What is more than the status is for those alone who are signed in. */
export const Readiness = Type.Object({
  status: Verdict,
  checks: Type.Optional(
    Type.Object(
      {
        server: Type.Enum(['healthy', 'unhealthy'], { description: 'It has started, and does not stop.' }),
        database: Type.Enum(['healthy', 'unhealthy'], { description: 'It takes writes.' }),
        logs: Type.Enum(['healthy', 'unhealthy'], { description: 'They can be written.' })
      },
      { description: 'For those who are signed in, as is what follows.' }
    )
  ),
  version: Type.Optional(Type.String()),
  node: Type.Optional(Type.String({ description: 'The version of Node it runs on.' })),
  uptimeMs: Type.Optional(Type.Integer())
})
