import { Type } from 'typebox'
import { ATTEMPT_STATES, END_CAUSES } from '../attempts/attempt.ts'
import { CreateBot, fields } from '../bots/schemas.ts'
import { Id, nullable, PageQuery, page, Timestamp } from '../lib/schemas.ts'
import { REASONS, STATES, TRIGGERS } from './execution.ts'

const reason = nullable(Type.Enum([...REASONS]))
const detail = nullable(
  Type.String({ description: 'For people: what happened, where the reason alone does not say it.' })
)

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
    ending: nullable(Type.Enum([...END_CAUSES], { description: 'Why the bot is being ended, or was.' })),
    terminal: Type.Boolean({ description: 'It runs, or ran, in a terminal.' }),
    input: Type.Boolean({ description: 'It takes, or took, input.' }),
    limits: fields.limits,
    state: nullable(Type.Enum([...ATTEMPT_STATES], { description: 'How it ended; null while it runs.' })),
    reason,
    detail,
    startedAt: Timestamp,
    endedAt: nullable(Timestamp),
    logBytes: Type.Integer({ description: 'Bytes of its log that can be read now.' }),
    cpuMs: nullable(Type.Integer({ description: 'Processor time of all its processes, once it has ended.' })),
    maxMemoryBytes: nullable(Type.Integer({ description: 'The most memory they were seen to have at a time.' })),
    maxPids: nullable(Type.Integer({ description: 'The most processes it was seen to have at a time.' }))
  },
  { additionalProperties: false }
)

export const Execution = Type.Object(
  {
    id: Id,
    botId: nullable(Type.String({ description: 'Null once the bot has been deleted.' })),
    botSlug: Type.String({ description: 'As it was when it was started.' }),
    botName: nullable(Type.String({ description: 'As it is now; null once the bot has been deleted.' })),
    state: Type.Enum([...STATES], {
      description:
        '`lost`: the machine or the processes went down and nobody knows how it ended. It is not run again by itself. `skipped`: it never ran, and `reason` says why.'
    }),
    reason,
    detail,
    trigger: Type.Enum([...TRIGGERS]),
    triggerId: nullable(Type.String({ description: 'The schedule, webhook or chain that started it.' })),
    triggerName: nullable(Type.String({ description: 'As it is now; null once the trigger has been deleted.' })),
    occasion: nullable(
      Type.String({
        description:
          'What its trigger started it for: the instant of a schedule in milliseconds, the id of a delivery, or the id of the execution before.'
      })
    ),
    payloadBytes: nullable(
      Type.Integer({ description: 'Size of the payload it was given, as JSON; null when it was given none.' })
    ),
    depth: Type.Integer({ description: 'How many chains led to it: 0 for one that no chain started.' }),
    by: nullable(Type.String({ description: 'Id of who started it.' })),
    parameters: Type.Record(Type.String(), Type.Unknown()),
    attempts: Type.Array(Attempt),
    queuedAt: Timestamp,
    startedAt: nullable(Timestamp),
    endedAt: nullable(Timestamp),
    exitCode: nullable(Type.Integer()),
    priority: Type.Integer(),
    concurrencyKey: nullable(Type.String({ description: "Its bot's key, filled in; null when the bot has none." })),
    notBefore: nullable(
      Type.Integer({ description: 'While it waits for its next attempt: when that begins at the earliest.' })
    ),
    rerunOf: nullable(Type.String({ description: 'Id of the execution it repeats.' })),
    outputs: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'What the last attempt wrote into the file that BOTYARD_OUTPUT names, a `name=value` a line. Not in lists and events, as it may be much.'
      })
    ),
    trial: Type.Boolean({ description: 'Its bot was not saved but tried; `botSlug` is the one it would have.' })
  },
  { $id: 'Execution', title: 'Execution', additionalProperties: false }
)

export const StartExecution = Type.Object(
  { parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { default: {} })) },
  { additionalProperties: false }
)

export const Rerun = Type.Object(
  {
    parameters: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Those of the execution that is repeated, when left out.'
      })
    )
  },
  { additionalProperties: false }
)

export const IdempotencyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'The same request sent again with the same key within a day starts nothing and is answered alike.'
    })
  )
})

export const StartTrial = Type.Object(
  { bot: CreateBot, parameters: StartExecution.properties.parameters },
  { additionalProperties: false }
)

export const Input = Type.Object(
  {
    text: Type.String({
      minLength: 1,
      description:
        'As it is typed: in a terminal the Enter key is `\\r` and Ctrl-C is `\\u0003`. Elsewhere a line ends with `\\n`.'
    })
  },
  { additionalProperties: false }
)

export const Resize = Type.Object(
  { columns: Type.Integer({ minimum: 1, maximum: 1000 }), rows: Type.Integer({ minimum: 1, maximum: 1000 }) },
  { additionalProperties: false }
)

/** The last time that fits into an id: it has 48 bits for that. */
const MAX_TIME = 2 ** 48 - 1

const history = {
  ...PageQuery.properties,
  state: Type.Optional(
    Type.String({ maxLength: 200, description: `States, separated by commas: ${STATES.join(', ')}.` })
  ),
  trigger: Type.Optional(
    Type.String({ maxLength: 200, description: `Triggers, separated by commas: ${TRIGGERS.join(', ')}.` })
  ),
  triggerId: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'Id of the schedule, webhook or chain that started it; of one that has been deleted, too.'
    })
  ),
  since: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_TIME,
      description: 'Queued at this time or later: milliseconds since 1970, UTC.'
    })
  ),
  until: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_TIME,
      description: 'Queued before this time: milliseconds since 1970, UTC.'
    })
  )
}

export const BotHistoryQuery = Type.Object(history, { additionalProperties: false })
export const HistoryQuery = Type.Object(
  { ...history, bot: Type.Optional(Type.String({ maxLength: 64, description: 'Id or slug of a bot.' })) },
  { additionalProperties: false }
)

export const MAX_BOTS_AT_ONCE = 200
export const LatestQuery = Type.Object(
  {
    bots: Type.String({ description: `Ids of 1 to ${MAX_BOTS_AT_ONCE} bots, separated by commas.` }),
    perBot: Type.Integer({ minimum: 1, maximum: 50, default: 12, description: 'Executions of each bot, at most.' })
  },
  { additionalProperties: false }
)

export const MAX_USAGE_ITEMS = 500
export const AttemptQuery = Type.Object(
  { attempt: Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999, description: 'Default: the last.' })) },
  { additionalProperties: false }
)
export const UsageOverTime = Type.Object(
  {
    attempt: Type.Integer({ description: 'From 1.' }),
    items: Type.Array(
      Type.Object(
        {
          at: Timestamp,
          cpuMs: Type.Integer({ description: 'Processor time of all its processes so far, in milliseconds.' }),
          memoryBytes: Type.Integer({ description: 'The most memory they had at a time since the item before.' }),
          pids: Type.Integer({ description: 'The most processes there were at a time since the item before.' })
        },
        { additionalProperties: false }
      )
    )
  },
  { additionalProperties: false }
)

export const ExecutionRef = Type.Object({ id: Type.String({ maxLength: 64, description: 'Id of an execution.' }) })
export const ExecutionPage = page(Type.Ref('Execution'))
