/** What attempts use is seen, kept and told, with control groups and without. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { addUsage, MAX_RECORDS, readUsage, thinned, type UsageSample } from '../../src/attempts/usage-file.ts'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import type { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { needsLimits } from '../support/groups.ts'
import { seeded } from '../support/properties.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** Works for a while again and again, and leaves most of a processor to others. */
const SPELLS = "perl -e 'for (;;) { $i++ for 1 .. 100_000; select undef, undef, undef, 0.05 }'"
/** Works with two children, one of which has a session of its own and no mark, and sleeps with a third. */
const WORKS = ['/bin/sh', '-c', `${SPELLS} & env -i setsid ${SPELLS} & sleep 300`]

/** What was seen so far, once there are so many samples with all four processes. */
async function usageOf(client: Client, id: string, count: number): Promise<UsageSample[]> {
  return eventually(`${count} samples`, async () => {
    const items: UsageSample[] = (await client.get(`/api/executions/${id}/usage`)).body.items
    return items.filter(({ pids }) => pids === 4).length >= count ? items : null
  })
}

function neverFalls(t: Test, samples: UsageSample[]): void {
  const wrong = samples.slice(1).filter(({ at, cpuMs }, i) => at <= samples[i]!.at || cpuMs < samples[i]!.cpuMs)
  t.same(wrong, [], 'time goes on, and processor time does not fall')
}

async function cancel(client: Client, id: string) {
  await client.post(`/api/executions/${id}/cancel`)
  return endOf(client, id)
}

const kinds = [
  { with: 'without limits', limits: {}, needs: { skip: false as const } },
  { with: 'in control groups', limits: { memoryBytes: 2 ** 30, pids: 50 }, needs: needsLimits('memory', 'pids') }
]
for (const { with: how, limits, needs } of kinds) {
  t.test(`the whole tree of a bot is seen ${how}, and the most of it is kept at the end`, needs, async t => {
    const app = await buildApp(t)
    const { id } = await app.start(await app.makeBot(WORKS, { limits }))

    const samples = await usageOf(app, id, 2)
    const { attempts } = await cancel(app, id)

    neverFalls(t, samples)
    const [first, second] = samples.slice(-2)
    t.ok(second!.cpuMs > first!.cpuMs, 'it works')
    t.ok(second!.memoryBytes > 2 ** 18 && second!.memoryBytes < 2 ** 28, `${second!.memoryBytes} bytes`)
    const last = (await app.get(`/api/executions/${id}/usage?attempt=1`)).body.items.at(-1)
    t.ok(attempts[0]!.cpuMs! >= last.cpuMs)
    t.equal(attempts[0]!.maxPids, 4)
    t.ok(attempts[0]!.maxMemoryBytes! >= second!.memoryBytes)
  })

  t.test(`of a short bot ${how} the processor time is known`, needs, async t => {
    const app = await buildApp(t)
    const { id, attempts } = await app.finished(
      ['/bin/sh', '-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done'],
      { limits }
    )
    t.ok(attempts[0]!.cpuMs! >= 10, `${attempts[0]!.cpuMs} ms`)
    const { attempt, items } = (await app.get(`/api/executions/${id}/usage`)).body
    t.equal(attempt, 1)
    // On a slow machine it is not that short.
    t.equal(attempts[0]!.maxPids, items.length === 0 ? null : 1)
  })

  t.test(`a server that takes over a bot ${how} goes on where the one before it was killed`, needs, async t => {
    const dataDir = join(testFolder(t), 'data')
    const first = await startServer(t, dataDir)
    const { id } = await first.start(await first.makeBot(WORKS, { limits }))
    const before = await usageOf(first, id, 2)
    await first.kill('SIGKILL')

    const second = await startServer(t, dataDir)
    const after = await usageOf(second, id, 3)

    t.same(after.slice(0, before.length), before)
    neverFalls(t, after)
    t.ok(after.at(-1)!.cpuMs > before.at(-1)!.cpuMs)
    const { attempts } = await cancel(second, id)
    t.ok(attempts[0]!.cpuMs! >= after.at(-1)!.cpuMs)
    t.equal(attempts[0]!.maxPids, 4)
  })
}

