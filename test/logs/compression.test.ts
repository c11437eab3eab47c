import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { Download } from '../../src/lib/download.ts'
import { compressLog } from '../../src/logs/compression.ts'
import { LogFile } from '../../src/logs/log-file.ts'
import { giveBackMemory } from '../../src/process/memory.ts'
import { buildApp, type TestApp } from '../support/app.ts'
import { folderOfLog } from '../support/log-folder.ts'
import { mixedText, printing, Reader, scratchFolder, seededRandom } from '../support/logs.ts'
import { seeded } from '../support/properties.ts'
import { eventually } from '../support/wait.ts'

const MIB = 1024 * 1024

const BUFFERS_AT_FIRST = process.memoryUsage().arrayBuffers

const compress = (log: string) => compressLog(log, 0, new AbortController().signal)

/** Lines that compress as those of bots do. */
function chatter(bytes: number): Buffer {
  const lines: string[] = []
  for (let size = 0; size < bytes; ) {
    const line = `2026-11-21 12:00:00 INFO step ${lines.length} of ${(lines.length * 7919) % 10_007} is done ✓\n`
    lines.push(line)
    size += Buffer.byteLength(line)
  }
  return Buffer.from(lines.join('')).subarray(0, bytes)
}

/** All bytes of the log at `path`, as a reader gets them. */
async function contentOf(path: string): Promise<Buffer> {
  const file = LogFile.open(path)!
  try {
    return await file.bytes(0, file.size + 1)
  } finally {
    file.close()
  }
}

const filesIn = (folder: string) => readdirSync(folder).sort()

t.test('any part of a compressed log is what it was', async t => {
  const random = seededRandom(t)
  const { folder, log } = folderOfLog(t)
  const content = Buffer.concat([chatter(2 * MIB), randomBytes(MIB + 12_345), Buffer.from(mixedText(random, 700_000))])
  writeFileSync(log, content)
  await compress(log)
  t.same(filesIn(folder), ['log.zst'])
  t.ok(statSync(`${log}.zst`).size < 0.6 * content.length, 'it takes less')
  t.equal(statSync(`${log}.zst`).mode & 0o777, 0o600)

  const file = LogFile.open(log)!
  t.equal(file.size, content.length)
  const range = fc.tuple(fc.nat(content.length + 10), fc.oneof(fc.nat(300), fc.nat(2 * MIB)))
  await fc.assert(
    fc.asyncProperty(range, async ([offset, length]) =>
      (await file.bytes(offset, length)).equals(content.subarray(offset, offset + length))
    ),
    { ...seeded(t), numRuns: 300 }
  )
  file.close()
})

t.test('a log of any length is compressed to its last byte, and a small one stays as it is', async t => {
  const { folder, log } = folderOfLog(t)
  const content = chatter(3 * MIB)
  for (const size of [4097, MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 1]) {
    writeFileSync(log, content.subarray(0, size))
    await compress(log)
    t.same([filesIn(folder), (await contentOf(log)).equals(content.subarray(0, size))], [['log.zst'], true], `${size}`)
    rmSync(`${log}.zst`)
  }
  for (const size of [0, 1, 4096]) {
    writeFileSync(log, content.subarray(0, size))
    await compress(log)
    t.same([filesIn(folder), readFileSync(log)], [['log'], content.subarray(0, size)], `${size}`)
  }
  rmSync(log)
  await compress(log)
  t.same(filesIn(folder), [], 'there need not be one')
})

const zstd = spawnSync('zstd', ['--version']).status === 0

t.test(
  'a compressed log is one for zstd',
  { skip: zstd || process.env.CI === 'true' ? false : 'zstd is not installed' },
  async t => {
    const { log } = folderOfLog(t)
    const content = Buffer.concat([chatter(3 * MIB), randomBytes(100_000)])
    writeFileSync(log, content)
    await compress(log)
    t.ok(execFileSync('zstd', ['-dc', `${log}.zst`], { maxBuffer: 10 * MIB }).equals(content))
    // Four frames, and the table that it passes by.
    t.match(execFileSync('zstd', ['-lv', `${log}.zst`]).toString(), /Frames: 4\b[\s\S]*Skippable Frames: 1\b/i)
  }
)

