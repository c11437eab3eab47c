import { type Static, Type } from 'typebox'
import { Id, PageQuery, page, Timestamp } from '../schemas.ts'

/** Text that can be an argument or an environment value: the system has no way to pass a NUL. */
const NoNul = '^[^\\u0000]*$'
const Parameters = Type.Record(Type.String(), Type.Unknown(), {
  description:
    'JSON Schema (draft 2020-12 or draft-07) of an object. What somebody starts the bot with is checked against it, and its defaults are filled in.'
})

const fields = {
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
  parameters: Parameters,
  timeoutMs: Type.Integer({
    minimum: 1,
    maximum: 30 * 24 * 3_600_000,
    description: 'Wall clock from start to end, in milliseconds.'
  }),
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
  concurrency: Type.Object(
    {
      limit: Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 1,
        description: 'Executions of this bot that run at a time.'
      }),
      policy: Type.Literal('queue', { default: 'queue', description: 'What happens to one more: it waits.' })
    },
    { additionalProperties: false }
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
    parameters: { type: 'object', properties: {}, additionalProperties: false },
    timeoutMs: 3_600_000,
    killGraceMs: 10_000,
    maxLogBytes: 2 ** 30,
    concurrency: { limit: 1, policy: 'queue' },
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

const { name, command, ...optional } = withDefaults
export const CreateBot = Type.Object(
  { name, command, ...Type.Partial(Type.Object(optional)).properties },
  { additionalProperties: false }
)

export const UpdateBot = Type.Partial(Type.Object(fields), { additionalProperties: false, minProperties: 1 })

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
