import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import fp from 'fastify-plugin'

const options: Options = { allErrors: true, useDefaults: true, strict: false }

/**
 * How requests are checked: bodies strictly, as JSON has types and unknown fields are mistakes; what comes in the address
 * is text, so numbers in it are read as such. Answers are what the stores say, word for word.
 */
export const validation = fp(
  async app => {
    const strict = addFormats.default(new Ajv(options))
    const coercing = addFormats.default(new Ajv({ ...options, coerceTypes: true }))
    app.setValidatorCompiler(({ schema, httpPart }) =>
      compileAtFirstUse(httpPart === 'body' ? strict : coercing, schema as object)
    )
    app.setSerializerCompiler(() => data => JSON.stringify(data))
    app.removeContentTypeParser('text/plain')
  },
  { name: 'validation' }
)

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
