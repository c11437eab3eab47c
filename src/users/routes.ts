import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Actor } from '../audit/audit.ts'
import type { Bots } from '../bots/bots.ts'
import { bundledBots } from '../bots/bundled.ts'
import { AppError } from '../errors.ts'
import { ACCESS_COOKIE, ACCESS_TOKEN_SECONDS, REFRESH_COOKIE } from '../plugins/auth.ts'
import { problems } from '../schemas.ts'
import { actorOf } from './principal.ts'
import { Login, Refresh, Setup as SetupBody, SignedIn } from './schemas.ts'
import { originOf, setSessionCookies } from './session-cookies.ts'
import type { Sessions, SignedInSession } from './sessions.ts'
import type { Setup } from './setup.ts'
import { normalEmail } from './user.ts'

const SIGN_INS_A_MINUTE = 10

export const authRoutes: FastifyPluginAsyncTypebox<{
  setup: Setup
  sessions: Sessions
  bots: Bots
  dataDir: string
  /** Whether people reach the server by https, so that cookies are kept from plain http. */
  secure: boolean
}> = async (app, { setup, sessions, bots, dataDir, secure }) => {
  const perAccount = app.createRateLimit({
    max: SIGN_INS_A_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: request => `account:${normalEmail((request.body as { email: string }).email)}`
  })

  app.post(
    '/setup',
    {
      schema: {
        summary: 'Make the first administrator',
        tags: ['sign-in'],
        body: SetupBody,
        response: { 201: SignedIn, ...problems }
      },
      config: { access: 'open' }
    },
    async (request, reply) => {
      const { setupToken, email, password, bundledBots: wanted, delivery } = request.body
      const user = await setup.claim(setupToken, email, password, request.ip)
      const actor: Actor = { kind: 'user', id: user.id, name: user.email, address: request.ip }
      if (wanted) await bots.ensure(bundledBots(dataDir), actor)
      return reply
        .code(201)
        .send(await handOut(reply, await sessions.begin(user, originOf(request), 'setup'), delivery === 'body'))
    }
  )

  app.post(
    '/login',
    {
      schema: { summary: 'Sign in', tags: ['sign-in'], body: Login, response: { 200: SignedIn, ...problems } },
      config: { access: 'open', rateLimit: { max: SIGN_INS_A_MINUTE, timeWindow: '1 minute' } }
    },
    async (request, reply) => {
      const limit = await perAccount(request)
      if (!limit.isAllowed && limit.isExceeded) {
        throw new AppError('rate_limited', 'Too many sign-ins for this account. Wait a minute.', {
          headers: { 'retry-after': String(limit.ttlInSeconds) }
        })
      }
      const { email, password, code, delivery } = request.body
      const session = await sessions.signIn({ email, password, code }, originOf(request))
      return handOut(reply, session, delivery === 'body')
    }
  )

  app.post(
    '/refresh',
    {
      schema: {
        summary: 'Get a new access token',
        description:
          'Each refresh token is good for one use and brings the next. One that comes back later ends the session.',
        tags: ['sign-in'],
        body: Refresh,
        response: { 200: SignedIn, ...problems }
      },
      config: { access: 'open' },
      preValidation: orEmptyBody
    },
    async (request, reply) => {
      const inBody = request.body.refreshToken
      const token = inBody ?? request.cookies[REFRESH_COOKIE]
      if (!token) throw new AppError('unauthenticated', 'There is no refresh token. Sign in.')
      return handOut(reply, await sessions.refresh(token, request.ip), inBody !== undefined)
    }
  )

  app.post(
    '/logout',
    {
      schema: {
        summary: 'Sign out',
        description:
          'Ends the session of the access token, or of the refresh token where only that is left, with its streams.',
        tags: ['sign-in'],
        body: Refresh,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'open' },
      preValidation: orEmptyBody
    },
    async (request, reply) => {
      const principal = await request.authenticate()
      if (principal?.credential.kind === 'session') {
        await sessions.end(principal.user, principal.credential.id, actorOf(principal, request.ip))
      }
      const token = request.body.refreshToken ?? request.cookies[REFRESH_COOKIE]
      if (token) await sessions.endByToken(token, request.ip)
      reply.clearCookie(ACCESS_COOKIE, { path: '/' }).clearCookie(REFRESH_COOKIE, { path: '/api/auth' })
      return reply.code(204).send(null)
    }
  )

  app.get(
    '/me',
    {
      schema: { summary: 'Who is signed in', tags: ['sign-in'], response: { 200: Type.Ref('User'), ...problems } },
      config: { access: 'viewer', scope: 'some' }
    },
    async ({ principal }) => ({ ...principal!.user, role: principal!.role })
  )

  async function handOut(reply: FastifyReply, session: SignedInSession, inBody: boolean) {
    const accessToken = app.jwt.sign({ sub: session.user.id, sid: session.sessionId })
    const answer = { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, user: session.user }
    if (inBody) return { ...answer, refreshToken: session.refreshToken }
    setSessionCookies(reply, { accessToken, refreshToken: session.refreshToken }, secure)
    return answer
  }
}

/** A browser, whose token is in its cookie, sends no body. */
async function orEmptyBody(request: FastifyRequest): Promise<void> {
  request.body ??= {}
}
