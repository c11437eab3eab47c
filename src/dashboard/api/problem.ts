import type { FieldError } from '../../lib/errors.ts'
import type { Problem } from './types.ts'

/** What went wrong with a request, in words for the person who made it. `errors` say it field by field. */
export class ApiProblem extends Error {
  readonly code: string
  readonly status: number
  readonly errors: FieldError[]

  constructor(problem: Partial<Problem>, status: number) {
    super(problem.detail ?? `The server answered ${status}.`)
    this.name = 'ApiProblem'
    this.code = problem.code ?? 'unknown'
    this.status = status
    this.errors = problem.errors ?? []
  }
}

/** No answer at all: the server is down, or the way to it. */
export function unreachable(): ApiProblem {
  return new ApiProblem({ code: 'unreachable', detail: 'The server does not answer. Is it running?' }, 0)
}

/** The words to show for anything that was thrown. Some of the server's are for programs. */
export function explain(error: unknown): string {
  if (error instanceof ApiProblem && error.code === 'unauthenticated') return 'Your session has ended. Sign in again.'
  if (error instanceof ApiProblem && error.message === 'The body is not as it should be: see errors.')
    return `This cannot be taken: ${error.errors.map(({ path, message }) => `${path.slice(1)} ${message}`).join('; ')}.`
  return error instanceof Error ? error.message.replace(/: see errors\.$/, ': see what is marked.') : String(error)
}

/** What the server found wrong in what was sent, or in one part of it, such as `/parameters`; by its path within that. */
export const errorsIn = (error: unknown, part = ''): FieldError[] =>
  error instanceof ApiProblem ? errorsWithin(error.errors, part) : []

/** Those of a part, by their paths within it. */
export function errorsWithin(errors: FieldError[], part: string): FieldError[] {
  const inside = errors.filter(({ path }) => `${path}/`.startsWith(`${part}/`))
  return inside.map(({ path, message }) => ({ path: path.slice(part.length) || '/', message }))
}

/** What the server found wrong in one field of what was sent. */
export const errorOf = (error: unknown, field: string): string | undefined => errorsIn(error, `/${field}`)[0]?.message

/** Whether the thing asked for is not there, so that asking again is of no use. */
export const isMissing = (error: unknown): boolean => error instanceof ApiProblem && error.status === 404
