import { appendFileSync, readdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import type { Client } from '../support/client.ts'
import { Feed, startFed } from '../support/logs.ts'
import { isProblem } from '../support/problems.ts'
import { eventually } from '../support/wait.ts'

const shell = (script: string) => ['/bin/sh', '-c', `cd "$BOTYARD_ARTIFACTS"; ${script}`]

interface Listed {
  items: { name: string; bytes: number; modifiedAt: number }[]
  truncated: boolean
}

async function list(client: Client, id: string): Promise<Listed> {
  return (await client.get(`/api/executions/${id}/artifacts`)).body
}

const NOTHING = { items: [], truncated: false, stored: 'local', detail: null }
const namesOf = (listed: Listed) => listed.items.map(({ name }) => name)
const pathOf = (id: string, name: string) => `/api/executions/${id}/artifacts/${encodeURIComponent(name)}`

/** A bot that runs until the test has ended, and the folder of its artifacts. */
async function running(t: Test): Promise<{ id: string; folder: string }> {
  const { id } = await app.start(await app.makeBot(shell('pwd; while [ ! -e ../end ]; do sleep 0.02; done')))
  await app.printed(id, '\n')
  const folder = (await app.downloadLog(id)).toString().trim()
  t.teardown(() => writeFileSync(join(folder, '../end'), ''))
  return { id, folder }
}

const app = await buildApp(t)

t.test('what earlier attempts have left stays, and is found by their number', async t => {
  const bot = await app.makeBot(shell('n=$(ls ../.. | wc -l); echo $n >number; : >"only-$n"; exit 1'), {
    retry: { maxAttempts: 2, backoffMs: 0 }
  })
  const { id } = await app.ended((await app.start(bot)).id)
  const of = (attempt: string) => app.get(`/api/executions/${id}/artifacts${attempt}`)
  const [first, second, last] = await Promise.all(['?attempt=1', '?attempt=2', ''].map(of))
  t.equal(first!.body.items.length, 2)
  t.notSame(namesOf(first!.body), namesOf(second!.body))
  t.same(last!.body, second!.body)
  const name = namesOf(first!.body).find(each => each !== 'number')!
  t.equal((await of(`/number?attempt=1`)).text, `${name.slice(5)}\n`)
  t.equal((await of(`/${name}?attempt=1`)).status, 200)
  isProblem(t, await of(`/${name}`), 404, 'not_found')
  t.same((await of('?attempt=3')).body, NOTHING)
  isProblem(t, await of('/number?attempt=3'), 404, 'not_found')
  isProblem(t, await of('?attempt=0'), 400, 'invalid_request')
})

t.test('what a bot leaves behind is listed by name and can be downloaded', async t => {
  const before = Math.floor(Date.now() / 1000) * 1000
  const { id } = await app.finished(
    shell(
      'mkdir -p b/c .d; printf hello >a.txt; : >empty; printf "\\000\\377" >b/c/bytes; : >B; : >.d/.e; printf x >b-1'
    )
  )
  const listed = await list(app, id)
  t.equal(listed.truncated, false)
  t.same(
    listed.items.map(({ name, bytes }) => [name, bytes]),
    [
      ['.d/.e', 0],
      ['B', 0],
      ['a.txt', 5],
      ['b-1', 1],
      ['b/c/bytes', 2],
      ['empty', 0]
    ]
  )
  for (const { modifiedAt } of listed.items) t.ok(modifiedAt >= before && modifiedAt <= Date.now(), String(modifiedAt))

  const answer = await app.get(`/api/executions/${id}/artifacts/a.txt`)
  t.equal(answer.status, 200)
  t.equal(answer.text, 'hello')
  t.match(Object.fromEntries(answer.headers), {
    'content-type': 'application/octet-stream',
    'content-length': '5',
    'content-disposition': 'attachment; filename=a.txt',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': 'no-store'
  })
  t.equal((await app.get(`/api/executions/${id}/artifacts/empty`)).text, '', 'an empty one as well')
  t.equal((await app.get(pathOf(id, 'b/c/bytes'))).status, 200, 'slashes may be encoded')
  const bytes = await fetch(`${app.url}/api/executions/${id}/artifacts/b/c/bytes`, { headers: bearer(app) })
  t.same([...new Uint8Array(await bytes.arrayBuffer())], [0, 255], 'and sent as they are')
})

const bearer = (client: Client) => ({ authorization: `Bearer ${client.token}` })

t.test('a page among the artifacts cannot become one of ours', async t => {
  const { id } = await app.finished(shell('echo "<script>alert(1)</script>" >index.html; echo "<svg/>" >a.svg'))
  const types = { 'index.html': 'application/octet-stream', 'a.svg': 'image/svg+xml' }
  for (const [name, type] of Object.entries(types)) {
    const { headers } = await app.get(pathOf(id, name), { accept: 'text/html' })
    t.equal(headers.get('content-type'), type, name)
    t.equal(headers.get('x-content-type-options'), 'nosniff', name)
    t.equal(headers.get('content-security-policy'), 'sandbox', name)
    t.match(headers.get('content-disposition'), /^attachment; /, name)
  }
})

t.test('what is not there is a problem that says so', async t => {
  const { id } = await app.finished(shell('mkdir folder; : >a'))
  const names = [
    'none',
    'folder',
    'folder/none',
    'a/c',
    'a/',
    '/a',
    '',
    './a',
    'folder/../a',
    '../log',
    'a\0',
    'x'.repeat(5000)
  ]
  for (const name of names)
    isProblem(t, await app.get(pathOf(id, name)), 404, 'not_found', JSON.stringify(name.slice(0, 20)))
  isProblem(t, await app.get('/api/executions/none/artifacts'), 404, 'not_found')
  isProblem(t, await app.get('/api/executions/none/artifacts/a'), 404, 'not_found')
  for (const broken of ['%zz', '%c0%ae%c0%ae', '%ff'])
    isProblem(t, await app.get(`/api/executions/${id}/artifacts/${broken}`), 400, 'invalid_request', broken)
})

t.test('an execution that has not begun, or that made nothing, has no artifacts', async t => {
  const app = await buildApp(t, { config: { maxConcurrentExecutions: 1 } })
  const nothing = await app.finished('prints-three-lines')
  t.same(await list(app, nothing.id), NOTHING)

  const removed = await app.finished(['/bin/sh', '-c', 'rmdir "$BOTYARD_ARTIFACTS"'])
  t.same(await list(app, removed.id), NOTHING)

  const feed = await Feed.open(t)
  const first = await startFed(app, feed)
  const { id } = await app.start(await app.makeBot('prints-three-lines', { name: 'waits' }))
  t.same(await list(app, id), NOTHING)
  isProblem(t, await app.get(pathOf(id, 'a')), 404, 'not_found')
  await feed.end()
  await app.ended(first)
  await app.ended(id)
})

t.test('artifacts can be had while the bot runs', async t => {
  const { id, folder } = await running(t)
  t.same(namesOf(await list(app, id)), [])
  writeFileSync(join(folder, 'a'), 'one')
  t.same(namesOf(await list(app, id)), ['a'])
  t.equal((await app.get(pathOf(id, 'a'))).text, 'one')
  appendFileSync(join(folder, 'a'), 'two')
  t.equal((await app.get(pathOf(id, 'a'))).text, 'onetwo')
})

t.test('artifacts are those of the last attempt', async t => {
  const bot = await app.makeBot(
    shell('echo $BOTYARD_ATTEMPT >a; [ -e "$OLDPWD/again" ] || { : >first; : >"$OLDPWD/again"; exit 1; }'),
    {
      retry: { maxAttempts: 2, backoffMs: 0 }
    }
  )
  const execution = await app.ended((await app.start(bot)).id)
  t.equal(execution.state, 'succeeded')
  t.same(namesOf(await list(app, execution.id)), ['a'])
})

t.test('a part of an artifact can be asked for', async t => {
  const { id } = await app.finished(shell('printf 0123456789 >a; : >empty'))
  for (const [range, status, text, contentRange] of [
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=8-', 206, '89', 'bytes 8-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=0-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null]
  ] as const) {
    const answer = await app.get(pathOf(id, 'a'), { range })
    const { headers } = answer
    t.same(
      [answer.status, answer.text, headers.get('content-range'), headers.get('content-length')],
      [status, text, contentRange, String(text.length)],
      range
    )
  }
  const beyond = await app.get(pathOf(id, 'a'), { range: 'bytes=10-' })
  isProblem(t, beyond, 416, 'range_not_satisfiable')
  t.equal(beyond.headers.get('content-range'), 'bytes */10')
  isProblem(t, await app.get(pathOf(id, 'empty'), { range: 'bytes=0-0' }), 416, 'range_not_satisfiable')

  const head = await app.request('HEAD', pathOf(id, 'a'))
  t.same([head.status, head.headers.get('content-length'), head.text], [200, '10', ''])
})

