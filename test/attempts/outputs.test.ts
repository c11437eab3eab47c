import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { MAX_FILE_BYTES, MAX_OUTPUTS, MAX_VALUE_BYTES, parseOutputs } from '../../src/attempts/outputs.ts'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { lockForWriting } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { seeded, unicodeText } from '../support/properties.ts'
import { putSecret } from '../support/secrets.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const parse = (text: string | Buffer, isWhole = true) => parseOutputs(Buffer.from(text as string), isWhole)
const valuesOf = (text: string | Buffer) => parse(text).values
const shell = (script: string) => ['/bin/sh', '-c', script]

const app = await buildApp(t)

t.test('a line is a name and a value', async t => {
  t.same(parse('a=1\nb=two words\n'), { values: { a: '1', b: 'two words' }, complaint: null })
  t.same(valuesOf('url=https://example.com/?a=b&c=d'), { url: 'https://example.com/?a=b&c=d' }, 'a value may hold =')
  t.same(valuesOf('empty=\nspace= x \n'), { empty: '', space: ' x ' }, 'and be empty, and blanks are its own')
  t.same(valuesOf('a=1\r\nb=2\r\n'), { a: '1', b: '2' }, 'a line may end as on Windows')
  t.same(valuesOf('a=1\n\n\r\nb=2'), { a: '1', b: '2' }, 'there may be blank lines, and no last line break')
  t.same(valuesOf('a=1\na=2\na=3'), { a: '3' }, 'the last of a name stands')
  t.same(valuesOf('_x-1=a\nA_b-C9=b'), { '_x-1': 'a', 'A_b-C9': 'b' })
  t.same(parse(''), { values: {}, complaint: null })
  t.same(
    valuesOf(Buffer.from('a=\xff\xc3\xbc\xe2\x82', 'latin1')),
    { a: '\ufffdü\ufffd' },
    'what is no UTF-8 is replaced'
  )
  t.same(JSON.stringify(valuesOf('__proto__=x\nconstructor=y')), '{"__proto__":"x","constructor":"y"}')
})

t.test('what is no such line is left out, and the first of them is named', async t => {
  for (const line of ['text', '=value', '1a=x', 'a b=x', ' a=x', 'ä=x', 'a.b=x', `${'n'.repeat(101)}=x`, 'a\0=x']) {
    const { values, complaint } = parse(`good=1\n${line}\n`)
    t.same(values, { good: '1' }, JSON.stringify(line))
    t.equal(complaint, 'Line 2 of BOTYARD_OUTPUT was left out, as it is not name=value.', JSON.stringify(line))
  }
  t.same(Object.keys(valuesOf(`${'n'.repeat(100)}=x`)), ['n'.repeat(100)], 'a hundred letters are a name')
  t.equal(
    parse('x\na=1\ny\nz').complaint,
    'Line 1 of BOTYARD_OUTPUT was left out, as it is not name=value. So were 2 more.'
  )
})

t.test('a value that is too long is left out, and one before it stands', async t => {
  const longest = 'v'.repeat(MAX_VALUE_BYTES)
  t.same(valuesOf(`a=${longest}\r\n`), { a: longest })
  t.same(parse(`a=1\na=${longest}v\n`), {
    values: { a: '1' },
    complaint: 'Line 2 of BOTYARD_OUTPUT was left out, as the value of a is over 16 KiB.'
  })
})

t.test('so are outputs beyond the hundredth', async t => {
  const lines = Array.from({ length: MAX_OUTPUTS + 1 }, (_, i) => `o${i}=${i}`)
  const { values, complaint } = parse([...lines, 'o0=again'].join('\n'))
  t.equal(Object.keys(values).length, MAX_OUTPUTS)
  t.notOk('o100' in values)
  t.equal(values.o0, 'again', 'one that is there may still change')
  t.equal(complaint, 'Line 101 of BOTYARD_OUTPUT was left out, as there are 100 outputs already.')
})

t.test('of a file that goes on, a line that is cut off is none', async t => {
  t.same(parse('a=1\nb=2', false), {
    values: { a: '1' },
    complaint: 'Of BOTYARD_OUTPUT only the first 256 KiB were read.'
  })
})

t.test('whatever outputs there are, they come back as they were written', async t => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/)
  const value = unicodeText({ maxLength: 100 }).filter(text => !/\n|\r$/.test(text))
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name, maxLength: 20 }), outputs => {
      const { values, complaint } = parse(outputs.map(([name, value]) => `${name}=${value}\n`).join(''))
      return complaint === null && JSON.stringify(Object.entries(values).sort()) === JSON.stringify(outputs.sort())
    }),
    seeded(t)
  )
})

t.test('whatever a bot makes of the file, there is an answer', async t => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isWhole) => {
      const { values, complaint } = parse(Buffer.from(bytes), isWhole)
      return (
        Object.keys(values).every(name => /^[\w-]+$/.test(name)) && (complaint === null || !complaint.includes('\n'))
      )
    }),
    seeded(t)
  )
})

