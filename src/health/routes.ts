import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Probe } from './probes.ts'
import { Health, Healthy } from './schemas.ts'

export const healthRoutes: FastifyPluginAsyncTypebox<{ probes: Record<'db' | 'storage', Probe> }> = async (
  app,
  { probes }
) => {
  app.get(
    '',
    {
      schema: { summary: 'Whether the server answers', tags: ['health'], response: { 200: Healthy } },
      config: { access: 'open', unlimited: true },
      logLevel: 'warn'
    },
    async () => ({ status: 'healthy' as const })
  )

  for (const [name, probe] of Object.entries(probes)) {
    app.get(
      `/${name}`,
      {
        schema: {
          summary: name === 'db' ? 'Whether the database takes writes' : 'Whether logs can be written',
          tags: ['health'],
          response: { 200: Health, 503: Health }
        },
        config: { access: 'open' },
        logLevel: 'warn'
      },
      async (_request, reply) => {
        const works = await probe()
        return reply
          .code(works ? 200 : 503)
          .header('cache-control', 'no-store')
          .send({ status: works ? 'healthy' : 'unhealthy' })
      }
    )
  }
}
