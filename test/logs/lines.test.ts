import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Logs } from '../../src/logs/logs.ts'
import type { LogPage } from '../../src/logs/schemas.ts'
import { buildApp } from '../support/app.ts'
import type { Client } from '../support/client.ts'
import { liveLogOn, TEST_SEAL } from '../support/live-log.ts'
import { bytesRead, type ExpectedLine, folderOfLog, LINE_LIMIT, naiveLines } from '../support/log-folder.ts'
import { Feed, printing, scratchFolder, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { seeded, unicodeText } from '../support/properties.ts'
import { eventually } from '../support/wait.ts'

const PAGE_LIMIT = 1024 * 1024
const KIB = 1024

const withoutTimes = ({ items }: Pick<LogPage, 'items'>): ExpectedLine[] => items.map(({ at: _, ...line }) => line)

async function pageOf(client: Client, id: string, query: string): Promise<LogPage> {
  const answer = await client.get(`/api/executions/${id}/log?${query}`)
  if (answer.status !== 200) throw new Error(`${query}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** All pages of a log, one after the other, as a reader who wants all of it gets them. */
async function allPages(client: Client, id: string, lines: number): Promise<ExpectedLine[]> {
  const all: ExpectedLine[] = []
  for (let next: number | null = 1; next !== null; ) {
    const page = await pageOf(client, id, `fromLine=${next}&lines=${lines}`)
    all.push(...withoutTimes(page))
    if (page.nextLine !== null && page.nextLine !== all.length + 1)
      throw new Error(`${page.nextLine} after ${all.length}`)
    next = page.nextLine
  }
  return all
}

/** As `same` has it, which takes seconds for a hundred thousand lines. */
function sameLines(t: Test, found: ExpectedLine[], wanted: ExpectedLine[], name: string): void {
  t.equal(found.length, wanted.length, name)
  const at = found.findIndex((line, i) => !isDeepStrictEqual(line, wanted[i]))
  if (at >= 0) t.same(found[at], wanted[at], `${name}, line ${at + 1}`)
}

t.test('a page of a log is some of its lines, with where they begin and when they were printed', async t => {
  const app = await buildApp(t)
  const before = Date.now()
  const { id } = await app.finished(printing(t, 'one\ntwo\n\nfo€ur\nfive\n'))
  const lines = [
    { line: 1, offset: 0, text: 'one', truncated: false },
    { line: 2, offset: 4, text: 'two', truncated: false },
    { line: 3, offset: 8, text: '', truncated: false },
    { line: 4, offset: 9, text: 'fo€ur', truncated: false },
    { line: 5, offset: 17, text: 'five', truncated: false }
  ]

  const whole = await pageOf(app, id, 'fromLine=1')
  t.same(withoutTimes(whole), lines)
  t.match(whole, { attempt: 1, nextLine: null, lineCount: 5, logBytes: 22 })
  t.ok(whole.items.every(({ at }) => at! >= before && at! <= Date.now()))

  const middle = await pageOf(app, id, 'fromLine=2&lines=2&attempt=1')
  t.same([withoutTimes(middle), middle.nextLine, middle.lineCount], [lines.slice(1, 3), 4, 5])
  const end = await pageOf(app, id, 'fromLine=4&lines=2')
  t.same([withoutTimes(end), end.nextLine], [lines.slice(3), null])
  const beyond = await pageOf(app, id, 'fromLine=6')
  t.same(beyond, { attempt: 1, items: [], nextLine: null, lineCount: 5, logBytes: 22 })
  t.same(await pageOf(app, id, 'fromLine=1000000000000000'), beyond)

  const tail = await pageOf(app, id, 'tail=2')
  t.same([withoutTimes(tail), tail.nextLine, tail.lineCount], [lines.slice(3), null, 5])
  t.same(await pageOf(app, id, 'tail=1000'), whole)

  const answer = await app.get(`/api/executions/${id}/log?tail=1`)
  t.match(answer.headers.get('content-type'), /^application\/json/)
  t.equal(answer.headers.get('cache-control'), 'no-store')
})

t.test('a log without a byte has no lines, and neither has what still waits', async t => {
  const app = await buildApp(t)
  const none = { attempt: 1, items: [], nextLine: null, lineCount: 0, logBytes: 0 }
  const empty = await app.finished(['/bin/true'])
  t.same(await pageOf(app, empty.id, 'fromLine=1'), none)
  t.same(await pageOf(app, empty.id, 'tail=5'), none)

  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command)
  const [first, second] = [await app.start(bot), await app.start(bot)]
  t.same(await pageOf(app, second.id, 'fromLine=1'), none)
  t.same(await pageOf(app, second.id, 'tail=5'), none)
  isProblem(t, await app.get(`/api/executions/${second.id}/log?tail=5&attempt=1`), 404, 'not_found')
  await app.post(`/api/executions/${second.id}/cancel`)
  await feed.end()
  await app.ended(first.id)
})

t.test('lines that cannot be asked for are refused with the reason', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const refused = (query: string) => app.get(`/api/executions/${id}/log?${query}`)
  for (const query of ['fromLine=0', 'fromLine=-1', 'fromLine=1.5', 'fromLine=x', 'fromLine=', 'fromLine=1&lines=0']) {
    isProblem(t, await refused(query), 400, 'invalid_request', query)
  }
  for (const query of [
    'fromLine=1&lines=1001',
    'tail=0',
    'tail=1001',
    'tail=-5',
    'tail=all',
    'fromLine=1&fromLine=2'
  ]) {
    isProblem(t, await refused(query), 400, 'invalid_request', query)
  }
  const both = await refused('fromLine=1&tail=1')
  isProblem(t, both, 400, 'invalid_request')
  t.match(both.body.detail, /not for both/)
  for (const query of ['lines=5', 'tail=5&lines=5']) {
    const answer = await refused(query)
    isProblem(t, answer, 400, 'invalid_request', query)
    t.match(answer.body.detail, /send fromLine/, query)
  }
  isProblem(t, await refused('fromLine=1&attempt=2'), 404, 'not_found')
  isProblem(t, await app.get('/api/executions/no-such/log?tail=1'), 404, 'not_found')
  app.token = null
  isProblem(t, await refused('tail=1'), 401, 'unauthenticated')
})

t.test('without a question about lines a log is its bytes, as ever', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  await pageOf(app, id, 'tail=1')
  t.equal((await app.downloadLog(id)).toString(), 'one\ntwo\nthree\n')
  t.equal((await app.downloadLog(id, { range: 'bytes=4-6' })).toString(), 'two')
  const head = await fetch(`${app.url}/api/executions/${id}/log?tail=1`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${app.token}` }
  })
  t.same([head.status, await head.text()], [200, ''])
})