/** Everything the API answers about a log. */
async function answersAbout(app: TestApp, id: string, size: number) {
  const get = async (query: string, headers: Record<string, string> = {}) => {
    const { status, body, text } = await app.get(`/api/executions/${id}/log${query}`, headers)
    return [query, headers, status, body?.detail ?? body ?? text]
  }
  const streamed = async (query: string, headers: Record<string, string> = {}) => {
    const reader = new Reader(await app.stream(`/api/executions/${id}/log/stream${query}`, headers))
    await reader.done
    return reader.events.map(({ id, event, data }) => [id, event, data])
  }
  return {
    whole: (await app.downloadLog(id)).toString('latin1'),
    head: (
      await fetch(`${app.url}/api/executions/${id}/log`, {
        method: 'HEAD',
        headers: { authorization: `Bearer ${app.token}` }
      })
    ).headers.get('content-length'),
    ranges: await Promise.all(
      ['0-9', `${MIB - 5}-${MIB + 5}`, `${size - 3}-`, '-7', `${MIB}-${2 * MIB}`, `${size}-`].map(range =>
        get('', { range: `bytes=${range}` })
      )
    ),
    pages: await Promise.all(
      ['?fromLine=1', '?fromLine=20000&lines=1000', '?tail=30', '?fromLine=999999'].map(q => get(q))
    ),
    found: await Promise.all(['/search?q=STEP%2099', '/search?q=done&limit=3&matchCase=true'].map(q => get(q))),
    streamed: [await streamed(''), await streamed('', { 'last-event-id': `1:${MIB + 3}` }), await streamed('?tail=10')],
    logBytes: (await app.execution(id)).attempts[0]!.logBytes
  }
}

t.test('whoever asks about a log is told the same after it has been compressed', async t => {
  const app = await buildApp(t)
  const content = Buffer.concat([chatter(2 * MIB + 54_321), Buffer.from('\xff\xfe\r\nbye', 'latin1')])
  const { id } = await app.finished(printing(t, content))
  const folder = app.attemptFolder(readdirSync(join(app.config.dataDir, 'attempts'))[0]!)
  const before = await answersAbout(app, id, content.length)
  t.equal(before.whole, content.toString('latin1'))

  await compress(join(folder, 'log'))
  t.notOk(existsSync(join(folder, 'log')))
  const same = (after: typeof before, label: string) => {
    for (const key of Object.keys(before) as (keyof typeof before)[]) {
      t.ok(JSON.stringify(after[key]) === JSON.stringify(before[key]), `${label}: ${key}`)
    }
  }
  same(await answersAbout(app, id, content.length), 'by the server that knows its index')
  await app.app.http.close()
  const next = await buildApp(t, { dataDir: app.config.dataDir })
  same(await answersAbout(next, id, content.length), 'by the next server')

  // The index can still be lost: what it is made from is all there. Only times are not.
  rmSync(join(folder, 'index'))
  await next.app.http.close()
  const last = await buildApp(t, { dataDir: app.config.dataDir })
  const { body } = await last.get(`/api/executions/${id}/log?fromLine=20000&lines=1000`)
  const { body: known } = await last.get(`/api/executions/${id}/log?fromLine=20000&lines=1000`)
  t.same(body, known)
  const withoutTimes = ({ items }: { items: object[] }) => items.map(item => ({ ...item, at: null }))
  t.same(withoutTimes(body), withoutTimes(before.pages[1]![3]))
})

