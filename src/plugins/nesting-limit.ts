import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'

/** Deeper than anybody writes. Copying, checking and storing a value recurse, and would run out of stack. */
const MAX_DEPTH = 100

export const nestingLimit = fp(
  async app => {
    app.addHook('preValidation', async request => {
      if (tooDeep(request.body)) {
        throw new AppError('invalid_request', `The body is nested more than ${MAX_DEPTH} levels deep.`)
      }
    })
  },
  { name: 'nesting-limit', dependencies: ['problem-details'] }
)

function tooDeep(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(inner => tooDeep(inner, levels - 1))
}
