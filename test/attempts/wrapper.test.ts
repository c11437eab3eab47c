import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AttemptDirectory } from '../../src/attempts/attempt-directory.ts'
import { quote } from '../../src/attempts/quote.ts'
import { complaintIn } from '../../src/attempts/spawn-failure.ts'
import { ptsOf, SCRIPT } from '../../src/attempts/terminal.ts'
import { cpuMsIn } from '../../src/attempts/times.ts'
import { parseStat } from '../../src/processes/processes.ts'
import { bootIdLine, journal, runWrapper, startWrapper, statLine } from '../support/attempts.ts'
import { needsScript } from '../support/typing.ts'
import { eventually } from '../support/wait.ts'

const TERMINAL_SETUP = join(import.meta.dirname, '../../src/attempts/terminal.sh')

const SHELLS = [['/usr/bin/dash'], ['/usr/bin/bash', '--posix'], ['/usr/bin/busybox', 'sh']].filter(([program]) =>
  existsSync(program!)
)
if (SHELLS.length === 0) SHELLS.push(['/bin/sh'])

for (const shell of SHELLS) {
  const name = shell.join(' ').replace('/usr/bin/', '')
  const run = async (folder: string, script: string, more: Partial<Parameters<typeof runWrapper>[2]> = {}) => {
    mkdirSync(folder, { recursive: true })
    await runWrapper(folder, ['/bin/sh', '-c', script, 'bot'], { shell, ...more })
    return new AttemptDirectory(join(folder, '..'), 'attempt').files()
  }

  t.test(`under ${name}, the exit code of the bot is kept`, async t => {
    for (const code of [0, 1, 125, 126, 127, 255]) {
      const files = await run(join(t.testdir({}), String(code), 'attempt'), `exit ${code}`)
      t.same(files, { started: true, unstarted: false, exit: code, closed: 0 })
    }
  })

  t.test(
    `under ${name}, a bot that a signal ends is told by 128 + its number, and nothing is said in the log`,
    async t => {
      for (const [signal, code] of [
        ['KILL', 137],
        ['TERM', 143],
        ['INT', 130],
        ['SEGV', 139]
      ] as const) {
        const folder = join(t.testdir({}), signal, 'attempt')
        const files = await run(folder, `echo before; kill -${signal} $$`)
        t.match(files, { exit: code, closed: 0 }, signal)
        t.equal(readFileSync(join(folder, 'log'), 'utf8'), 'before\n')
      }
    }
  )

  t.test(`under ${name}, stdout and stderr are in the log in the order they were written`, async t => {
    const folder = join(t.testdir({}), 'attempt')
    await run(
      folder,
      'i=0; while [ $i -lt 200 ]; do echo "out $i"; echo "err $i" >&2; i=$((i + 1)); done; echo x >/dev/stderr; printf end'
    )

    const expected = Array.from({ length: 200 }, (_, i) => `out ${i}\nerr ${i}\n`).join('')
    t.equal(readFileSync(join(folder, 'log'), 'utf8'), `${expected}x\nend`)
  })

  t.test(`under ${name}, a second start of the same folder does nothing`, async t => {
    const dir = t.testdir({ attempt: {} })
    const bot = ['/bin/sh', '-c', `echo start >>'${dir}/journal'; sleep 0.2; echo once`]
    await Promise.all(Array.from({ length: 5 }, () => runWrapper(join(dir, 'attempt'), bot, { shell })))
    await runWrapper(join(dir, 'attempt'), bot, { shell })

    t.same(journal(join(dir, 'journal')), ['start'])
    t.equal(readFileSync(join(dir, 'attempt/log'), 'utf8'), 'once\n')
    t.same(new AttemptDirectory(dir, 'attempt').files(), { started: true, unstarted: false, exit: 0, closed: 0 })
  })

  t.test(`under ${name}, the log stops at its cap to the byte, and says so`, async t => {
    const folder = join(t.testdir({}), 'attempt')
    const files = await run(folder, 'while :; do echo 0123456789; done', { capBlocks: 20 })

    t.match(files, { exit: 141, closed: 153 })
    t.equal(statSync(join(folder, 'log')).size, 20 * 512)
  })

  t.test(`under ${name}, the cap is for the log and not for what the bot writes elsewhere`, async t => {
    const dir = t.testdir({})
    const files = await run(join(dir, 'attempt'), `head -c 100000 /dev/zero >'${dir}/elsewhere'`, { capBlocks: 8 })

    t.match(files, { exit: 0, closed: 0 })
    t.equal(statSync(join(dir, 'elsewhere')).size, 100_000)
  })

  t.test(`under ${name}, the pid file names this boot, the wrapper and the bot`, async t => {
    const dir = t.testdir({ attempt: {} })
    const wrapper = startWrapper(join(dir, 'attempt'), ['/usr/bin/sleep', '60'], { shell })
    const directory = new AttemptDirectory(dir, 'attempt')
    const { boot, wrapper: named, bot } = await eventually('a pid file', () => directory.identity())
    await eventually('the bot', () => statLine(bot.pid).includes('(sleep)'))

    t.equal(boot, bootIdLine())
    t.equal(named.startTicks, parseStat(statLine(wrapper.pid!))!.startTicks)
    t.match(parseStat(statLine(bot.pid)), { startTicks: bot.startTicks, processGroup: bot.pid, session: bot.pid })
    process.kill(bot.pid, 'SIGTERM')
    await once(wrapper, 'exit')
    t.match(directory.files(), { exit: 143, closed: 0 })
  })

  t.test(`under ${name}, a bot that cannot be started leaves a note of it`, async t => {
    const folder = join(t.testdir({ attempt: {} }), 'attempt')
    await runWrapper(folder, ['no-such-program'], { shell })

    t.same(new AttemptDirectory(join(folder, '..'), 'attempt').files(), {
      started: true,
      unstarted: true,
      exit: 125,
      closed: 0
    })
  })

  t.test(`under ${name}, signals that shells ignore for background jobs reach the bot`, async t => {
    const files = await run(join(t.testdir({}), 'attempt'), 'kill -INT $$; kill -QUIT $$; exit 3')
    t.equal(files.exit, 130)
  })

  t.test(`under ${name}, the bot enters its control groups before it begins, and sees nothing of that`, async t => {
    const folder = join(t.testdir({ 'one group': '', two: '' }), 'attempt')
    const entrances = ['one group', 'not/there', 'two'].map(each => join(folder, '..', each))
    const files = await run(folder, `cat ${folder}/../two; env | grep -c BOTYARD_; exit 4`, { entrances })

    t.match(files, { exit: 4, closed: 0 })
    t.equal(readFileSync(join(folder, '../one group'), 'utf8'), '0\n')
    t.equal(readFileSync(join(folder, 'log'), 'utf8'), '0\n1\n', 'it has its mark alone, and no complaint')
  })

  t.test(`under ${name}, the processor time of the bot and of its children is told`, async t => {
    const folder = join(t.testdir({ attempt: {} }), 'attempt')
    t.equal(cpuMsIn(folder), null)
    const spin = 'i=0; while [ $i -lt 150000 ]; do i=$((i + 1)); done'
    await run(folder, `${spin}; (${spin}); times >&2`)

    // What its shell says of itself and of its child is less than what it used, by starting and ending.
    const said = [...readFileSync(join(folder, 'log'), 'utf8').matchAll(/(\d+)m([\d.]+)s/g)]
    const ms = said.reduce((sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000, 0)
    t.ok(ms > 0)
    t.ok(cpuMsIn(folder)! >= ms - 40 && cpuMsIn(folder)! < ms + 1000, `${cpuMsIn(folder)} of ${ms}`)
  })

  const inTerminal = (folder: string, ...argv: string[]) => {
    const setup = [...shell, TERMINAL_SETUP, folder, ...argv].map(quote).join(' ')
    return [SCRIPT, '-qefc', `exec ${setup}`, '/dev/null']
  }

  t.test(
    `under ${name}, a terminal has a keyboard and names who leads it, and the exit code is kept`,
    needsScript,
    async t => {
      const dir = t.testdir({ attempt: {} })
      const directory = new AttemptDirectory(dir, 'attempt')
      execFileSync('/usr/bin/mkfifo', [directory.input])
      const argv = inTerminal(directory.path, '/bin/sh', '-c', 'read -r line; echo "got $line"; exit 7')
      const ended = runWrapper(directory.path, argv, { shell, input: directory.input })
      const leader = await eventually('a terminal', () => directory.terminal())

      t.match(parseStat(statLine(leader.pid)), { startTicks: leader.startTicks, session: leader.pid, tty: leader.tty })
      t.equal(readlinkSync(`/proc/${leader.pid}/fd/0`), `/dev/pts/${ptsOf(leader.tty)}`)
      appendFileSync(directory.input, 'this\r')
      await ended
      t.match(directory.files(), { exit: 7, closed: 0 })
      t.equal(readFileSync(directory.log, 'utf8'), 'this\r\ngot this\r\n')
    }
  )

  t.test(`under ${name}, a program that a terminal cannot run is told`, needsScript, async t => {
    const dir = t.testdir({ one: {}, two: {}, script: '#!/no/such/interpreter\n' })
    chmodSync(join(dir, 'script'), 0o755)
    const [one, two] = [new AttemptDirectory(dir, 'one'), new AttemptDirectory(dir, 'two')]
    await runWrapper(one.path, inTerminal(one.path, 'no-such-program'), { shell })
    await runWrapper(two.path, inTerminal(two.path, join(dir, 'script')), { shell })

    t.same(one.files(), { started: true, unstarted: true, exit: 125, closed: 0 })
    t.match(two.files(), { unstarted: false, closed: 0 })
    t.match(complaintIn(two.log), /script: .*not found/)
  })
}
