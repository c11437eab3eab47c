/** What an update does: the server alone is told to stop, and the next one starts on what it has left. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { endOf, journal, lives } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { fixture, follow, type Reader } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const BOTS = 20

/** What `counts-until-file.sh` prints when it comes to `count`. */
function countedTo(executionId: string, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => `${executionId} line ${i + 1}\n`)
  return `${lines.join('')}${executionId} came to ${count}\n`
}

t.test('twenty bots go on through orderly restarts, and so do their readers, each at its byte', async t => {
  const dir = testFolder(t, { data: {} })
  const [dataDir, notes, go] = [join(dir, 'data'), join(dir, 'journal'), join(dir, 'go')]
  const env = { MAX_CONCURRENT_EXECUTIONS: String(BOTS) }
  let server = await startServer(t, dataDir, env)
  const bot = await server.makeBot(fixture('counts-until-file', go, notes), { concurrency: { limit: BOTS } })
  const ids = await Promise.all(Array.from({ length: BOTS + 1 }, async () => (await server.start(bot)).id))
  const waiting = await eventually('all but one to begin', () => {
    const begun = journal(notes).map(note => note.slice('start '.length))
    return begun.length === BOTS ? ids.find(id => !begun.includes(id)) : null
  })
  const running = ids.filter(id => id !== waiting)
  const pidsOf = () => Promise.all(running.map(async id => (await server.execution(id)).attempts[0]!.pid!))
  const pids = await eventually('their pids', async () => {
    const pids = await pidsOf()
    return pids.every(pid => pid !== null) ? pids : null
  })

  const texts = new Map(running.map(id => [id, '']))
  let places = new Map<string, string>()
  for (let restart = 1; restart <= 3; restart++) {
    const readers = new Map<string, Reader>()
    for (const id of running) readers.set(id, await follow(server, id, { lastEventId: places.get(id) }))
    await Promise.all([...readers.values()].map(reader => eventually('a line', () => reader.text.includes('\n'))))
    t.same(await server.kill('SIGTERM'), { code: 0, signal: null })
    await Promise.all([...readers.values()].map(({ done }) => done))
    t.ok(pids.every(lives), 'all bots live while no server does')

    const before = places
    places = new Map()
    for (const [i, id] of running.entries()) {
      // Every other reader has missed what came last before the restart.
      const log = readers.get(id)!.events.filter(({ event }) => event === 'log')
      const read = i % 2 ? log : log.slice(0, Math.ceil(log.length / 2))
      texts.set(id, texts.get(id)! + read.map(({ data }) => data.text).join(''))
      places.set(id, read.at(-1)?.id ?? before.get(id)!)
    }
    server = await startServer(t, dataDir, env)
    t.same(await pidsOf(), pids, 'it knows every bot by its pid')
  }
  t.equal((await server.execution(waiting)).state, 'queued')
  const last = await Promise.all(running.map(id => follow(server, id, { lastEventId: places.get(id) })))
  writeFileSync(go, '')
  await Promise.all(last.map(({ done }) => done))

  for (const [i, id] of running.entries()) {
    const text = texts.get(id)! + last[i]!.text
    const count = Number(/came to (\d+)\n$/.exec(text)?.[1])
    t.ok(text === countedTo(id, count), 'a reader missed nothing and saw nothing twice')
    t.equal((await server.downloadLog(id)).toString(), text)
    t.match(await server.execution(id), { state: 'succeeded', attempts: [{ number: 1, logBytes: text.length }] })
  }
  t.match(await endOf(server, waiting), { state: 'succeeded' })
  t.same(journal(notes).toSorted(), ids.flatMap(id => [`end ${id}`, `start ${id}`]).toSorted(), 'each ran once')
})
