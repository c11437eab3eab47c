/** What may run at a time, by the notes of those that run, while many are started and end at once. `SEED` repeats it. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { allEnded, endOf, inDatabase, journal, seededRandom } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { fixture } from '../support/logs.ts'
import { rawHttp } from '../support/raw-http.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const COUNT = rounds(120, 2000)
const MACHINE = 5

/** The most that ran at a time, and whether each that began has ended: 1 for each beginning, -1 for each end, in their order. */
function countedIn(steps: number[]): { most: number; left: number } {
  let running = 0
  let most = 0
  for (const step of steps) {
    running += step
    most = Math.max(most, running)
  }
  return { most, left: running }
}

const stepOf = (note: string) => (note.startsWith('start') ? 1 : -1)

t.test(
  'no more run than may, of a bot, with a key and on the machine, however they are started and end',
  { timeout: COUNT * 500 + 60_000 },
  async t => {
    const random = seededRandom(t)
    const dir = testFolder(t, { data: {} })
    const app = await buildApp(t, { dataDir: join(dir, 'data'), config: { maxConcurrentExecutions: MACHINE } })
    const notes = join(dir, 'journal')
    const retry = { maxAttempts: 3, backoffMs: 0, maxBackoffMs: 0 }
    const bot = (name: string, limit: number, more: object = {}) =>
      app.makeBot(fixture('notes-and-ends', notes, name, '{{parameters.code}}', '{{parameters.lane}}'), {
        name,
        killGraceMs: 60_000,
        retry,
        concurrency: { limit },
        parameters: { type: 'object', properties: { code: { type: 'integer' }, lane: { type: 'string' } } },
        ...more
      })
    const bots = [
      { ...(await bot('one', 1)), limit: 1 },
      { ...(await bot('two', 2)), limit: 2 },
      { ...(await bot('many', 50)), limit: MACHINE },
      { ...(await bot('lanes', 4, { concurrency: { limit: 4, key: '{{parameters.lane}}' } })), limit: 4 }
    ]

    const started: string[] = []
    await Promise.all(
      Array.from({ length: COUNT }, async () => {
        await delay(random() * COUNT * 15)
        const parameters = { code: Math.floor(random() * 2), lane: `lane-${Math.floor(random() * 2)}` }
        const { id } = await app.start(bots[Math.floor(random() * bots.length)]!, parameters)
        started.push(id)
        if (random() < 0.2) await delay(random() * 200).then(() => app.post(`/api/executions/${id}/cancel`))
      })
    )
    const executions = await eventually('the end of all', () => allEnded(app), COUNT * 400)

    t.same(executions.map(({ id }) => id).toSorted(), started.toSorted())
    const lines = journal(notes)
    const lanes = new Set(lines.map(line => line.split(' ')[2]).filter(lane => lane?.startsWith('lanes/')))
    t.equal(lanes.size, 2)
    for (const [name, limit, of] of [
      ['the machine', MACHINE, lines] as const,
      ...bots.map(
        ({ name, limit }) => [name, limit, lines.filter(line => line.split(' ')[2]!.startsWith(`${name}/`))] as const
      ),
      ...[...lanes].map(lane => [lane, 1, lines.filter(line => line.endsWith(` ${lane}`))] as const)
    ]) {
      const { most, left } = countedIn(of.map(stepOf))
      t.ok(most <= limit, `${most} at a time of ${name}, which may run ${limit}`)
      t.equal(left, 0, `all of ${name} that began have noted their end`)
    }
    const attempts = executions.flatMap(({ attempts }) => attempts)
    // By the server's own times: on a busy machine one may note its end before the last that began comes to note anything.
    const steps = attempts.flatMap(({ startedAt, endedAt }) => [
      { at: startedAt, step: 1 },
      { at: endedAt!, step: -1 }
    ])
    const inOrder = steps.toSorted((a, b) => a.at - b.at || a.step - b.step).map(({ step }) => step)
    t.equal(countedIn(inOrder).most, MACHINE, 'and the machine was full')
    t.ok(attempts.length > COUNT, 'some were tried again')
    t.ok(executions.some(({ state }) => state === 'cancelled'))
  }
)

const DRAINS = rounds(5, 60)
const WAITING = 150

t.test(
  'once it is said that the machine is drained, nothing of what waits is taken up',
  { timeout: DRAINS * 20_000 + 60_000 },
  async t => {
    const dir = testFolder(t, { data: {} })
    const dataDir = join(dir, 'data')
    const app = await buildApp(t, { dataDir, config: { maxConcurrentExecutions: 300 } })
    /** Asks for one after the other on one connection, without waiting for the answer in between. */
    const drain = async (...wanted: boolean[]) => {
      const requests = wanted.map((enabled, i) => {
        const body = JSON.stringify({ enabled })
        const last = i === wanted.length - 1 ? 'connection: close\r\n' : ''
        return (
          `PUT /api/machine/drain HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${app.token}\r\n${last}` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
        )
      })
      const answer = await rawHttp(app.url, requests.join(''))
      t.equal(answer.match(/HTTP\/1\.1 200 /g)?.length, wanted.length)
    }
    const count = (what: string) =>
      inDatabase(dataDir, db => db.prepare(`SELECT count(*) FROM ${what}`).pluck().get() as number)
    const bot = await app.makeBot(['/bin/true'], { concurrency: { limit: 500 } })
    const fails = await app.makeBot(['/bin/false'], {
      name: 'fails',
      concurrency: { limit: 500 },
      retry: { maxAttempts: 100, backoffMs: 0, maxBackoffMs: 0 }
    })

    for (let round = 1; round <= DRAINS; round++) {
      await drain(true)
      await Promise.all(Array.from({ length: WAITING }, () => app.start(bot)))
      const failing = await app.start(fails)
      // Some is taken up in between, or nothing; and others come and end meanwhile.
      const more = Array.from({ length: 10 }, () => app.start(bot))
      await drain(false, true)
      const taken = count('attempts')
      await Promise.all(more)
      await eventually('what runs to end', () => count("executions WHERE state = 'running'") === 0)
      t.equal(count('attempts'), taken, 'nothing has begun since')

      await drain(false)
      await app.post(`/api/executions/${failing.id}/cancel`)
      await endOf(app, failing.id)
      await eventually('what waited to run', () => count("executions WHERE state IN ('queued', 'running')") === 0)
    }
  }
)
