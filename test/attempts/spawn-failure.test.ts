import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { complaintIn, explainUnstarted } from '../../src/attempts/spawn-failure.ts'
import { buildApp } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'

const dir = testFolder(t, {
  data: {},
  'not-executable': '',
  'no-interpreter': '#!/no/such/interpreter\n',
  folder: {}
})
chmodSync(join(dir, 'no-interpreter'), 0o755)
const app = await buildApp(t, { dataDir: join(dir, 'data') })
const place = (name: string) => join(dir, name)

t.test('why a bot could not be started is found where the wrapper looked', async t => {
  const record = { argv: ['program'], cwd: '/', path: '/usr/bin:/bin', maxLogBytes: 4096 }
  t.match(explainUnstarted({ ...record, cwd: '/no/such' }), /working folder \/no\/such does not exist/)
  t.match(explainUnstarted({ ...record, cwd: '/etc/passwd' }), /\/etc\/passwd is not a folder/)
  t.match(explainUnstarted({ ...record, argv: ['no-such'] }), /no program "no-such" in PATH \(\/usr\/bin:\/bin\)/)
  t.match(explainUnstarted({ ...record, argv: ['/no/such'] }), /\/no\/such does not exist/)
  t.match(explainUnstarted({ ...record, argv: ['env'] }), /env could not be started/)
  t.match(explainUnstarted({ ...record, argv: [place('not-executable')] }), /not-executable (?!does not exist)/)
})

t.test('only what setsid says of itself is taken for a complaint', async t => {
  const log = (text: string) => {
    writeFileSync(place('log'), text)
    return complaintIn(place('log'))
  }
  t.match(log('setsid: failed to execute /x: Permission denied\n'), /\/x: Permission denied/)
  const setup = '/srv/bot yard/src/attempts/terminal.sh'
  for (const said of ['7: exec: ', 'line 7: ', 'exec: line 7: '])
    t.match(log(`${setup}: ${said}/x: Permission denied\r\n`), 'The program could not be run: /x: Permission denied.')
  t.equal(log('sh: 1: nothing: not found\n'), null)
  t.equal(log('first\nsetsid: failed to execute /x: Permission denied\n'), null)
  t.equal(log(''), null)
  t.equal(complaintIn(place('no-log')), null)
  execFileSync('mkfifo', [place('fifo')])
  t.equal(complaintIn(place('fifo')), null, 'nor is anything waited for')
})

const failures: [behaviour: string, command: string[], cwd: string | null, detail: RegExp][] = [
  ['a program that is not in PATH', ['no-such-program'], null, /no program "no-such-program" in PATH/],
  ['a program that does not exist', ['/no/such/program'], null, /\/no\/such\/program does not exist/],
  [
    'a working folder that does not exist',
    ['/usr/bin/true'],
    '/no/such/folder',
    /working folder \/no\/such\/folder does not exist/
  ],
  ['a file as working folder', ['/usr/bin/true'], '/etc/passwd', /\/etc\/passwd is not a folder/],
  ['a program that is not executable', [place('not-executable')], null, /not-executable.*[Pp]ermi/],
  ['a folder as program', [place('folder')], null, /folder.*(Permission denied|directory)/],
  ['a script whose interpreter is missing', [place('no-interpreter')], null, /no-interpreter.*No such file/]
]

for (const [behaviour, command, cwd, detail] of failures) {
  t.test(`${behaviour}: failed, with the cause, and the next one runs`, async t => {
    const bot = await app.makeBot(command, { cwd })
    const execution = await endOf(app, (await app.start(bot)).id)

    t.match(execution, { state: 'failed', reason: 'spawn', attempts: [{ signal: null }] })
    t.match(execution.detail, detail)
    t.equal((await app.finished(['/usr/bin/true'])).state, 'succeeded')
  })
}

t.test('a script that does not say what reads it is read by sh, as everywhere', async t => {
  writeFileSync(place('no-first-line'), 'echo "ran with $1"\n', { mode: 0o755 })
  const execution = await app.finished([place('no-first-line'), 'this'])

  t.equal(execution.state, 'succeeded')
  t.equal((await app.downloadLog(execution.id)).toString(), 'ran with this\n')
})

t.test('arguments that are too long for the system: failed, with the cause, and the next one runs', async t => {
  const bot = await app.makeBot(['/usr/bin/printf', '%.3s', '{{parameters.text}}'], {
    parameters: { type: 'object', properties: { text: { type: 'string' } } }
  })

  const tooLong = await endOf(app, (await app.start(bot, { text: 'x'.repeat(200_000) })).id)
  t.match(tooLong, { state: 'failed', reason: 'spawn', detail: /Argument list too long/, exitCode: null })
  const fits = await endOf(app, (await app.start(bot, { text: 'x'.repeat(100_000) })).id)
  t.equal(fits.state, 'succeeded')
  t.equal((await app.downloadLog(fits.id)).toString(), 'xxx')
})

t.test('a bot that was not started has an empty log that can be read', async t => {
  const execution = await app.finished(['/no/such/program'])

  t.same(await app.readLog(execution.id), [])
  t.equal((await app.downloadLog(execution.id)).length, 0)
})
