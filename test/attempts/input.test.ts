import { createHash } from 'node:crypto'
import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CreateBot } from '../../src/bots/bot.ts'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { isProblem } from '../support/problems.ts'
import { startServer } from '../support/server.ts'
import { openInputs, pasteOf, resize, sendInput, type } from '../support/typing.ts'
import { signedInAs } from '../support/users.ts'
import { eventually } from '../support/wait.ts'

const app = await buildApp(t, { dataDir: testFolder(t) })
const logOf = async (id: string) => (await app.downloadLog(id)).toString()
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

const ECHOES = 'while read -r line; do echo "got $line"; [ "$line" = bye ] && exit 4; done'

async function startReading(script: string, more: Partial<CreateBot> = {}): Promise<string> {
  return (await app.start(await app.makeBot(['/bin/sh', '-c', script], { input: true, ...more }))).id
}

/** A bot that takes no notice of its input until its file is there, and a way to let it begin. */
async function startDeaf(t: Test, script: string) {
  const go = join(testFolder(t), 'go')
  const id = await startReading(`echo ready; until [ -e '${go}' ]; do sleep 0.05; done; ${script}`)
  await app.printed(id, 'ready')
  return { id, listen: () => writeFileSync(go, '') }
}

const folderOf = (id: string) => {
  const sql = 'SELECT id FROM attempts WHERE execution_id = ? ORDER BY number DESC'
  const row = withDatabase(app.config.dataDir, db => db.prepare<[string], { id: string }>(sql).get(id))
  return app.attemptFolder(row!.id)
}

t.test('a bot reads line after line of what it is sent, and its log is its own words', async t => {
  const id = await startReading(ECHOES)
  await app.until(id, ({ state }) => state === 'running')

  for (let i = 0; i < 50; i++) await type(app, id, `line ${i}\n`)
  await type(app, id, 'by')
  await type(app, id, 'e\n')

  t.match(await app.ended(id), { state: 'failed', exitCode: 4, attempts: [{ terminal: false }] })
  t.equal(await logOf(id), `${Array.from({ length: 50 }, (_, i) => `got line ${i}\n`).join('')}got bye\n`)
  t.same(openInputs(), [])
})

t.test('texts that are on their way at the same time arrive whole', async t => {
  const texts = Array.from({ length: 20 }, (_, i) => `${String.fromCharCode(97 + i).repeat(20_000)}\n`)
  const { id, listen } = await startDeaf(t, 'head -n 20 >"$BOTYARD_OUTPUT.seen"; cat "$BOTYARD_OUTPUT.seen"')

  const typed = Promise.all(texts.map(text => type(app, id, text)))
  listen()
  await typed

  t.match(await app.ended(id), { state: 'succeeded' })
  t.same(
    (await logOf(id)).replace('ready\n', '').trimEnd().split('\n').sort(),
    texts.map(text => text.trimEnd())
  )
})

t.test('a megabyte goes in pieces, as the bot reads', async t => {
  const paste = pasteOf(1_000_000)
  const id = await startReading(
    `i=0; while [ $i -lt 10 ]; do head -c 100000; sleep 0.05; i=$((i + 1)); done | sha256sum`
  )
  await app.until(id, ({ state }) => state === 'running')

  await type(app, id, paste)

  await app.ended(id)
  t.match(await logOf(id), sha256(paste))
})