t.test('a bot that writes outputs has them, however it ends', async t => {
  const succeeded = await app.finished(
    shell('echo "version=1.2.3" >>"$BOTYARD_OUTPUT"; echo "note=a=b ü" >>"$BOTYARD_OUTPUT"')
  )
  t.match(succeeded, { state: 'succeeded', detail: null })
  t.same(succeeded.outputs, { version: '1.2.3', note: 'a=b ü' })
  t.same((await app.execution(succeeded.id)).outputs, succeeded.outputs, 'also later')

  const failed = await app.finished(shell('echo "step=build" >>"$BOTYARD_OUTPUT"; exit 3'))
  t.match(failed, { state: 'failed', reason: 'exit_code', exitCode: 3, outputs: { step: 'build' } })

  const none = await app.finished('prints-three-lines')
  t.same([none.state, none.outputs, none.detail], ['succeeded', {}, null])

  const spoilt = await app.finished(shell('printf "one\\na=1\\ntwo\\n" >"$BOTYARD_OUTPUT"'))
  t.match(spoilt, { state: 'succeeded', outputs: { a: '1' } })
  const complaint = 'Line 1 of BOTYARD_OUTPUT was left out, as it is not name=value. So was 1 more.'
  t.same([spoilt.detail, spoilt.attempts[0]!.detail], [complaint, complaint])

  const both = await app.finished(shell('echo x >>"$BOTYARD_OUTPUT"; kill -KILL $$'))
  t.match(both.detail, /^Exit code 137: SIGKILL .*\. Line 1 of BOTYARD_OUTPUT/, 'the end itself comes first')
})

t.test('lists and events leave them out, as they may be much', async t => {
  const bot = await app.makeBot(shell('echo a=1 >>"$BOTYARD_OUTPUT"'))
  const events = await app.stream(`/api/events?topics=bot:${bot.id}`)
  const { id } = await app.ended((await app.start(bot)).id)
  t.same((await app.execution(id)).outputs, { a: '1' })
  for (const path of ['/api/executions', `/api/bots/${bot.id}/executions`, `/api/executions/latest?bots=${bot.id}`]) {
    const item = (await app.get(path)).body.items.find((each: { id: string }) => each.id === id)
    t.match(item, { id, state: 'succeeded' })
    t.notOk('outputs' in item, path)
  }
  for await (const event of events) {
    if (event.event !== 'execution.changed') continue
    t.notOk('outputs' in event.data)
    if (event.data.state === 'succeeded') break
  }
  events.close()
})

t.test('once they are kept the file is gone, and with it what is secret in it', async t => {
  const bot = await app.makeBot(shell('echo a=1 >>"$BOTYARD_OUTPUT"; echo "$BOTYARD_OUTPUT"'))
  const { id } = await app.ended((await app.start(bot)).id)
  const path = (await app.downloadLog(id)).toString().trim()
  await eventually('its removal', () => !existsSync(path))
  t.same((await app.execution(id)).outputs, { a: '1' })
})

t.test('the file is there from the beginning, and for nobody else', async t => {
  const { id } = await app.finished(
    shell(
      'umask 077; stat -c "%a %s %F" "$BOTYARD_OUTPUT"; stat -c "%a %F" "$BOTYARD_ARTIFACTS"; echo a=1 >>"$BOTYARD_OUTPUT"'
    )
  )
  t.equal((await app.downloadLog(id)).toString(), '600 0 regular empty file\n700 directory\n')
  t.same((await app.execution(id)).outputs, { a: '1' })
})

t.test('a bot may put another file in its place, or remove it', async t => {
  const moved = await app.finished(shell('echo a=1 >new; mv -f new "$BOTYARD_OUTPUT"'))
  t.same([moved.state, moved.outputs, moved.detail], ['succeeded', { a: '1' }, null])
  const removed = await app.finished(shell('rm "$BOTYARD_OUTPUT"'))
  t.same([removed.state, removed.outputs, removed.detail], ['succeeded', {}, null])
})

t.test('what is no regular file is not read and not waited for', async t => {
  for (const [what, script] of Object.entries({
    'a link to a file': 'echo secret=1 >elsewhere; ln -sf "$PWD/elsewhere" "$BOTYARD_OUTPUT"',
    'a link to /etc/passwd': 'ln -sf /etc/passwd "$BOTYARD_OUTPUT"',
    'a FIFO': 'rm "$BOTYARD_OUTPUT"; mkfifo "$BOTYARD_OUTPUT"',
    'a folder': 'rm "$BOTYARD_OUTPUT"; mkdir "$BOTYARD_OUTPUT"',
    'a link to a device': 'ln -sf /dev/zero "$BOTYARD_OUTPUT"'
  })) {
    const execution = await app.finished(shell(script))
    t.same([execution.state, execution.outputs], ['succeeded', {}], what)
    t.equal(execution.detail, 'BOTYARD_OUTPUT is no longer a file that can be read.', what)
  }
})

