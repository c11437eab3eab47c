import { Type } from 'typebox'
import type { BackupState as State } from '../backup/past.ts'
import { nullable, Timestamp } from '../lib/schemas.ts'

export const Machine = Type.Object(
  {
    draining: Type.Boolean({ description: 'What runs goes on, and nothing new starts.' }),
    stopsBy: nullable(
      Type.Integer({
        description:
          'The server stops as soon as nothing runs any more, and ends what still runs then (DRAIN_SECONDS), in ms since 1970; what is ' +
          'started waits for the next one. Null while it does not stop.'
      })
    ),
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
    restoredFrom: nullable(
      Type.Integer({
        description:
          'When the backup was made that this server was restored from, in ms since 1970; null once it runs things again.'
      })
    ),
    backup: Type.Ref('BackupState'),
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

/** Null when none are made by themselves. */
export const BackupState = Type.Unsafe<State | null>({
  $id: 'BackupState',
  title: 'Backup state',
  type: ['object', 'null'],
  description: 'How backups to BACKUP_URL stand; null when that is not set.',
  properties: {
    lastAt: nullable(Type.Integer({ description: 'When the last was made that is whole, in ms since 1970.' })),
    lastBytes: nullable(Type.Integer()),
    lastError: nullable(Type.String({ description: 'Why none was made since, for people.' })),
    nextAt: Timestamp,
    running: Type.Boolean({ description: 'One is being made.' }),
    overdue: Type.Boolean({ description: 'The last is older than two of their periods.' })
  },
  required: ['lastAt', 'lastBytes', 'lastError', 'nextAt', 'running', 'overdue'],
  additionalProperties: false
})

export const Drain = Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false })
