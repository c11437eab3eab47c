import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Actor } from '../audit/audit.ts'
import type { Bots } from '../bots/bots.ts'
import { bundledBots } from '../bots/bundled.ts'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { signInLimit, wrongCodeLimit } from '../plugins/rate-limits.ts'
import type { SessionCookies } from '../plugins/session-cookies.ts'
import { accessTokenOf, handToBrowser, originOf } from './hand-out.ts'
import { actorOf } from './principal.ts'
import { Login, Refresh, Setup as SetupBody, SignedIn } from './schemas.ts'
import { ACCESS_TOKEN_SECONDS, type Sessions, type SignedInSession } from './sessions.ts'
import type { Setup } from './setup.ts'
import { normalEmail } from './user.ts'

/** No body where people sign in is nearly as long. Whoever may send one need not be signed in. */
export const MAX_BODY_BYTES = 16 * 1024

export const authRoutes: FastifyPluginAsyncTypebox<{
  setup: Setup
  sessions: Sessions
  bots: Bots
  dataDir: string
  cookies: SessionCookies
}> = async (app, { setup, sessions, bots, dataDir, cookies }) => {
  const countSignIn = signInLimit(app)
  const wrongCodes = wrongCodeLimit(app)

  app.post(
    '/setup',
    {
      schema: {
        summary: 'Make the first administrator',
        tags: ['sign-in'],
        body: SetupBody,
        response: { 201: SignedIn, ...problems }
      },
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'open' }
    },
    async (request, reply) => {
      const { setupToken, email, password, bundledBots: wanted, delivery } = request.body
      const { user, ...proof } = await setup.claim(setupToken, email, password, request.ip)
      const actor: Actor = { kind: 'user', id: user.id, name: user.email, address: request.ip }
      if (wanted) await bots.ensure(bundledBots(dataDir), actor)
      const session = await sessions.begin(user, originOf(request), { means: 'setup', proof })
      if (!session) throw new AppError('unauthenticated', 'The account was changed this very moment. Sign in.')
      return reply.code(201).send(await handOut(reply, session, inBody(request, delivery)))
    }
  )

  app.post(
    '/login',
    {
      schema: { summary: 'Sign in', tags: ['sign-in'], body: Login, response: { 200: SignedIn, ...problems } },
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'open', limit: 'sign-in' }
    },
    async (request, reply) => {
      const { email, password, code, delivery } = request.body
      const account = normalEmail(email)
      await countSignIn(request, account)
      if (code !== undefined) await wrongCodes.check(request, account)
      try {
        const session = await sessions.signIn({ email, password, code }, originOf(request))
        return await handOut(reply, session, inBody(request, delivery))
      } catch (error) {
        if (error instanceof AppError && error.code === 'invalid_second_factor')
          await wrongCodes.count(request, account)
        throw error
      }
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
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'open' },
      preValidation: orEmptyBody
    },
    async (request, reply) => {
      const inBody = request.body.refreshToken
      const token = inBody ?? cookies.refreshTokenIn(request)
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
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'open' },
      preValidation: orEmptyBody
    },
    async (request, reply) => {
      const principal = await request.authenticate()
      if (principal?.credential.kind === 'session') {
        await sessions.signOut(principal.user, principal.credential.id, actorOf(principal, request.ip))
      }
      const token = request.body.refreshToken ?? cookies.refreshTokenIn(request)
      if (token) await sessions.signOutByToken(token, request.ip)
      cookies.clear(reply)
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
    const { user, refreshToken } = session
    const expiresIn = ACCESS_TOKEN_SECONDS
    if (inBody) return { accessToken: accessTokenOf(app, session), expiresIn, user, refreshToken }
    return { accessToken: handToBrowser(app, { reply, cookies }, session), expiresIn, user }
  }
}

/** Whether the refresh token goes into the answer: a page of another origin gets no cookies. */
function inBody({ fromNamedOrigin }: FastifyRequest, delivery: 'cookie' | 'body' | undefined): boolean {
  return delivery === 'body' || fromNamedOrigin
}

/** A browser, whose token is in its cookie, sends no body. */
async function orEmptyBody(request: FastifyRequest): Promise<void> {
  request.body ??= {}
}