t.test('while a bot runs, its lines are those of what is published', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\ntwo\npro')
  await app.printed(id, 'pro')
  const unfinished = await pageOf(app, id, 'fromLine=2')
  t.same(
    [unfinished.items.map(({ text }) => text), unfinished.nextLine, unfinished.lineCount, unfinished.logBytes],
    [['two', 'pro'], null, 3, 11]
  )
  t.same((await pageOf(app, id, 'tail=1')).items[0]!.text, 'pro')

  await feed.write(Buffer.from('mpt> \xe2\x82', 'latin1'))
  await app.printed(id, 'prompt> ')
  t.match(await pageOf(app, id, 'tail=1'), { items: [{ line: 3, text: 'prompt> ' }], lineCount: 3, logBytes: 16 })

  await feed.write(Buffer.from('\xac\n', 'latin1'))
  await app.printed(id, '€\n')
  t.match(await pageOf(app, id, 'tail=1'), { items: [{ line: 3, text: 'prompt> €' }], lineCount: 3, logBytes: 20 })
  await feed.end()
  await app.ended(id)
  sameLines(t, await allPages(app, id, 1), naiveLines(feed.bytes), 'one by one')
})

t.test('whatever a bot prints can be read by line, page by page', async t => {
  const app = await buildApp(t)
  const euros = '€'.repeat(LINE_LIMIT / 2)
  const outputs: [name: string, bytes: Buffer, lines: number][] = [
    ['lines that end with CRLF', Buffer.from('one\r\n\r\n\rtwo\r\r\nthree\r'), 2],
    [
      'bytes that are no UTF-8',
      Buffer.from('\xff\xfe\n\xc0\x80\xed\xa0\x80\n\xf5 \xe2\x82\n\xe2\x82'.repeat(999), 'latin1'),
      100
    ],
    ['nothing but line breaks', Buffer.alloc(200_000, '\n'), 1000],
    [
      'lines at the limit',
      Buffer.from(['', 'x', 'xx', 'xxx'].map(start => `${start}${'y'.repeat(LINE_LIMIT - 2)}\r\n`).join('')),
      3
    ],
    ['lines cut at a character', Buffer.from(`${euros}\nx${euros}\nxx${euros}\n${'😀'.repeat(LINE_LIMIT)}`), 2],
    ['no line break at the end', Buffer.from('a\n'.repeat(70_000) + 'b'.repeat(70_000)), 1000]
  ]
  for (const [name, bytes, lines] of outputs) {
    const { id } = await app.finished(printing(t, bytes))
    sameLines(t, await allPages(app, id, lines), naiveLines(bytes), name)
  }
})

