import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Bots } from '../bots/bots.ts'
import { BotRef } from '../bots/schemas.ts'
import { PageQuery, problems, toPage } from '../schemas.ts'
import type { Executions } from './executions.ts'
import { ExecutionPage, ExecutionRef, StartExecution } from './schemas.ts'

export const executionRoutes: FastifyPluginAsyncTypebox<{ executions: Executions; bots: Bots }> = async (
  app,
  { executions, bots }
) => {
  app.post(
    '/bots/:bot/executions',
    {
      schema: {
        summary: 'Start a bot',
        description: 'Answers as soon as the execution is on disk; it runs when there is room.',
        tags: ['executions'],
        params: BotRef,
        body: StartExecution,
        response: { 202: Type.Ref('Execution'), ...problems }
      },
      config: { access: 'operator' },
      // A bot without parameters is started without a body.
      preValidation: async request => {
        request.body ??= {}
      }
    },
    async (request, reply) => {
      const execution = await executions.start(request.params.bot, {
        trigger: request.principal!.via === 'cookie' ? 'manual' : 'api',
        by: request.principal!.userId,
        parameters: request.body.parameters ?? {}
      })
      return reply.code(202).header('location', `/api/executions/${execution.id}`).send(execution)
    }
  )

  app.get(
    '/bots/:bot/executions',
    {
      schema: {
        summary: "A bot's executions",
        tags: ['executions'],
        params: BotRef,
        querystring: PageQuery,
        response: { 200: ExecutionPage, ...problems }
      },
      config: { access: 'viewer' }
    },
    async request => {
      const { limit, cursor } = request.query
      const bot = await bots.get(request.params.bot)
      return toPage(await executions.list({ botId: bot.id, limit, cursor }), limit)
    }
  )

  app.get(
    '/executions',
    {
      schema: {
        summary: 'All executions',
        tags: ['executions'],
        querystring: PageQuery,
        response: { 200: ExecutionPage, ...problems }
      },
      config: { access: 'viewer' }
    },
    async request => {
      const { limit, cursor } = request.query
      return toPage(await executions.list({ limit, cursor }), limit)
    }
  )

  app.get(
    '/executions/:id',
    {
      schema: {
        summary: 'One execution',
        tags: ['executions'],
        params: ExecutionRef,
        response: { 200: Type.Ref('Execution'), ...problems }
      },
      config: { access: 'viewer' }
    },
    async request => executions.get(request.params.id)
  )

  app.post(
    '/executions/:id/cancel',
    {
      schema: {
        summary: 'Cancel an execution',
        description:
          'One that waits never starts. One that runs gets SIGINT, after its grace SIGTERM, after another SIGKILL.',
        tags: ['executions'],
        params: ExecutionRef,
        response: { 202: Type.Ref('Execution'), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => reply.code(202).send(await executions.cancel(request.params.id))
  )
}
