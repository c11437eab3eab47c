import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FieldError } from '../lib/errors.ts'
import type { Bot, ParameterValues } from './bot.ts'
import { withinTime } from './time-limit.ts'

/** Compiling takes some milliseconds; a bot that is started often should not pay it each time. */
const MAX_COMPILED = 200
const compiled = new Map<string, ValidateFunction>()

/**
 * What a check may take, in milliseconds: hundreds of times what one does, for a machine whose bots leave it no processor.
 * Regular expressions can be made to take for ever, and so can comparing each thing of a long list with all others.
 */
const CHECK_MS = 250
/**
 * And what compiling a schema may take. Of some keywords each thing is compared with all others then, which takes long where
 * there are many: of one that is no longer than this nobody needs to measure it.
 */
const COMPILE_MS = 5000
const SOON_COMPILED_CHARS = 20_000
const TOO_LONG_TO_READ = 'takes too long to read'
const CAN_TAKE_LONG = /"(pattern|patternProperties|uniqueItems)":/

const options: Options = {
  allErrors: true,
  useDefaults: true,
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  logger: false
}

/** What is wrong with a bot's parameter schema, in words; null when it can be used. */
export function parameterSchemaProblem(schema: Bot['parameters']): string | null {
  if (schema.type !== 'object') return 'must have "type": "object"'
  if ('$async' in schema) return 'must not be asynchronous ($async)'
  try {
    return compile(schema) ? null : TOO_LONG_TO_READ
  } catch (error) {
    return `is not a JSON Schema: ${(error as Error).message}`
  }
}

/**
 * Checks values against a bot's schema; gives them back with its defaults filled in, or what is wrong with each. Values whose
 * check takes too long are wrong: all of JavaScript's patterns can be used, and none can keep the server.
 */
export function checkParameters(
  schema: Bot['parameters'],
  values: ParameterValues
): { values: ParameterValues; errors: FieldError[] } {
  const validate = compile(schema)
  const checked = structuredClone(values)
  if (!validate)
    return { values: checked, errors: [{ path: '', message: `cannot be checked: their schema ${TOO_LONG_TO_READ}` }] }
  const check = () => validate(checked)
  const outcome = CAN_TAKE_LONG.test(JSON.stringify(schema)) ? withinTime(CHECK_MS, check) : { result: check() }
  if (!outcome)
    return { values: checked, errors: [{ path: '', message: 'take too long to check against their schema' }] }
  return { values: checked, errors: outcome.result ? [] : (validate.errors ?? []).map(describe) }
}

/** Null when it takes too long. @throws Error when it is no schema */
function compile(schema: Bot['parameters']): ValidateFunction | null {
  const key = JSON.stringify(schema)
  const known = compiled.get(key)
  if (known) return known
  // An instance of its own for each: one schema's $id cannot collide with another's.
  const ajv = String(schema.$schema).includes('draft-07') ? new Ajv(options) : new Ajv2020(options)
  addFormats.default(ajv)
  // Says how a form shows a text, nothing about what stands in it.
  ajv.addFormat('multiline', true)
  const work = () => ajv.compile(schema)
  const outcome = key.length > SOON_COMPILED_CHARS ? withinTime(COMPILE_MS, work) : { result: work() }
  if (!outcome) return null
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(key, outcome.result)
  return outcome.result
}

function describe(error: ErrorObject): FieldError {
  const { missingProperty, additionalProperty, allowedValues } = error.params as Record<string, unknown>
  if (typeof missingProperty === 'string')
    return { path: `${error.instancePath}/${missingProperty}`, message: 'is required' }
  if (typeof additionalProperty === 'string') {
    return { path: `${error.instancePath}/${additionalProperty}`, message: 'is not a parameter of this bot' }
  }
  const allowed = Array.isArray(allowedValues) ? `: ${allowedValues.map(v => JSON.stringify(v)).join(', ')}` : ''
  return { path: error.instancePath || '/', message: `${error.message}${allowed}` }
}
