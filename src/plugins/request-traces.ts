import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Reports } from '../process/sentry.ts'

/** Has some requests traced, from when they come to when they have been answered; event streams never are. */
export const requestTraces = fp<{ reports: Pick<Reports, 'request'> }>(
  async (app, { reports }) => {
    const open = new WeakMap<FastifyRequest, (status: number) => void>()
    app.addHook('onRequest', async request => {
      const { url, config } = request.routeOptions
      if (config?.stream || config?.unlimited) return
      open.set(request, reports.request(request.method, request.is404 ? 'unknown' : (url ?? 'unknown'), request.id))
    })
    app.addHook('onResponse', async (request, reply) => open.get(request)?.(reply.raw.statusCode))
  },
  { name: 'request-traces' }
)
