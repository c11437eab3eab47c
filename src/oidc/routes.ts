import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { addresses } from '../dashboard/addresses.ts'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { signInLimit } from '../plugins/rate-limits.ts'
import type { SessionCookies } from '../plugins/session-cookies.ts'
import type { Seal } from '../secrets/seal.ts'
import { handToBrowser, originOf } from '../users/hand-out.ts'
import type { People } from '../users/people.ts'
import { UserRef } from '../users/schemas.ts'
import { FLOW_MS, type Flow, openFlow, sealFlow } from './flow.ts'
import { localPath } from './local-path.ts'
import type { Provider } from './provider.ts'
import type { ProviderSignIn } from './provider-sign-in.ts'
import { Connect, ConnectAt, Elsewhere, Means, StartQuery } from './schemas.ts'
import { SignInProblem } from './sign-in-problem.ts'

/** Named as the session's cookies are, so that nobody who has a sibling's domain can put a sign-in of his in its place. */
const flowCookie = (https: boolean) =>
  https ? { name: '__Host-botyard_oidc', path: '/' } : { name: 'botyard_oidc', path: '/api/auth/oidc' }

/** As many as with a password; each is two requests. */
const REQUESTS_A_MINUTE = 20

/** A provider, as the sign-in page calls it. */
export interface NamedProvider {
  name: string
  provider: Provider
}

export const providerRoutes: FastifyPluginAsyncTypebox<{
  /** Null where none is set. */
  provider: NamedProvider | null
  signIn: ProviderSignIn
  people: People
  seal: Seal
  cookies: SessionCookies
}> = async (app, { provider: named, signIn, people, seal, cookies }) => {
  // Whoever finds a browser signed in must not find out the password there.
  const countTry = signInLimit(app)
  const perAddress = app.createRateLimit({ max: REQUESTS_A_MINUTE, timeWindow: '1 minute' })
  const { name, path } = flowCookie(cookies.secure)

  app.get(
    '/means',
    {
      schema: {
        summary: 'How people can sign in',
        tags: ['sign-in'],
        response: { 200: Means, ...problems }
      },
      config: { access: 'open' }
    },
    async () => ({ password: true, provider: named && { name: named.name } })
  )

  app.get(
    '/oidc/start',
    {
      schema: {
        summary: 'Sign in with the provider',
        description: 'For browsers: leads to the provider, or back to the sign-in page with `?problem=`.',
        tags: ['sign-in'],
        querystring: StartQuery,
        response: { 302: Elsewhere, ...problems }
      },
      config: { access: 'open' }
    },
    async (request, reply) => {
      const provider = available()
      const next = localPath(request.query.next)
      return orSignInPage(reply, next, async () => {
        await keepToRate(request)
        return begin(reply, provider, { next, connect: null })
      })
    }
  )

  // It signs in, though it is a GET: that is how the protocol brings people back. Who may is who holds the cookie of a
  // sign-in that was begun in this browser, and comes back with the state that belongs to it.
  app.get(
    '/oidc/callback',
    {
      schema: {
        summary: 'Come back from the provider',
        description: 'Where the provider sends browsers. Leads to the page that was asked for, or to the sign-in page.',
        tags: ['sign-in'],
        response: { 302: Elsewhere, ...problems }
      },
      config: { access: 'open' },
      exposeHeadRoute: false
    },
    async (request, reply) => {
      const provider = available()
      const flow = openFlow(seal, request.cookies[name])
      reply.clearCookie(name, { path, secure: cookies.secure })
      return orSignInPage(reply, flow?.next, async () => {
        await keepToRate(request)
        if (!flow) throw new SignInProblem('start_again')
        const who = await provider.finish(new URLSearchParams(request.url.split('?')[1]), flow)
        if (flow.connect) await signIn.connect(who, flow.connect, originOf(request))
        else handToBrowser(app, { reply, cookies }, await signIn.signIn(who, originOf(request)))
        return flow.next
      })
    }
  )

  app.post(
    '/oidc/connect',
    {
      schema: {
        summary: 'Connect the provider to your account',
        description: 'So that you can sign in with it. For browsers: go to the address in the answer.',
        tags: ['account'],
        body: Connect,
        response: { 200: ConnectAt, ...problems }
      },
      config: { access: 'viewer', session: true }
    },
    async (request, reply) => {
      const provider = available()
      const { user, credential } = request.principal!
      await countTry(request, user.id)
      await people.checkPassword(user, request.body.password, request.actor)
      try {
        const connect = { userId: user.id, sessionId: credential.id }
        return { url: await begin(reply, provider, { next: localPath(request.body.next), connect }) }
      } catch (error) {
        if (!(error instanceof SignInProblem)) throw error
        throw new AppError('unavailable', 'The provider cannot be used just now; the server log says why.')
      }
    }
  )

  function available(): Provider {
    if (named) return named.provider
    throw new AppError('not_found', 'Nobody signs in with a provider here: OIDC_ISSUER is not set.')
  }

  async function keepToRate(request: FastifyRequest): Promise<void> {
    const limit = await perAddress(request)
    if (!limit.isAllowed && limit.isExceeded) throw new SignInProblem('too_many')
  }

  /** Lets the browser keep what it will come back with; answers where to send it. */
  async function begin(
    reply: FastifyReply,
    provider: Provider,
    purpose: Pick<Flow, 'next' | 'connect'>
  ): Promise<string> {
    const { url, proof } = await provider.begin()
    reply.setCookie(name, sealFlow(seal, { ...proof, ...purpose }), {
      httpOnly: true,
      // Strict would keep it from the way back, which begins at another site.
      sameSite: 'lax',
      secure: cookies.secure,
      path,
      maxAge: FLOW_MS / 1000
    })
    return url
  }
}

/** What an administrator does about others' way in through a provider. */
export const identityRoutes: FastifyPluginAsyncTypebox<{ signIn: ProviderSignIn }> = async (app, { signIn }) => {
  app.delete(
    '/users/:id/identities',
    {
      schema: {
        summary: 'Disconnect an account from the provider',
        description: 'Nobody signs in to it through the provider any more. Sessions go on.',
        tags: ['people'],
        params: UserRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'admin', session: true }
    },
    async (request, reply) => {
      await signIn.disconnect(request.params.id, request.actor)
      return reply.code(204).send(null)
    }
  )
}

/** Sends the browser where `work` says, or, with why it came to nothing, to the sign-in page. */
async function orSignInPage(reply: FastifyReply, next: string | undefined, work: () => Promise<string>) {
  try {
    return reply.redirect(await work())
  } catch (error) {
    if (!(error instanceof SignInProblem)) throw error
    const query = new URLSearchParams({ problem: error.code, ...(next && next !== addresses.home && { next }) })
    return reply.redirect(`${addresses.signIn}?${query}`)
  }
}
