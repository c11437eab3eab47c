import { randomBytes } from 'node:crypto'
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { STEP_BYTES, writeRecords } from '../../src/logs/index-records.ts'
import type { LogSearchResult } from '../../src/logs/schemas.ts'
import { type SearchQuery, type SearchResult, searchLines } from '../../src/logs/search.ts'
import { buildApp } from '../support/app.ts'
import type { Client } from '../support/client.ts'
import { bytesRead, type ExpectedLine, folderOfLog, logIn, naiveLines } from '../support/log-folder.ts'
import { Feed, printing, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { seeded } from '../support/properties.ts'
import { folderOf } from '../support/retention.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const KIB = 1024
const MIB = 1024 * KIB

async function search(client: Client, id: string, query: Record<string, string>): Promise<LogSearchResult> {
  const answer = await client.get(`/api/executions/${id}/log/search?${new URLSearchParams(query)}`)
  if (answer.status !== 200) throw new Error(`${JSON.stringify(query)}: ${answer.status} ${answer.text}`)
  return answer.body
}

const numbers = ({ items }: Pick<SearchResult, 'items'>) => items.map(({ line }) => line)

/** What is searched for, where the test does not say otherwise. */
const query = (text: string, more: Partial<SearchQuery> = {}): SearchQuery => ({
  text,
  matchCase: false,
  fromLine: 1,
  limit: 1000,
  ...more
})

const unlimited = () => ({ signal: new AbortController().signal, isTimeUp: () => false })

/** Searches again and again, from where the search before has ended. */
async function searchAll(
  folder: ReturnType<typeof folderOfLog>,
  wanted: SearchQuery,
  isTimeUp = () => false
): Promise<ExpectedLine[]> {
  return folder.withLines(async lines => {
    const found: ExpectedLine[] = []
    for (let fromLine = wanted.fromLine; ; ) {
      const { items, nextLine } = await searchLines(lines, { ...wanted, fromLine }, { ...unlimited(), isTimeUp })
      found.push(...items)
      if (nextLine === null) return found
      if (nextLine <= fromLine) throw new Error(`on to ${nextLine} from ${fromLine}`)
      fromLine = nextLine
    }
  })
}

/** The lines of a log that hold a text, by the plainest means. */
function naiveSearch(log: Buffer, { text, matchCase }: Pick<SearchQuery, 'text' | 'matchCase'>): ExpectedLine[] {
  const folded = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu')
  return naiveLines(log).filter(({ offset }) => {
    const lineBreak = log.indexOf(10, offset)
    const line = log.subarray(offset, lineBreak < 0 ? log.length : lineBreak)
    return matchCase ? line.includes(text) : folded.test(line.toString())
  })
}

t.test(
  'a search answers the lines that hold a text, with their number, where they begin, and what they say',
  async t => {
    const app = await buildApp(t)
    const { id } = await app.finished(printing(t, 'one error\ntwo\nERROR: thr€e\r\nan Error, an error\nno err or'))
    const lines = [
      { line: 1, offset: 0, text: 'one error', truncated: false },
      { line: 3, offset: 14, text: 'ERROR: thr€e', truncated: false },
      { line: 4, offset: 30, text: 'an Error, an error', truncated: false }
    ]
    const all = { attempt: 1, items: lines, truncated: false, nextLine: null }
    t.same(await search(app, id, { q: 'error' }), all)
    t.same(await search(app, id, { q: 'ErrOR', attempt: '1', matchCase: 'false' }), all)
    t.same(numbers(await search(app, id, { q: 'Error', matchCase: 'true' })), [4])
    t.same(numbers(await search(app, id, { q: 'ERROR: thr€e', matchCase: 'true' })), [3])
    t.same(numbers(await search(app, id, { q: 'r' })), [1, 3, 4, 5])
    t.same(numbers(await search(app, id, { q: 'error', fromLine: '2' })), [3, 4])
    t.same(numbers(await search(app, id, { q: 'no err or', fromLine: '5' })), [5])
    t.same(await search(app, id, { q: 'nowhere' }), { ...all, items: [] })
    t.same(await search(app, id, { q: 'error', fromLine: '6' }), { ...all, items: [] })
    t.same(await search(app, id, { q: 'error', fromLine: '1000000000000' }), { ...all, items: [] })

    const first = await search(app, id, { q: 'error', limit: '2' })
    t.same(first, { attempt: 1, items: lines.slice(0, 2), truncated: true, nextLine: 4 })
    const rest = await search(app, id, { q: 'error', limit: '2', fromLine: '4' })
    t.same(rest, { ...all, items: lines.slice(2) })
    // As many as asked for, and the last line is one of them.
    t.same(await search(app, id, { q: 'err', limit: '1', fromLine: '5' }), {
      ...all,
      items: [{ line: 5, offset: 49, text: 'no err or', truncated: false }]
    })
  }
)

t.test('what is searched for is text and no pattern', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(printing(t, 'a.c\nabc\n[x-z]+ (1) {2} \\d ^|$ /\n%41\n'))
  t.same(numbers(await search(app, id, { q: 'a.c' })), [1])
  for (const q of ['[X-Z]+', '(1) {2}', '\\d', '^|$', '/', '+', '\\']) {
    for (const matchCase of ['false', 'true']) {
      const there = matchCase === 'true' ? q.toLowerCase().replace('\\D', '\\d') : q
      t.same(numbers(await search(app, id, { q: there, matchCase })), [3], q)
    }
  }
  t.same(numbers(await search(app, id, { q: '%41' })), [4])
})

