/**
 * From a signed delivery that is sent to the execution it has queued, one at a time and 200 a second. The payload is one of GitHub's for
 * a pull request (21 KB); filters and a mapping look into it, as they would. An answer says that the execution is queued and on
 * disk. Bots are kept from running by a machine that is drained: this is about what comes before.
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { githubHeaders, makeWebhook, SECRET } from '../test/support/webhooks.ts'
import { type Bench, percentile } from './support/row.ts'
import { type BenchServer, withServer } from './support/server.ts'

const WARM_UP = 50
const ONE_BY_ONE = 500
const A_SECOND = 200
const SECONDS = 20
const TARGET_MS = 20
/** As a sender would have; what waits for one is counted as waiting for us. */
const SOCKETS = 50

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: object[] }[]
const BODY = JSON.stringify(examples.find(({ name }) => name === 'pull_request')!.examples[0])

const WEBHOOK = {
  verification: 'github',
  filters: {
    match: 'all',
    rules: [
      { path: '$.headers["x-github-event"]', op: 'equals', value: 'pull_request' },
      { path: '$.payload.action', op: 'matches', value: '^[a-z_]+$' }
    ]
  },
  map: { number: '$.payload.number' }
}

const bench: Bench = () =>
  withServer(
    async server => {
      const parameters = { type: 'object', properties: { number: { type: 'integer' } } }
      const bot = await server.makeBot(['true'], { parameters })
      const trigger = await makeWebhook(server, bot, WEBHOOK)
      await server.request('PUT', '/api/machine/drain', { body: { enabled: true } })
      const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
      const deliver = () => sendOne(server, trigger.id, agent)

      const alone: number[] = []
      const byHand: number[] = []
      // In turns, so that what else the machine has to do falls upon both.
      for (let i = 0; i < WARM_UP + ONE_BY_ONE; i++) {
        const delivered = await deliver()
        const started = await startOne(server, bot, agent)
        if (i < WARM_UP) continue
        alone.push(delivered.ms)
        byHand.push(started.ms)
      }
      const many = await steadily(deliver)
      agent.destroy()
      const accepted = many.filter(({ status }) => status === 202)
      const what = 'a start by the API, nothing with it'
      return [
        {
          what: 'delivery to queued, one at a time, p50',
          ours: percentile(alone, 0.5),
          unit: 'ms',
          target: null,
          baseline: { what, value: percentile(byHand, 0.5) }
        },
        {
          what: 'delivery to queued, one at a time, p99',
          ours: percentile(alone, 0.99),
          unit: 'ms',
          target: TARGET_MS,
          baseline: { what, value: percentile(byHand, 0.99) }
        },
        {
          what: `of ${A_SECOND} deliveries a second for ${SECONDS} s, started`,
          ours: accepted.length,
          unit: '',
          target: A_SECOND * SECONDS,
          more: true
        },
        {
          what: 'delivery to queued among these, p99',
          ours: percentile(
            accepted.map(({ ms }) => ms),
            0.99
          ),
          unit: 'ms',
          target: null
        }
      ]
    },
    { MAX_QUEUED_EXECUTIONS: '100000' }
  )

/** As many a second, whether those before have been answered or not. */
async function steadily(deliver: () => Promise<Delivered>): Promise<Delivered[]> {
  const start = performance.now()
  const sent: Promise<Delivered>[] = []
  while (sent.length < A_SECOND * SECONDS) {
    const due = Math.floor(((performance.now() - start) / 1000) * A_SECOND)
    while (sent.length < Math.min(due, A_SECOND * SECONDS)) sent.push(deliver())
    await delay(1)
  }
  return Promise.all(sent)
}

interface Delivered {
  status: number
  ms: number
}

function sendOne(server: BenchServer, triggerId: string, agent: Agent): Promise<Delivered> {
  return timed(`${server.url}/api/webhooks/${triggerId}`, agent, githubHeaders(SECRET, BODY, 'pull_request'), BODY)
}

function startOne(server: BenchServer, { id }: { id: string }, agent: Agent): Promise<Delivered> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' }
  return timed(`${server.url}/api/bots/${id}/executions`, agent, headers, '{}')
}

/** By as little as a client can do: it takes its part of the processors. Signing is not counted. */
async function timed(url: string, agent: Agent, headers: Record<string, string>, body: string): Promise<Delivered> {
  const start = performance.now()
  const sent = request(url, {
    method: 'POST',
    agent,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) }
  })
  sent.end(body)
  const [answer] = await once(sent, 'response')
  answer.resume()
  await once(answer, 'end')
  return { status: answer.statusCode, ms: performance.now() - start }
}

export default bench
