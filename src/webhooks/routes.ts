import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { create as contentDisposition } from 'content-disposition'
import { Type } from 'typebox'
import { problems, toPage } from '../lib/schemas.ts'
import { TriggerRef } from '../triggers/schemas.ts'
import type { Deliveries } from './deliveries.ts'
import { DeliveriesQuery, DeliveryPage, DeliveryRef, ReplayAll, Replayed } from './schemas.ts'

/** What was delivered to webhooks, for those who look after them. */
export const deliveryRoutes: FastifyPluginAsyncTypebox<{ deliveries: Deliveries }> = async (app, { deliveries }) => {
  app.get(
    '/triggers/:id/deliveries',
    {
      schema: {
        summary: 'What was delivered to a webhook',
        description:
          'Newest first, with what became of each and why. Kept for 14 days, and of each webhook the last 10,000 and 256 MiB; of what was not believed the last 100.',
        tags: ['webhooks'],
        params: TriggerRef,
        querystring: DeliveriesQuery,
        response: { 200: DeliveryPage, ...problems }
      },
      config: { access: 'viewer', scope: 'trigger' }
    },
    async ({ params, query: { limit, cursor, verdict } }) =>
      toPage(await deliveries.list(params.id, { limit, cursor, verdict }), limit)
  )

  app.get(
    '/deliveries/:id',
    {
      schema: {
        summary: 'One delivery, with its headers',
        tags: ['webhooks'],
        params: DeliveryRef,
        response: { 200: Type.Ref('DeliveryDetail'), ...problems }
      },
      config: { access: 'operator' }
    },
    async request => deliveries.get(request.params.id)
  )

  app.get(
    '/deliveries/:id/body',
    {
      schema: {
        summary: 'The body of a delivery',
        description: 'As it came, to the byte; of what was not believed the first 4 KiB.',
        tags: ['webhooks'],
        params: DeliveryRef,
        response: {
          200: {
            description: 'Its bytes, to be saved and never shown.',
            content: { 'application/octet-stream': { schema: Type.String() } }
          },
          ...problems
        }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      const { id } = request.params
      const body = await deliveries.body(id)
      return (
        reply
          .type('application/octet-stream')
          .header('content-disposition', contentDisposition(`${id}.bin`))
          // Whatever a browser makes of it, it is no page of ours.
          .header('content-security-policy', 'sandbox')
          .send(body)
      )
    }
  )

  app.post(
    '/deliveries/:id/replay',
    {
      schema: {
        summary: 'Have a delivery start its bot again',
        description:
          'One that started nothing is looked at anew; of one that has, another delivery is made. The filters count as they are now; that the ' +
          'trigger or the automation is off does not. What was not believed cannot be replayed.',
        tags: ['webhooks'],
        params: DeliveryRef,
        response: { 202: Type.Ref('Delivery'), ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      const delivery = await deliveries.replay(request.params.id, request.actor, request.principal!.user.id)
      return reply.code(202).send(delivery)
    }
  )

  app.post(
    '/deliveries/replay',
    {
      schema: {
        summary: 'Have all deliveries start their bots that came while the automation was off',
        description: 'The oldest first, each once, up to a thousand at a time.',
        tags: ['webhooks'],
        body: ReplayAll,
        response: { 202: Replayed, ...problems }
      },
      config: { access: 'operator' }
    },
    async (request, reply) => {
      const { triggerId } = request.body
      return reply.code(202).send(await deliveries.replayAll(triggerId, request.actor, request.principal!.user.id))
    }
  )
}
