import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../support/app.ts'
import { testFolder } from '../support/folder.ts'
import { Feed, fixture, follow, startFed } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { eventually } from '../support/wait.ts'

const NUMBERS = 7_000_000
/** Readers that do not read. */
const LAZY = 10
/** The length of the numbers from 1 to n, a line each. */
const countedBytes = (n: number) => {
  let bytes = 0
  for (let first = 1, digits = 1; first <= n; first *= 10, digits++)
    bytes += (Math.min(n, first * 10 - 1) - first + 1) * (digits + 1)
  return bytes
}

const MIB = 2 ** 20
const memoryOf = (pid: number) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024

t.test(
  'clients that never read cost no memory and hold up nobody, and read everything when they read at last',
  async t => {
    const server = await startServer(t, join(testFolder(t, { data: {} }), 'data'))
    const bot = await server.makeBot(fixture('log-counts', String(NUMBERS)))
    const size = countedBytes(NUMBERS)
    // Numbers come in order or not at all, so that nothing has to be kept to compare them.
    const counts = async (stream: Awaited<ReturnType<typeof server.followLog>>, label: string) => {
      let rest = ''
      let next = 1
      let place: string | null = null
      for await (const event of stream) {
        if (event.event !== 'log') continue
        place = event.id
        const lines = (rest + event.data.text).split('\n')
        rest = lines.pop()!
        for (const line of lines)
          if (line !== String(next++)) throw new Error(`${label}: ${line} instead of ${next - 1}`)
      }
      t.same([next - 1, rest, place], [NUMBERS, '', `1:${size}`], label)
    }

    const idle = memoryOf(server.process.pid!)
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, memoryOf(server.process.pid!))
    }, 20)
    t.teardown(() => clearInterval(watch))
    const lazyReader = async () => {
      const stream = await server.followLog(id)
      stream.pause()
      return stream
    }

    const { id } = await server.start(bot)
    const lazy = [await lazyReader()]
    await counts(await server.followLog(id), 'a reader beside one who does not read, while the bot prints')
    t.match(await server.execution(id), { state: 'succeeded' })
    while (lazy.length < LAZY) lazy.push(await lazyReader())
    // The server takes turns: while it sends all of the log to one, it would have sent it to the others, had it not stopped.
    await counts(await server.followLog(id), 'a reader beside many who do not read')
    clearInterval(watch)
    t.equal((await server.get('/health')).status, 200)

    for (const stream of lazy) t.ok(stream.bytes() < size / 2, `one has taken ${stream.bytes()} of ${size} bytes`)
    const grown = Math.round((most - idle) / MIB)
    t.comment(`${Math.round(idle / MIB)} MiB idle, at most ${grown} MiB more`)
    t.ok(
      grown < (LAZY * size) / MIB / 2,
      `${grown} MiB more, of ${Math.round((LAZY * size) / MIB)} that nobody has read`
    )

    lazy[0]!.resume()
    await counts(lazy[0]!, 'one who reads at last')
    for (const stream of lazy) stream.close()
  }
)

const VIEWERS = rounds(100, 1000)

t.test('a crowd of viewers of one bot all see the whole log, and the server has time for others', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => follow(app, id)))
  const lines = (round: number) => Array.from({ length: 500 }, (_, i) => `round ${round}, line ${i} €\n`).join('')

  for (let round = 1; round <= 10; round++) {
    await feed.write(lines(round))
    const [health, me, execution] = await Promise.all([
      app.get('/health'),
      app.get('/api/auth/me'),
      app.get(`/api/executions/${id}`)
    ])
    t.same([health.status, me.status, execution.status], [200, 200, 200])
  }
  await eventually(
    'all to be published',
    async () => (await app.execution(id)).attempts[0]!.logBytes === feed.bytes.length
  )
  await feed.end()
  await Promise.all(viewers.map(viewer => viewer.done))

  const whole = feed.bytes.toString()
  t.equal(viewers.filter(viewer => viewer.text === whole).length, VIEWERS)
  t.ok(viewers.every(viewer => viewer.events.at(-1)!.event === 'end'))
})