t.test('letters of any script are found in whatever case', async t => {
  const folder = folderOfLog(t)
  const same = [
    'GRÜSSE grüsse Grüsse',
    'ΟΔΟΣ οδος οδοσ',
    'ПРИВЕТ привет',
    '𐐀𐐁 𐐨𐐩 𐐀𐐩',
    'ǅ ǆ Ǆ',
    'Kelvin Kelvin',
    'ſafe safe'
  ]
  writeFileSync(folder.log, same.map(line => line.replaceAll(' ', '\n')).join('\n'))
  let line = 1
  for (const words of same.map(line => line.split(' '))) {
    const those = words.map(() => line++)
    for (const word of words) t.same(numbers({ items: await searchAll(folder, query(word)) }), those, word)
  }
  t.same(await searchAll(folder, query('grüße')), [], 'one letter is not two')
  t.same(numbers({ items: await searchAll(folder, query('Grüsse', { matchCase: true })) }), [3])
})

t.test('a search that cannot be made is refused with the reason', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished('prints-three-lines')
  const answer = (query: string) => app.get(`/api/executions/${id}/log/search?${query}`)
  for (const query of [
    '',
    'q=',
    'q=a&q=b',
    `q=${'x'.repeat(201)}`,
    'q=a%0Ab',
    'q=a%0D',
    'q=a&limit=0',
    'q=a&limit=1001',
    'q=a&fromLine=0',
    'q=a&matchCase=maybe',
    'q=a&attempt=0',
    'q=a&lines=5'
  ]) {
    isProblem(t, await answer(query), 400, 'invalid_request', query)
  }
  t.equal((await answer(`q=${encodeURIComponent('€'.repeat(200))}`)).status, 200)
  isProblem(t, await answer('q=a&attempt=2'), 404, 'not_found')
  isProblem(t, await app.get('/api/executions/no-such/log/search?q=a'), 404, 'not_found')
  app.token = null
  isProblem(t, await answer('q=a'), 401, 'unauthenticated')
})

t.test('nothing is found in a log without a byte, nor in that of what still waits', async t => {
  const app = await buildApp(t)
  const none = { attempt: 1, items: [], truncated: false, nextLine: null }
  const empty = await app.finished(['/bin/true'])
  t.same(await search(app, empty.id, { q: 'a' }), none)

  const feed = await Feed.open(t)
  const bot = await app.makeBot(feed.command)
  const [first, second] = [await app.start(bot), await app.start(bot)]
  t.same(await search(app, second.id, { q: 'a' }), none)
  await app.post(`/api/executions/${second.id}/cancel`)
  await feed.end()
  await app.ended(first.id)
})

t.test('while a bot runs, what is published of its log is searched', async t => {
  const app = await buildApp(t)
  const feed = await Feed.open(t)
  const id = await startFed(app, feed)
  await feed.write('one\ntwo\npassword or p')
  await app.printed(id, 'or p')
  t.match(await search(app, id, { q: 'PASS' }), { items: [{ line: 3, text: 'password or p' }], nextLine: null })
  await feed.write('in\npass\n')
  await app.printed(id, 'pass\n')
  t.same(numbers(await search(app, id, { q: 'pass' })), [3, 4])
  t.match(await search(app, id, { q: 'pin', fromLine: '3' }), { items: [{ line: 3, text: 'password or pin' }] })
  await feed.end()
  await app.ended(id)
  t.same(numbers(await search(app, id, { q: 'pass' })), [3, 4])
})