t.test('use is told by attempt, and of nothing that is not there', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['/bin/true'])
  t.equal((await app.get(`/api/executions/${id}/usage?attempt=1`)).status, 200)
  t.match(await app.get(`/api/executions/${id}/usage?attempt=2`), {
    status: 404,
    body: { code: 'not_found', detail: 'The execution has no attempt 2.' }
  })
  t.equal((await app.get('/api/executions/none/usage')).status, 404)
  t.equal((await app.get(`/api/executions/${id}/usage?attempt=0`)).status, 400)
})

t.test('a bot that makes something else of its record harms nobody', async t => {
  const app = await buildApp(t)
  const here =
    'cd "$1"/attempts/* && until mkdir usage; do rm -f usage; done; mkdir times && echo ready && exec sleep 300'
  const bot = await app.makeBot(['/bin/sh', '-c', here, '-', app.config.dataDir])
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')
  const [attempt] = readdirSync(join(app.config.dataDir, 'attempts'))

  t.same((await app.get(`/api/executions/${id}/usage`)).body.items, [])
  t.match(await cancel(app, id), { state: 'cancelled' })
  t.ok(statSync(join(app.attemptFolder(attempt!), 'usage')).isDirectory())
  t.match(await app.finished(['/bin/true']), { state: 'succeeded' })
})

const sample = (i: number): UsageSample => ({ at: 1000 + i, cpuMs: i * 2, memoryBytes: 5000 - i, pids: 1 + (i % 7) })

t.test('a file that is full goes on with half of its records, and keeps the first, the last and the most', async t => {
  const folder = testFolder(t)
  let count = 0
  for (let i = 0; i < 2.6 * MAX_RECORDS; i++) {
    count = await addUsage(folder, count, sample(i))
    if (count > MAX_RECORDS) t.fail(`${count} records`)
  }
  const samples = await readUsage(folder)

  t.equal(samples.length, count)
  t.equal(statSync(join(folder, 'usage')).size, count * 32)
  neverFalls(t, samples)
  t.same(samples.at(-1), sample(2.6 * MAX_RECORDS - 1))
  t.equal(samples[0]!.memoryBytes, sample(0).memoryBytes)
  t.equal(Math.max(...samples.map(({ pids }) => pids)), 7)
  t.notOk(existsSync(join(folder, 'usage.new')))
})

t.test('records are little-endian float64, four of them each; a torn one is none', async t => {
  const folder = testFolder(t)
  await addUsage(folder, 0, { at: 1.5, cpuMs: 2, memoryBytes: 3, pids: 4 })
  const bytes = readFileSync(join(folder, 'usage'))
  t.same(
    [0, 8, 16, 24].map(at => bytes.readDoubleLE(at)),
    [1.5, 2, 3, 4]
  )
  writeFileSync(join(folder, 'usage'), Buffer.concat([bytes, bytes.subarray(0, 20)]))
  t.equal((await readUsage(folder)).length, 1)
  await addUsage(folder, 1, sample(9))
  t.same((await readUsage(folder))[1], sample(9))

  t.same(await readUsage(join(folder, 'none')), [])
  mkdirSync(join(folder, 'odd/usage'), { recursive: true })
  t.same(await readUsage(join(folder, 'odd')), [])
})

t.test('thinned samples are no more than asked for, in order, and lose no peak', async t => {
  const samples = fc
    .array(fc.record({ memoryBytes: fc.nat(), pids: fc.nat() }))
    .map(all => all.map((use, i) => ({ at: i, cpuMs: i, ...use })))
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 50 }), (all, max) => {
      const few = thinned(all, max)
      const most = (of: UsageSample[], what: 'memoryBytes' | 'pids') => Math.max(-1, ...of.map(each => each[what]))
      return (
        few.length <= max &&
        few.at(-1)?.at === all.at(-1)?.at &&
        few.every(({ at }, i) => i === 0 || at > few[i - 1]!.at) &&
        most(few, 'memoryBytes') === most(all, 'memoryBytes') &&
        most(few, 'pids') === most(all, 'pids')
      )
    }),
    seeded(t)
  )
})
