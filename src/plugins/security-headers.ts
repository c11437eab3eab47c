import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'
import { isApi } from './auth.ts'

/** Pages may load what this server serves and nothing else; no inline script or style, no frame around them. */
export const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"]
}

export const securityHeaders = fp<{ https: boolean }>(
  async (app, { https }) => {
    await app.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
      frameguard: { action: 'deny' },
      // By plain http the header means nothing, and browsers would keep it for other servers of the same host.
      hsts: https ? { maxAge: 31_536_000 } : false
    })
    // What one person was told is for no cache between, nor for the next who uses the browser.
    app.addHook('onRequest', async (request, reply) => {
      if (isApi(request.url)) reply.header('cache-control', 'no-store')
    })
  },
  { name: 'security-headers' }
)