t.test('a line of 20 MB is answered with its beginning, and those around it are found', async t => {
  const app = await buildApp(t)
  const long = Buffer.from(`first\n${'0123456789'.repeat(2_000_000)}\nlast\n`)
  const { id } = await app.finished(printing(t, long))

  const page = await pageOf(app, id, 'fromLine=1')
  t.same(withoutTimes(page), naiveLines(long))
  t.equal(page.items[1]!.text.length, LINE_LIMIT)
  t.same(withoutTimes(await pageOf(app, id, 'fromLine=3')), naiveLines(long).slice(2))
  t.same(withoutTimes(await pageOf(app, id, 'tail=2')), naiveLines(long).slice(1))
})

t.test('a page is no more than 1 MiB of text, and the next goes on after it', async t => {
  const app = await buildApp(t)
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => `${String(i).padEnd(10 * KIB, '.')}\n`).join(''))
  const { id } = await app.finished(printing(t, bytes))
  const fitting = Math.floor(PAGE_LIMIT / (10 * KIB))

  const first = await pageOf(app, id, 'fromLine=1&lines=1000')
  t.same([first.items.length, first.nextLine, first.lineCount], [fitting, fitting + 1, 300])
  t.same(await allPages(app, id, 1000), naiveLines(bytes))
  const tail = await pageOf(app, id, 'tail=1000')
  t.same([tail.items.length, tail.items.at(-1)!.line, tail.nextLine], [fitting, 300, null], 'the tail keeps its end')
})

t.test('pages that are asked for while a bot floods its log are true for the moment they tell of', async t => {
  const app = await buildApp(t)
  const flag = join(scratchFolder(t), 'flag')
  const flood = 'while [ ! -e "$0" ]; do seq 100000; sleep 0.02; done'
  const { id } = await app.start(await app.makeBot(['/bin/sh', '-c', flood, flag]))
  const textOf = (line: number) => String(((line - 1) % 100_000) + 1)
  await app.printed(id, '\n')
  let before = 0
  for (let i = 0; i < 20; i++) {
    const { items, lineCount, logBytes } = await pageOf(app, id, 'tail=3')
    const [last, ...others] = items.toReversed()
    t.ok(textOf(last!.line).startsWith(last!.text), 'only the last may be half a number')
    t.ok(others.every(({ line, text }) => text === textOf(line)))
    t.same([last!.line, last!.offset < logBytes], [lineCount, true])
    t.ok(logBytes >= before)
    before = logBytes
    const middle = Math.floor(lineCount / 2)
    t.match(await pageOf(app, id, `fromLine=${middle}&lines=1`), { items: [{ line: middle, text: textOf(middle) }] })
  }
  writeFileSync(flag, '')
  await app.ended(id)
  const { lineCount } = await pageOf(app, id, 'tail=1')
  t.equal(lineCount % 100_000, 0)
  t.match(await pageOf(app, id, `fromLine=${lineCount}`), { items: [{ text: '100000' }], nextLine: null })
})

/** The paths of all files that this process has open. */
const openFiles = () =>
  readdirSync('/proc/self/fd').map(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return '' // closed meanwhile
    }
  })

/** Where the records of an index stand. */
const offsetsIn = (index: Buffer) => Array.from({ length: index.length / 24 }, (_, i) => index.readDoubleLE(i * 24))

const record = (...fields: number[]) => Buffer.from(new Float64Array(fields).buffer)

