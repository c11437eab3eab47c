import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Growth, GrowthTeller } from '../../src/logs/growth.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { liveLogOn } from '../support/live-log.ts'
import { Feed, mixedText, Reader, scratchFolder, seededRandom, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

/** A bot that begins once there is the file `flag`. */
const waitsFor = (flag: string, script: string) => [
  '/bin/sh',
  '-c',
  `while [ ! -e "$0" ]; do sleep 0.02; done; ${script}`,
  flag
]

type Grown = Growth & { executionId: string }

/** Listens to how a log grows, from before the first byte of it. */
async function listen(app: TestApp, id: string): Promise<{ grown: () => Grown[]; reader: Reader }> {
  const reader = new Reader(await app.stream(`/api/events?topics=log:${id},execution:${id}`))
  await eventually('the stream to be open', () => reader.events.length > 0)
  return { reader, grown: () => reader.events.filter(({ event }) => event === 'log.grew').map(({ data }) => data) }
}

const heard = (grown: () => Grown[], bytes: number) =>
  eventually(`word of ${bytes} bytes`, () => grown().at(-1)?.to === bytes)

const breaksIn = (bytes: Buffer) => bytes.filter(byte => byte === 10).length

/** That events lead from one to the next, and say of the log what is true. */
function areTrue(t: Test, id: string, log: Buffer, grown: Grown[]): void {
  let end = 0
  let breaks = 0
  const wrong = grown.filter(({ executionId, attempt, from, to, line, lineCount, text }) => {
    const bytes = log.subarray(from, to)
    const isNext = executionId === id && attempt === 1 && from === end && to > from && line === breaks + 1
    breaks += breaksIn(bytes)
    end = to
    const isText = text === (bytes.length > 16 * 1024 ? null : bytes.toString())
    return !isNext || !isText || lineCount !== breaks + (log[to - 1] === 10 ? 0 : 1)
  })
  t.same(wrong, [])
  t.equal(end, log.length)
}

t.test('who listens to a log hears how it grows, line by line and in the middle of lines', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const before = Date.now()
  const { grown } = await listen(app, id)
  for (const text of ['one\ntwo\n', 'pro', 'mpt> ', 'yes\n', '€\n\n']) {
    await feed.write(text)
    await heard(grown, feed.bytes.length)
  }
  await feed.end()
  await app.ended(id)

  const said = grown().map(({ from, to, line, lineCount, text }) => [from, to, line, lineCount, text])
  t.same(said, [
    [0, 8, 1, 2, 'one\ntwo\n'],
    [8, 11, 3, 3, 'pro'],
    [11, 16, 3, 3, 'mpt> '],
    [16, 20, 3, 3, 'yes\n'],
    [20, 25, 4, 5, '€\n\n']
  ])
  t.ok(grown().every(({ at }) => at! >= before && at! <= Date.now()))
  areTrue(t, id, feed.bytes, grown())
})

t.test('what is heard of a log can be asked for, and is heard before its end', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const { reader, grown } = await listen(app, id)
  for (let i = 1; i <= 20; i++) {
    await feed.write(`line ${i}\n`)
    await heard(grown, feed.bytes.length)
    const { body } = await app.get(`/api/executions/${id}/log?tail=1`)
    t.match(body, { items: [{ line: i, text: `line ${i}` }], lineCount: i, logBytes: feed.bytes.length })
  }
  await feed.write('the end')
  await feed.end()
  await eventually('its end', () => reader.events.some(({ data }) => data.state === 'succeeded'))

  const end = reader.events.findIndex(({ data }) => data.state === 'succeeded')
  t.match(
    reader.events.slice(0, end).findLast(({ event }) => event === 'log.grew'),
    { data: { to: feed.bytes.length, text: 'the end', lineCount: 21 } }
  )
})

t.test('all that is said of how a log of mixed text grows is true, and joined it is the log', async t => {
  const random = seededRandom(t)
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  const { grown } = await listen(app, id)
  const bytes = Buffer.from(mixedText(random, 100_000))
  for (let from = 0; from < bytes.length; ) {
    const to = from + 1 + random(5000)
    await feed.write(bytes.subarray(from, to))
    from = to
    if (random(3) === 0) await eventually('more', () => (grown().at(-1)?.to ?? 0) >= Math.min(from, bytes.length) - 3)
  }
  await feed.end()
  await app.ended(id)
  await heard(grown, bytes.length)

  areTrue(t, id, bytes, grown())
  t.ok(grown().length > 5)
})

