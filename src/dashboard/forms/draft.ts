import { type Bot, botProblems, type CreateBot, type UpdateBot } from '../../bots/bot.ts'
import { RETRIED_BY_DEFAULT } from '../../bots/retryable.ts'
import type { FieldError } from '../../lib/errors.ts'
import {
  amountProblem,
  bounds,
  countUnits,
  memoryUnits,
  processorUnits,
  sizeUnits,
  timeUnits,
  type Unit
} from './amounts.ts'
import { same } from './json-schema.ts'
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
  /** Names of secrets. */
  secrets: string[]
  /** Empty for a folder of its own. */
  cwd: string
  terminal: boolean
  input: boolean
  /** NaN where no number stands; so are the other numbers. Null where there is no limit. */
  timeoutMs: number
  idleTimeoutMs: number | null
  killGraceMs: number
  maxLogBytes: number
  memoryBytes: number | null
  cpus: number | null
  pids: number | null
  priority: number
  concurrencyLimit: number
  concurrencyPolicy: Bot['concurrency']['policy']
  /** Empty for none. */
  concurrencyKey: string
  maxAttempts: number
  backoffMs: number
  maxBackoffMs: number
  retryOn: Bot['retry']['on']
  /** Separated by commas. */
  retryExitCodes: string
  /** An empty text is a row that nobody has filled in yet; so it is in the other two. */
  mustPrint: string[]
  mustNotPrint: string[]
  mustCreate: string[]
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
    secrets: [],
    cwd: '',
    terminal: false,
    input: false,
    timeoutMs: 3_600_000,
    idleTimeoutMs: null,
    killGraceMs: 10_000,
    maxLogBytes: 2 ** 30,
    memoryBytes: null,
    cpus: null,
    pids: null,
    priority: 0,
    concurrencyLimit: 1,
    concurrencyPolicy: 'queue',
    concurrencyKey: '',
    maxAttempts: 1,
    backoffMs: 10_000,
    maxBackoffMs: 600_000,
    retryOn: [...RETRIED_BY_DEFAULT],
    retryExitCodes: '',
    mustPrint: [],
    mustNotPrint: [],
    mustCreate: [],
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
    secrets: [...bot.secrets],
    cwd: bot.cwd ?? '',
    terminal: bot.terminal,
    input: bot.input,
    timeoutMs: bot.timeoutMs,
    idleTimeoutMs: bot.idleTimeoutMs,
    killGraceMs: bot.killGraceMs,
    maxLogBytes: bot.maxLogBytes,
    ...bot.limits,
    priority: bot.priority,
    concurrencyLimit: bot.concurrency.limit,
    concurrencyPolicy: bot.concurrency.policy,
    concurrencyKey: bot.concurrency.key ?? '',
    maxAttempts: bot.retry.maxAttempts,
    backoffMs: bot.retry.backoffMs,
    maxBackoffMs: bot.retry.maxBackoffMs,
    retryOn: [...bot.retry.on],
    retryExitCodes: bot.retry.exitCodes.join(', '),
    mustPrint: [...bot.assert.mustPrint],
    mustNotPrint: [...bot.assert.mustNotPrint],
    mustCreate: [...bot.assert.mustCreate],
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
    secrets: [...draft.secrets],
    cwd: draft.cwd.trim() || null,
    terminal: draft.terminal,
    input: draft.input,
    timeoutMs: draft.timeoutMs,
    idleTimeoutMs: draft.idleTimeoutMs,
    killGraceMs: draft.killGraceMs,
    maxLogBytes: draft.maxLogBytes,
    limits: { memoryBytes: draft.memoryBytes, cpus: draft.cpus, pids: draft.pids },
    priority: draft.priority,
    concurrency: {
      limit: draft.concurrencyLimit,
      policy: draft.concurrencyPolicy,
      key: draft.concurrencyKey || null
    },
    retry: {
      maxAttempts: draft.maxAttempts,
      backoffMs: draft.backoffMs,
      maxBackoffMs: draft.maxBackoffMs,
      on: [...draft.retryOn],
      exitCodes: listed(draft.retryExitCodes).map(Number)
    },
    assert: {
      mustPrint: filled(draft.mustPrint),
      mustNotPrint: filled(draft.mustNotPrint),
      mustCreate: filled(draft.mustCreate)
    },
    tags: listed(draft.tags),
    enabled: draft.enabled
  }
}

