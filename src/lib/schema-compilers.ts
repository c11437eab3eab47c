import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyServerOptions } from 'fastify'

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

const options: Options = { allErrors: true, useDefaults: true, strict: false }

/** One of each for all apps of a process: routes share their schemas, and what is compiled for one app is known to the next. */
let shared: { strict: Ajv; coercing: Ajv } | undefined

function makeShared() {
  const strict = addFormats.default(new Ajv(options))
  const coercing = addFormats.default(new Ajv({ ...options, coerceTypes: true }))
  return { strict, coercing }
}

/**
 * How requests are checked: bodies strictly, as JSON has types and unknown fields are mistakes; what comes in the address
 * is text, so numbers in it are read as such. Answers are what the stores say, word for word. Given to Fastify when it is
 * made, so that it does not load compilers of its own.
 */
export function schemaCompilers(): Compilers {
  shared ??= makeShared()
  const { strict, coercing } = shared
  const validatorOf = (route: { schema: object; httpPart?: string }) =>
    compileAtFirstUse(route.httpPart === 'body' ? strict : coercing, route.schema)
  return {
    // Declared as what takes a bare schema; what Fastify gives it is the route's part.
    buildValidator: (() => validatorOf) as unknown as NonNullable<Compilers['buildValidator']>,
    buildSerializer: () => () => (data: unknown) => JSON.stringify(data)
  }
}

/** Compiling every schema at the start would take a good part of it, and memory for many that are never used. */
function compileAtFirstUse(ajv: Ajv, schema: object) {
  let compiled: ValidateFunction | undefined
  const validate = (data: unknown): boolean => {
    compiled ??= ajv.compile(schema)
    const valid = compiled(data) as boolean
    validate.errors = compiled.errors ?? []
    return valid
  }
  validate.errors = [] as ErrorObject[]
  return validate
}
