import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { problems } from '../lib/schemas.ts'
import { signInLimit } from '../plugins/rate-limits.ts'
import type { People } from '../users/people.ts'
import { CreatedToken, CreateToken, TokenList, TokenRef } from './schemas.ts'
import type { Tokens } from './tokens.ts'

export const tokenRoutes: FastifyPluginAsyncTypebox<{
  tokens: Tokens
  people: People
}> = async (app, { tokens, people }) => {
  // Whoever finds a browser signed in must not find out the password there.
  const countTry = signInLimit(app)

  app.get(
    '/tokens',
    {
      schema: {
        summary: 'Tokens for programs',
        description: 'Your own, newest first; for administrators everybody’s.',
        tags: ['tokens'],
        response: { 200: TokenList, ...problems }
      },
      config: { access: 'viewer', session: true }
    },
    async ({ principal }) => ({
      items: await tokens.list(principal!.role === 'admin' ? null : principal!.user.id)
    })
  )

  app.post(
    '/tokens',
    {
      schema: {
        summary: 'Make a token for a program',
        description:
          'It may do what its role says, and never more than you. Its value is shown this once. It takes your password, as ' +
          'a token outlives the session it is made in.',
        tags: ['tokens'],
        body: CreateToken,
        response: { 201: CreatedToken, ...problems }
      },
      config: { access: 'viewer', session: true }
    },
    async (request, reply) => {
      const { name, role, bots = null, expiresAt = null, password } = request.body
      const { user, credential } = request.principal!
      let passwordHash = ''
      if (user.hasPassword) {
        if (password === undefined) throw passwordMissing()
        await countTry(request, user.id)
        passwordHash = await people.checkPassword(user, password, request.actor)
      }
      const proof = { sessionId: credential.id, passwordHash }
      const made = await tokens.create(user, { name, role, bots, expiresAt }, proof, request.actor)
      return reply.code(201).send(made)
    }
  )

  app.delete(
    '/tokens/:id',
    {
      schema: {
        summary: 'Revoke a token',
        description: 'It is good for nothing from then on, and its streams end.',
        tags: ['tokens'],
        params: TokenRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'viewer', session: true }
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id, request.principal!.user, request.actor)
      return reply.code(204).send(null)
    }
  )
}

function passwordMissing(): AppError {
  return new AppError('invalid_request', 'Making a token takes your password: send it as `password`.', {
    errors: [{ path: '/password', message: 'is required' }]
  })
}