t.test('a bot that does not read, or has closed its input: its sender is told how much was taken', async t => {
  const { id, listen } = await startDeaf(t, ECHOES)
  const closed = await startReading('exec <&-; echo closed; sleep 60')
  await app.printed(closed, 'closed')
  const text = `${'x'.repeat(99)}\n`.repeat(6000)

  const deaf = await startDeaf(t, 'cat')
  // Takes any number of them, but none in part.
  const inPieces = async () => {
    for (;;) {
      const answer = await sendInput(app, deaf.id, `${'z'.repeat(3999)}\n`)
      if (answer.status !== 204) return answer
    }
  }

  const [nobody, piece, ...answers] = await Promise.all([
    sendInput(app, closed, 'hello'),
    inPieces(),
    ...[1, 2, 3].map(() => sendInput(app, id, text))
  ])

  for (const answer of answers) isProblem(t, answer, 409, 'input_full')
  const details = answers.map(({ body }) => body.detail).sort()
  t.match(details[0], /^Earlier input could not be written, so no byte of this was taken/)
  t.match(details[1], /^Earlier input waits to be read, so no byte/)
  const [, taken] = /^The bot does not read its input; (\d+) of \d+ bytes were taken/.exec(details[2]!)!
  t.ok(Number(taken) > 0)
  isProblem(t, nobody, 409, 'no_input')
  t.match(nobody.body.detail, 'The bot has closed its input; 0 of 5 bytes were taken.')
  isProblem(t, piece, 409, 'input_full')
  t.match(piece.body.detail, 'The bot does not read its input; 0 of 4000 bytes were taken.')
  t.same(openInputs(), [])

  listen()
  await type(app, id, '\nbye\n')
  t.match(await app.ended(id), { exitCode: 4 })
  const log = await logOf(id)
  t.equal(log.replaceAll(/[^x]/g, '').length, Number(taken) - Math.floor(Number(taken) / 100))
  for (const id of [closed, deaf.id]) {
    await app.post(`/api/executions/${id}/cancel`)
    await app.ended(id)
  }
})

t.test('a bot without input is left alone, and its sender is told what to set', async t => {
  const bot = await app.makeBot(['/bin/sh', '-c', 'echo ready; cat; sleep 60'])
  const { id } = await app.start(bot)
  await app.printed(id, 'ready')

  const answer = await sendInput(app, id, 'hello\n')
  isProblem(t, answer, 409, 'no_input')
  t.match(answer.body.detail, /set `input` in the bot, or `terminal`/)
  const size = await resize(app, id, 80, 24)
  isProblem(t, size, 409, 'no_input')
  t.match(size.body.detail, /Set `terminal` in the bot/)

  await app.post(`/api/executions/${id}/cancel`)
  await app.ended(id)
  t.equal(await logOf(id), 'ready\n')
})

t.test('a bot that takes input has no terminal to resize', async t => {
  const id = await startReading(ECHOES)
  await app.until(id, ({ state }) => state === 'running')
  isProblem(t, await resize(app, id, 80, 24), 409, 'no_input')
  await type(app, id, 'bye\n')
  await app.ended(id)
})

t.test('one that waits, one that has ended and one that never was take nothing', async t => {
  const bot = await app.makeBot(['/bin/sh', '-c', ECHOES], { input: true })
  const [first, second] = [await app.start(bot), await app.start(bot)]
  await app.until(first.id, ({ state }) => state === 'running')

  for (const send of [() => sendInput(app, second.id, 'x'), () => resize(app, second.id, 80, 24)]) {
    const answer = await send()
    isProblem(t, answer, 409, 'no_input')
    t.match(answer.body.detail, /waits to run/)
  }
  await app.post(`/api/executions/${second.id}/cancel`)
  await type(app, first.id, 'bye\n')
  await app.ended(first.id)
  for (const { id } of [first, second]) {
    isProblem(t, await sendInput(app, id, 'x'), 409, 'execution_ended')
    isProblem(t, await resize(app, id, 80, 24), 409, 'execution_ended')
  }
  isProblem(t, await sendInput(app, '0198d3a0-0000-7000-8000-000000000000', 'x'), 404, 'not_found')
  isProblem(t, await resize(app, '0198d3a0-0000-7000-8000-000000000000', 80, 24), 404, 'not_found')
})

t.test('whoever may only look on cannot type', async t => {
  const id = await startReading(ECHOES)
  await app.until(id, ({ state }) => state === 'running')
  const viewer = await signedInAs(app, 'viewer')

  isProblem(t, await sendInput(viewer, id, 'bye\n'), 403, 'forbidden')
  isProblem(t, await resize(viewer, id, 80, 24), 403, 'forbidden')

  await type(await signedInAs(app, 'operator'), id, 'seen\nbye\n')
  await app.ended(id)
  t.equal(await logOf(id), 'got seen\ngot bye\n')
})

