import { Type } from 'typebox'
import { nullable } from '../schemas.ts'

export const Machine = Type.Object(
  {
    draining: Type.Boolean({ description: 'What runs goes on, and nothing new starts.' }),
    queued: Type.Integer({ description: 'Executions that wait.' }),
    running: Type.Integer(),
    maxConcurrentExecutions: Type.Integer(),
    maxQueuedExecutions: Type.Integer(),
    disk: Type.Object(
      {
        freeBytes: nullable(Type.Integer({ description: 'Null when it could not be found out.' })),
        minFreeBytes: Type.Integer({ description: 'Below this nothing new starts.' }),
        low: Type.Boolean({ description: 'It is below, or has not got clear of it yet.' })
      },
      { additionalProperties: false }
    ),
    limits: Type.Object(
      { memory: Type.Boolean(), cpus: Type.Boolean(), pids: Type.Boolean() },
      { additionalProperties: false, description: "Which of a bot's limits the kernel keeps here." }
    ),
    botUser: nullable(
      Type.String({
        description:
          "The system user that bots run as, kept from all that is the server's: database, keys, logs. Null when they run as the server's own user, and may do all that it may."
      })
    ),
    publicUrl: nullable(
      Type.String({
        description: 'The address that people and senders of webhooks use, where it is known: PUBLIC_URL.'
      })
    )
  },
  { $id: 'Machine', title: 'Machine', additionalProperties: false }
)

export const Drain = Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false })