t.test('whoever dies while compressing a log leaves it whole, and the next try begins anew', async t => {
  const { folder, log } = folderOfLog(t)
  const content = chatter(2 * MIB + 1)
  writeFileSync(log, content)
  await compress(log)
  const compressed = readFileSync(`${log}.zst`)
  const stages: Record<string, Record<string, Buffer>> = {
    'nothing written': { 'log.zst.new': Buffer.alloc(0) },
    'half written': { 'log.zst.new': compressed.subarray(0, compressed.length / 2) },
    'written, not yet checked': { 'log.zst.new': compressed },
    'written wrong': { 'log.zst.new': Buffer.from(compressed).fill(0, 1000, 2000) },
    'the plain log not yet removed': { 'log.zst': compressed },
    'an earlier try beside it': { 'log.zst': compressed, 'log.zst.new': compressed.subarray(0, 10) }
  }
  for (const [stage, files] of Object.entries(stages)) {
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    writeFileSync(log, content)
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
    t.ok((await contentOf(log)).equals(content), `${stage}: it can be read`)
    await compress(log)
    t.same(filesIn(folder), ['log.zst'], `${stage}: it is finished`)
    t.ok((await contentOf(log)).equals(content), `${stage}: and holds what it did`)
  }
})

t.test('compressing that is told to stop stops, and leaves the log and nothing else', async t => {
  const { folder, log } = folderOfLog(t)
  const content = chatter(4 * MIB)
  writeFileSync(log, content)
  const stopping = new AbortController()
  const compressing = compressLog(log, 0, stopping.signal)
  stopping.abort()
  await t.rejects(compressing, { name: 'AbortError' })
  t.same([filesIn(folder), readFileSync(log).equals(content)], [['log'], true])
})

t.test('compressing takes no room that must stay free', async t => {
  const { folder, log } = folderOfLog(t)
  const content = chatter(2 * MIB)
  writeFileSync(log, content)
  const { bavail, bsize } = statfsSync(folder)
  await t.rejects(compressLog(log, bavail * bsize * 2, new AbortController().signal), /too little room/)
  t.same([filesIn(folder), readFileSync(log).equals(content)], [['log'], true])
})

t.test('a log that somebody writes to while it is being compressed stays as it is', async t => {
  const { folder, log } = folderOfLog(t)
  const content = chatter(2 * MIB)
  const changes: Record<string, () => void> = {
    grows: () => appendFileSync(log, 'more\n'),
    'is cut short': () => truncateSync(log, MIB + 7),
    changes: () => writeFileSync(log, Buffer.from(content).fill('x', MIB, MIB + 10))
  }
  for (const [what, change] of Object.entries(changes)) {
    writeFileSync(log, content)
    // It looks whether to stop before each frame: twice while it writes, twice while it checks.
    let looks = 0
    const signal = new AbortController().signal
    signal.throwIfAborted = () => {
      if (++looks === 3) change()
    }
    await t.rejects(compressLog(log, 0, signal), /changed/, what)
    t.same(filesIn(folder), ['log'], what)
  }
})

t.test('a reader that has the log open goes on while it is compressed', async t => {
  const { log } = folderOfLog(t)
  const content = chatter(3 * MIB)
  writeFileSync(log, content)
  const file = LogFile.open(log)!
  const download = new Download(LogFile.open(log)!, 10, content.length)
  const pieces: Buffer[] = []
  download.once('data', piece => {
    pieces.push(piece)
    download.pause()
  })
  await once(download, 'data')
  await compress(log)
  t.notOk(existsSync(log))
  t.ok((await file.bytes(MIB, MIB)).equals(content.subarray(MIB, 2 * MIB)))
  file.close()
  download.on('data', piece => pieces.push(piece))
  download.resume()
  await once(download, 'close')
  t.ok(Buffer.concat(pieces).equals(content.subarray(10)))
})

t.test('a download that nobody wants any more closes its file', async t => {
  const { folder, log } = folderOfLog(t)
  writeFileSync(log, chatter(2 * MIB))
  const opened = () => spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' }).stdout.includes(folder)
  for (const path of [log, `${log}.zst`]) {
    const download = new Download(LogFile.open(log)!, 0, 2 * MIB)
    t.ok(opened(), path)
    await once(download, 'readable')
    download.destroy()
    await once(download, 'close')
    t.notOk(opened(), path)
    if (path === log) await compress(log)
  }
})

t.test('a log that is cut short while it is downloaded breaks the download off', async t => {
  const { log } = folderOfLog(t)
  writeFileSync(log, chatter(MIB))
  const download = new Download(LogFile.open(log)!, 0, 2 * MIB)
  download.resume()
  await t.rejects(once(download, 'end'), /cut short/)
})

