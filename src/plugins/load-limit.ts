import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../lib/errors.ts'
import { onceClosed } from '../lib/once-closed.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Is answered also while load is shed: it makes less to do, as it ends something or keeps it from beginning, or tells of it. */
    vital?: boolean
  }
}

/** Too much is asked of the server, whichever way that shows. */
export function overloaded(why: string, seconds: number): AppError {
  const wait = seconds === 1 ? 'a second' : `${seconds} seconds`
  return new AppError('overloaded', `${why} Try again in ${wait}.`, { headers: { 'retry-after': String(seconds) } })
}

/**
 * Answers 503 at once when more requests are worked on than the machine should work on: better than making all wait.
 * A request counts from when it is whole, and its sender known, to when its answer is. Who sends or reads slowly, or has no
 * right to ask, takes nobody's place.
 */
export const loadLimit = fp<{ max: number }>(
  async (app, { max }) => {
    const workedOn = new Set<FastifyRequest>()
    app.addHook('preValidation', async (request, reply) => {
      // Streams are counted by `Streams`.
      const { stream, unlimited, vital } = request.routeOptions.config ?? {}
      if (stream || unlimited || vital) return
      if (workedOn.size >= max) {
        throw overloaded(`${max} requests are worked on, which is the limit.`, 1)
      }
      workedOn.add(request)
      // Whoever has gone away gets no answer.
      onceClosed(reply.raw, () => workedOn.delete(request))
    })
    app.addHook('onSend', async request => {
      workedOn.delete(request)
    })
  },
  { name: 'load-limit', dependencies: ['problem-details'] }
)
