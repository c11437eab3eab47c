import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Bots } from '../bots/bots.ts'
import { problems, toPage } from '../lib/schemas.ts'
import { CreateTrigger, TriggerPage, TriggerRef, TriggersQuery, UpdateTrigger } from './schemas.ts'
import type { Triggers } from './triggers.ts'

export const triggerRoutes: FastifyPluginAsyncTypebox<{ triggers: Triggers; bots: Bots }> = async (
  app,
  { triggers, bots }
) => {
  app.get(
    '/triggers',
    {
      schema: {
        summary: 'What makes bots run by themselves',
        tags: ['triggers'],
        querystring: TriggersQuery,
        response: { 200: TriggerPage, ...problems }
      },
      config: { access: 'viewer', scope: 'some' }
    },
    async ({ query, principal }) => {
      const { bot, kind, limit, cursor } = query
      const botId = bot === undefined ? undefined : ((await bots.idOf(bot)) ?? bot)
      return toPage(await triggers.list({ botId, kind, limit, cursor, botIds: principal!.bots }), limit)
    }
  )

  app.post(
    '/triggers',
    {
      schema: {
        summary: 'Create a trigger',
        description: 'A schedule, a webhook, or a chain, which starts a bot after another has ended.',
        tags: ['triggers'],
        body: CreateTrigger,
        response: { 201: Type.Ref('Trigger'), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      const trigger = await triggers.create(request.body, request.actor)
      return reply.code(201).header('location', `/api/triggers/${trigger.id}`).send(trigger)
    }
  )

  app.get(
    '/triggers/:id',
    {
      schema: {
        summary: 'One trigger',
        tags: ['triggers'],
        params: TriggerRef,
        response: { 200: Type.Ref('Trigger'), ...problems }
      },
      config: { access: 'viewer', scope: 'trigger' }
    },
    async request => triggers.get(request.params.id)
  )

  app.patch(
    '/triggers/:id',
    {
      schema: {
        summary: 'Change a trigger',
        tags: ['triggers'],
        params: TriggerRef,
        body: UpdateTrigger,
        response: { 200: Type.Ref('Trigger'), ...problems }
      },
      config: { access: 'operator' }
    },
    async request => triggers.update(request.params.id, request.body, request.actor)
  )

  app.delete(
    '/triggers/:id',
    {
      schema: {
        summary: 'Delete a trigger',
        description: 'What it has started stays in the history.',
        tags: ['triggers'],
        params: TriggerRef,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      await triggers.delete(request.params.id, request.actor)
      return reply.code(204).send(null)
    }
  )
}
