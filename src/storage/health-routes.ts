import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { StorageProbe } from './probe.ts'

const StorageHealth = Type.Object({ status: Type.Enum(['not_configured', 'accessible', 'inaccessible']) })

export const storageHealthRoutes: FastifyPluginAsyncTypebox<{ probe: Pick<StorageProbe, 'state'> }> = async (
  app,
  { probe }
) => {
  app.get(
    '/storage',
    {
      schema: {
        summary: 'Whether the bucket for artifacts can be used',
        description: 'Found out by writing a small object, reading it back and removing it.',
        tags: ['health'],
        response: { 200: StorageHealth, 503: StorageHealth }
      },
      config: { access: 'open' },
      logLevel: 'warn'
    },
    async (_request, reply) => {
      const status = await probe.state()
      return reply
        .code(status === 'inaccessible' ? 503 : 200)
        .header('cache-control', 'no-store')
        .send({ status })
    }
  )
}
