import fp from 'fastify-plugin'
import type { Measures } from '../metrics/measures.ts'

/** One name for all that is not there: strangers choose addresses, and each would be a series for ever. */
const UNKNOWN = 'unknown'

/** Counts requests, by the pattern of their route and never by their address. */
export const requestMeasures = fp<{ measures: Pick<Measures, 'request'> }>(
  async (app, { measures }) => {
    app.addHook('onResponse', async (request, reply) => {
      const { url, config } = request.routeOptions
      const labels = {
        method: request.method,
        route: request.is404 ? UNKNOWN : (url ?? UNKNOWN),
        // Who has gone before he was answered was told nothing.
        status: reply.raw.headersSent ? String(reply.raw.statusCode) : 'gone'
      }
      measures.request(labels, config?.stream ? null : reply.elapsedTime / 1000)
    })
  },
  { name: 'request-measures' }
)