t.test('links, FIFOs and sockets are no artifacts, and nobody waits for them', async t => {
  const { id } = await app.finished(
    shell(
      'ln -s /etc/passwd link; ln -s /etc folder; mkfifo pipe; echo x >real; ln -s real inner; ln real hard; mkdir f; ln -s ../real f/up'
    )
  )
  t.same(namesOf(await list(app, id)), ['hard', 'real'])
  for (const name of ['link', 'folder', 'folder/passwd', 'pipe', 'inner', 'f/up'])
    isProblem(t, await app.get(pathOf(id, name)), 404, 'not_found', name)
  t.equal((await app.get(pathOf(id, 'hard'))).text, 'x\n')
})

t.test('the folder itself may have become a link, and leads nowhere then', async t => {
  const { id, folder } = await running(t)
  writeFileSync(join(folder, 'a'), 'one')
  renameSync(folder, `${folder}-moved`)
  symlinkSync(`${folder}-moved`, folder)
  t.same(await list(app, id), NOTHING)
  isProblem(t, await app.get(pathOf(id, 'a')), 404, 'not_found')
})

t.test('of thousands the first thousand are listed, and all can be downloaded', async t => {
  const { id } = await app.finished(
    shell('mkdir -p a/b; for i in $(seq 1000 1999); do echo $i >a/b/$i; echo $i >$i; done')
  )
  const { items, truncated } = await list(app, id)
  t.equal(truncated, true)
  t.same(
    items.map(({ name }) => name),
    Array.from({ length: 1000 }, (_, i) => String(1000 + i)),
    'the first by name'
  )
  t.equal((await app.get(pathOf(id, 'a/b/1999'))).text, '1999\n')
})

