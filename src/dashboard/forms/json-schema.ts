import type { ParameterValues } from '../../bots/bot.ts'
import type { FieldError } from '../../lib/errors.ts'

/** A parameter as a form asks for it. */
export type Field = {
  name: string
  label: string
  description: string
  required: boolean
  /** What holds when nothing is given; undefined when nothing does. */
  default: unknown
  /** A value to show what is meant. */
  example: unknown
} & Control

export type Control =
  | {
      kind: 'text'
      type: 'text' | 'email' | 'url' | 'date' | 'datetime-local' | 'password'
      maxLength: number | undefined
    }
  | { kind: 'multiline'; maxLength: number | undefined }
  | { kind: 'select'; options: unknown[] }
  | { kind: 'number'; min: number | undefined; max: number | undefined; step: number | 'any' }
  | { kind: 'checkbox' }
  | { kind: 'lines' }
  | { kind: 'json' }

type Schema = Record<string, unknown>

/** A text that may be longer than this gets more than one line to be written in. */
const LONG = 200

const inputTypes: Record<string, (Control & { kind: 'text' })['type']> = {
  email: 'email',
  uri: 'url',
  date: 'date',
  'date-time': 'datetime-local',
  password: 'password'
}

/** The fields of the form for a bot's parameters, in the order of its schema. */
export function fieldsOf(schema: Schema): Field[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(asSchema(schema.properties)).map(([name, property]) => {
    const { title, description, default: value, examples } = asSchema(property)
    return {
      name,
      label: typeof title === 'string' && title !== '' ? title : name,
      description: typeof description === 'string' ? description : '',
      required: required.includes(name) && value === undefined,
      default: value,
      example: Array.isArray(examples) ? examples[0] : undefined,
      ...controlOf(asSchema(property))
    }
  })
}

function controlOf(schema: Schema): Control {
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return { kind: 'select', options: schema.enum }
  switch (typeOf(schema)) {
    case 'string':
      return textControl(schema)
    case 'integer':
    case 'number':
      return numberControl(schema)
    case 'boolean':
      return { kind: 'checkbox' }
    case 'array':
      return { kind: typeOf(asSchema(schema.items)) === 'string' ? 'lines' : 'json' }
    default:
      return { kind: 'json' }
  }
}

/** The one type of a value, null aside: what is left empty is not given at all. */
function typeOf({ type }: Schema): unknown {
  const types = (Array.isArray(type) ? type : [type]).filter(one => one !== 'null')
  return types.length === 1 ? types[0] : undefined
}

function textControl({ format, maxLength }: Schema): Control {
  const longest = numberOr(maxLength)
  if (format === 'multiline' || (longest !== undefined && longest > LONG && format === undefined)) {
    return { kind: 'multiline', maxLength: longest }
  }
  return { kind: 'text', type: inputTypes[String(format)] ?? 'text', maxLength: longest }
}

function numberControl(schema: Schema): Control {
  const whole = typeOf(schema) === 'integer'
  const above = numberOr(schema.exclusiveMinimum)
  const below = numberOr(schema.exclusiveMaximum)
  return {
    kind: 'number',
    min: numberOr(schema.minimum) ?? (whole && above !== undefined ? Math.floor(above) + 1 : above),
    max: numberOr(schema.maximum) ?? (whole && below !== undefined ? Math.ceil(below) - 1 : below),
    step: numberOr(schema.multipleOf) ?? (whole ? 1 : 'any')
  }
}

const numberOr = (value: unknown) => (typeof value === 'number' ? value : undefined)
const asSchema = (value: unknown): Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}

/** A value as text, for people. */
export function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a field says about itself below it. */
export function hintOf(field: Field): string {
  const parts = [field.description]
  if (field.kind === 'lines') parts.push('One per line.')
  if (field.kind === 'json') parts.push('As JSON.')
  if (field.kind !== 'checkbox' && field.kind !== 'select' && field.default !== undefined && field.default !== '') {
    parts.push(`Left empty, it is ${inWords(field.default)}.`)
  }
  if (field.example !== undefined) parts.push(`For example: ${inWords(field.example)}`)
  return parts.filter(part => part !== '').join(' ')
}