t.test('what is no text, and what is no size, is refused', async t => {
  const id = await startReading(ECHOES)
  await app.until(id, ({ state }) => state === 'running')
  const post = (what: string, body: unknown) => app.post(`/api/executions/${id}/${what}`, body)

  for (const body of [{}, { text: '' }, { text: 1 }, { text: null }, { text: 'x', more: 1 }, 'x'])
    isProblem(t, await post('input', body), 400, 'invalid_request', JSON.stringify(body))
  isProblem(t, await post('input', { text: 'x'.repeat(2 ** 20) }), 413, 'body_too_large')
  for (const columns of [0, -1, 1001, 1.5, '80', '80; id', null, undefined, 1e300])
    isProblem(t, await post('resize', { columns, rows: 24 }), 400, 'invalid_request', String(columns))

  await type(app, id, 'bye\n')
  await app.ended(id)
  t.equal(await logOf(id), 'got bye\n')
})

t.test('input that was sent before and after a restart of the server is one text', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const bot = await first.makeBot(['/bin/sh', '-c', ECHOES], { input: true })
  const { id } = await first.start(bot)
  await first.until(id, ({ state }) => state === 'running')
  await type(first, id, 'one\ntw')
  await first.printed(id, 'got one')
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  await type(second, id, 'o\nbye\n')

  t.match(await endOf(second, id), { exitCode: 4 })
  t.equal((await second.downloadLog(id)).toString(), 'got one\ngot two\ngot bye\n')
})

t.test('what one attempt did not read is not for the next', async t => {
  const go = join(testFolder(t), 'go')
  const script = `echo ready; [ -e '${go}' ] && { read -r line; echo "got $line"; exit 0; }; until [ -e '${go}' ]; do sleep 0.05; done; exit 1`
  const id = await startReading(script, { retry: { maxAttempts: 2, backoffMs: 0 } })
  await app.printed(id, 'ready')
  await type(app, id, 'for the first\n')
  const rest = sendInput(app, id, 'x'.repeat(100_000))

  writeFileSync(go, '')
  isProblem(t, await rest, 409, 'execution_ended')
  await app.until(id, ({ state, attempts }) => state === 'running' && attempts.length === 2)
  await type(app, id, 'for the second\n')

  t.match(await app.ended(id), { state: 'succeeded', attempts: [{ number: 1 }, { number: 2 }] })
  t.match(await logOf(id), /got for the second\n/)
})

t.test('what is sent to an attempt as soon as it is seen to run is not taken for the one before it', async t => {
  const maxAttempts = 10
  const id = await startReading('read -r line; echo "got $line"; exit 1', { retry: { maxAttempts, backoffMs: 0 } })
  for (let number = 1; number <= maxAttempts; number++) {
    await eventually(`attempt ${number}`, async () => {
      const { state, attempts } = await app.execution(id)
      return state === 'running' && attempts.length === number
    })
    t.equal((await sendInput(app, id, `line ${number}\n`)).status, 204)
  }
  t.match(await app.ended(id), { state: 'failed', attempts: { length: maxAttempts } })
  t.equal(await logOf(id), `got line ${maxAttempts}\n`)
})

t.test('what a bot puts in the place of its input is not written to', async t => {
  const { id, listen } = await startDeaf(t, ECHOES)
  const secret = join(testFolder(t), 'secret')
  writeFileSync(secret, 'mine')
  const input = join(folderOf(id), 'input')
  renameSync(input, `${input}.old`)

  symlinkSync(secret, input)
  isProblem(t, await sendInput(app, id, 'theirs'), 409, 'no_input')
  renameSync(input, `${input}.link`)
  writeFileSync(input, 'mine')
  isProblem(t, await sendInput(app, id, 'theirs'), 409, 'no_input')
  t.equal(readFileSync(secret, 'utf8'), 'mine')
  t.equal(readFileSync(input, 'utf8'), 'mine')
  t.same(openInputs(), [])

  renameSync(`${input}.old`, input)
  listen()
  await type(app, id, 'bye\n')
  await app.ended(id)
})
