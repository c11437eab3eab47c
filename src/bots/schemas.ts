import { type Static, Type } from 'typebox'
import { Id, nullable, PageQuery, page, Timestamp } from '../lib/schemas.ts'
import { RETRIED_BY_DEFAULT, RETRYABLE } from './retryable.ts'

/** Text that can be an argument or an environment value: the system has no way to pass a NUL. */
const NoNul = '^[^\\u0000]*$'
const Parameters = Type.Record(Type.String(), Type.Unknown(), {
  description:
    'JSON Schema (draft 2020-12 or draft-07) of an object. What somebody starts the bot with is checked against it, and its defaults are filled in.'
})

function assertions(description: string) {
  return Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { maxItems: 20, description })
}

export const fields = {
  slug: Type.String({
    minLength: 1,
    maxLength: 64,
    pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
    description: 'Unique name for addresses. Made from the name when left out.'
  }),
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
  description: Type.String({ maxLength: 2000 }),
  kind: Type.Literal('command'),
  command: Type.Array(Type.String({ maxLength: 131_071, pattern: NoNul }), {
    minItems: 1,
    maxItems: 256,
    description:
      'Program and arguments, passed as they are: no shell reads them. `{{parameters.name}}` stands for a parameter and never becomes more than one argument.'
  }),
  cwd: Type.Union([Type.String({ maxLength: 4096, pattern: '^/[^\\u0000]*$' }), Type.Null()], {
    description: 'Absolute folder the bot runs in; null for a folder of its own under DATA_DIR/workspaces.'
  }),
  env: Type.Record(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
    Type.String({ maxLength: 65_536, pattern: NoNul }),
    {
      additionalProperties: false,
      maxProperties: 200,
      description:
        'Environment variables. `{{parameters.name}}` works here too. Names that begin with BOTYARD_ are taken.'
    }
  ),
  secrets: Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 100 }), {
    maxItems: 50,
    uniqueItems: true,
    description: 'Names of secrets. Each is given to the bot as the environment variable of that name.'
  }),
  parameters: Parameters,
  timeoutMs: Type.Integer({
    minimum: 1,
    maximum: 30 * 24 * 3_600_000,
    description: 'Wall clock from the start of an attempt to its end, in milliseconds.'
  }),
  idleTimeoutMs: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 30 * 24 * 3_600_000,
      description:
        'A bot that prints nothing for so long is ended; a terminal also counts what is typed. Null: it may be quiet.'
    })
  ),
  killGraceMs: Type.Integer({
    minimum: 0,
    maximum: 600_000,
    description: 'How long to wait after SIGINT, and again after SIGTERM, before the next, harder signal.'
  }),
  maxLogBytes: Type.Integer({
    minimum: 4096,
    maximum: 2 ** 40,
    description: 'A bot that prints more is ended with reason `log_limit`.'
  }),
  terminal: Type.Boolean({
    description: 'It runs in a terminal that people type into; its log is what the terminal showed.'
  }),
  input: Type.Boolean({
    description: 'It can be sent input while it runs. Without this it reads an empty input; a terminal always can.'
  }),
  priority: Type.Integer({
    minimum: -100,
    maximum: 100,
    description: 'Of executions that wait, those of a higher priority go first.'
  }),
  concurrency: Type.Object(
    {
      limit: Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Executions of this bot that run at a time.'
      }),
      policy: Type.Enum(['queue', 'skip', 'replace'], {
        description:
          'What happens to one more than may run: `queue`: it waits. `skip`: it is kept as skipped. `replace`: the oldest gives way to it. ' +
          'With a key this counts the executions with the same key, of which one runs at a time.'
      }),
      key: Type.Union([Type.String({ minLength: 1, maxLength: 500, pattern: NoNul }), Type.Null()], {
        description:
          'Such as `{{parameters.repo}}`: no two executions with the same key run at a time, and without a `cwd` each key has a folder of its own.'
      })
    },
    { additionalProperties: false }
  ),
  retry: Type.Object(
    {
      maxAttempts: Type.Integer({ minimum: 1, maximum: 100, description: 'Attempts in all; 1: no retry.' }),
      backoffMs: Type.Integer({
        minimum: 0,
        maximum: 24 * 3_600_000,
        description: 'Before the second attempt; it doubles before each further one. Half of it is left to chance.'
      }),
      maxBackoffMs: Type.Integer({
        minimum: 0,
        maximum: 24 * 3_600_000,
        description: 'It grows no further than this.'
      }),
      on: Type.Array(Type.Enum([...RETRYABLE]), {
        uniqueItems: true,
        description:
          'Reasons after which it is tried again: by default all but `log_limit`, `shutdown` and `unknown_end`. `shutdown` is for one that was ended because the host ended everything on it: the next server tries it again. `unknown_end` is for one whose end nobody saw: it may have done its work. One that somebody cancelled is never tried again.'
      }),
      exitCodes: Type.Array(Type.Integer({ minimum: 1, maximum: 255 }), {
        uniqueItems: true,
        maxItems: 255,
        description: 'Of attempts that ended with an exit code, only these are tried again; none: any but 0.'
      })
    },
    { additionalProperties: false }
  ),
  limits: Type.Object(
    {
      memoryBytes: nullable(
        Type.Integer({ minimum: 2 ** 20, maximum: 2 ** 50, description: 'Memory of all its processes.' })
      ),
      cpus: nullable(Type.Number({ minimum: 0.01, maximum: 1024, description: 'Processors, such as 0.5.' })),
      pids: nullable(Type.Integer({ minimum: 1, maximum: 4_194_304, description: 'Processes and threads at a time.' }))
    },
    {
      additionalProperties: false,
      description: 'Kept by the kernel where this machine lets the server make control groups: see GET /api/machine.'
    }
  ),
  assert: Type.Object(
    {
      mustPrint: assertions('Texts that must stand in the log of a bot that exits with 0.'),
      mustNotPrint: assertions('Texts that must not.'),
      mustCreate: assertions(
        'Names of artifacts there must be; `*` stands for any part of a name, `**` also for folders.'
      )
    },
    {
      additionalProperties: false,
      description: 'What else success takes: otherwise the execution fails with reason `assertion`.'
    }
  ),
  tags: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 20, uniqueItems: true }),
  enabled: Type.Boolean({ description: 'A disabled bot is not started by anything.' })
}