t.test('a damaged compressed log is an error and never other bytes', async t => {
  const { log } = folderOfLog(t)
  const content = chatter(MIB + 200_000)
  writeFileSync(log, content)
  await compress(log)
  const good = `${log}.good`
  copyFileSync(`${log}.zst`, good)
  const compressed = readFileSync(good)
  const outcome = async (bytes: Buffer): Promise<string> => {
    writeFileSync(`${log}.zst`, bytes)
    try {
      return (await contentOf(log)).equals(content) ? 'same' : 'other'
    } catch {
      return 'error'
    }
  }
  const damage = fc.tuple(fc.nat(compressed.length - 1), fc.integer({ min: 1, max: 255 }))
  await fc.assert(
    fc.asyncProperty(damage, async ([at, change]) => {
      const bytes = Buffer.from(compressed)
      bytes[at] = bytes[at]! ^ change
      // Not every bit says something: a few headers have bits that may be either.
      return (await outcome(bytes)) !== 'other'
    }),
    { ...seeded(t), numRuns: 100 }
  )
  t.equal(await outcome(Buffer.from(compressed).fill('x', 1000, 1010)), 'error')
  for (const length of [0, 1, 16, 17, 100, compressed.length - 1, compressed.length / 2]) {
    t.equal(await outcome(compressed.subarray(0, length)), 'error', `${length} bytes of it`)
  }
  t.throws(() => LogFile.open(log), /log\.zst cannot be read: .* Bring it back from a backup\./)
})

t.test('a log that is no file is not compressed, and holds nobody up', async t => {
  const { folder, log } = folderOfLog(t)
  const other = join(scratchFolder(t), 'other')
  writeFileSync(other, chatter(MIB))
  const make: Record<string, () => void> = {
    'a FIFO': () => execFileSync('mkfifo', [log]),
    'a folder': () => mkdirSync(log),
    'a link to a file': () => symlinkSync(other, log),
    'a link to nothing': () => symlinkSync(join(folder, 'nothing'), log)
  }
  for (const [what, makeIt] of Object.entries(make)) {
    makeIt()
    await compress(log)
    t.same(filesIn(folder), ['log'], what)
    rmSync(log, { recursive: true })
  }
  t.equal(statSync(other).size, MIB)
})

t.test('no memory is reserved for what a table claims that we have not written', async t => {
  const { log } = folderOfLog(t)
  const claims: Record<string, [frames: number, compressed: number, bytes: number]> = {
    'frames without end': [2 ** 27, 8, MIB],
    'a frame of gigabytes': [1, 2 ** 32 - 1, MIB],
    'a frame of gigabytes of the log': [1, 100, 2 ** 32 - 1]
  }
  for (const [what, [frames, compressed, bytes]] of Object.entries(claims)) {
    const table = Buffer.alloc(25)
    for (const [i, number] of [0x184d2a5e, 17, compressed, bytes, frames].entries()) table.writeUInt32LE(number, i * 4)
    table.writeUInt32LE(0x8f92eab1, 21)
    writeFileSync(`${log}.zst`, '')
    truncateSync(`${log}.zst`, Math.max(compressed, frames * 8))
    appendFileSync(`${log}.zst`, table)
    t.throws(() => LogFile.open(log), /or it is damaged/, what)
  }
})

t.test('readers at many places of compressed logs together keep few frames', async t => {
  const { log } = folderOfLog(t)
  writeFileSync(log, chatter(40 * MIB))
  await compress(log)
  const readers = Array.from({ length: 40 }, () => LogFile.open(log)!)
  await Promise.all(readers.map((reader, i) => reader.bytes(i * MIB + 17, 1000)))
  const kept = () => {
    giveBackMemory()
    return process.memoryUsage().arrayBuffers - BUFFERS_AT_FIRST
  }
  t.ok(await eventually('all but a few frames to be let go', () => kept() < 12 * MIB))
  for (const reader of readers) reader.close()
  t.ok(await eventually('the last frames to be let go', () => kept() < 2 * MIB))
})