t.test('a list ends somewhere: with too many files, and too deep in', async t => {
  const many = await app.finished(shell('seq 12000 | xargs touch'))
  const listed = await list(app, many.id)
  t.match(listed, { truncated: true })
  t.equal(listed.items.length, 1000)

  const deep = await app.finished(shell('for i in $(seq 120); do mkdir d; : >d/f; cd d; done'))
  const { items, truncated } = await list(app, deep.id)
  t.equal(truncated, true)
  t.equal(items.length, 100)
  t.equal((await app.get(pathOf(deep.id, `${'d/'.repeat(100)}f`))).status, 200, 'the deepest that is listed')
  isProblem(t, await app.get(pathOf(deep.id, `${'d/'.repeat(101)}f`)), 404, 'not_found', 'one step further')
})

/** A download of which nothing is read until `rest` is asked for. */
async function begin(path: string): Promise<{ length: number; rest: () => Promise<Buffer> }> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(app.url + path, { headers: bearer(app), agent: false }, resolve).on('error', reject)
  })
  return {
    length: Number(response.headers['content-length']),
    rest: () => buffer(response)
  }
}

/** More than the buffers of a connection take. */
const LARGE = 32 * 1024 * 1024

t.test('a file that grows while it is downloaded comes as it was when it was asked for', async t => {
  const { id, folder } = await running(t)
  const file = join(folder, 'a')
  writeFileSync(file, Buffer.alloc(LARGE, 'a'))
  const { length, rest } = await begin(pathOf(id, 'a'))
  appendFileSync(file, 'b'.repeat(1000))
  const bytes = await rest()
  t.equal(length, LARGE)
  t.equal(bytes.length, LARGE)
  t.notOk(bytes.includes('b'))
  t.equal((await list(app, id)).items[0]!.bytes, LARGE + 1000)
})

t.test('a download of a file that is cut short meanwhile breaks off, rather than end as if it were whole', async t => {
  const { id, folder } = await running(t)
  const file = join(folder, 'a')
  writeFileSync(file, Buffer.alloc(LARGE, 'a'))
  const { rest } = await begin(pathOf(id, 'a'))
  truncateSync(file, 1000)
  await t.rejects(rest(), { code: 'ECONNRESET' })
  t.equal((await app.get(pathOf(id, 'a'))).text.length, 1000, 'and the server goes on')
})

t.test('a download that nobody reads to its end leaves nothing open', async t => {
  const { id, folder } = await running(t)
  writeFileSync(join(folder, 'a'), Buffer.alloc(LARGE))
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  for (let i = 0; i < 20; i++) {
    const request = http.get(app.url + pathOf(id, 'a'), { headers: bearer(app), agent: false }, response =>
      response.destroy()
    )
    await new Promise(resolve => request.on('close', resolve))
    await app.request('HEAD', pathOf(id, 'a'))
  }
  await eventually('all to be closed', () => open() <= before + 2)
  t.pass()
})
