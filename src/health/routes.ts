import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { VERSION } from '../process/version.ts'
import type { Life } from './life.ts'
import type { Probe } from './probes.ts'
import { Health, Healthy, Readiness } from './schemas.ts'

/** Who is told that the server is not ready asks again after this. */
const AGAIN_SECONDS = 5

export interface HealthOptions {
  life: Life
  /** What has to work for the server to take work. */
  needs: Record<'database' | 'logs', Probe>
}

export const healthRoutes: FastifyPluginAsyncTypebox<HealthOptions> = async (app, { life, needs }) => {
  for (const path of ['', '/live']) {
    app.get(
      path,
      {
        schema: { summary: 'Whether the server answers', tags: ['health'], response: { 200: Healthy } },
        config: { access: 'open', unlimited: true },
        logLevel: 'warn'
      },
      async () => ({ status: 'healthy' as const })
    )
  }

  app.get(
    '/ready',
    {
      schema: {
        summary: 'Whether the server takes work',
        description:
          'Not while it starts or stops, nor while the database takes no writes or logs cannot be written. A machine that is drained is ' +
          'ready. Anybody is told whether; with a credential that is not for some bots only, also what of it is not well.',
        tags: ['health'],
        response: { 200: Readiness, 503: Readiness }
      },
      config: { access: 'open', unlimited: 'unsigned' },
      logLevel: 'warn'
    },
    async (request, reply) => {
      const [database, logs, principal] = await Promise.all([
        needs.database(),
        needs.logs(),
        // Whoever he is, he is to hear whether it is ready, also while nobody can be looked up.
        request.authenticate().catch(() => null)
      ])
      const checks = { server: verdict(life.phase === 'running'), database: verdict(database), logs: verdict(logs) }
      const status = verdict(Object.values(checks).every(check => check === 'healthy'))
      const details = { checks, version: VERSION, node: process.version, uptimeMs: Math.round(process.uptime() * 1000) }
      if (status === 'unhealthy') reply.code(503).header('retry-after', String(AGAIN_SECONDS))
      reply.header('cache-control', 'no-store')
      return { status, ...(principal && !principal.bots && details) }
    }
  )

  app.get(
    '/db',
    {
      schema: {
        summary: 'Whether the database takes writes',
        tags: ['health'],
        response: { 200: Health, 503: Health }
      },
      config: { access: 'open' },
      logLevel: 'warn'
    },
    async (_request, reply) => {
      const works = await needs.database()
      return reply
        .code(works ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ status: verdict(works) })
    }
  )
}

const verdict = (works: boolean) => (works ? ('healthy' as const) : ('unhealthy' as const))