/** What stands in a field's control for a value. A select's text is the place of its option. */
export function textOf(field: Field, value: unknown): string {
  if (value === undefined) return ''
  switch (field.kind) {
    case 'select': {
      const place = field.options.findIndex(option => same(option, value))
      return place === -1 ? '' : String(place)
    }
    case 'lines':
      return Array.isArray(value) ? value.join('\n') : ''
    case 'json':
      return JSON.stringify(value, null, 2)
    case 'text':
      return field.type === 'datetime-local' ? localTime(String(value)) : String(value)
    default:
      return String(value)
  }
}

/** The value that the text of a field's control stands for; undefined when it is left empty. */
export function readText(field: Field, text: string): { value: unknown } | { error: string } {
  if (text.trim() === '') return { value: field.kind === 'multiline' && text !== '' ? text : undefined }
  switch (field.kind) {
    case 'select':
      return { value: field.options[Number(text)] }
    case 'number':
      return Number.isFinite(Number(text)) ? { value: Number(text) } : { error: 'is not a number' }
    case 'lines':
      return { value: text.split(/\r?\n/).filter(line => line !== '') }
    case 'json':
      return readJson(text)
    case 'text':
      return { value: field.type === 'datetime-local' ? new Date(text).toISOString() : text }
    default:
      return { value: text }
  }
}

function readJson(text: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { error: `is not JSON: ${(error as Error).message}` }
  }
}

/** An instant as a date-time input writes it: in the time of whoever looks, to the second, without a zone. */
function localTime(instant: string): string {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/**
 * The values that the form of these fields can hold: without those of fields that are gone or became something else.
 * A checkbox is never left empty: it says yes or no.
 */
export function tidied(fields: Field[], values: ParameterValues): ParameterValues {
  const kept: ParameterValues = {}
  for (const field of fields) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
    const read = value === undefined ? { value } : readText(field, textOf(field, value))
    if ('value' in read && read.value !== undefined && same(read.value, value)) kept[field.name] = value
    else if (field.kind === 'checkbox') kept[field.name] = typeof value === 'boolean' ? value : field.default === true
  }
  return kept
}

/** The values as the bot will get them: with the defaults of its schema, as the server fills them in. */
export function withDefaults(schema: Schema, values: ParameterValues): ParameterValues {
  const filled = { ...values }
  for (const [name, property] of Object.entries(asSchema(schema.properties))) {
    const { default: value, ...rest } = asSchema(property)
    if (filled[name] === undefined && value !== undefined) filled[name] = value
    const given = filled[name]
    if (rest.properties && typeof given === 'object' && given !== null && !Array.isArray(given)) {
      filled[name] = withDefaults(rest, given as ParameterValues)
    }
  }
  return filled
}

/** Which message of the server stands at which field; `rest` belongs to none. */
export function placeErrors(fields: Field[], errors: FieldError[]): { at: Record<string, string>; rest: FieldError[] } {
  const at: Record<string, string> = {}
  const rest: FieldError[] = []
  for (const error of errors) {
    const keys = error.path
      .split('/')
      .slice(1)
      .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const field = fields.find(({ name }) => name === keys[0])
    if (!field) rest.push(error)
    else at[field.name] ??= insideOf(field, keys.slice(1)) + error.message
  }
  return { at, rest }
}

/** Where in a field's value a message belongs to; nothing when to all of it. */
function insideOf(field: Field, keys: string[]): string {
  if (keys.length === 0) return ''
  return field.kind === 'lines' ? `line ${Number(keys[0]) + 1}: ` : `${keys.join('/')}: `
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