t.test('of a flood is said how far it has come, without its text', async t => {
  const app = await buildApp(t)
  const flag = join(scratchFolder(t), 'flag')
  const { id } = await app.start(await app.makeBot(waitsFor(flag, 'exec seq 2000000')))
  const { grown } = await listen(app, id)
  writeFileSync(flag, '')
  await app.ended(id)
  const log = await app.downloadLog(id)
  await heard(grown, log.length)
  areTrue(t, id, log, grown())
  t.ok(grown().some(({ text }) => text === null))
  t.equal(grown().at(-1)!.lineCount, 2_000_000)
})

t.test('each listener hears of the log it listens to only', async t => {
  const app = await buildApp(t)
  const [feed, other] = [await Feed.open(t), await Feed.open(t)]
  const [id, otherId] = [await startFed(app, feed), await startFed(app, other)]
  const mine = await listen(app, id)
  const theirs = await listen(app, otherId)
  const all = new Reader(await app.stream('/api/events'))
  await feed.write('mine\n')
  await other.write('theirs\n')
  await heard(mine.grown, 5)
  await heard(theirs.grown, 7)
  await feed.end()
  await other.end()
  await Promise.all([app.ended(id), app.ended(otherId)])
  t.same(
    mine.grown().map(({ text }) => text),
    ['mine\n']
  )
  t.same(
    theirs.grown().map(({ text }) => text),
    ['theirs\n']
  )
  t.ok(all.events.every(({ event }) => event !== 'log.grew'))
  for (const topics of ['log:', 'log:x', 'logs', `log:${id},nonsense`]) {
    isProblem(t, await app.get(`/api/events?topics=${topics}`), 400, 'invalid_request', topics)
  }
})

t.test('nothing is made to be told while nobody listens, and who comes hears of what is new', async t => {
  const path = join(t.testdir({}), 'log')
  const told: Growth[] = []
  let listens = false
  const log = liveLogOn(path, { audience: { listens: () => listens, hear: growth => told.push(growth) } })
  const print = async (text: string) => {
    appendFileSync(path, text)
    await log.publishAll()
    await log.lines()
  }
  await print('one\n')
  listens = true
  await print('two\nth')
  listens = false
  await print('ree\n')
  listens = true
  await print('four\n')
  log.end()
  t.match(told, [
    { from: 4, to: 10, line: 2, lineCount: 3, text: 'two\nth' },
    { from: 14, to: 19, line: 4, lineCount: 4, text: 'four\n' }
  ])
  t.equal(told.length, 2)
})

t.test('what is read in pieces is not cut within a character', async t => {
  const path = join(t.testdir({}), 'log')
  const told: Growth[] = []
  const log = liveLogOn(path, { audience: { listens: () => true, hear: growth => told.push(growth) } })
  const text = '€'.repeat(90_000)
  appendFileSync(path, text)
  await log.publishAll()
  await log.lines()
  log.end()
  t.equal(told.at(-1)!.to, 270_000)
  t.ok(told.some(({ text }) => text !== null))
  t.ok(told.every(({ text }) => text === null || /^€+$/.test(text)))
})

t.test('little is told at once with its text', async t => {
  const told: Growth[] = []
  const teller = new GrowthTeller(1, { listens: () => true, hear: growth => told.push(growth) })
  for (const [i, text] of ['one\n', 'two\n', 'three\n'].entries()) {
    const from = told.at(-1)?.to ?? 0
    const slice = { from, to: from + text.length, bytes: Buffer.from(text), line: i + 1 }
    teller.add(slice, { lineCount: i + 1, at: null })
  }
  t.same(
    told.map(({ from, to, text }) => [from, to, text]),
    [
      [0, 4, 'one\n'],
      [4, 8, 'two\n'],
      [8, 14, 'three\n']
    ]
  )
})

t.test('much is told with what follows, and when nothing does', async t => {
  const told: Growth[] = []
  const teller = new GrowthTeller(1, { listens: () => true, hear: growth => told.push(growth) })
  const bytes = Buffer.from('x\n'.repeat(20_000))
  const add = (i: number, bytes: Buffer) => {
    const from = i * 40_000
    teller.add({ from, to: from + bytes.length, bytes, line: i * 20_000 + 1 }, { lineCount: (i + 1) * 20_000, at: i })
  }
  for (let i = 0; i < 3; i++) add(i, bytes)
  t.match(
    told,
    [{ from: 0, to: 40_000, line: 1, text: null }],
    'the first at once, and what comes right after it later'
  )
  teller.flush()
  t.match(told[1], { from: 40_000, to: 120_000, line: 20_001, lineCount: 60_000, at: 1, text: null })
  teller.flush()
  t.equal(told.length, 2)
})
