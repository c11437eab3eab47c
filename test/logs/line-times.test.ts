import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LineIndex } from '../../src/logs/line-index.ts'
import { LogFile } from '../../src/logs/log-file.ts'
import { LogLines } from '../../src/logs/log-lines.ts'
import type { LogPage } from '../../src/logs/schemas.ts'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { liveLogOn } from '../support/live-log.ts'
import { Feed, startFed } from '../support/logs.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const NOON = Date.UTC(2026, 10, 21, 12)

/** How long the indexes of all attempts are together. */
const indexBytes = (dataDir: string): number =>
  readdirSync(join(dataDir, 'attempts'))
    .map(id => statSync(join(dataDir, 'attempts', id, 'index'), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)

/** A log and its index, of which the test says what was published when. */
function indexedLog(t: Test) {
  const path = join(t.testdir({}), 'log')
  writeFileSync(path, '')
  const file = LogFile.open(path)!
  t.teardown(() => file.close())
  let index = new LineIndex(join(path, '../index'))
  let end = 0
  return {
    path,
    index: join(path, '../index'),
    publish: async (text: string, at: number) => {
      appendFileSync(path, text)
      index.note(end, at)
      end += Buffer.byteLength(text)
      await index.extend(end, file)
    },
    /** Published, and not yet indexed. */
    see: (text: string, at: number) => {
      appendFileSync(path, text)
      index.note(end, at)
      end += Buffer.byteLength(text)
    },
    /** Printed while nobody looks. */
    print: (text: string) => {
      appendFileSync(path, text)
      end += Buffer.byteLength(text)
    },
    /** Another server takes over. */
    adopt: async () => {
      index = new LineIndex(join(path, '../index'))
      await index.extend(end, file)
    },
    finish: () => index.finish(end, file),
    timeAt: (offset: number) => index.timeOf(offset),
    times: async () => (await new LogLines(index, file).page(1, 1000)).map(({ at }) => at && (at - NOON) / 1000)
  }
}

/** Places of an index: offset, line breaks, seconds after noon. */
function recordsIn(path: string): [number, number, number | null][] {
  const index = readFileSync(path)
  return Array.from({ length: index.length / 24 }, (_, i) => {
    const at = index.readDoubleLE(i * 24 + 16)
    return [index.readDoubleLE(i * 24), index.readDoubleLE(i * 24 + 8), at && (at - NOON) / 1000]
  })
}

t.test('a line has the time of what was published with it, to a second', async t => {
  const log = indexedLog(t)
  await log.publish('a\nb\n', NOON)
  await log.publish('c\n', NOON + 999)
  await log.publish('d\ne', NOON + 1000)
  await log.publish('e\nf\n', NOON + 1500)
  await log.publish('g\n', NOON + 2000)
  await log.publish('h\n', NOON - 5000) // somebody has set the clock
  t.same(await log.times(), [0, 0, 0, 1, 1, 1, 2, -5])
  await log.finish()
  t.same(recordsIn(log.index), [
    [0, 0, 0],
    [6, 3, 1],
    [13, 6, 2],
    [15, 7, -5],
    [17, 8, 0]
  ])
})

t.test(
  'what was printed while nobody looked has no time, and neither what a server did not come to write down',
  async t => {
    const log = indexedLog(t)
    await log.publish('a\nb\n', NOON)
    log.print('c\n')
    await log.adopt()
    await log.publish('d\n', NOON + 60_000)
    t.same(await log.times(), [0, null, null, 60])
    await log.finish()
    log.print('e\n')
    await log.adopt()
    t.same(await log.times(), [0, null, null, 60, null])
    await log.adopt()
    await log.publish('f\n', NOON + 90_000)
    t.same(await log.times(), [0, null, null, 60, null, 90])
  }
)

t.test('a log that is cut short before it is indexed goes on when it has grown again', async t => {
  const log = indexedLog(t)
  await log.publish('a\n'.repeat(100), NOON)
  truncateSync(log.path, 50)
  log.see('b\n'.repeat(100), NOON + 1000)
  log.see('c\n'.repeat(100), NOON + 2000)
  truncateSync(log.path, 50)
  await log.publish('', NOON + 3000)
  appendFileSync(log.path, 'd\n'.repeat(275))
  await log.publish('e\n', NOON + 4000)
  t.same([await log.timeAt(50), await log.timeAt(600)], [NOON, NOON + 4000])
  await log.finish()
  t.same(
    recordsIn(log.index).map(([offset]) => offset),
    [0, 600, 602]
  )
})

t.test('an index that lost its end keeps the times before it', async t => {
  const log = indexedLog(t)
  for (let i = 0; i < 100; i++) await log.publish(`line ${i}\n`, NOON + i * 1000)
  await log.finish()
  truncateSync(log.index, 50 * 24 + 7)
  await log.adopt()
  const times = await log.times()
  t.same(
    times.slice(0, 50),
    Array.from({ length: 50 }, (_, i) => i)
  )
  t.same([...new Set(times.slice(50))], [null])
})

t.test('the index of a bot that prints for long is not all in memory, and knows every second of it', async t => {
  const log = indexedLog(t)
  for (let i = 0; i < 5000; i++) await log.publish(`${i}\n`, NOON + i * 1000)
  const first = (await log.times()).slice(0, 10)
  t.same(first, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  await log.finish()
  t.equal(recordsIn(log.index).length, 5001)
  await log.adopt()
  t.same(
    await log.times(),
    Array.from({ length: 1000 }, (_, i) => i)
  )
})

t.test('an index that cannot be written is no hindrance', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'log')
  mkdirSync(join(folder, 'index'))
  const live = liveLogOn(path)
  const content = 'a line\n'.repeat(200_000)
  for (let i = 0; i < 3; i++) {
    appendFileSync(path, content)
    live.look()
    await live.opened()
    t.equal((await live.lines()).count, (i + 1) * 200_000)
  }
  await live.finishIndex()
  const [line] = await (await live.lines()).page(450_000, 1)
  t.match(line, { line: 450_000, offset: 449_999 * 7, text: 'a line' })
  t.ok(line!.at! > NOON - 10 * 365 * 86_400_000)
  live.end()
})

