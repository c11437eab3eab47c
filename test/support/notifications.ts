import type { Channel, Notice, Rule } from '../../src/notifications/notifications.ts'
import type { Client } from './client.ts'
import type { HttpTarget } from './http-target.ts'
import { eventually } from './wait.ts'

/** What signs webhooks in tests. */
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** With this, tests are let send to this machine. */
export const ALLOWED = { outgoingAllow: ['127.0.0.1'] }

async function made<T>(client: Client, path: string, body: object): Promise<T> {
  const answer = await client.post(path, body)
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

export function makeChannel(client: Client, kind: Channel['kind'], settings: object, name: string = kind) {
  return made<Channel>(client, '/api/channels', { name, kind, settings })
}

/** A channel that leads to a target. */
export function makeHook(client: Client, target: HttpTarget, name = 'hook'): Promise<Channel> {
  return makeChannel(client, 'webhook', { url: `${target.url}/hook`, secret: WEBHOOK_SECRET }, name)
}

export function makeRule(client: Client, channel: Channel, events: Rule['events'], more: object = {}): Promise<Rule> {
  return made<Rule>(client, '/api/notification-rules', { name: 'rule', events, channelIds: [channel.id], ...more })
}

/** Newest first. */
export async function noticesOf(client: Client, query = ''): Promise<Notice[]> {
  return (await client.get(`/api/notices?limit=200${query}`)).body.items
}

/** Waits until so many requests have arrived; answers their bodies. */
export async function bodiesOf(target: HttpTarget, count: number) {
  await eventually(`${count} requests to arrive`, () => target.arrived.length >= count)
  return target.arrived.map(({ body }) => JSON.parse(body))
}
