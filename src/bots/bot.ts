import type { Static } from 'typebox'
import { SHELL_VARIABLES } from '../attempts/variable-names.ts'
import type { FieldError } from '../lib/errors.ts'
import type * as schemas from './schemas.ts'
import { scriptAt } from './shell.ts'

/** What can be run. */
export type Bot = Static<typeof schemas.Bot>
export type CreateBot = Static<typeof schemas.CreateBot>
export type UpdateBot = Static<typeof schemas.UpdateBot>

/** A parameter's value by name, as whoever starts the bot gave it. */
export type ParameterValues = Record<string, unknown>

/** `{{parameters.name}}` or `{{payload.path}}`; any other pair of braces is text (a Go template, a mustache). */
const PLACEHOLDER = /\{\{\s*(parameters|payload)\.([A-Za-z0-9_.-]+)\s*\}\}/g

/**
 * A slug for a name: `Nightly report (EU)` becomes `nightly-report-eu`. A name without a Latin letter or digit gives `bot`.
 */
export function slugFor(name: string): string {
  const slug = name
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '')
  return slug || 'bot'
}

/** What a search looks through. */
export function searchText(bot: Pick<Bot, 'name' | 'slug' | 'description' | 'tags'>): string {
  return searchForm([bot.name, bot.slug, bot.description, ...bot.tags].join('\n'))
}

/** The form in which texts are compared: the same for upper and lower case, and however an accent was typed. */
export function searchForm(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** The rules no JSON Schema can say; empty when the bot may be saved. */
export function botProblems(
  bot: Pick<Bot, 'slug' | 'command' | 'env' | 'secrets' | 'parameters' | 'concurrency'>
): FieldError[] {
  const problems: FieldError[] = []
  if (/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(bot.slug)) {
    problems.push({ path: '/slug', message: 'must not look like an id' })
  }
  if (bot.command[0]?.trim() === '') problems.push({ path: '/command/0', message: 'must name a program' })
  const declared = (bot.parameters.properties ?? {}) as Record<string, unknown>
  const texts = [
    ...bot.command.map((text, i) => ({ path: `/command/${i}`, text })),
    ...Object.entries(bot.env).map(([name, text]) => ({ path: `/env/${name}`, text })),
    { path: '/concurrency/key', text: bot.concurrency.key ?? '' }
  ]
  const script = `/command/${scriptAt(bot.command)}`
  for (const { path, text } of texts) {
    for (const [whole, source, name] of text.matchAll(PLACEHOLDER)) {
      if (source === 'parameters' && !Object.hasOwn(declared, name!.split('.')[0]!)) {
        problems.push({ path, message: `${whole}: the bot declares no such parameter` })
      }
      if (source === 'payload' && path === script) {
        const instead = 'give it to a variable of the environment, and write that in double quotes here'
        problems.push({ path, message: `${whole}: the shell would run what others have written: ${instead}` })
      }
    }
  }
  for (const [braces] of bot.concurrency.key?.replace(PLACEHOLDER, '').matchAll(/\{\{.*?\}\}/g) ?? [])
    problems.push({
      path: '/concurrency/key',
      message: `${braces} stands for nothing: write {{parameters.name}} or {{payload.path}}`
    })
  bot.secrets.forEach((name, i) => {
    if (Object.hasOwn(bot.env, name))
      problems.push({ path: `/secrets/${i}`, message: `${name} is in the environment too: keep one of them` })
  })
  for (const name of Object.keys(bot.env)) {
    if (name.startsWith('BOTYARD_'))
      problems.push({ path: `/env/${name}`, message: 'names that begin with BOTYARD_ are taken' })
    if (SHELL_VARIABLES.has(name))
      problems.push({ path: `/env/${name}`, message: 'shells keep this name for themselves: choose another' })
  }
  return problems
}

/** What an execution is given, and placeholders stand for. The payload may be large: it is read once somebody asks for it. */
export class Given {
  readonly parameters: ParameterValues
  readonly #payload: string | null
  #read: unknown = null

  /** @param payload JSON text; null for none. */
  constructor(parameters: ParameterValues, payload: string | null = null) {
    this.parameters = parameters
    this.#payload = payload
  }

  get payload(): unknown {
    if (this.#payload !== null) this.#read ??= JSON.parse(this.#payload)
    return this.#read
  }
}

/**
 * Puts values in place of their placeholders, once: what a value itself holds stays text.
 * A missing value is empty; a list or object is its JSON.
 */
export function fill(text: string, given: Given): string {
  return text.replace(PLACEHOLDER, (_, source: string, path: string) => {
    let value: unknown = source === 'payload' ? given.payload : given.parameters
    for (const key of path.split('.')) {
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as ParameterValues)[key]
          : undefined
    }
    if (value === undefined || value === null) return ''
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })
}
