import { join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { createApp } from '../../src/app.ts'
import { buildApp } from '../support/app.ts'
import { Client, textOf } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import {
  characterStarts,
  Feed,
  follow,
  mixedText,
  printing,
  type Reader,
  seededRandom,
  startFed
} from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { rounds } from '../support/soak.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const RESUMES = rounds(100, 10_000)

t.test('readers that come back anywhere in a log miss nothing and see nothing twice', async t => {
  const random = seededRandom(t)
  const app = await buildApp(t)
  const text = mixedText(random, 150_000)
  const bytes = Buffer.from(text)
  const starts = characterStarts(text)
  const { id } = await app.finished(printing(t, text))

  const wrong: string[] = []
  for (let i = 0; i < RESUMES; i++) {
    const offset = random(bytes.length + 1)
    const place = `1:${offset}`
    const events = await app.readLog(id, i % 2 ? { lastEventId: place } : { after: place })
    const start = starts.findLast(start => start <= offset)!
    if (!Buffer.from(textOf(events)).equals(bytes.subarray(start))) wrong.push(place)
    const ends = events.map(event => Number(event.id!.slice(2)))
    if (ends.some((end, i) => end <= (ends[i - 1] ?? start)) || (ends.at(-1) ?? bytes.length) !== bytes.length) {
      wrong.push(`${place}: ids ${ends}`)
    }
  }
  t.same(wrong, [])
})

t.test('a reader that leaves and comes back again and again while a bot prints reads what it printed', async t => {
  const random = seededRandom(t)
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const bytes = Buffer.from(mixedText(random, 12_000))
  let text = ''
  let place = '1:0'
  const printed = (async () => {
    for (let from = 0; from < bytes.length; ) {
      const to = from + 1 + random(1000)
      await feed.write(bytes.subarray(from, to))
      from = Math.min(to, bytes.length)
      // All but what may be a part of a character: so there is something to come for on every visit.
      await eventually('the reader to come so far', () => Number(place.slice(2)) >= from - 3)
    }
    await feed.end()
  })()

  let visits = 0
  for (let ended = false; !ended; visits++) {
    const stream = await app.followLog(id, { lastEventId: place })
    let patience = 1 + random(3)
    for await (const event of stream) {
      if (event.event === 'end') ended = true
      if (event.event !== 'log') continue
      text += event.data.text
      place = event.id!
      if (--patience === 0) break
    }
    stream.close()
  }
  await printed

  t.comment(`${visits} visits`)
  t.ok(visits > 5)
  t.ok(Buffer.from(text).equals(bytes))
})

t.test('a reader goes on at its byte when the server is killed in the middle of a log', async t => {
  const random = seededRandom(t)
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const feed = await Feed.open(t)
  const parts = [1, 2, 3, 4].map(() => Buffer.from(mixedText(random, 20_000)))
  const euro = Buffer.from('€')

  const first = await startServer(t, dataDir)
  const id = await startFed(first, feed)
  const readers: Reader[] = [await follow(first, id), await follow(first, id)]
  await feed.write(parts[0]!)
  // One has read all, and a part of a character waits for its rest; the other left early, within the log.
  await feed.write(euro.subarray(0, 2))
  const publishable = feed.bytes.length - 2
  await eventually('all to be read', () => readers[0]!.lastEventId === `1:${publishable}`)
  await readers[1]!.leave()
  const early = readers[1]!.events.find(event => event.event === 'log')!
  await first.kill('SIGKILL')
  await readers[0]!.done

  await feed.write(euro.subarray(2))
  await feed.write(parts[1]!) // nobody looks
  const second = await startServer(t, dataDir)
  const resumed = await follow(second, id, { lastEventId: readers[0]!.lastEventId })
  const resumedEarly = await follow(second, id, { after: early.id! })
  await feed.write(parts[2]!)
  await eventually('the second server to pass on more', () => resumed.text.length > 0)
  await second.kill('SIGKILL')
  await Promise.all([resumed.done, resumedEarly.done])

  const third = await startServer(t, dataDir)
  const last = await follow(third, id, { lastEventId: resumed.lastEventId })
  const lastEarly = await follow(third, id, { lastEventId: resumedEarly.lastEventId ?? early.id! })
  await feed.write(parts[3]!)
  await feed.end()
  await Promise.all([last.done, lastEarly.done])

  const whole = feed.bytes.toString()
  t.ok(readers[0]!.text + resumed.text + last.text === whole, 'one that had read all')
  t.ok(early.data.text + resumedEarly.text + lastEarly.text === whole, 'one that had read a part')
  t.ok((await third.downloadLog(id)).equals(feed.bytes))
  t.match(await third.execution(id), { state: 'succeeded', attempts: [{ logBytes: feed.bytes.length }] })
})

const CROWD = 500
/** One may have 256 streams. */
const PEOPLE = 2

t.test('a crowd that comes back at once after a restart goes on, each at its byte, and others are served', async t => {
  const dataDir = testFolder(t)
  const feed = await Feed.open(t)
  const first = await startServer(t, dataDir)
  const id = await startFed(first, feed)
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, (_, n) => signedInAs(first, 'viewer', `viewer${n}@example.com`))
  )
  const text = mixedText(seededRandom(t), 30_000)
  const middle = text.indexOf('\n', text.length / 2) + 1
  const halves = [text.slice(0, middle), text.slice(middle)] as const
  await feed.write(halves[0])
  const before = await Promise.all(Array.from({ length: CROWD }, (_, i) => follow(people[i % PEOPLE]!, id)))
  const whole = () => before.every((reader, i) => i % 4 >= PEOPLE || reader.text === halves[0])
  await eventually('half of them to have read all', whole)
  await first.kill('SIGKILL')
  await Promise.all(before.map(({ done }) => done))

  const second = await startServer(t, dataDir)
  const back = people.map(({ token }) => Object.assign(new Client(second.url), { token }))
  let coming = true
  const all = Promise.all(before.map(({ lastEventId }, i) => follow(back[i % PEOPLE]!, id, { lastEventId })))
  const health: number[] = []
  const asking = (async () => {
    do health.push((await second.get('/health')).status)
    while (coming)
  })()
  const after = await all
  coming = false
  await asking
  t.same([...new Set(health)], [200])
  await feed.write(halves[1])
  await feed.end()
  await Promise.all(after.map(({ done }) => done))
  t.equal(before.filter((reader, i) => reader.text + after[i]!.text === text).length, CROWD)
})

t.test('a reader that comes back as soon as the next server listens sees nothing twice', async t => {
  const dataDir = testFolder(t)
  const feed = await Feed.open(t)
  const first = await buildApp(t, { dataDir })
  const id = await startFed(first, feed)
  const reader = await follow(first, id)
  await feed.write('one\n')
  await reader.sees('one\n')
  await first.app.http.close()

  const second = await createApp(first.config, pino({ level: 'silent' }))
  t.teardown(() => second.http.close())
  await second.http.listen({ host: '127.0.0.1', port: 0 })
  const client = new Client(`http://127.0.0.1:${(second.http.server.address() as { port: number }).port}`)
  client.token = first.token
  const resumed = await follow(client, id, { lastEventId: reader.lastEventId })
  await feed.write('two\n')
  await feed.end()
  await resumed.done

  t.equal(resumed.text, 'two\n')
})
