import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { problems, toPage } from '../lib/schemas.ts'
import type { Channels } from './channels.ts'
import type { Notices } from './notices.ts'
import type { Rules } from './rules.ts'
import {
  ChannelList,
  ChannelRef,
  CreateChannel,
  CreateRule,
  NoticePage,
  NoticeRef,
  NoticesQuery,
  RuleList,
  RuleRef,
  TestResult,
  UpdateChannel,
  UpdateRule
} from './schemas.ts'

const tags = ['notifications']
const config = { access: 'operator' } as const

export const notificationRoutes: FastifyPluginAsyncTypebox<{
  channels: Channels
  rules: Rules
  notices: Notices
}> = async (app, { channels, rules, notices }) => {
  app.get(
    '/channels',
    {
      schema: { summary: 'The channels for notifications', tags, response: { 200: ChannelList, ...problems } },
      config
    },
    async () => ({ items: await channels.list() })
  )

  app.post(
    '/channels',
    {
      schema: {
        summary: 'Create a channel',
        description: 'It is told of nothing until a rule names it.',
        tags,
        body: CreateChannel,
        response: { 201: Type.Ref('Channel'), ...problems }
      },
      config
    },
    async (request, reply) => {
      const channel = await channels.create(request.body, request.actor)
      return reply.code(201).header('location', `/api/channels/${channel.id}`).send(channel)
    }
  )

  app.get(
    '/channels/:id',
    {
      schema: { summary: 'One channel', tags, params: ChannelRef, response: { 200: Type.Ref('Channel'), ...problems } },
      config
    },
    async request => channels.get(request.params.id)
  )

  app.patch(
    '/channels/:id',
    {
      schema: {
        summary: 'Change a channel',
        description:
          'Secret settings that are not given stay as they are, unless they would be told to another server.',
        tags,
        params: ChannelRef,
        body: UpdateChannel,
        response: { 200: Type.Ref('Channel'), ...problems }
      },
      config
    },
    async request => channels.update(request.params.id, request.body, request.actor)
  )

  app.delete(
    '/channels/:id',
    {
      schema: {
        summary: 'Delete a channel',
        description: 'Not while a rule names it. Its notices go with it, also those that wait.',
        tags,
        params: ChannelRef,
        response: { 204: Type.Null(), ...problems }
      },
      config
    },
    async (request, reply) => {
      await channels.delete(request.params.id, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.post(
    '/channels/:id/test',
    {
      schema: {
        summary: 'Try a channel',
        description: 'Sends something through it at once, and answers what came of it.',
        tags,
        params: ChannelRef,
        response: { 200: TestResult, ...problems }
      },
      config
    },
    async request => channels.test(request.params.id, request.signal)
  )

  app.get(
    '/notification-rules',
    { schema: { summary: 'Who is told of what', tags, response: { 200: RuleList, ...problems } }, config },
    async () => ({ items: await rules.list() })
  )

  app.post(
    '/notification-rules',
    {
      schema: {
        summary: 'Create a rule',
        tags,
        body: CreateRule,
        response: { 201: Type.Ref('NotificationRule'), ...problems }
      },
      config
    },
    async (request, reply) => {
      const rule = await rules.create(request.body, request.actor)
      return reply.code(201).header('location', `/api/notification-rules/${rule.id}`).send(rule)
    }
  )

  app.get(
    '/notification-rules/:id',
    {
      schema: {
        summary: 'One rule',
        tags,
        params: RuleRef,
        response: { 200: Type.Ref('NotificationRule'), ...problems }
      },
      config
    },
    async request => rules.get(request.params.id)
  )

  app.patch(
    '/notification-rules/:id',
    {
      schema: {
        summary: 'Change a rule',
        tags,
        params: RuleRef,
        body: UpdateRule,
        response: { 200: Type.Ref('NotificationRule'), ...problems }
      },
      config
    },
    async request => rules.update(request.params.id, request.body, request.actor)
  )

  app.delete(
    '/notification-rules/:id',
    {
      schema: {
        summary: 'Delete a rule',
        description: 'What it has already said is sent all the same.',
        tags,
        params: RuleRef,
        response: { 204: Type.Null(), ...problems }
      },
      config
    },
    async (request, reply) => {
      await rules.delete(request.params.id, request.actor)
      return reply.code(204).send(null)
    }
  )

  app.get(
    '/notices',
    {
      schema: {
        summary: 'What was sent, waits, or was given up',
        description: 'Newest first; kept for 30 days.',
        tags,
        querystring: NoticesQuery,
        response: { 200: NoticePage, ...problems }
      },
      config
    },
    async ({ query: { state, channel, rule, limit, cursor } }) =>
      toPage(await notices.list({ state, channel, rule, limit, cursor }), limit)
  )

  app.post(
    '/notices/:id/retry',
    {
      schema: {
        summary: 'Send a notice now',
        description: 'One that was given up, or that waits for its next try.',
        tags,
        params: NoticeRef,
        response: { 200: Type.Ref('Notice'), ...problems }
      },
      config
    },
    async request => notices.retry(request.params.id)
  )
}
