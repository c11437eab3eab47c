import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { publicAddress } from '../public-address.ts'
import { problems } from '../schemas.ts'
import { CreatedToken, CreateToken, TokenList, TokenRef } from './schemas.ts'
import type { Tokens } from './tokens.ts'

export const tokenRoutes: FastifyPluginAsyncTypebox<{ tokens: Tokens; publicUrl: string | null }> = async (
  app,
  { tokens, publicUrl }
) => {
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
        description: 'It may do what its role says, and never more than you. Its value is shown this once.',
        tags: ['tokens'],
        body: CreateToken,
        response: { 201: CreatedToken, ...problems }
      },
      config: { access: 'viewer', session: true }
    },
    async (request, reply) => {
      const { name, role, bots = null, expiresAt = null } = request.body
      const made = await tokens.create(request.principal!.user, { name, role, bots, expiresAt }, request.actor)
      return reply.code(201).send({ ...made, server: publicAddress(publicUrl, request) })
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
