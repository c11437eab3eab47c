import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../lib/errors.ts'
import { isApi } from './auth.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** A page of another origin sends it, which may use the API with a token: it neither shows nor gets cookies. */
    fromNamedOrigin: boolean
  }
}

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** What a page of another origin may send and read, once that origin is named. */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-none-match, last-event-id, range',
  'access-control-max-age': '600'
}
const READABLE =
  'content-disposition, content-range, etag, location, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id'

/**
 * Keeps pages of other sites from acting in the name of whoever looks at them. SameSite cookies do that too, but not from a
 * sibling's domain, nor in every browser. Programs other than browsers are not concerned.
 *
 * `corsOrigins` names the exceptions. Their pages bring a token of their own: a person's cookies do not count there, and are not
 * put in the place of others by them.
 */
export const crossSite = fp<{ publicUrl: string | null; corsOrigins: string[] }>(
  async (app, { publicUrl, corsOrigins }) => {
    const publicOrigin = publicUrl && new URL(publicUrl).origin
    const named = new Set(corsOrigins)

    app.decorateRequest('fromNamedOrigin', false)
    app.addHook('onRequest', async (request, reply) => {
      const { method, headers } = request
      const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
      if (CHANGES_NOTHING.has(method) && !isPreflight && named.size === 0) return
      if (named.has(headers.origin ?? '') && isApi(request.url)) return answerNamed(request, reply, isPreflight)
      if (named.size > 0 && isApi(request.url)) reply.header('vary', 'Origin')
      const own = [`${request.protocol}://${request.host}`, publicOrigin]
      if ((isPreflight || !CHANGES_NOTHING.has(method)) && comesFromElsewhere(headers, own)) {
        throw new AppError(
          'cross_site',
          'This was sent by a page of another site. An administrator can let the pages of an origin use the API: CORS_ORIGINS.'
        )
      }
    })
  },
  { name: 'cross-site', dependencies: ['problem-details'] }
)

/**
 * Whether a browser sends something for a page that is not one of `own` origins. Newer browsers say so themselves, where
 * the connection is one they trust; all name the origin of what changes something.
 */
export function comesFromElsewhere(headers: IncomingHttpHeaders, own: (string | null)[]): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return headers.origin !== undefined && !own.includes(headers.origin)
}

async function answerNamed(request: FastifyRequest, reply: FastifyReply, isPreflight: boolean) {
  request.fromNamedOrigin = true
  delete request.headers.cookie
  reply.headers({
    'access-control-allow-origin': request.headers.origin,
    'access-control-expose-headers': READABLE,
    vary: 'Origin'
  })
  if (isPreflight) return reply.headers(PREFLIGHT).code(204).send()
}