t.test('a text is found wherever what is read at once ends', async t => {
  const folder = folderOfLog(t)
  const text = 'Fünf€😀Ende'
  const bytes = Buffer.from(text)
  // Within one long line, and in lines so short that each is searched for itself.
  for (const around of ['€', 'x\r\n', '\n']) {
    for (const border of [64 * KIB, 256 * KIB]) {
      const missed: number[] = []
      for (let before = 0; before <= bytes.length; before++) {
        const start = Buffer.alloc(border - before, around)
        const log = Buffer.concat([start, bytes, Buffer.alloc(100 * KIB, around)])
        rmSync(folder.index, { force: true })
        writeFileSync(folder.log, log)
        const offset = start.lastIndexOf(10) + 1
        const line = start.toString('latin1').split('\n').length
        const [shown] = naiveLines(log.subarray(offset))
        for (const wanted of [query(text, { matchCase: true }), query(text.toUpperCase())]) {
          const found = await searchAll(folder, wanted)
          if (JSON.stringify(found) !== JSON.stringify([{ ...shown, line, offset }])) missed.push(before)
        }
      }
      t.same(missed, [], `${border} bytes of ${JSON.stringify(around)}`)
    }
  }
})

t.test('bytes that are no UTF-8 neither hide a text nor break a search', async t => {
  const folder = folderOfLog(t)
  const noise = randomBytes(700_000)
  const bad = Buffer.from('\xff\xfe needle\xc0\x80\n\xed\xa0\x80Needle\xf5\n\xe2\x82needle\n\0needle\0\n', 'latin1')
  const log = Buffer.concat([noise, bad, noise, bad])
  writeFileSync(folder.log, log)
  for (const matchCase of [false, true]) {
    const expected = naiveSearch(log, { text: 'needle', matchCase })
    t.equal(expected.length, matchCase ? 6 : 8)
    t.same(await searchAll(folder, query('needle', { matchCase })), expected)
  }
})

t.test('what is shown for bytes that are no UTF-8 is found only where there are such', async t => {
  const folder = folderOfLog(t)
  const characters = ['€', '😀', 'é'].map(character => `${character.repeat(100_000)}\n`)
  const log = Buffer.concat([Buffer.from(characters.join('')), Buffer.from('\xff\n', 'latin1'), Buffer.from('\ufffd')])
  writeFileSync(folder.log, log)
  t.same(numbers({ items: await searchAll(folder, query('\ufffd')) }), [4, 5])
  t.same(numbers({ items: await searchAll(folder, query('\ufffd', { matchCase: true })) }), [5], 'as a character')
})

t.test('a line is answered with its beginning, however long it is and wherever in it the text stands', async t => {
  const folder = folderOfLog(t)
  const long = (text: string) => `${'0123456789'.repeat(30_000)}${text}${'9876543210'.repeat(60_000)}\n`
  const log = Buffer.from(`needle\n${long('needle')}${long('')}${long('needle needle')}last needle`)
  writeFileSync(folder.log, log)
  const expected = naiveSearch(log, { text: 'needle', matchCase: true })
  t.same(
    expected.map(({ line, truncated }) => [line, truncated]),
    [
      [1, false],
      [2, true],
      [4, true],
      [5, false]
    ]
  )
  for (const matchCase of [false, true]) t.same(await searchAll(folder, query('needle', { matchCase })), expected)
  t.same(await searchAll(folder, query('needle', { limit: 1 })), expected, 'one by one')
})

t.test('an answer is no more than 1 MiB of text, and the next goes on after it', async t => {
  const app = await buildApp(t)
  const line = (i: number) => `${String(i).padEnd(10 * KIB, '.')}${i % 2 ? 'odd' : 'even'}\n`
  const { id } = await app.finished(printing(t, Array.from({ length: 300 }, (_, i) => line(i)).join('')))
  const fitting = Math.floor(MIB / (10 * KIB + 3))
  const first = await search(app, id, { q: 'odd', limit: '1000' })
  t.same([first.items.length, first.truncated], [fitting, true])
  const second = await search(app, id, { q: 'odd', limit: '1000', fromLine: String(first.nextLine) })
  t.same([second.truncated, second.nextLine], [false, null])
  t.same(
    [...numbers(first), ...numbers(second)],
    Array.from({ length: 150 }, (_, i) => 2 * i + 2)
  )
})

t.test('a search whose time is up says where to go on, and comes to the end line by line if it must', async t => {
  const folder = folderOfLog(t)
  const long = 'x'.repeat(400_000)
  const short = (lines: number) => 'b\n'.repeat(lines)
  const log = Buffer.from(`a\n${short(300_000)}a\n${long}a${long}\n${long}\na${short(200_000)}${long}a`)
  writeFileSync(folder.log, log)
  let asked = 0
  const isTimeUp = () => {
    asked++
    return true
  }
  const expected = naiveSearch(log, { text: 'a', matchCase: true })
  t.equal(expected.length, 5)
  t.same(await searchAll(folder, query('A'), isTimeUp), expected)
  t.ok(asked > 5, 'it was up more than once')
})

