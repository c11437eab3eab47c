import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'

/** Answers 503 at once when more requests are in flight than the machine should work on: better than making all wait. */
export const loadLimit = fp<{ max: number }>(
  async (app, { max }) => {
    let inFlight = 0
    app.addHook('onRequest', async (request, reply) => {
      if (request.routeOptions.config?.stream) return // counted by `Streams`
      if (inFlight >= max) {
        throw new AppError('overloaded', `${max} requests are in flight, which is the limit. Try again in a second.`, {
          headers: { 'retry-after': '1' }
        })
      }
      inFlight++
      // `close` comes whether the answer was read to its end or not.
      reply.raw.once('close', () => inFlight--)
    })
  },
  { name: 'load-limit', dependencies: ['problem-details'] }
)
