import { Ajv, type Options } from 'ajv'
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
    app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? strict : coercing).compile(schema))
    app.setSerializerCompiler(() => data => JSON.stringify(data))
    app.removeContentTypeParser('text/plain')
  },
  { name: 'validation' }
)
