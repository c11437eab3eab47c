import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Registry } from 'prom-client'
import { Type } from 'typebox'
import { problems } from '../lib/schemas.ts'
import type { Sources } from './catalogue.ts'

export const metricRoutes: FastifyPluginAsyncTypebox<{ sources: Sources }> = async (app, { sources }) => {
  let registry: Promise<Registry> | null = null

  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Numbers for Prometheus',
        description:
          'In its text format. Give Prometheus a token of role viewer that is not for some bots only. Counts begin with the server.',
        tags: ['health'],
        response: {
          200: { description: 'Metrics.', content: { 'text/plain': { schema: Type.String() } } },
          ...problems
        }
      },
      config: { access: 'viewer', vital: true },
      logLevel: 'warn'
    },
    async (_request, reply) => {
      registry ??= import('./registry.ts').then(({ makeRegistry }) => makeRegistry(sources))
      const metrics = await registry
      return reply
        .type(metrics.contentType)
        .header('cache-control', 'no-store')
        .send(await metrics.metrics())
    }
  )
}
