import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'

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
      const { stream, unlimited } = request.routeOptions.config ?? {}
      if (stream || unlimited) return
      if (workedOn.size >= max) {
        throw new AppError('overloaded', `${max} requests are worked on, which is the limit. Try again in a second.`, {
          headers: { 'retry-after': '1' }
        })
      }
      workedOn.add(request)
      // Whoever has gone away gets no answer.
      reply.raw.once('close', () => workedOn.delete(request))
    })
    app.addHook('onSend', async request => {
      workedOn.delete(request)
    })
  },
  { name: 'load-limit', dependencies: ['problem-details'] }
)
