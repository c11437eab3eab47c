import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LaunchRecord } from '../../src/attempts/attempt.ts'
import { AttemptDirectory } from '../../src/attempts/attempt-directory.ts'
import { bootIdLine, runWrapper, statLine } from '../support/attempts.ts'
import { eventually } from '../support/wait.ts'

const RECORD: LaunchRecord = { argv: ['true'], cwd: '/', path: '/usr/bin', maxLogBytes: 1000 }

t.test('the names of the files say how things stand', async t => {
  const folder = t.testdir({
    fresh: { 'launch.json': '{}' },
    running: { started: '', pid: '', log: '' },
    unstarted: { started: '', unstarted: '', 'exit.125': '' },
    ended: { started: '', log: '', 'exit.0': '', 'closed.0': '' },
    capped: { started: '', log: '', 'exit.141': '', 'closed.153': '' }
  })
  const files = (id: string) => new AttemptDirectory(folder, id).files()

  t.same(files('fresh'), { started: false, unstarted: false, exit: null, closed: null })
  t.same(files('running'), { started: true, unstarted: false, exit: null, closed: null })
  t.same(files('unstarted'), { started: true, unstarted: true, exit: 125, closed: null })
  t.same(files('ended'), { started: true, unstarted: false, exit: 0, closed: 0 })
  t.same(files('capped'), { started: true, unstarted: false, exit: 141, closed: 153 })
})

t.test('a pid file is believed once it is whole, wherever it was cut before', async t => {
  const folder = t.testdir({ attempt: {} })
  const directory = new AttemptDirectory(folder, 'attempt')
  t.equal(directory.identity(), null, 'not there yet')
  const whole = `${bootIdLine()}\n${statLine(process.ppid)}\n${statLine(process.pid)}\n`

  for (let length = 0; length < whole.length; length++) {
    writeFileSync(join(directory.path, 'pid'), whole.slice(0, length))
    if (directory.identity()) t.fail(`believed after ${length} of ${whole.length} bytes`)
  }
  writeFileSync(join(directory.path, 'pid'), whole)

  t.match(directory.identity(), { wrapper: { pid: process.ppid }, bot: { pid: process.pid } })
  t.ok(directory.isOfThisBoot())
})

t.test('a pid file of another boot is not of this one', async t => {
  const stat = statLine(process.pid)
  const folder = t.testdir({ attempt: { pid: `00000000-0000-4000-8000-000000000000\n${stat}\n${stat}\n` } })

  t.notOk(new AttemptDirectory(folder, 'attempt').isOfThisBoot())
})

t.test('a start is prevented once, and then for ever', async t => {
  const folder = t.testdir({ attempt: {} })
  const directory = new AttemptDirectory(folder, 'attempt')

  t.ok(directory.preventStart())
  t.notOk(directory.preventStart())
  await runWrapper(directory.path, ['/usr/bin/touch', join(folder, 'it-ran')])

  t.notOk(statSync(join(folder, 'it-ran'), { throwIfNoEntry: false }))
  t.same(directory.files(), { started: true, unstarted: true, exit: null, closed: null })
})

t.test('a start that came first cannot be prevented', async t => {
  const folder = t.testdir({ attempt: {} })
  const directory = new AttemptDirectory(folder, 'attempt')
  await runWrapper(directory.path, ['/usr/bin/true'])

  t.notOk(directory.preventStart())
  t.match(directory.files(), { exit: 0, closed: 0 })
})

t.test('a second file within one step of the clock is seen', async t => {
  const folder = t.testdir({ attempt: { started: '' } })
  const directory = new AttemptDirectory(folder, 'attempt')
  // Kernels differ in how fine their timestamps are, so the step is made by hand.
  const now = Date.now() / 1000
  utimesSync(directory.path, now, now)
  t.equal(directory.change(), 'some')
  writeFileSync(join(directory.path, 'exit.0'), '')
  utimesSync(directory.path, now, now)

  t.equal(directory.change(), 'some')
  t.equal(directory.files().exit, 0)
})

t.test('a folder in which nothing happens has no change, and a log that grows is none', async t => {
  const folder = t.testdir({ attempt: { log: '' } })
  const directory = new AttemptDirectory(folder, 'attempt')
  t.equal(directory.change(), 'some', 'at first')

  await eventually('quiet', () => directory.change() === 'none')
  writeFileSync(directory.log, 'more', { flag: 'a' })
  t.equal(directory.change(), 'none')

  writeFileSync(join(directory.path, 'started'), '')
  t.equal(directory.change(), 'some')
  rmSync(directory.path, { recursive: true })
  t.equal(directory.change(), 'gone')
})

t.test('what a launch that is repeated finds there stays, whatever a bot has made of it', async t => {
  const folder = t.testdir({ begun: { output: 'x=1\n', [`payload.${process.pid}`]: '{"half' }, pipes: {} })
  for (const name of ['output', 'payload', 'launch.json']) execFileSync('mkfifo', [join(folder, 'pipes', name)])

  const begun = new AttemptDirectory(folder, 'begun')
  begun.make(null, '{"half":"a payload"}')
  begun.make(null, '{"half":"a payload"}')
  const pipes = new AttemptDirectory(folder, 'pipes')
  pipes.make(null, '{}') // whoever opens one waits for its reader for ever
  pipes.keep(RECORD)

  t.equal(readFileSync(begun.output, 'utf8'), 'x=1\n')
  t.equal(readFileSync(join(begun.path, 'payload'), 'utf8'), '{"half":"a payload"}')
  t.same(readdirSync(begun.path).sort(), ['artifacts', 'output', 'payload'])
  t.ok(statSync(join(pipes.path, 'payload')).isFIFO())
  t.same(new AttemptDirectory(folder, 'pipes').launchRecord(), RECORD)
})
