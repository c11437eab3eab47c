import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { problems, toPage } from '../lib/schemas.ts'
import type { Bots } from './bots.ts'
import { bundledBots } from './bundled.ts'
import { BotPage, BotRef, BotsQuery, CreateBot, UpdateBot } from './schemas.ts'

export const botRoutes: FastifyPluginAsyncTypebox<{ bots: Bots; dataDir: string }> = async (app, { bots, dataDir }) => {
  app.get(
    '/bots',
    {
      schema: { summary: 'All bots', tags: ['bots'], querystring: BotsQuery, response: { 200: BotPage, ...problems } },
      config: { access: 'viewer', scope: 'some' }
    },
    async ({ query, principal }) =>
      toPage(
        await bots.list({ limit: query.limit, cursor: query.cursor, search: query.search, ids: principal!.bots }),
        query.limit
      )
  )

  app.post(
    '/bots',
    {
      schema: {
        summary: 'Create a bot',
        tags: ['bots'],
        body: CreateBot,
        response: { 201: Type.Ref('Bot'), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      const bot = await bots.create(request.body, request.actor)
      return reply.code(201).header('location', `/api/bots/${bot.id}`).send(bot)
    }
  )

  app.post(
    '/bots/bundled',
    {
      schema: {
        summary: 'Create the bundled bots',
        description:
          'Makes those of `system-report`, `self-check` and `clock` that are not there, and answers all three.',
        tags: ['bots'],
        response: { 200: Type.Object({ items: Type.Array(Type.Ref('Bot')) }), ...problems }
      },
      config: { access: 'operator' }
    },
    async request => ({ items: await bots.ensure(bundledBots(dataDir), request.actor) })
  )

  app.get(
    '/bots/:bot',
    {
      schema: { summary: 'One bot', tags: ['bots'], params: BotRef, response: { 200: Type.Ref('Bot'), ...problems } },
      config: { access: 'viewer', scope: 'bot' }
    },
    async request => bots.get(request.params.bot)
  )

  app.patch(
    '/bots/:bot',
    {
      schema: {
        summary: 'Change a bot',
        description: 'Only the fields given. What runs already goes on as it was started.',
        tags: ['bots'],
        params: BotRef,
        body: UpdateBot,
        response: { 200: Type.Ref('Bot'), ...problems }
      },
      config: { access: 'operator' }
    },
    async request => bots.update(request.params.bot, request.body, request.actor)
  )

  app.delete(
    '/bots/:bot',
    {
      schema: {
        summary: 'Delete a bot',
        description: 'Not while an execution of it waits or runs. Its history stays.',
        tags: ['bots'],
        params: BotRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      await bots.delete(request.params.bot, request.actor)
      return reply.code(204).send(null)
    }
  )
}