t.test('a log is read by line whatever has become of its index, and the index is mended', async t => {
  const { log, index, lines } = folderOfLog(t)
  const content = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i + 1} €\n`).join(''))
  writeFileSync(log, content)
  const expected = naiveLines(content)
  const isRight = async (name: string) => {
    const all = await lines(1, 50_000)
    sameLines(t, withoutTimes(all), expected, name)
    t.same([all.count, all.end], [expected.length, content.length], name)
    t.same(withoutTimes(await lines(39_990, 5)), expected.slice(39_989, 39_994), name)
  }

  await isRight('there is none')
  const whole = readFileSync(index)
  t.equal(whole.length % 24, 0)
  t.ok(whole.length / 24 >= content.length / (64 * KIB))

  const spoilt: Record<string, Buffer> = {
    torn: whole.subarray(0, 24 * 3 + 11),
    'behind the log': whole.subarray(0, 24 * 2),
    empty: Buffer.alloc(0),
    'less than a record': whole.subarray(0, 5),
    'zeros at its end': Buffer.concat([whole.subarray(0, 24 * 4), Buffer.alloc(4096)]),
    'random bytes': Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) % 251)),
    text: Buffer.from('This is no index. '.repeat(40)),
    'offsets that fall': Buffer.concat([whole.subarray(0, 72), whole.subarray(24)]),
    'a place far beyond the next': Buffer.concat([record(0, 0, 0), record(300 * KIB, 20_000, 0)]),
    'a first place that is not the beginning': whole.subarray(24),
    'fewer line breaks than before': Buffer.concat([whole.subarray(0, 48), record(3 * 64 * KIB, 1, 0)]),
    'more line breaks than bytes': Buffer.concat([record(0, 0, 0), record(10, 11, 0)]),
    fractions: Buffer.concat([record(0, 0, 0), record(10.5, 0, 0)]),
    'no numbers': Buffer.concat([record(0, 0, 0), record(Number.NaN, Number.NaN, Number.NaN)]),
    'times before the beginning of time': Buffer.concat([record(0, 0, 0), record(64 * KIB, 5000, -1)]),
    'longer than the log': Buffer.concat([whole, record(content.length + 10, expected.length, 0)])
  }
  for (const [name, bytes] of Object.entries(spoilt)) {
    writeFileSync(index, bytes)
    await isRight(name)
    t.same(offsetsIn(readFileSync(index)), offsetsIn(whole), `${name}: mended`)
  }
  rmSync(index)
  mkdirSync(index)
  await isRight('a folder in its place')
})

t.test('an index that knows more than its log, which was cut short, is cut as well', async t => {
  const { log, index, lines } = folderOfLog(t)
  const content = Buffer.from('0123456789\n'.repeat(50_000))
  writeFileSync(log, content)
  await lines(1, 1)
  for (const left of [400_000, 64 * KIB, 100, 0]) {
    truncateSync(log, left)
    const cut = content.subarray(0, left)
    const all = await lines(1, 50_000)
    sameLines(t, withoutTimes(all), naiveLines(cut), `${left} bytes`)
    t.same([all.count, all.end], [naiveLines(cut).length, left], `${left} bytes`)
    if (left > 0)
      t.ok(
        offsetsIn(readFileSync(index)).every(offset => offset <= left),
        `${left} bytes: so is the index`
      )
  }
  // What it then grows by is not what the index once knew.
  appendFileSync(log, 'another line\n'.repeat(20_000))
  t.match(await lines(20_000, 5), { items: [{ line: 20_000, text: 'another line' }], count: 20_000 })
})

t.test('while a server keeps the index of an ended log, it may lose the file, and the log its end', async t => {
  const { log, index, openLogs } = folderOfLog(t)
  // So long that its index is not in memory as a whole.
  const line = `${'x'.repeat(1023)}\n`
  for (let i = 0; i < 80; i++) appendFileSync(log, line.repeat(1024))
  const logs = openLogs()
  const offsetOf = async (first: number) => {
    const opened = (await logs.open('it'))!
    const unfollow = opened.follow(() => {})
    const lines = await opened.lines()
    const [found] = await lines.page(first, 1)
    unfollow()
    return found?.offset
  }
  t.equal(await offsetOf(81_000), 80_999 * 1024)
  rmSync(index)
  t.equal(await offsetOf(30_000), 29_999 * 1024)
  truncateSync(log, 20_000 * 1024)
  t.same([await offsetOf(20_000), await offsetOf(20_001)], [19_999 * 1024, undefined])
})

t.test('readers who come at once to a log that has no index wait for one that is made once', async t => {
  const { log, index, openLogs } = folderOfLog(t)
  const size = 30 * 1024 * KIB
  writeFileSync(log, Buffer.alloc(size, `${'x'.repeat(99)}\n`))
  const logs = openLogs()
  const before = bytesRead()
  const pages = await Promise.all(
    [1, 2, 100_000, 200_000, 300_000].map(async first => {
      const opened = (await logs.open('it'))!
      const unfollow = opened.follow(() => {})
      const lines = await opened.lines()
      const items = await lines.page(first, 1)
      unfollow()
      return [items[0]!.offset, lines.count]
    })
  )
  t.same(
    pages.map(([offset]) => offset),
    [0, 100, 9_999_900, 19_999_900, 29_999_900]
  )
  t.ok(pages.every(([, count]) => count === Math.ceil(size / 100)))
  t.ok(bytesRead() - before < 1.5 * size, 'the log was read once')
  const written = readFileSync(index)
  await (await logs.open('it'))!.lines()
  t.ok(readFileSync(index).equals(written))
})

t.test('whoever has read lines leaves no file open', async t => {
  const app = await buildApp(t)
  const opened = () => openFiles().filter(path => path.startsWith(join(app.config.dataDir, 'attempts')))
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\ntwo\n')
  await app.printed(id, 'two\n')
  await Promise.all([1, 2, 3].map(line => pageOf(app, id, `fromLine=${line}`)))
  t.ok(opened().length <= 2, 'one to look at it and one to read it')
  await feed.end()
  await app.ended(id)
  for (let i = 0; i < 20; i++) await Promise.all([pageOf(app, id, 'tail=1'), pageOf(app, id, 'fromLine=1')])
  isProblem(t, await app.get(`/api/executions/${id}/log?fromLine=1&attempt=9`), 404, 'not_found')
  await eventually('all files to be closed', () => opened().length === 0)
})

t.test('lines are found wherever they lie and however they were published', async t => {
  const byte = fc.oneof(
    { weight: 4, arbitrary: fc.constant([10]) },
    { weight: 2, arbitrary: fc.constant([13, 10]) },
    { weight: 6, arbitrary: unicodeText({ maxLength: 12 }).map(text => [...Buffer.from(text)]) },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 6 }) },
    // So that lines, chunks of the index and what is read at once end anywhere.
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 40_000 }).map(n => new Array<number>(n).fill(0x61)) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map(n => new Array<number>(n).fill(10)) }
  )
  const pieces = fc.array(
    fc.array(byte, { maxLength: 8 }).map(parts => Buffer.from(parts.flat())),
    { maxLength: 12 }
  )
  const root = t.testdir({})
  let runs = 0
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 1000 }), async (pieces, lines) => {
      const folder = join(root, String(runs++))
      mkdirSync(folder)
      const path = join(folder, 'log')
      writeFileSync(path, '')
      const live = liveLogOn(path)
      let printed = Buffer.alloc(0)
      for (const [i, piece] of pieces.entries()) {
        appendFileSync(path, piece)
        printed = Buffer.concat([printed, piece])
        if (i % 2) live.look()
        else await live.publishAll()
        await live.opened()
        const snapshot = await live.lines()
        const expected = naiveLines(printed.subarray(0, live.published))
        if (snapshot.end !== live.published || snapshot.count !== expected.length) return false
        const [last] = await snapshot.tail(1)
        if (last?.text !== expected.at(-1)?.text || last?.offset !== expected.at(-1)?.offset) return false
      }
      await live.publishAll()
      await live.finishIndex()
      live.end()
      const source = { attempts: async () => [{ id: '.', number: 1, ended: true }], liveLog: () => null }
      for (const log of [live, (await new Logs(source, folder, TEST_SEAL).open('it'))!]) {
        const unfollow = log.follow(() => {})
        const all = await log.lines()
        const found: ExpectedLine[] = []
        for (let first = 1; first <= all.count; first = found.length + 1) {
          // Lines are many, and a page of one takes as long as a page of a hundred.
          const items = await all.page(first, Math.max(lines, Math.ceil(all.count / 50)))
          if (items.length === 0) return false
          found.push(...withoutTimes({ items }))
        }
        unfollow()
        if (JSON.stringify(found) !== JSON.stringify(naiveLines(printed))) return false
      }
      rmSync(folder, { recursive: true })
      return true
    }),
    { ...seeded(t), numRuns: 100 }
  )
})
