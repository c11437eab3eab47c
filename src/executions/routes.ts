import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ParameterValues } from '../bots/bot.ts'
import type { Bots } from '../bots/bots.ts'
import { BotRef } from '../bots/schemas.ts'
import { AppError } from '../lib/errors.ts'
import { problems, toPage } from '../lib/schemas.ts'
import { mayKnow, type Principal } from '../users/principal.ts'
import type { Executions } from './executions.ts'
import { botIdsOf, filterOf } from './query.ts'
import {
  BotHistoryQuery,
  ExecutionPage,
  ExecutionRef,
  HistoryQuery,
  IdempotencyHeader,
  Input,
  LatestQuery,
  Rerun,
  Resize,
  StartExecution,
  StartTrial
} from './schemas.ts'
import type { StartRequest } from './start-request.ts'

export const executionRoutes: FastifyPluginAsyncTypebox<{ executions: Executions; bots: Bots }> = async (
  app,
  { executions, bots }
) => {
  app.post(
    '/bots/:bot/executions',
    {
      schema: {
        summary: 'Start a bot',
        description:
          'Answers as soon as the execution is on disk; it runs when there is room. A bot whose policy is `skip` may answer an execution that is `skipped`.',
        tags: ['executions'],
        params: BotRef,
        headers: IdempotencyHeader,
        body: StartExecution,
        response: { 202: Type.Ref('Execution'), ...problems }
      },
      config: { access: 'operator', scope: 'bot' },
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
      const execution = await executions.startTrial(request.body.bot, startOf(request), request.actor)
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
      config: { access: 'viewer', scope: 'bot' }
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
      config: { access: 'viewer', scope: 'some' }
    },
    async request => {
      const { bot, limit, cursor } = request.query
      const filter = filterOf(request.query)
      if (bot !== undefined) filter.botId = (await bots.get(bot)).id
      keepTo(request.principal!, bot, filter.botId)
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
      config: { access: 'viewer', scope: 'some' }
    },
    async ({ query, principal }) => {
      const known = botIdsOf(query.bots).filter(id => mayKnow(principal!, id))
      return { items: known.length > 0 ? await executions.latest(known, query.perBot) : [] }
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
      config: { access: 'viewer', scope: 'execution' }
    },
    async request => executions.get(request.params.id)
  )

  app.get(
    '/executions/:id/payload',
    {
      schema: {
        summary: 'What an execution was given',
        description:
          'The JSON that its webhook or the execution before it brought; its bot has it in the file that BOTYARD_PAYLOAD names.',
        tags: ['executions'],
        params: ExecutionRef,
        response: { 200: Type.Unknown(), ...problems }
      },
      config: { access: 'viewer', scope: 'execution' }
    },
    async (request, reply) => {
      const payload = await executions.payload(request.params.id, await executions.get(request.params.id))
      if (payload === null) throw new AppError('not_found', 'This execution was given no payload.')
      return reply.type('application/json; charset=utf-8').send(payload)
    }
  )

  app.post(
    '/executions/:id/rerun',
    {
      schema: {
        summary: 'Run an execution again',
        description: 'Starts its bot, as the bot is now, with the same parameters, or with those that are sent.',
        tags: ['executions'],
        params: ExecutionRef,
        headers: IdempotencyHeader,
        body: Rerun,
        response: { 202: Type.Ref('Execution'), ...problems }
      },
      config: { access: 'operator', scope: 'execution' },
      preValidation: async request => {
        request.body ??= {}
      }
    },
    async (request, reply) => {
      const { parameters } = request.body
      const execution = await executions.rerun(request.params.id, { ...startOf(request), parameters })
      return reply.code(202).header('location', `/api/executions/${execution.id}`).send(execution)
    }
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
      config: { access: 'operator', scope: 'execution', vital: true }
    },
    async (request, reply) => reply.code(202).send(await executions.cancel(request.params.id, request.actor))
  )

  app.post(
    '/executions/:id/input',
    {
      schema: {
        summary: 'Send input to a bot that runs',
        description:
          'For bots with `input` or `terminal`. Answers when the bot has been given all of it. When it reads nothing for ten seconds, the ' +
          'answer is `input_full` and says how many bytes were taken; a text of up to 4096 bytes is taken whole or not at all. Texts arrive in ' +
          'the order in which they come here: wait for the answer to one before you send the next.',
        tags: ['executions'],
        params: ExecutionRef,
        body: Input,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'operator', scope: 'execution' }
    },
    async (request, reply) => {
      await executions.typing.send(request.params.id, request.body.text, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.post(
    '/executions/:id/resize',
    {
      schema: {
        summary: 'Resize the terminal of a bot that runs',
        description: 'For bots with `terminal`, which begin with 80 columns and 24 rows. The latest size counts.',
        tags: ['executions'],
        params: ExecutionRef,
        body: Resize,
        response: { 204: Type.Null(), ...problems }
      },
      config: { access: 'operator', scope: 'execution' }
    },
    async (request, reply) => {
      await executions.typing.resize(request.params.id, request.body)
      return reply.code(204).send(null)
    }
  )
}

/** A token that is for some bots only asks for the history of one of those. @throws AppError `forbidden`, `not_found` */
function keepTo(principal: Principal, ref: string | undefined, botId: string | undefined): void {
  if (!principal.bots) return
  if (botId === undefined)
    throw new AppError('forbidden', 'This token is for some bots only: name one of them as `bot`.')
  if (!mayKnow(principal, botId)) throw new AppError('not_found', `There is no bot "${ref}".`)
}

/** Who starts it, by what means, and with which parameters. */
function startOf(request: FastifyRequest): StartRequest {
  return {
    // Who has signed in in a browser shows a cookie; programs, also those that have signed in, a header.
    trigger: request.headers.authorization === undefined ? 'manual' : 'api',
    by: request.principal!.user.id,
    parameters: (request.body as { parameters?: ParameterValues }).parameters ?? {},
    idempotencyKey: request.headers['idempotency-key'] as string | undefined
  }
}