export const Bot = Type.Object(
  { id: Id, ...fields, createdAt: Timestamp, updatedAt: Timestamp },
  { $id: 'Bot', title: 'Bot', additionalProperties: false }
)

/** What a bot has that nobody said otherwise of. */
export function defaultBot() {
  return {
    description: '',
    kind: 'command',
    cwd: null,
    env: {},
    secrets: [],
    parameters: { type: 'object', properties: {}, additionalProperties: false },
    timeoutMs: 3_600_000,
    idleTimeoutMs: null,
    killGraceMs: 10_000,
    maxLogBytes: 2 ** 30,
    terminal: false,
    input: false,
    priority: 0,
    concurrency: { limit: 1, policy: 'queue', key: null },
    retry: {
      maxAttempts: 1,
      backoffMs: 10_000,
      maxBackoffMs: 600_000,
      on: RETRIED_BY_DEFAULT,
      exitCodes: []
    },
    limits: { memoryBytes: null, cpus: null, pids: null },
    assert: { mustPrint: [], mustNotPrint: [], mustCreate: [] },
    tags: [],
    enabled: true
  } satisfies Partial<Static<typeof Bot>>
}

const defaults: Record<string, unknown> = defaultBot()
const withDefaults = Object.fromEntries(
  Object.entries(fields).map(([name, schema]) => [
    name,
    name in defaults ? { ...schema, default: defaults[name] } : schema
  ])
) as typeof fields

/** Of these somebody may give a part: what he leaves out is as it was, or as it is by default. */
const partGroups = {
  concurrency: Type.Partial(fields.concurrency),
  retry: Type.Partial(fields.retry),
  limits: Type.Partial(fields.limits),
  assert: Type.Partial(fields.assert)
}

const { name, command, ...optional } = { ...withDefaults, ...partGroups }
export const CreateBot = Type.Object(
  { name, command, ...Type.Partial(Type.Object(optional)).properties },
  { additionalProperties: false }
)

export const UpdateBot = Type.Partial(Type.Object({ ...fields, ...partGroups }), {
  additionalProperties: false,
  minProperties: 1
})

export const BotRef = Type.Object({ bot: Type.String({ maxLength: 64, description: 'Id or slug of a bot.' }) })
export const BotsQuery = Type.Object(
  {
    ...PageQuery.properties,
    search: Type.Optional(
      Type.String({
        maxLength: 200,
        description:
          'Only bots with this text in their name, slug, description or a tag; upper and lower case are the same.'
      })
    )
  },
  { additionalProperties: false }
)
export const BotPage = page(Type.Ref('Bot'))
