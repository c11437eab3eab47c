import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Actor } from '../audit/audit.ts'
import type { AccessKeys } from '../keys/access-keys.ts'
import { AppError } from '../lib/errors.ts'
import { TOKEN_PREFIX, type Tokens } from '../tokens/tokens.ts'
import { actorOf, mayKnow, type Principal } from '../users/principal.ts'
import { ACCESS_TOKEN_SECONDS, type Sessions } from '../users/sessions.ts'
import { type Access, mayAccess, type Role } from '../users/user.ts'
import type { SessionCookies } from './session-cookies.ts'

/** Whether an address is one of the API's, which answers to nobody without a right to it. */
export const isApi = (url: string): boolean => /^\/(api|admin)(\/|$|\?)/.test(url)

declare module 'fastify' {
  interface FastifyRequest {
    /** Null only on routes that are open. */
    principal: Principal | null
    /** As who what it does is written down. Not on open routes. */
    readonly actor: Actor
    /** Who makes the request, by its credential; null when nobody we know. */
    authenticate(): Promise<Principal | null>
  }
  interface FastifyContextConfig {
    /** Who may call the route. Every route says so, or the server does not start. */
    access?: Access
    /** Only for people who have signed in, not for a program with a token: it is about their account. */
    session?: boolean
    /**
     * What a token that is for some bots only may do here: `bot`, `execution` and `trigger`: the route is about the one its
     * address names; `some`: the handler sees to it that it answers of those alone. Other routes are closed to such a token.
     */
    scope?: 'bot' | 'execution' | 'trigger' | 'some'
    /** The answer is an event stream, which is counted apart from requests. */
    stream?: boolean
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: AccessClaims
    user: AccessClaims
  }
}

/** More than anybody uses at a time. */
const REMEMBERED_TOKENS = 1000

/** What an access token says: whose session it belongs to. The role is for others who read it: here it is asked anew. */
interface AccessClaims {
  sub: string
  sid: string
  role: Role
}

export interface AuthOptions {
  sessions: Pick<Sessions, 'principal'>
  tokens: Pick<Tokens, 'principal'>
  /** The bots that addresses of bots, executions and triggers name; null when there is none. */
  botOf: Record<'bot' | 'execution' | 'trigger', (ref: string) => Promise<string | null>>
  jwtKeys: AccessKeys
  cookies: SessionCookies
}

/**
 * Finds out who makes a request and whether he may, before a body is read, and once more when it has been. A token names a
 * session; whether that goes on, and what its user may do, is asked anew each time, so that ending one takes effect at once.
 */
export const auth = fp<AuthOptions>(
  async (app, { sessions, tokens, botOf, jwtKeys, cookies }) => {
    await app.register(cookie)
    // After the library's own hook, which sets them.
    app.addHook('onSend', async (request, reply) => {
      if (request.fromNamedOrigin) reply.removeHeader('set-cookie')
    })
    const claims = { iss: 'botyard', aud: 'botyard:access' }
    const verify = {
      algorithms: ['HS256' as const],
      allowedIss: claims.iss,
      allowedAud: claims.aud,
      requiredClaims: ['iss', 'aud', 'exp']
    }
    await app.register(jwt, {
      secret: jwtKeys.current,
      sign: { algorithm: 'HS256', expiresIn: `${ACCESS_TOKEN_SECONDS}s`, ...claims },
      // What a signature says is remembered; that a session has ended is seen elsewhere.
      verify: { ...verify, cache: REMEMBERED_TOKENS }
    })

    /** What an access token says; null when it is forged, out of date, or no token at all: whichever, it names nobody. */
    function claimsOf(token: string): AccessClaims | null {
      try {
        return app.jwt.verify<AccessClaims>(token)
      } catch {
        // Unless the key was changed a moment ago.
      }
      const key = jwtKeys.previous()
      try {
        return key && app.jwt.verify<AccessClaims>(token, { ...verify, key })
      } catch {
        return null
      }
    }

    app.decorateRequest('principal', null)
    app.decorateRequest('actor', {
      getter(this: FastifyRequest) {
        return actorOf(this.principal!, this.ip)
      }
    })
    app.decorateRequest('authenticate', async function (this: FastifyRequest): Promise<Principal | null> {
      const token = tokenOf(this, cookies)
      if (token === null) return null
      if (token.startsWith(TOKEN_PREFIX)) return tokens.principal(token, this.ip)
      const claims = claimsOf(token)
      const principal = typeof claims?.sid === 'string' ? await sessions.principal(claims.sid) : null
      return principal?.user.id === claims?.sub ? principal : null
    })

    app.addHook('onRequest', letIn)
    // A body may take half a minute to come: whoever was put out meanwhile has sent the rest of it for nothing.
    app.addHook('preHandler', async request => {
      if (request.principal && request.body !== undefined) await letIn(request)
    })

    /** @throws AppError `unauthenticated`, `forbidden`, `not_found` */
    async function letIn(request: FastifyRequest): Promise<void> {
      // What is not there is not told to strangers either; outside the API it is an ordinary 404.
      const config = request.routeOptions.config
      const access = request.is404 ? (isApi(request.url) ? 'viewer' : 'open') : config.access!
      if (access === 'open') return
      const principal = await request.authenticate()
      request.principal = principal
      if (!principal) {
        const detail = tokenOf(request, cookies)?.startsWith(TOKEN_PREFIX)
          ? 'This token is not known: revoked, run out or mistyped.'
          : 'Sign in, and send the access token as Authorization: Bearer.'
        throw new AppError('unauthenticated', detail, {
          headers: { 'www-authenticate': 'Bearer realm="botyard"' }
        })
      }
      if (!mayAccess(principal.role, access)) {
        throw new AppError('forbidden', `This takes the role ${access}; yours is ${principal.role}.`)
      }
      if (config.session && principal.credential.kind !== 'session') {
        throw new AppError('forbidden', 'This is for people: sign in. A token for programs may not do it.')
      }
      if (principal.bots && !request.is404) await keepWithin(request, principal)
    }

    async function keepWithin(request: FastifyRequest, principal: Principal): Promise<void> {
      const { scope } = request.routeOptions.config
      if (scope === 'some') return
      if (!scope) throw new AppError('forbidden', 'This token is for some bots only, and may not do this.')
      const ref = (request.params as Record<string, string>)[scope === 'bot' ? 'bot' : 'id']!
      if (!mayKnow(principal, await botOf[scope](ref))) {
        // In the words of a handler that does not find it: what else there is, is not told.
        throw new AppError('not_found', `There is no ${scope} "${ref}".`)
      }
    }

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

/** What it shows: the Authorization header counts, and without one the cookie. */
function tokenOf(request: FastifyRequest, cookies: SessionCookies): string | null {
  const header = request.headers.authorization
  if (header !== undefined) return /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1] ?? null
  const inCookie = cookies.accessTokenIn(request)
  // A program's token has no business in a browser.
  return inCookie && !inCookie.startsWith(TOKEN_PREFIX) ? inCookie : null
}
