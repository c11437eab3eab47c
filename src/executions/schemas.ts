import { Type } from 'typebox'
import { Id, nullable, page, Timestamp } from '../schemas.ts'

export const Attempt = Type.Object(
  {
    number: Type.Integer({ description: 'From 1.' }),
    pid: nullable(Type.Integer()),
    exitCode: nullable(
      Type.Integer({ description: 'As a shell reports it: 128 + n for a process that signal n ended.' })
    ),
    signal: nullable(
      Type.String({ description: 'The signal that an exit code above 128 stands for, such as SIGTERM.' })
    ),
    startedAt: Timestamp,
    endedAt: nullable(Timestamp),
    logBytes: Type.Integer({ description: 'Bytes of its log that can be read now.' })
  },
  { additionalProperties: false }
)

export const Execution = Type.Object(
  {
    id: Id,
    botId: nullable(Type.String({ description: 'Null once the bot has been deleted.' })),
    botSlug: Type.String(),
    state: Type.Enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost'], {
      description:
        '`lost`: the machine or the processes went down and nobody knows how it ended. It is not run again by itself.'
    }),
    reason: nullable(
      Type.Enum([
        'exit_code',
        'signal',
        'spawn',
        'wall_clock',
        'requested',
        'log_limit',
        'log_incomplete',
        'unknown_end'
      ])
    ),
    detail: nullable(
      Type.String({ description: 'For people: what happened, where the reason alone does not say it.' })
    ),
    trigger: Type.Enum(['manual', 'api']),
    by: nullable(Type.String({ description: 'Id of who started it.' })),
    parameters: Type.Record(Type.String(), Type.Unknown()),
    attempts: Type.Array(Attempt),
    queuedAt: Timestamp,
    startedAt: nullable(Timestamp),
    endedAt: nullable(Timestamp),
    exitCode: nullable(Type.Integer())
  },
  { $id: 'Execution', title: 'Execution', additionalProperties: false }
)

export const StartExecution = Type.Object(
  { parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { default: {} })) },
  { additionalProperties: false }
)

export const ExecutionRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of an execution.' }) })
export const ExecutionPage = page(Type.Ref('Execution'))
