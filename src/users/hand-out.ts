import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SessionCookies } from '../plugins/session-cookies.ts'
import { ACCESS_TOKEN_SECONDS, SESSION_MS, type SignedInSession, type SignInOrigin } from './sessions.ts'

/** The access token of a session. Its role is for others who read it: here it is asked anew. */
export function accessTokenOf(app: FastifyInstance, { user, sessionId }: SignedInSession): string {
  return app.jwt.sign({ sub: user.id, sid: sessionId, role: user.role })
}

/** Gives a session to a browser. @returns its access token. */
export function handToBrowser(
  app: FastifyInstance,
  { reply, cookies }: { reply: FastifyReply; cookies: SessionCookies },
  session: SignedInSession
): string {
  const token = accessTokenOf(app, session)
  cookies.set(
    reply,
    { token, seconds: ACCESS_TOKEN_SECONDS },
    { token: session.refreshToken, seconds: SESSION_MS / 1000 }
  )
  return token
}

/** Where a sign-in comes from. */
export function originOf(request: FastifyRequest): SignInOrigin {
  return { userAgent: request.headers['user-agent']?.slice(0, 300) ?? null, address: request.ip }
}
