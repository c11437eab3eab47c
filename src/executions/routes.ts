import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ParameterValues } from '../bots/bot.ts'
import type { Bots } from '../bots/bots.ts'
import { BotRef } from '../bots/schemas.ts'
import { problems, toPage } from '../schemas.ts'
import type { Executions, StartRequest } from './executions.ts'
import { botIdsOf, filterOf } from './query.ts'
import {
  BotHistoryQuery,
  ExecutionPage,
  ExecutionRef,
  HistoryQuery,
  LatestQuery,
  StartExecution,
  StartTrial
} from './schemas.ts'

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
      const execution = await executions.start(request.params.bot, startOf(request))
      return reply.code(202).header('location', `/api/executions/${execution.id}`).send(execution)
    }
  )

  app.post(
    '/bots/trials',
    {
      schema: {
        summary: 'Try a bot without saving it',
        description:
          'Runs what is sent as a bot once. It is checked as a bot to be saved, but its slug need not be free: so a change of a bot ' +
          'can be tried, too, in the folder the bot works in. It takes its turn there. Its execution has `trial: true`, and stays when it has ended.',
        tags: ['executions'],
        body: StartTrial,
        response: { 202: Type.Ref('Execution'), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      const execution = await executions.startTrial(request.body.bot, startOf(request))
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
        querystring: BotHistoryQuery,
        response: { 200: ExecutionPage, ...problems }
      },
      config: { access: 'viewer' }
    },
    async request => {
      const { limit, cursor } = request.query
      const filter = filterOf(request.query)
      const { id: botId } = await bots.get(request.params.bot)
      return toPage(await executions.list({ ...filter, botId, limit, cursor }), limit)
    }
  )

  app.get(
    '/executions',
    {
      schema: {
        summary: 'All executions',
        tags: ['executions'],
        querystring: HistoryQuery,
        response: { 200: ExecutionPage, ...problems }
      },
      config: { access: 'viewer' }
    },
    async request => {
      const { bot, limit, cursor } = request.query
      const filter = filterOf(request.query)
      if (bot !== undefined) filter.botId = (await bots.get(bot)).id
      return toPage(await executions.list({ ...filter, limit, cursor }), limit)
    }
  )

  app.get(
    '/executions/latest',
    {
      schema: {
        summary: 'The latest executions of some bots',
        description: 'Bot by bot as asked for, newest first within each. A bot that is not there has none.',
        tags: ['executions'],
        querystring: LatestQuery,
        response: { 200: Type.Object({ items: Type.Array(Type.Ref('Execution')) }), ...problems }
      },
      config: { access: 'viewer' }
    },
    async ({ query }) => ({ items: await executions.latest(botIdsOf(query.bots), query.perBot) })
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

/** Who starts it, by what means, and with which parameters. */
function startOf(request: FastifyRequest): StartRequest {
  return {
    trigger: request.principal!.via === 'cookie' ? 'manual' : 'api',
    by: request.principal!.userId,
    parameters: (request.body as { parameters?: ParameterValues }).parameters ?? {}
  }
}
