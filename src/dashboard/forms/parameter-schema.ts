import { type Field, fieldsOf, readText } from './json-schema.ts'
import { jsonProblem } from './json-text.ts'

export type Schema = Record<string, unknown>

/** A bot's parameters as they stand in the editor: the schema, or what is wrong with the text. */
export function readSchema(text: string): { schema: Schema } | { problem: string } {
  const problem = jsonProblem(text)
  if (problem) return { problem: `Line ${problem.line}, column ${problem.column}: ${problem.message}.` }
  const schema = JSON.parse(text)
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return { problem: 'This must be an object: it begins with { and ends with }.' }
  }
  return { schema }
}

export const schemaText = (schema: Schema): string => JSON.stringify(schema, null, 2)

/** What a parameter can be, in words, and how the schema says it. */
export const parameterTypes = {
  text: { word: 'Text', schema: { type: 'string' } },
  multiline: { word: 'Text of several lines', schema: { type: 'string', format: 'multiline' } },
  integer: { word: 'Whole number', schema: { type: 'integer' } },
  number: { word: 'Number', schema: { type: 'number' } },
  boolean: { word: 'Yes or no', schema: { type: 'boolean' } },
  list: { word: 'List of texts', schema: { type: 'array', items: { type: 'string' } } }
} as const

export interface NewParameter {
  name: string
  type: keyof typeof parameterTypes
  required: boolean
  /** As it was typed; empty for none. */
  default: string
}

/** Puts a parameter at the end of a schema, or says by field what is wrong with it. */
export function withParameter(
  schema: Schema,
  { name, type, required, default: text }: NewParameter
): { schema: Schema } | { problems: { name?: string; default?: string } } {
  const properties = (schema.properties ?? {}) as Schema
  const problem = nameProblem(name, properties)
  const property: Schema = { ...parameterTypes[type].schema }
  const [field] = fieldsOf({ properties: { [name]: property } }) as [Field]
  const value = type === 'boolean' ? readBoolean(text) : readText(field, text)
  if (problem || 'error' in value) {
    return { problems: { ...(problem && { name: problem }), ...('error' in value && { default: value.error }) } }
  }
  if (value.value !== undefined) property.default = value.value
  const before = Array.isArray(schema.required) ? schema.required : []
  return {
    schema: {
      ...schema,
      properties: { ...properties, [name]: property },
      ...((required || schema.required !== undefined) && { required: required ? [...before, name] : schema.required })
    }
  }
}

function nameProblem(name: string, properties: Schema): string | null {
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    return 'Letters, digits, _ and - only: so that {{parameters.name}} can stand for it.'
  return Object.hasOwn(properties, name) ? 'There is a parameter of this name already.' : null
}

function readBoolean(text: string): { value: boolean | undefined } | { error: string } {
  const word = text.trim().toLowerCase()
  if (word === '') return { value: undefined }
  if (['yes', 'true'].includes(word)) return { value: true }
  return ['no', 'false'].includes(word) ? { value: false } : { error: 'is neither yes nor no' }
}
