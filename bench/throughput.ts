/** Executions of `true` a second, from the first API call until the database says that the last has ended. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { Bench } from './support/row.ts'
import { withServer } from './support/server.ts'

const WARM_UP = 200
const EXECUTIONS = 2000
const AT_A_TIME = 8

const bench: Bench = () =>
  withServer(
    async server => {
      const bot = await server.makeBot(['/bin/true'], { concurrency: { limit: AT_A_TIME, policy: 'queue' } })
      const ended = new Set<string>()
      let wake = () => {}
      const stop = await server.onEnd(bot.id, id => {
        ended.add(id)
        wake()
      })
      const run = async (count: number) => {
        const before = ended.size
        const start = performance.now()
        await inParallel(count, () => startBot(`${server.url}/api/bots/${bot.id}/executions`, server.token!))
        while (ended.size < before + count) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
        return (count / (performance.now() - start)) * 1000
      }
      await run(WARM_UP)
      const ours = await run(EXECUTIONS)
      stop()

      const start = performance.now()
      await inParallel(EXECUTIONS, () => once(spawn('/bin/true', { stdio: 'ignore' }), 'exit'))
      const spawned = (EXECUTIONS / (performance.now() - start)) * 1000
      return [
        {
          what: 'executions of `true`, eight at a time',
          ours,
          unit: '1/s',
          target: 200,
          more: true,
          baseline: { what: 'spawn() in this process, nothing kept', value: spawned }
        }
      ]
    },
    { MAX_CONCURRENT_EXECUTIONS: String(AT_A_TIME) }
  )

const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME })

/** By as little as a client can do: it takes its part of the processors. */
async function startBot(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const sent = request(url, { method: 'POST', agent, headers }).end('{}')
  const [answer] = await once(sent, 'response')
  if (answer.statusCode !== 202) throw new Error(`a start was answered with ${answer.statusCode}`)
  answer.resume()
  await once(answer, 'end')
}

async function inParallel(count: number, once: () => Promise<unknown>): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) await once()
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
}

export default bench
