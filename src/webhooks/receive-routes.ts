import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { onceClosed } from '../lib/once-closed.ts'
import { problems } from '../lib/schemas.ts'
import { webhookLimits } from '../plugins/rate-limits.ts'
import type { Trigger } from '../triggers/trigger.ts'
import { BodyRoom, LARGE_BYTES } from './body-room.ts'
import type { Deliveries } from './deliveries.ts'
import type { Arrival } from './delivery.ts'
import { plain } from './kept.ts'
import { Challenge, WebhookRef } from './schemas.ts'
import type { Verdict } from './verdicts.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose webhook was called; on that route alone. */
    webhookTrigger: Trigger | null
  }
}

/** Where the world sends to. Whoever is not believed learns nothing but that. */
export const receiveRoutes: FastifyPluginAsyncTypebox<{ deliveries: Deliveries }> = async (app, { deliveries }) => {
  const limits = webhookLimits(app)
  const rooms = { small: new BodyRoom(), large: new BodyRoom() }

  // What is signed are the bytes, whatever they are said to be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    async (_: unknown, body: Buffer) => body
  )

  app.decorateRequest('webhookTrigger', null)

  // Before anything of the body is read.
  app.addHook('preParsing', async (request, reply, payload) => {
    await limits.check(request)
    const { triggerId } = request.params as { triggerId: string }
    request.webhookTrigger = await deliveries.triggerOf(triggerId)
    if (!request.webhookTrigger) {
      await limits.countRefused(request)
      throw nothingAt(request)
    }
    // Who sends in chunks does not say how much.
    const length = Number(request.headers['content-length'] ?? MAX_BODY_BYTES)
    if (length > MAX_BODY_BYTES) return payload
    const { stream, release } = (length <= LARGE_BYTES ? rooms.small : rooms.large).counted()
    onceClosed(reply.raw, release)
    payload.once('error', error => stream.destroy(error))
    return payload.pipe(stream)
  })

  app.addHook('onError', async (request, _reply, error: FastifyError) => {
    if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE' || !request.webhookTrigger) return
    const arrival = deliveries.arrival(request.webhookTrigger, requestOf(request))
    await refuse(request, arrival, {
      verdict: 'too_large',
      detail: 'The body is larger than 10 MiB, and was not read.'
    })
  })

  app.post(
    '/webhooks/:triggerId',
    {
      schema: {
        summary: 'Deliver to a webhook',
        description:
          'For whoever the trigger is set up for, who signs what he sends. Any Content-Type: JSON, a form, or text; 10 MiB. Answers 202 ' +
          'when it starts the bot, or may yet; 200 when it starts nothing: filtered, a repeat, or only a trial. After 429 and 503 it can be sent again.',
        tags: ['webhooks'],
        params: WebhookRef,
        response: { 200: Type.Union([Type.Ref('Receipt'), Challenge]), 202: Type.Ref('Receipt'), ...problems }
      },
      config: { access: 'open', limit: 'webhook' }
    },
    async (request, reply) => {
      const trigger = request.webhookTrigger!
      try {
        const { status, body } = await take(request, trigger)
        return reply.code(status).send(body)
      } catch (error) {
        // Whatever went wrong with one that was deleted while the body came: a moment later it would not have been there.
        throw (await deliveries.triggerOf(trigger.id)) ? error : nothingAt(request)
      }
    }
  )

  async function take(request: FastifyRequest, trigger: Trigger) {
    const { arrival, problem } = await deliveries.verify(trigger, requestOf(request))
    if (problem) {
      await refuse(request, arrival, problem)
      throw new AppError(
        'invalid_signature',
        'This is not signed as it should be. The owner of the webhook can see why.'
      )
    }
    await limits.countTaken(request, trigger.id)
    return deliveries.receive(trigger, arrival)
  }

  async function refuse(request: FastifyRequest, arrival: Arrival, problem: { verdict: Verdict; detail: string }) {
    await limits.countRefused(request)
    if (await limits.mayNote(request, arrival.triggerId)) await deliveries.refuse(arrival, problem)
  }
}

function nothingAt({ method, url }: FastifyRequest): AppError {
  return new AppError('not_found', `There is nothing at ${method} ${url.split('?')[0]}.`)
}

function requestOf(request: FastifyRequest) {
  return {
    address: request.ip,
    headers: plain(request.headers),
    query: plain(request.query as Record<string, string | string[]>),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  }
}
