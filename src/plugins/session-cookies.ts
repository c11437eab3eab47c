import type { FastifyReply, FastifyRequest } from 'fastify'

interface NamedCookie {
  name: string
  path: string
}

/**
 * By https their names begin with `__Host-`: a browser takes such a cookie only from this very host, by https, and for all of
 * it. So nobody who has a sibling's domain, or the network, can put another session in its place. That the refresh token is then
 * sent with every request is the lesser evil: no script sees it, and one route looks at it.
 */
const BY_HTTPS = {
  access: { name: '__Host-botyard_access', path: '/' },
  refresh: { name: '__Host-botyard_refresh', path: '/' }
}

/** By plain http browsers take no such names; the path is as narrow as it can be. */
const BY_HTTP = {
  access: { name: 'botyard_access', path: '/' },
  refresh: { name: 'botyard_refresh', path: '/api/auth' }
}

/** The cookies in which a browser keeps a session. No script reads them, and no other site sends them. */
export class SessionCookies {
  readonly access: NamedCookie
  readonly refresh: NamedCookie
  /** Whether people reach the server by https, so that cookies are kept from plain http. */
  readonly secure: boolean
  readonly #attributes: { httpOnly: true; sameSite: 'strict'; secure: boolean }

  /** `https`: whether people reach the server by it. */
  constructor(https: boolean) {
    ;({ access: this.access, refresh: this.refresh } = https ? BY_HTTPS : BY_HTTP)
    this.secure = https
    this.#attributes = { httpOnly: true, sameSite: 'strict', secure: https }
  }

  accessTokenIn(request: FastifyRequest): string | undefined {
    return request.cookies[this.access.name]
  }

  refreshTokenIn(request: FastifyRequest): string | undefined {
    return request.cookies[this.refresh.name]
  }

  /** Gives both to the browser, each for so many seconds. */
  set(
    reply: FastifyReply,
    access: { token: string; seconds: number },
    refresh: { token: string; seconds: number }
  ): void {
    for (const [cookie, { token, seconds }] of [
      [this.access, access],
      [this.refresh, refresh]
    ] as const) {
      reply.setCookie(cookie.name, token, { ...this.#attributes, path: cookie.path, maxAge: seconds })
    }
  }

  /** Takes them away, also those from before the server was reached by https, or while it was. */
  clear(reply: FastifyReply): void {
    for (const { access, refresh } of [BY_HTTP, BY_HTTPS]) {
      for (const { name, path } of [access, refresh]) {
        reply.clearCookie(name, { ...this.#attributes, secure: name.startsWith('__Host-'), path })
      }
    }
  }
}
