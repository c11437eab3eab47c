/** Logs in which nothing says where a line ends, or which are no text at all. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { fixture, scratchFolder } from '../support/logs.ts'
import { startServer, type TestServer } from '../support/server.ts'

const MB = 1_000_000

/**
 * What a server takes beside what it had: at the most some tens of MB whatever the size of a log, as memory is given back
 * now and then. Either of these logs takes more when it is held whole, as bytes and as text.
 */
const BOUND_BYTES = 150 * MB

/** Most of a line that a page answers. */
const LINE_BYTES = 16 * 1024

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Memory of a process, as /proc/<pid>/status has it. */
function memoryOf(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
}

/** Watches from now on how much memory a server takes; answers how much more it came to. */
function memoryMeter({ process: { pid } }: TestServer): () => number {
  const before = memoryOf(pid!, 'VmRSS')
  writeFileSync(`/proc/${pid}/clear_refs`, '5') // the peak is now
  return () => memoryOf(pid!, 'VmHWM') - before
}

/** Reads the stream of a log to its end; `length` is in characters. */
async function readStream(server: TestServer, id: string, onText: () => void = () => {}) {
  const hash = createHash('sha256')
  let length = 0
  for await (const event of await server.followLog(id)) {
    if (event.event !== 'log') continue
    hash.update(event.data.text)
    length += event.data.text.length
    onText()
  }
  return { sha256: hash.digest('hex'), length }
}

async function downloadHash(server: TestServer, id: string): Promise<{ sha256: string; bytes: number }> {
  const response = await fetch(`${server.url}/api/executions/${id}/log`, {
    headers: { authorization: `Bearer ${server.token}` }
  })
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of response.body!) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** A server that has done everything once, so that what it needs for any log at all is there. */
async function warmServer(t: Test): Promise<TestServer> {
  const server = await startServer(t, join(testFolder(t), 'data'))
  const { id } = await server.finished(['/bin/echo', 'one'], { name: 'first' })
  await readStream(server, id)
  await downloadHash(server, id)
  await server.get(`/api/executions/${id}/log?fromLine=1`)
  await server.get(`/api/executions/${id}/log/search?q=one`)
  return server
}

t.test('100 MB in one line: the server needs little memory for it, and every way to read it answers', async t => {
  const server = await warmServer(t)
  const file = join(scratchFolder(t), 'bytes')
  // No two pieces of it are alike, so that nothing can be left out, doubled or swapped unnoticed.
  const bytes = Buffer.from(randomBytes(75 * MB).toString('base64'), 'latin1')
  writeFileSync(file, bytes)
  const grown = memoryMeter(server)
  const { id } = await server.start(await server.makeBot(fixture('log-prints', file)))

  let seen = () => {}
  const reached = new Promise<void>(resolve => {
    seen = resolve
  })
  const stream = readStream(server, id, () => seen())
  await reached
  const page = (query: string) => server.get(`/api/executions/${id}/log?${query}`)
  t.match(await page('tail=1'), { status: 200, body: { items: [{ line: 1, offset: 0 }], lineCount: 1 } })
  t.equal((await server.get('/health')).status, 200)
  t.match(await endOf(server, id), { state: 'succeeded', attempts: [{ logBytes: bytes.length }] })

  t.same(await stream, { sha256: sha256(bytes), length: bytes.length })
  t.same(await downloadHash(server, id), { sha256: sha256(bytes), bytes: bytes.length })
  const beginning = bytes.toString('latin1', 0, LINE_BYTES)
  for (const query of ['fromLine=1', 'tail=5']) {
    t.match(await page(query), {
      status: 200,
      body: {
        items: [{ line: 1, text: beginning, truncated: true }],
        nextLine: null,
        lineCount: 1,
        logBytes: bytes.length
      }
    })
  }
  t.match(await page('fromLine=2'), { status: 200, body: { items: [] } })
  const search = await server.get(`/api/executions/${id}/log/search?q=${encodeURIComponent('is not base64')}`)
  t.match(search, { status: 200, body: { items: [] } })
  const more = grown()
  t.ok(more < BOUND_BYTES, `${more} bytes more at the most`)
})

t.test('60 MB of random bytes: they are downloaded as they are, and read as text without harm', async t => {
  const server = await warmServer(t)
  const file = join(scratchFolder(t), 'bytes')
  const bytes = randomBytes(60 * MB)
  writeFileSync(file, bytes)
  t.ok(bytes.includes(0))
  const lineCount = bytes.filter(byte => byte === 10).length + (bytes.at(-1) === 10 ? 0 : 1)
  const grown = memoryMeter(server)
  const { id } = await server.start(await server.makeBot(fixture('log-prints', file)))

  const stream = await readStream(server, id)
  t.match(await endOf(server, id), { state: 'succeeded', attempts: [{ logBytes: bytes.length }] })
  t.same(await downloadHash(server, id), { sha256: sha256(bytes), bytes: bytes.length })
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  t.same(stream, { sha256: sha256(text), length: text.length })

  const lines = async (query: string) => (await server.get(`/api/executions/${id}/log?${query}`)).body
  const first = await lines('fromLine=1&lines=3')
  t.match(first, { lineCount, logBytes: bytes.length, nextLine: 4, items: [{ line: 1 }, { line: 2 }, { line: 3 }] })
  t.match(await lines('tail=2'), { items: [{ line: lineCount - 1 }, { line: lineCount }], nextLine: null })
  // What is searched for is found also where nothing else is text.
  const found = await server.get(`/api/executions/${id}/log/search?q=%00&limit=1`)
  t.match(found, { status: 200, body: { items: [{ line: Number }] } })
  const more = grown()
  t.ok(more < BOUND_BYTES, `${more} bytes more at the most`)
})
