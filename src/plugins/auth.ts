import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'
import type { Sessions } from '../users/sessions.ts'
import { type Access, mayAccess, type User } from '../users/user.ts'
import type { SessionCookies } from './session-cookies.ts'

/** Whether an address is one of the API's, which answers to nobody without a right to it. */
export const isApi = (url: string): boolean => /^\/(api|admin)(\/|$|\?)/.test(url)

export const ACCESS_TOKEN_SECONDS = 15 * 60

/** Who makes a request. */
export interface Principal {
  userId: string
  user: User
  sessionId: string
  /** A browser's cookie, or a program's Authorization header. */
  via: 'cookie' | 'bearer'
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null only on routes that are open. */
    principal: Principal | null
    /** Who makes the request, by its token and the session behind it; null when nobody we know. */
    authenticate(): Promise<Principal | null>
  }
  interface FastifyContextConfig {
    /** Who may call the route. Every route says so, or the server does not start. */
    access?: Access
    /** The answer is an event stream, which is counted apart from requests. */
    stream?: boolean
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: { sub: string; sid: string }
    user: { sub: string; sid: string }
  }
}

/**
 * Finds out who makes a request and whether he may, before a body is read. A token names a session; whether that goes on,
 * and what its user may do, is asked anew each time, so that ending one takes effect at once.
 */
export const auth = fp<{ sessions: Sessions; jwtKey: Buffer; cookies: SessionCookies }>(
  async (app, { sessions, jwtKey, cookies }) => {
    await app.register(cookie)
    await app.register(jwt, {
      secret: jwtKey,
      sign: { algorithm: 'HS256', expiresIn: `${ACCESS_TOKEN_SECONDS}s`, iss: 'botyard', aud: 'botyard:access' },
      verify: {
        algorithms: ['HS256'],
        allowedIss: 'botyard',
        allowedAud: 'botyard:access',
        requiredClaims: ['iss', 'aud', 'exp']
      }
    })

    app.decorateRequest('principal', null)
    app.decorateRequest('authenticate', async function (this: FastifyRequest): Promise<Principal | null> {
      const found = tokenOf(this, cookies)
      if (!found) return null
      let claims: { sub: string; sid: string }
      try {
        claims = app.jwt.verify(found.token)
      } catch {
        return null // forged, out of date, or not a token at all: whichever, it names nobody
      }
      const owner = typeof claims.sid === 'string' ? await sessions.owner(claims.sid) : null
      if (!owner || owner.user.id !== claims.sub) return null
      return { userId: owner.user.id, user: owner.user, sessionId: owner.sessionId, via: found.via }
    })

    app.addHook('onRequest', async request => {
      // What is not there is not told to strangers either; outside the API it is an ordinary 404.
      const access = request.is404 ? (isApi(request.url) ? 'viewer' : 'open') : request.routeOptions.config.access!
      if (access === 'open') return
      request.principal = await request.authenticate()
      if (!request.principal) {
        throw new AppError('unauthenticated', 'Sign in, and send the access token as Authorization: Bearer.', {
          headers: { 'www-authenticate': 'Bearer realm="botyard"' }
        })
      }
      if (!mayAccess(request.principal.user.role, access)) {
        throw new AppError('forbidden', `This takes the role ${access}; yours is ${request.principal.user.role}.`)
      }
    })

    const routes: RouteOptions[] = []
    app.addHook('onRoute', route => {
      routes.push(route)
    })
    app.addHook('onReady', async () => {
      const undeclared = routes.filter(route => !route.config?.access)
      if (undeclared.length > 0) {
        throw new Error(`Routes without config.access: ${undeclared.map(r => `${r.method} ${r.url}`).join(', ')}`)
      }
    })
  },
  { name: 'auth', dependencies: ['problem-details'] }
)

/** Declares the access of routes that a library's plugin makes. Register that plugin within the same context. */
export const accessOfPlugins = (access: Access) =>
  fp(async app => {
    app.addHook('onRoute', route => {
      route.config = { ...route.config, access: route.config?.access ?? access }
    })
  })

function tokenOf(request: FastifyRequest, cookies: SessionCookies): { token: string; via: Principal['via'] } | null {
  const header = request.headers.authorization
  if (header !== undefined) {
    const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(header)
    return bearer ? { token: bearer[1]!, via: 'bearer' } : null
  }
  const inCookie = cookies.accessTokenIn(request)
  return inCookie ? { token: inCookie, via: 'cookie' } : null
}