/** What stands between commas, each thing once. */
function listed(text: string): string[] {
  const words = text.split(',').map(word => word.trim())
  return [...new Set(words.filter(word => word !== ''))]
}

const filled = (rows: string[]) => rows.filter(row => row !== '')

/** Rows with something in them: an empty one is one nobody has filled in yet. */
const namedRows = (draft: Draft) => draft.env.filter(({ name, value }) => name !== '' || value !== '')

/** Whether one of these fields holds something else than in a new draft. */
export function differs(draft: Draft, fields: (keyof Draft)[]): boolean {
  const plain = newDraft()
  return fields.some(field => !same(draft[field], plain[field]))
}

/** Of these the server takes a part, too: what is left out stays as it is. */
const GROUPS = new Set(['concurrency', 'retry', 'limits', 'assert'])

/** The fields in which `after` says something else than `before`. */
export function changes(before: CreateBot, after: CreateBot): UpdateBot {
  return differences(before as Fields, after as Fields) as UpdateBot
}

type Fields = Record<string, unknown>

function differences(before: Fields, after: Fields): Fields {
  const changed = Object.entries(after).filter(([name, value]) => !same(value, before[name]))
  return Object.fromEntries(
    changed.map(([name, value]) => [
      name,
      GROUPS.has(name) ? differences(before[name] as Fields, value as Fields) : value
    ])
  )
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
  for (const { path, name, units } of amounts) {
    const value = draft[name]
    add(path, value !== null && amountProblem(value, bounds[name], units))
  }
  add(
    '/retry/exitCodes',
    !listed(draft.retryExitCodes).every(isExitCode) && 'Numbers from 1 to 255, with commas between.'
  )
  // Of parameters that cannot be read nobody knows whether they are declared.
  if (schema) {
    const { env = {}, secrets = [], concurrency } = botOf(draft, {})
    const key = concurrency?.key ?? null
    const rules = botProblems({
      ...draft,
      env,
      secrets,
      parameters: schema,
      concurrency: { limit: 1, policy: 'queue', key }
    })
    problems.push(...rules.filter(({ path }) => all || path !== '/command/0' || draft.command[0]?.trim() !== ''))
  }
  return problems
}

/** The fields that are numbers, by the server's paths. */
const amounts: { path: string; name: keyof typeof bounds; units: Unit[] }[] = [
  { path: '/timeoutMs', name: 'timeoutMs', units: timeUnits },
  { path: '/idleTimeoutMs', name: 'idleTimeoutMs', units: timeUnits },
  { path: '/killGraceMs', name: 'killGraceMs', units: timeUnits },
  { path: '/maxLogBytes', name: 'maxLogBytes', units: sizeUnits },
  { path: '/limits/memoryBytes', name: 'memoryBytes', units: memoryUnits },
  { path: '/limits/cpus', name: 'cpus', units: processorUnits },
  { path: '/limits/pids', name: 'pids', units: countUnits },
  { path: '/priority', name: 'priority', units: countUnits },
  { path: '/concurrency/limit', name: 'concurrencyLimit', units: countUnits },
  { path: '/retry/maxAttempts', name: 'maxAttempts', units: countUnits },
  { path: '/retry/backoffMs', name: 'backoffMs', units: timeUnits },
  { path: '/retry/maxBackoffMs', name: 'maxBackoffMs', units: timeUnits }
]

const isExitCode = (text: string) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 255

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
