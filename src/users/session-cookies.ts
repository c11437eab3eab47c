import type { FastifyReply, FastifyRequest } from 'fastify'
import { ACCESS_COOKIE, ACCESS_TOKEN_SECONDS, REFRESH_COOKIE } from '../plugins/auth.ts'
import { SESSION_MS, type SignInOrigin } from './sessions.ts'

/** Signs a browser in. `secure`: whether people reach the server by https, so that cookies are kept from plain http. */
export function setSessionCookies(
  reply: FastifyReply,
  tokens: { accessToken: string; refreshToken: string },
  secure: boolean
): void {
  const cookie = { httpOnly: true, sameSite: 'strict', secure } as const
  reply.setCookie(ACCESS_COOKIE, tokens.accessToken, { ...cookie, path: '/', maxAge: ACCESS_TOKEN_SECONDS })
  reply.setCookie(REFRESH_COOKIE, tokens.refreshToken, { ...cookie, path: '/api/auth', maxAge: SESSION_MS / 1000 })
}

export function originOf(request: FastifyRequest): SignInOrigin {
  return { userAgent: request.headers['user-agent']?.slice(0, 300) ?? null, address: request.ip }
}
