import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { Bot } from '../../src/bots/bot.ts'
import type { BenchServer } from './server.ts'

/** Starts a bot `count` times, some at a time, and resolves when the server says that the last of them has ended. */
export async function startInParallel(
  server: BenchServer,
  bot: Bot,
  { count, atATime }: { count: number; atATime: number }
): Promise<void> {
  let running = count
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const stop = await server.onEnd(bot.id, () => {
    if (--running === 0) resolve()
  })
  const agent = new Agent({ keepAlive: true, maxSockets: atATime })
  await inParallel(atATime, count, () => start(server, bot, agent))
  await ended
  agent.destroy()
  stop()
}

/** Does something `count` times, `atATime` at a time. */
export async function inParallel(atATime: number, count: number, once: () => Promise<unknown>): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: atATime }, worker))
}

/** By as little as a client can do: it takes its part of the processors. */
async function start(server: BenchServer, bot: Bot, agent: Agent): Promise<void> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  const url = `${server.url}/api/bots/${bot.id}/executions`
  const sent = request(url, { method: 'POST', agent, headers }).end('{}')
  const [answer] = await once(sent, 'response')
  if (answer.statusCode !== 202) throw new Error(`a start was answered with ${answer.statusCode}`)
  answer.resume()
  await once(answer, 'end')
}
