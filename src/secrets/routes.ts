import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { problems } from '../lib/schemas.ts'
import { PutSecret, SecretList, SecretRef } from './schemas.ts'
import type { Secrets } from './secrets.ts'

export const secretRoutes: FastifyPluginAsyncTypebox<{ secrets: Secrets }> = async (app, { secrets }) => {
  app.get(
    '/secrets',
    {
      schema: {
        summary: 'All secrets',
        description: 'By name, with the bots that name each. A value never comes out again.',
        tags: ['secrets'],
        response: { 200: SecretList, ...problems }
      },
      config: { access: 'operator' }
    },
    async () => ({ items: await secrets.list() })
  )

  app.put(
    '/secrets/:name',
    {
      schema: {
        summary: 'Add a secret, or replace its value',
        description:
          'A bot that names it in `secrets` gets it as the environment variable of that name, from its next attempt on. ' +
          'Wherever the bot prints it, it is covered with `*`.',
        tags: ['secrets'],
        params: SecretRef,
        body: PutSecret,
        response: { 200: Type.Ref('Secret'), 201: Type.Ref('Secret'), ...problems }
      },
      config: { access: 'admin' }
    },
    async (request, reply) => {
      const { made, secret } = await secrets.put(request.params.name, request.body, request.actor)
      return reply.code(made ? 201 : 200).send(secret)
    }
  )

  app.delete(
    '/secrets/:name',
    {
      schema: {
        summary: 'Delete a secret',
        description: 'Not while a bot names it.',
        tags: ['secrets'],
        params: SecretRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'admin' }
    },
    async (request, reply) => {
      await secrets.delete(request.params.name, request.actor)
      return reply.code(204).send(null)
    }
  )
}
