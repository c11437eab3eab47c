/** Servers killed at random moments under senders that send again until they are answered. `SEED` repeats what was random. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { seededRandom } from '../support/attempts.ts'
import type { Answer } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { makeWebhook, sendGithub } from '../support/webhooks.ts'

const ROUNDS = rounds(3, 60)
const SENDERS = 12

t.test(
  'each delivery starts one execution, however often servers are killed under it',
  { timeout: ROUNDS * 20_000 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dataDir = join(testFolder(t, { data: {} }), 'data')
    let server = await startServer(t, dataDir)
    const bot = await server.makeBot(['true'], { concurrency: { limit: 8, policy: 'queue' } })
    const trigger = await makeWebhook(server, bot)
    const answered = new Map<string, string>()

    /** Sends until somebody answers, as GitHub's button and every sender with retries does. */
    async function sendUntilAnswered(delivery: string, current: () => Promise<TestServer>): Promise<void> {
      for (;;) {
        const answer: Answer | null = await sendGithub(await current(), trigger, { delivery }, { delivery }).catch(
          () => null
        )
        if (!answer) continue
        t.ok([200, 202].includes(answer.status), `${delivery}: ${answer.status} ${answer.text}`)
        answered.set(delivery, answer.body?.executionId)
        return
      }
    }

    for (let round = 1; round <= ROUNDS; round++) {
      const next = Promise.withResolvers<TestServer>()
      const before = server
      let current = async () => before
      const sending = Array.from({ length: SENDERS }, async (_, n) => {
        await delay(random() * 40)
        await sendUntilAnswered(`${round}.${n}`, () => current())
      })
      await delay(random() * 60)
      current = () => next.promise
      await server.kill()
      server = await startServer(t, dataDir)
      next.resolve(server)
      await Promise.all(sending)
    }

    const executions = await allExecutionsOf(server, bot.id)
    for (const id of executions) await server.ended(id)
    t.equal(answered.size, ROUNDS * SENDERS, 'all were answered')
    t.same(
      [...answered.values()].sort(),
      executions.sort(),
      'each with an execution of its own, and there are no others'
    )
  }
)

async function allExecutionsOf(server: TestServer, botId: string): Promise<string[]> {
  const ids: string[] = []
  for (let cursor = ''; ; ) {
    const { items, nextCursor } = (await server.get(`/api/bots/${botId}/executions?limit=200${cursor}`)).body
    ids.push(...(items as { id: string }[]).map(({ id }) => id))
    if (nextCursor === null) return ids
    cursor = `&cursor=${nextCursor}`
  }
}
