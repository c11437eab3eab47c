import { type Bot, botProblems, type CreateBot, type UpdateBot } from '../../bots/bot.ts'
import type { FieldError } from '../../errors.ts'
import { amountProblem, bounds, countUnits, sizeUnits, timeUnits } from './amounts.ts'
import { readSchema, type Schema, schemaText } from './parameter-schema.ts'

/** A bot as it stands in the form, half typed as it may be. */
export interface Draft {
  name: string
  description: string
  /** Empty as long as it is made from the name. */
  slug: string
  command: string[]
  /** JSON Schema, as text. */
  parameters: string
  env: { name: string; value: string }[]
  /** Empty for a folder of its own. */
  cwd: string
  /** NaN where no number stands; so are the other numbers. */
  timeoutMs: number
  killGraceMs: number
  maxLogBytes: number
  concurrencyLimit: number
  /** Separated by commas. */
  tags: string
  enabled: boolean
}

/** What a new bot begins with: what the server would take for all that is left out. */
export function newDraft(): Draft {
  return {
    name: '',
    description: '',
    slug: '',
    command: [''],
    parameters: schemaText({ type: 'object', properties: {}, additionalProperties: false }),
    env: [],
    cwd: '',
    timeoutMs: 3_600_000,
    killGraceMs: 10_000,
    maxLogBytes: 2 ** 30,
    concurrencyLimit: 1,
    tags: '',
    enabled: true
  }
}

export function draftOf(bot: Omit<Bot, 'id' | 'createdAt' | 'updatedAt'>): Draft {
  return {
    name: bot.name,
    description: bot.description,
    slug: bot.slug,
    command: [...bot.command],
    parameters: schemaText(bot.parameters),
    env: Object.entries(bot.env).map(([name, value]) => ({ name, value })),
    cwd: bot.cwd ?? '',
    timeoutMs: bot.timeoutMs,
    killGraceMs: bot.killGraceMs,
    maxLogBytes: bot.maxLogBytes,
    concurrencyLimit: bot.concurrency.limit,
    tags: bot.tags.join(', '),
    enabled: bot.enabled
  }
}

/** The bot that a draft describes, for the API. `schema` stands for parameters that cannot be read. */
export function botOf(draft: Draft, schema: Schema): CreateBot {
  const read = readSchema(draft.parameters)
  return {
    name: draft.name.trim(),
    description: draft.description,
    ...(draft.slug !== '' && { slug: draft.slug }),
    command: [...draft.command],
    parameters: 'schema' in read ? read.schema : schema,
    env: Object.fromEntries(namedRows(draft).map(({ name, value }) => [name, value])),
    cwd: draft.cwd.trim() || null,
    timeoutMs: draft.timeoutMs,
    killGraceMs: draft.killGraceMs,
    maxLogBytes: draft.maxLogBytes,
    concurrency: { limit: draft.concurrencyLimit, policy: 'queue' },
    tags: [
      ...new Set(
        draft.tags
          .split(',')
          .map(tag => tag.trim())
          .filter(tag => tag !== '')
      )
    ],
    enabled: draft.enabled
  }
}

/** Rows with something in them: an empty one is one nobody has filled in yet. */
const namedRows = (draft: Draft) => draft.env.filter(({ name, value }) => name !== '' || value !== '')

/** The fields in which `after` says something else than `before`. */
export function changes(before: CreateBot, after: CreateBot): UpdateBot {
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof CreateBot])
  )
  return Object.fromEntries(changed) as UpdateBot
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

/**
 * What can be told to be wrong with a draft before the server sees it, by the same paths as the server's. With `all`, also
 * what is only missing as yet.
 */
export function draftProblems(draft: Draft, all: boolean): FieldError[] {
  const problems: FieldError[] = []
  const add = (path: string, message: string | null | false) => message && problems.push({ path, message })
  const read = readSchema(draft.parameters)
  const schema = 'schema' in read ? read.schema : null

  add('/name', all && draft.name.trim() === '' && 'Give the bot a name.')
  add(
    '/slug',
    draft.slug !== '' && !SLUG.test(draft.slug) && 'Small letters and digits, with single hyphens between them.'
  )
  add('/cwd', /^[^/]/.test(draft.cwd.trim()) && 'Write the whole path: it begins with a /.')
  add('/parameters', 'problem' in read && read.problem)
  problems.push(...environmentProblems(draft))
  add('/timeoutMs', amountProblem(draft.timeoutMs, bounds.timeoutMs, timeUnits))
  add('/killGraceMs', amountProblem(draft.killGraceMs, bounds.killGraceMs, timeUnits))
  add('/maxLogBytes', amountProblem(draft.maxLogBytes, bounds.maxLogBytes, sizeUnits))
  add('/concurrency/limit', amountProblem(draft.concurrencyLimit, bounds.concurrencyLimit, countUnits))
  const env = botOf(draft, {}).env ?? {}
  // Of parameters that cannot be read nobody knows whether they are declared.
  if (schema) {
    const rules = botProblems({ slug: draft.slug, command: draft.command, env, parameters: schema })
    problems.push(...rules.filter(({ path }) => all || path !== '/command/0' || draft.command[0]?.trim() !== ''))
  }
  return problems
}

function environmentProblems({ env }: Draft): FieldError[] {
  const seen = new Set<string>()
  return env.flatMap(({ name, value }) => {
    const twice = seen.has(name)
    seen.add(name)
    if (name === '' && value === '') return []
    if (name === '') return [{ path: '/env/', message: 'This value needs a name.' }]
    if (twice) return [{ path: `/env/${name}`, message: `${name} is there twice.` }]
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return []
    return [{ path: `/env/${name}`, message: 'A name has letters, digits and _, and does not begin with a digit.' }]
  })
}

/** What stands at a JSON pointer of a bot; undefined where nothing does. */
export function valueAt(bot: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Schema)[key] : undefined), bot)
}