t.test('lines and their times survive a server that is killed in the middle of a log', async t => {
  const dataDir = join(testFolder(t, { data: {} }), 'data')
  const feed = await Feed.open(t)
  const first = await startServer(t, dataDir)
  const id = await startFed(first, feed)
  const before = Date.now()
  await feed.write('one\ntwo\nth')
  await first.printed(id, 'th')
  await eventually('the index to be written', () => indexBytes(dataDir) > 0)
  await first.kill('SIGKILL')

  const unseen = `ree\n${'printed while no server ran €\r\n'.repeat(20_000)}`
  await feed.write(unseen)
  const second = await startServer(t, dataDir)
  const page = (await second.get(`/api/executions/${id}/log?tail=2`)).body as LogPage
  t.match(page.items, [{ text: 'printed while no server ran €', at: null }, { at: null }])
  const since = Date.now()
  await feed.write('last\n')
  await second.printed(id, 'last\n')
  await second.kill('SIGKILL')

  const third = await startServer(t, dataDir)
  await feed.write('very last')
  await feed.end()
  await endOf(third, id)
  const log = await third.downloadLog(id)
  t.ok(log.equals(feed.bytes))
  const texts = log.toString().split(/\r?\n/)
  const found: LogPage['items'] = []
  for (let next: number | null = 1; next; ) {
    const page: LogPage = (await third.get(`/api/executions/${id}/log?fromLine=${next}&lines=1000`)).body
    t.equal(page.lineCount, texts.length)
    found.push(...page.items)
    next = page.nextLine
  }
  t.same(
    found.map(({ text }) => text),
    texts
  )
  let offset = 0
  const starts = log
    .toString()
    .split(/(?<=\n)/)
    .map(line => {
      offset += Buffer.byteLength(line)
      return offset - Buffer.byteLength(line)
    })
  t.same(
    found.map(line => line.offset),
    starts
  )
  t.ok(found[0]!.at! >= before && found[0]!.at! <= since, 'the first line has its time')
  t.ok(found.at(-1)!.at! >= since, 'the last too')
  t.ok(
    found.slice(3, -2).every(({ at }) => at === null),
    'nobody knows when the others came'
  )
})