t.test('100 MB in one line are searched in little memory', async t => {
  const folder = folderOfLog(t)
  writeFileSync(folder.log, '')
  truncateSync(folder.log, 100 * MIB)
  writeFileSync(folder.log, 'needle\nlast', { flag: 'a' })
  const memory = () => process.memoryUsage().arrayBuffers
  const before = memory()
  let most = 0
  const sampling = setInterval(() => {
    most = Math.max(most, memory() - before)
  }, 1)
  for (const matchCase of [false, true]) {
    const found = await searchAll(folder, query('needle', { matchCase }))
    t.same(
      found.map(({ line, offset, truncated }) => [line, offset, truncated]),
      [[1, 0, true]]
    )
  }
  clearInterval(sampling)
  t.ok(most < 8 * MIB, `${most} bytes of buffers`)
  t.equal(statSync(folder.log).size, 100 * MIB + 11)
})

t.test('a search ends when the client has left, and others have their turn', async t => {
  const app = await buildApp(t)
  const [huge, small] = [await app.finished('prints-three-lines'), await app.finished('prints-three-lines')]
  const folder = folderOf(app, huge)
  const size = 6 * 1024 * MIB
  truncateSync(join(folder, 'log'), size)
  // All of it is in the fourth line, which is not left half searched. The index says so, or it would be made now.
  const places = Array.from({ length: size / STEP_BYTES + 1 }, (_, i) => [i * STEP_BYTES, i === 0 ? 0 : 3, 0])
  await writeRecords(join(folder, 'index'), 0, Float64Array.from(places.flat()))
  await eventually('the log to be read from its file', async () => {
    const answer = await app.get(`/api/executions/${huge.id}/log`, { range: 'bytes=0-0' })
    return answer.headers.get('content-range') === `bytes 0-0/${size}`
  })
  const before = bytesRead()
  const leaving = new AbortController()
  const searches = ['a', 'b', 'c', 'd'].map(q =>
    fetch(`${app.url}/api/executions/${huge.id}/log/search?fromLine=4&q=${q}`, {
      headers: { authorization: `Bearer ${app.token}` },
      signal: leaving.signal
    }).catch(() => 'left')
  )
  await eventually('the searches to be on their way', () => bytesRead() - before > 20 * MIB)
  leaving.abort()
  t.same(await Promise.all(searches), ['left', 'left', 'left', 'left'])
  t.same(numbers(await search(app, small.id, { q: 'three' })), [3])
  t.ok(bytesRead() - before < size, 'none of them has come to the end')
})

t.test('the lines found are those that hold the text, whatever was printed', async t => {
  const letter = fc.constantFrom('a', 'A', 'ä', 'Ä', 'ſ', 's', 'S', 'K', 'k', 'σ', 'ς', '€', '😀', '.', ' ')
  const text = fc.string({ unit: letter, minLength: 1, maxLength: 3 })
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.string({ unit: letter, maxLength: 8 }).map(text => Buffer.from(text)) },
    { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n').map(text => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map(bytes => Buffer.from(bytes)) },
    // So that lines, steps and what is read at once end anywhere.
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 100_000 }).map(n => Buffer.alloc(n, 'x')) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60_000 }).map(n => Buffer.alloc(n, 'é\n')) }
  )
  const log = fc.array(part, { maxLength: 40 }).map(parts => Buffer.concat(parts))
  const folder = logIn(t.testdir({ attempt: {} }))
  await fc.assert(
    fc.asyncProperty(log, text, fc.boolean(), fc.integer({ min: 1, max: 50 }), async (log, text, matchCase, limit) => {
      rmSync(folder.index, { force: true })
      writeFileSync(folder.log, log)
      const expected = naiveSearch(log, { text, matchCase })
      // All that are found are asked for one by one only while that is not a thousand searches.
      const wanted = query(text, { matchCase, limit: Math.max(limit, Math.ceil(expected.length / 20)) })
      return JSON.stringify(await searchAll(folder, wanted)) === JSON.stringify(expected)
    }),
    { ...seeded(t), numRuns: 150 }
  )
})

t.test('one account or token has a few searches under way, and leaves the others their turn', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['/bin/sh', '-c', 'yes abcdefgh | head -c 40000000'])
  const operator = await signedInAs(app, 'operator')
  const path = `/api/executions/${id}/log/search?q=zzz`
  const answers = Array.from({ length: 30 }, () => operator.get(path))
  const other = await app.get(path)
  t.equal(other.status, 200)
  const refused = (await Promise.all(answers)).filter(({ status }) => status !== 200)
  t.ok(refused.length > 0 && refused.length <= 22, `${refused.length} of 30 were refused`)
  for (const answer of refused) {
    isProblem(t, answer, 429, 'rate_limited')
    t.match(answer.body.detail, /8 of your searches are under way/)
  }
  t.equal((await operator.get(path)).status, 200, 'once they have ended')
})