t.test('of a file that is too large, the beginning counts', async t => {
  const execution = await app.finished(
    shell('echo a=1 >>"$BOTYARD_OUTPUT"; yes b=2 | head -c 300000 >>"$BOTYARD_OUTPUT"')
  )
  t.match(execution, { state: 'succeeded', outputs: { a: '1', b: '2' } })
  t.match(execution.detail, 'Of BOTYARD_OUTPUT only the first 256 KiB were read.')

  const sparse = await app.finished(shell('truncate -s 100G "$BOTYARD_OUTPUT"'))
  t.same(
    [sparse.state, sparse.outputs],
    ['succeeded', {}],
    'a file of a hundred gigabytes is no more than its beginning'
  )
  t.ok(MAX_FILE_BYTES < 300_000)
})

t.test('secrets are covered in outputs as they are in the log', async t => {
  const value = 'hunter2-hunter2'
  await putSecret(app, 'API_TOKEN', value)
  const bot = await app.makeBot(
    shell(`echo "::add-mask::made-up-by-the-bot"
      echo "token=$API_TOKEN" >>"$BOTYARD_OUTPUT"
      echo "url=https://me:$API_TOKEN@example.com" >>"$BOTYARD_OUTPUT"
      echo "base64=$(printf %s "$API_TOKEN" | base64)" >>"$BOTYARD_OUTPUT"
      echo "masked=made-up-by-the-bot" >>"$BOTYARD_OUTPUT"
      echo "$API_TOKEN=name" >>"$BOTYARD_OUTPUT"
      echo "harmless=hunter" >>"$BOTYARD_OUTPUT"`),
    { secrets: ['API_TOKEN'] }
  )
  const execution = await app.ended((await app.start(bot)).id)
  t.same(execution.outputs, {
    token: '*'.repeat(value.length),
    url: `https://me:${'*'.repeat(value.length)}@example.com`,
    base64: '*'.repeat(20),
    masked: '*'.repeat('made-up-by-the-bot'.length),
    harmless: 'hunter'
  })
  t.match(execution.detail, 'Line 5 of BOTYARD_OUTPUT was left out', 'nor is one a name')
  t.notOk(JSON.stringify(await app.execution(execution.id)).includes(value))
})

t.test('a secret is covered where the file is cut off', async t => {
  await putSecret(app, 'API_TOKEN', 'hunter2-hunter2')
  const bot = await app.makeBot(
    shell(`{ echo a=1; yes x=1 | head -c ${MAX_FILE_BYTES - 20}; } | head -c ${MAX_FILE_BYTES - 10} >"$BOTYARD_OUTPUT"
      printf "\n$API_TOKEN=1\n" >>"$BOTYARD_OUTPUT"`),
    { secrets: ['API_TOKEN'] }
  )
  const execution = await app.ended((await app.start(bot)).id)
  t.match(execution, { state: 'succeeded', outputs: { a: '1', x: '1' } })
  t.notMatch(JSON.stringify(execution), 'hunter')
})

t.test('an execution has the outputs of its last attempt', async t => {
  const bot = await app.makeBot(
    shell(
      'if [ -e tried ]; then echo second=2 >>"$BOTYARD_OUTPUT"; else : >tried; echo first=1 >>"$BOTYARD_OUTPUT"; exit 1; fi'
    ),
    { retry: { maxAttempts: 2, backoffMs: 0 } }
  )
  const execution = await app.ended((await app.start(bot)).id)
  t.equal(execution.attempts.length, 2)
  t.same(execution.outputs, { second: '2' })
})

t.test('a server killed before it could keep the end of a bot leaves its outputs to the next', async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  await putSecret(first, 'API_TOKEN', 'hunter2-hunter2')
  const bot = await first.makeBot(
    shell(
      'echo ready; while [ ! -e go ]; do sleep 0.02; done; echo "a=1 $API_TOKEN" >>"$BOTYARD_OUTPUT"; echo b >>"$BOTYARD_OUTPUT"'
    ),
    { secrets: ['API_TOKEN'] }
  )
  const { id } = await first.start(bot)
  await first.printed(id, 'ready')
  const unlock = lockForWriting(dataDir)
  writeFileSync(join(dataDir, 'workspaces', bot.slug, 'go'), '')
  await eventually('the server to fail', () => first.output.includes('the end of an execution could not be kept'))
  await first.kill()
  unlock()

  const second = await startServer(t, dataDir)
  t.match(await endOf(second, id), {
    state: 'succeeded',
    outputs: { a: `1 ${'*'.repeat(15)}` },
    detail: 'Line 2 of BOTYARD_OUTPUT was left out, as it is not name=value.'
  })
})
