import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AttemptDirectory } from '../../src/executions/attempt-directory.ts'
import { parseStat } from '../../src/executions/processes.ts'
import { bootIdLine, journal, runWrapper, startWrapper, statLine } from '../support/attempts.ts'
import { eventually } from '../support/wait.ts'

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
}
