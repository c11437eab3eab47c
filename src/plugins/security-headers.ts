import helmet from '@fastify/helmet'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { isApi } from './auth.ts'

/** Pages may load what this server serves and nothing else; no inline script or style, no frame around them. */
export const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  mediaSrc: ["'self'"],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"]
}

/** What no page of ours asks a browser for. */
const NO_DEVICES = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'publickey-credentials-create']

/** `publicUrl` is where people reach the server. */
export const securityHeaders = fp<{ publicUrl: string | null }>(
  async (app, { publicUrl }) => {
    await app.register(helmet, {
      global: false,
      contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
      frameguard: { action: 'deny' },
      hsts: publicUrl !== null && isPublicHttps(new URL(publicUrl)) ? { maxAge: 31_536_000 } : false,
      // For Internet Explorer and Flash.
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false
    })
    // They are the same for every answer, so helmet is asked once.
    let headers: ReturnType<typeof headersOf> | undefined
    app.addHook('onRequest', async (request, reply) => {
      headers ??= headersOf(reply)
      reply.headers(headers)
      // What one person was told is for no cache between, nor for the next who uses the browser.
      if (isApi(request.url)) reply.header('cache-control', 'no-store')
    })
  },
  { name: 'security-headers' }
)

/** By plain http the header means nothing; of this machine's own name browsers would keep it for its other servers, too. */
function isPublicHttps({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' && !/(^|\.)localhost$/.test(hostname)
}

/** What helmet says for an answer that has no headers yet, and has none after this either. */
function headersOf(reply: FastifyReply) {
  reply.helmet()
  const headers = { ...reply.raw.getHeaders(), 'permissions-policy': NO_DEVICES.map(name => `${name}=()`).join(', ') }
  for (const name of reply.raw.getHeaderNames()) reply.raw.removeHeader(name)
  return headers
}
