import { Type } from 'typebox'
import type { FieldError } from '../../lib/errors.ts'
import { urlProblem } from '../../outgoing/outgoing.ts'

export const Address = (description: string) => Type.String({ minLength: 1, maxLength: 2000, description })

/** Of settings that are addresses, those that nothing can be sent to. */
export function addressProblems(settings: Record<string, string>): FieldError[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const message = urlProblem(value)
    return message ? [{ path: `/${name}`, message }] : []
  })
}
