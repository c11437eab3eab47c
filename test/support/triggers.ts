import type { CreateTrigger, Trigger } from '../../src/triggers/trigger.ts'
import type { Client } from './client.ts'

export async function makeTrigger(
  app: Client,
  input: Omit<CreateTrigger, 'name'> & { name?: string }
): Promise<Trigger> {
  const answer = await app.post('/api/triggers', { name: 'trigger', ...input })
  if (answer.status !== 201) throw new Error(`makeTrigger: ${answer.status} ${answer.text}`)
  return answer.body
}

/** A chain from one bot to another. */
export function chain(
  app: Client,
  after: { id: string },
  bot: { id: string },
  more: { on?: 'succeeded' | 'failed' | 'any'; parameters?: Record<string, unknown>; name?: string } = {}
): Promise<Trigger> {
  const { on = 'succeeded', ...rest } = more
  return makeTrigger(app, { bot: bot.id, kind: 'chain', chain: { afterBotId: after.id, on }, ...rest })
}

export async function switchAutomation(app: Client, enabled: boolean): Promise<void> {
  const answer = await app.request('PUT', '/api/automation', { body: { enabled } })
  if (answer.status !== 200) throw new Error(`switchAutomation: ${answer.status} ${answer.text}`)
}
