import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { signInLimit } from '../plugins/rate-limits.ts'
import type { People } from './people.ts'
import type { PrincipalMemo } from './principal.ts'
import { MAX_BODY_BYTES } from './routes.ts'
import {
  ChangePassword,
  ConfirmSecondFactor,
  LinkAnswer,
  LinkQuestion,
  PasswordAgain,
  RecoveryCodes,
  SecondFactorKey,
  SessionList,
  SessionRef,
  UseLink
} from './schemas.ts'
import type { SecondFactor } from './second-factor.ts'
import type { Sessions } from './sessions.ts'

/** What somebody does about an account of his own: its password, its second factor, its sessions. */
export const accountRoutes: FastifyPluginAsyncTypebox<{
  people: People
  sessions: Sessions
  secondFactor: SecondFactor
  memo: PrincipalMemo
}> = async (app, { people, sessions, secondFactor, memo }) => {
  const own = { access: 'viewer', session: true } as const
  // Whoever finds a browser signed in must not find out the password there.
  const countTry = signInLimit(app)

  app.post(
    '/link',
    {
      schema: {
        summary: 'Whom a link is for',
        description: 'A link by which somebody chooses a password, for the page that takes it.',
        tags: ['account'],
        body: LinkQuestion,
        response: { 200: LinkAnswer, ...problems }
      },
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'open' }
    },
    async request => {
      const { user, expiresAt } = await people.ofLink(request.body.token)
      return { email: user.email, hasPassword: user.hasPassword, expiresAt }
    }
  )

  app.post(
    '/link/password',
    {
      schema: {
        summary: 'Choose a password by a link',
        description:
          'Uses the link up, ends all sessions of the account, and revokes its tokens. Sign in with the password then.',
        tags: ['account'],
        body: UseLink,
        response: { 204: Type.Null(), ...problems }
      },
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'open' }
    },
    async (request, reply) => {
      await people.useLink(request.body.token, request.body.password, request.ip)
      return reply.code(204).send(null)
    }
  )

  app.put(
    '/password',
    {
      schema: {
        summary: 'Change your password',
        description: 'Ends all your other sessions.',
        tags: ['account'],
        body: ChangePassword,
        response: { 204: Type.Null(), ...problems }
      },
      config: own
    },
    async (request, reply) => {
      const { user, credential } = request.principal!
      const { currentPassword: current, newPassword: next, revokeTokens = false } = request.body
      await countTry(request, user.id)
      await people.changePassword(user, { current, next, sessionId: credential.id, revokeTokens }, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.get(
    '/sessions',
    {
      schema: {
        summary: 'Your sessions',
        description: 'Those that go on, newest first.',
        tags: ['account'],
        response: { 200: SessionList, ...problems }
      },
      config: own
    },
    async ({ principal }) => {
      const { user, credential } = principal!
      const items = await sessions.list(user.id)
      return { items: items.map(session => ({ ...session, current: session.id === credential.id })) }
    }
  )

  app.delete(
    '/sessions',
    {
      schema: {
        summary: 'End all your other sessions',
        tags: ['account'],
        response: { 204: Type.Null(), ...problems }
      },
      config: own
    },
    async (request, reply) => {
      await sessions.endAll(request.principal!.user, request.principal!.credential.id, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.delete(
    '/sessions/:id',
    {
      schema: {
        summary: 'End a session of yours',
        tags: ['account'],
        params: SessionRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: own
    },
    async (request, reply) => {
      if (!(await sessions.end(request.principal!.user, request.params.id, request.actor))) {
        throw new AppError('not_found', `There is no session "${request.params.id}" that goes on.`)
      }
      return reply.code(204).send(null)
    }
  )

  app.post(
    '/second-factor',
    {
      schema: {
        summary: 'Begin to add a second factor',
        description: 'Makes a key for an authenticator app. It counts once a code of it was confirmed.',
        tags: ['account'],
        body: PasswordAgain,
        response: { 200: SecondFactorKey, ...problems }
      },
      config: own
    },
    async request => {
      const { user } = request.principal!
      await countTry(request, user.id)
      await people.checkPassword(user, request.body.password, request.actor)
      return secondFactor.begin(user)
    }
  )

  app.post(
    '/second-factor/confirm',
    {
      schema: {
        summary: 'Confirm the second factor',
        description: 'With a code of the app. From then on a sign-in takes one.',
        tags: ['account'],
        body: ConfirmSecondFactor,
        response: { 200: RecoveryCodes, ...problems }
      },
      config: own
    },
    async request => {
      const recoveryCodes = await secondFactor.confirm(request.principal!.user, request.body.code, request.actor)
      memo.forget()
      return { recoveryCodes }
    }
  )

  app.post(
    '/second-factor/remove',
    {
      schema: {
        summary: 'Remove the second factor',
        tags: ['account'],
        body: PasswordAgain,
        response: { 204: Type.Null(), ...problems }
      },
      config: own
    },
    async (request, reply) => {
      const { user } = request.principal!
      await countTry(request, user.id)
      await people.checkPassword(user, request.body.password, request.actor)
      await secondFactor.remove(user, request.actor)
      memo.forget()
      return reply.code(204).send(null)
    }
  )
}
