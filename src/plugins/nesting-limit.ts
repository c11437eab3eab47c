import fp from 'fastify-plugin'
import { AppError } from '../lib/errors.ts'

/** Deeper than anybody writes. Copying, checking and storing a value recurse, and would run out of stack. */
export const MAX_DEPTH = 100

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

/** Whether a value that was parsed is nested deeper than that; bytes are not looked into. */
export function tooDeep(value: unknown, levels: number = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  return levels === 0 || Object.values(value).some(inner => tooDeep(inner, levels - 1))
}
