import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { buildApp } from '../support/app.ts'
import { seeded, unicodeText } from '../support/properties.ts'
import { rawHttp } from '../support/raw-http.ts'
import { eventually } from '../support/wait.ts'

const app = await buildApp(t)

/** A bot that runs until the test has ended, and the folder of its attempt. */
async function running(t: Test): Promise<{ id: string; attempt: string }> {
  const script = 'cd "$BOTYARD_ARTIFACTS/.."; pwd; while [ ! -e end ]; do sleep 0.02; done'
  const { id } = await app.start(await app.makeBot(['/bin/sh', '-c', script]))
  await app.printed(id, '\n')
  const attempt = (await app.downloadLog(id)).toString().trim()
  t.teardown(() => writeFileSync(join(attempt, 'end'), ''))
  return { id, attempt }
}

const isPart = (part: string) => !/^\.{0,2}$|[/\0]/.test(part) && Buffer.byteLength(part) <= 255
const odd = fc
  .array(
    fc.constantFrom(...'%;"\'\\?#&=+ \n\r\t:*<>|{}[]^`~@$!,.-ü€😀é\u202e\ufffd', '%41', '%2F', '%2e', '..', "''"),
    { minLength: 1, maxLength: 8 }
  )
  .map(parts => parts.join(''))
const part = fc.oneof(odd, unicodeText({ minLength: 1, maxLength: 80 })).filter(isPart)

/** What a browser calls a download: RFC 6266, of which `filename*` counts where it stands. */
function filenameOf(disposition: string): string {
  const extended = /; filename\*=UTF-8''([\w!#$&+.^`|~%-]+)$/.exec(disposition)
  if (extended) return decodeURIComponent(extended[1]!)
  const plain = /^attachment; filename=(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))$/.exec(disposition)
  if (!plain) throw new Error(disposition)
  return plain[2] ?? plain[1]!.replace(/\\(.)/g, '$1')
}

t.test('whatever an artifact is called, it is listed and downloaded under that name', async t => {
  const { id, attempt } = await running(t)
  const folder = join(attempt, 'artifacts')
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), async parts => {
      const name = parts.join('/')
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), name)
      const { items } = (await app.get(`/api/executions/${id}/artifacts`)).body
      const encoded = await app.get(`/api/executions/${id}/artifacts/${encodeURIComponent(name)}`)
      const byParts = await app.get(`/api/executions/${id}/artifacts/${parts.map(encodeURIComponent).join('/')}`)
      rmSync(join(folder, parts[0]!), { recursive: true })
      return (
        items.length === 1 &&
        items[0].name === name &&
        [encoded, byParts].every(
          ({ status, text, headers }) =>
            status === 200 && text === name && filenameOf(headers.get('content-disposition')!) === parts.at(-1)
        )
      )
    }),
    { ...seeded(t), numRuns: 100 }
  )
})

t.test('a name that is no UTF-8 is passed over, and others beside it are there', async t => {
  const { id, attempt } = await running(t)
  const folder = Buffer.from(join(attempt, 'artifacts/'))
  writeFileSync(Buffer.concat([folder, Buffer.from([0xff, 0x41])]), 'x')
  mkdirSync(Buffer.concat([folder, Buffer.from([0xfe])]))
  writeFileSync(Buffer.concat([folder, Buffer.from([0xfe, 0x2f, 0x41])]), 'x')
  writeFileSync(Buffer.concat([folder, Buffer.from('ü')]), 'x')
  const { items } = (await app.get(`/api/executions/${id}/artifacts`)).body
  t.same(
    items.map(({ name }: { name: string }) => name),
    ['ü']
  )
})

t.test('no address leads out of the folder', async t => {
  const canary = 'canary in the coal mine'
  const { id, attempt } = await running(t)
  const folder = join(attempt, 'artifacts')
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  for (const place of ['.', '..', '../..', '../../..']) writeFileSync(join(attempt, place, 'canary'), canary)
  t.teardown(() => rmSync(join(attempt, '../../../canary')))
  writeFileSync(join(folder, 'a/harmless'), 'harmless')

  const step = fc.oneof(
    fc.constantFrom(
      '..',
      '%2e%2e',
      '.%2e',
      '%2E.',
      '..%00',
      '%252e%252e',
      '..;',
      '..\\',
      '..%5c',
      '%c0%ae%c0%ae',
      '．．'
    ),
    fc.constantFrom('.', '', 'a', 'b', '%00', '~', '*', attempt.slice(1), encodeURIComponent(attempt), 'proc/self/cwd')
  )
  const slash = fc.constantFrom('/', '/', '%2f', '%2F', '//', '%5c', '\\', '/./', '%252f')
  const last = fc.constantFrom('canary', 'canary%00', 'canary/', 'a/harmless', 'pid', 'launch.json')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, slash), { maxLength: 6 }), last, async (steps, last) => {
      const path = `/api/executions/${id}/artifacts/${steps.map(([step, slash]) => step + slash).join('')}${last}`
      const answer = await rawHttp(
        app.url,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${app.token}\r\nConnection: close\r\n\r\n`
      )
      const status = Number(answer.split(' ')[1])
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
      if (status === 200) return body === 'harmless'
      return [400, 404].includes(status) && body.includes('"code"') && !body.includes(canary)
    }),
    { ...seeded(t), numRuns: 300 }
  )
})

t.test('not even a folder that is a link for a moment leads out', async t => {
  const canary = 'canary in the coal mine'
  const { id, attempt } = await running(t)
  mkdirSync(join(attempt, 'outside'))
  writeFileSync(join(attempt, 'outside/a'), canary)
  // It swaps a folder and a link to elsewhere as fast as it can, until the test says that it is enough.
  const bot = await app.makeBot(
    [
      '/bin/sh',
      '-c',
      'cd "$1/artifacts"; mkdir real; echo harmless >real/a; ln -s ../outside link; while [ ! -e ../enough ]; do mv -T real d; mv -T d real; mv -T link d; mv -T d link; done',
      'sh',
      attempt
    ],
    { name: 'swaps' }
  )
  const swaps = await app.start(bot)
  const seen = new Set<string>()
  await eventually('the folder and the lack of it to be met', async () => {
    const answer = await app.get(`/api/executions/${id}/artifacts/d/a`)
    seen.add(answer.status === 200 ? answer.text : String(answer.status))
    const { items } = (await app.get(`/api/executions/${id}/artifacts`)).body
    for (const { name } of items) seen.add(name)
    return seen.has('404') && seen.has('harmless\n') && seen.has('d/a')
  })
  writeFileSync(join(attempt, 'enough'), '')
  await app.ended(swaps.id)
  t.same(
    [...seen].filter(what => !['404', 'harmless\n', 'd/a', 'real/a'].includes(what)),
    []
  )
})
