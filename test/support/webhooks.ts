import { createHmac } from 'node:crypto'
import type { Bot } from '../../src/bots/bot.ts'
import type { Execution } from '../../src/executions/execution.ts'
import type { Trigger } from '../../src/triggers/trigger.ts'
import type { Delivery } from '../../src/webhooks/delivery.ts'
import type { HmacSettings, Incoming, Verification, VerificationKind } from '../../src/webhooks/webhook.ts'
import type { Answer, Client } from './client.ts'

export const SECRET = 'a-secret-of-many-characters'

const NO_HMAC = {
  header: null,
  algorithm: null,
  prefix: null,
  encoding: null,
  signed: null,
  timestampHeader: null,
  timestampPrefix: null,
  deliveryHeader: null
}

export const HMAC: HmacSettings = {
  header: 'x-signature',
  algorithm: 'sha256',
  prefix: '',
  encoding: 'hex',
  signed: '{body}',
  timestampHeader: null,
  timestampPrefix: '',
  deliveryHeader: null
}

/** How a trigger of this kind verifies. */
export function verificationBy(verification: VerificationKind, hmac: Partial<HmacSettings> = {}): Verification {
  return { verification, ...(verification === 'hmac' ? { ...HMAC, ...hmac } : NO_HMAC) }
}

export const incoming = (headers: Record<string, string>, body: string | Buffer = ''): Incoming => ({
  headers,
  body: Buffer.from(body as string)
})

export const hex = (secret: string, signed: string | Buffer, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(signed).digest('hex')

/** The headers GitHub sends with a body. */
export function githubHeaders(
  secret: string,
  body: string | Buffer,
  event = 'push',
  delivery: string = crypto.randomUUID()
) {
  return {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature-256': `sha256=${hex(secret, body)}`
  }
}

/** A webhook trigger of a bot, with {@link SECRET} unless it verifies nothing. */
export async function makeWebhook(
  app: Client,
  bot: Pick<Bot, 'id'>,
  webhook: Record<string, unknown> = { verification: 'github' },
  more: Record<string, unknown> = {}
): Promise<Trigger> {
  const secret = webhook.verification === 'none' ? {} : { secret: SECRET }
  const answer = await app.post('/api/triggers', {
    bot: bot.id,
    kind: 'webhook',
    name: 'hook',
    webhook: { ...secret, ...webhook },
    ...more
  })
  if (answer.status !== 201) throw new Error(`makeWebhook: ${answer.status} ${answer.text}`)
  return answer.body
}

/** Sends something to a webhook as a stranger does. */
export function send(
  app: Client,
  trigger: Pick<Trigger, 'id'>,
  body: string | Buffer,
  headers: Record<string, string> = {},
  query = ''
): Promise<Answer> {
  return app.request('POST', `/api/webhooks/${trigger.id}${query}`, {
    raw: body,
    headers: { authorization: '', ...headers }
  })
}

/** Sends an event as GitHub does. */
export function sendGithub(
  app: Client,
  trigger: Pick<Trigger, 'id'>,
  payload: unknown,
  { event = 'push', delivery, secret = SECRET }: { event?: string; delivery?: string; secret?: string } = {}
): Promise<Answer> {
  const body = JSON.stringify(payload)
  return send(app, trigger, body, githubHeaders(secret, body, event, delivery))
}

/** What is kept of what was delivered, newest first. */
export async function deliveriesOf(app: Client, trigger: Pick<Trigger, 'id'>): Promise<Delivery[]> {
  return (await app.get(`/api/triggers/${trigger.id}/deliveries?limit=200`)).body.items
}

/** How often a bot has been started. */
export async function executionsOf(app: Client, bot: Pick<Bot, 'id'>): Promise<Execution[]> {
  return (await app.get(`/api/bots/${bot.id}/executions?limit=200`)).body.items
}
