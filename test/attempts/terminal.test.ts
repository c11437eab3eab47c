import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { parseStat } from '../../src/processes/processes.ts'
import { buildApp } from '../support/app.ts'
import { childrenOf, endOf, lives, statLine } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { startInTerminal } from '../support/terminal.ts'
import { needsScript, openInputs, pasteOf, resize, type } from '../support/typing.ts'
import { eventually } from '../support/wait.ts'

const app = await buildApp(t, { dataDir: testFolder(t) })
const logOf = async (id: string) => (await app.downloadLog(id)).toString()
const parentOf = (pid: number) => parseStat(statLine(pid))!.parent
const cancel = (id: string) => app.post(`/api/executions/${id}/cancel`)

t.test('a prompt is answered, and what is typed shows', needsScript, async t => {
  const { id } = await startInTerminal(app, 'printf "name? "; read name; echo "hello $name"')
  await app.printed(id, 'name? ')

  await type(app, id, 'Zoë')
  await type(app, id, '\u007f\u007fo\r')

  t.match(await app.ended(id), { state: 'succeeded', exitCode: 0, attempts: [{ terminal: true }] })
  t.equal(await logOf(id), 'name? Zoë\b \b\b \bo\r\nhello Zo\r\n')
})

t.test('a password does not show', needsScript, async t => {
  const { id } = await startInTerminal(
    app,
    'stty -echo; printf "password: "; read -r it; stty echo; echo; printf %s "$it" | wc -c'
  )
  await app.printed(id, 'password: ')

  await type(app, id, 'hunter2\r')

  await app.ended(id)
  t.equal(await logOf(id), 'password: \r\n7\r\n')
})

t.test('Ctrl-C interrupts what runs in the foreground', needsScript, async t => {
  const { id } = await startInTerminal(
    app,
    "trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.05; done"
  )
  await app.printed(id, 'ready')

  await type(app, id, '\u0003')

  t.match(await app.ended(id), { state: 'failed', reason: 'exit_code', exitCode: 3 })
  t.equal(await logOf(id), 'ready\r\n^Cinterrupted\r\n')
})

t.test('a terminal has a size from the start, and tells the bot of another', needsScript, async t => {
  const { id } = await startInTerminal(
    app,
    'trap \'stty size\' WINCH; stty size; echo ready; until [ -n "$over" ]; do sleep 0.05; [ "$(stty size)" = \'50 200\' ] && over=1; done'
  )
  await app.printed(id, 'ready')

  t.equal((await resize(app, id, 132, 43)).status, 204)
  await app.printed(id, '43 132')
  // Of many the last one counts.
  await Promise.all(Array.from({ length: 20 }, (_, i) => resize(app, id, 60 + i, 30)))
  t.equal((await resize(app, id, 200, 50)).status, 204)

  t.match(await app.ended(id), { state: 'succeeded' })
  t.match(await logOf(id), /^24 80\r\nready\r\n/)
})

t.test('a size that is asked for before the terminal is there is the one it gets', needsScript, async t => {
  for (let round = 0; round < 5; round++) {
    const { id } = await startInTerminal(app, 'until [ "$(stty size)" = \'50 100\' ]; do sleep 0.05; done')
    await eventually('to be taken', async () => (await resize(app, id, 100, 50)).status === 204)
    t.equal((await app.ended(id)).state, 'succeeded')
  }
})

for (const [mode, settings] of [
  ['that reads lines', '-echo'],
  ['that reads keys', 'raw -echo'],
  ['that shows what it reads', 'echo']
] as const) {
  t.test(`300 kB are pasted into a terminal ${mode}, and nothing is lost`, needsScript, async t => {
    const paste = pasteOf(300_000)
    const { id } = await startInTerminal(app, `stty ${settings}; echo ready; head -c ${paste.length} | sha256sum`)
    await app.printed(id, 'ready')

    await type(app, id, paste)

    t.match(await app.ended(id), { state: 'succeeded' })
    t.match(await logOf(id), createHash('sha256').update(paste).digest('hex'))
    t.same(openInputs(), [])
  })
}

t.test('a terminal goes on while its server is killed, and takes what is typed after', needsScript, async t => {
  const dataDir = join(testFolder(t), 'data')
  const first = await startServer(t, dataDir)
  const script =
    'printf "one? "; read a; printf "two? "; read b; stty size; printf "three? "; read c; echo "$a $b $c"; exit 7'
  const { id } = await startInTerminal(first, script)
  await first.printed(id, 'one? ')
  await type(first, id, 'eins\r')
  await first.printed(id, 'two? ')
  await type(first, id, 'zw')
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  t.match(await second.execution(id), { state: 'running', attempts: [{ terminal: true }] })
  t.equal((await resize(second, id, 100, 30)).status, 204)
  await eventually('the new size', async () => sizeOf(await second.execution(id)) === '30 100')
  await type(second, id, 'ei\r')
  await second.printed(id, 'three? ')
  await second.kill('SIGTERM')

  const third = await startServer(t, dataDir)
  await type(third, id, 'drei\r')
  t.match(await endOf(third, id), { state: 'failed', reason: 'exit_code', exitCode: 7 })
  t.equal(
    (await third.downloadLog(id)).toString(),
    'one? eins\r\ntwo? zwei\r\n30 100\r\nthree? drei\r\neins zwei drei\r\n'
  )
})

/** The size of the terminal a bot runs in, as `stty` says it. */
function sizeOf({ attempts }: { attempts: { pid: number | null }[] }): string {
  const terminal = readlinkSync(`/proc/${attempts[0]!.pid}/fd/0`)
  return execFileSync('/usr/bin/stty', ['-F', terminal, 'size']).toString().trim()
}

t.test(
  'a bot in a terminal that ignores SIGINT, SIGTERM and SIGHUP is killed after its graces',
  needsScript,
  async t => {
    const { id } = await startInTerminal(
      app,
      "trap 'echo heard INT' INT; trap 'echo heard TERM' TERM; trap '' HUP; echo ready; while :; do sleep 0.05; done"
    )
    await app.printed(id, 'ready')

    t.equal((await cancel(id)).status, 202)

    t.match(await endOf(app, id), { state: 'cancelled', exitCode: 137, attempts: [{ signal: 'SIGKILL' }] })
    // The shell says of its child, which it was waiting for, how that ended.
    t.match(await logOf(id), /^ready\r\nheard INT\r\n(Terminated\r\n)?heard TERM\r\n$/)
  }
)

t.test('a bot that cleans up at SIGINT is heard to its last byte, and its exit code is kept', needsScript, async t => {
  const { id } = await startInTerminal(
    app,
    'trap \'head -c 200000 /dev/zero | tr "\\0" x; echo; echo clean; exit 4\' INT; echo ready; while :; do sleep 0.05; done',
    { killGraceMs: 60_000 }
  )
  await app.printed(id, 'ready')

  await cancel(id)

  t.match(await endOf(app, id), { state: 'cancelled', exitCode: 4 })
  t.equal(await logOf(id), `ready\r\n${'x'.repeat(200_000)}\r\nclean\r\n`)
})

t.test('what was started in a terminal ends with it when it is cancelled', needsScript, async t => {
  const notes = join(testFolder(t), 'pids')
  // In the background, in a session of its own, and without the mark.
  const script = `trap '' HUP INT; for run in '' setsid 'env -i'; do $run sleep 300 </dev/null >/dev/null 2>&1 & echo $! >>'${notes}'; done; echo ready; wait`
  const { id } = await startInTerminal(app, script)
  await app.printed(id, 'ready')
  const pids = readFileSync(notes, 'utf8').trim().split('\n').map(Number)
  t.teardown(() => {
    for (const pid of pids) if (lives(pid)) process.kill(pid, 'SIGKILL')
  })

  await cancel(id)

  t.equal((await endOf(app, id)).state, 'cancelled')
  await eventually('the end of all', () => !pids.some(lives), 10_000)
})

t.test(
  'a bot that never reads what is pasted still shows what it prints, and can be cancelled',
  needsScript,
  async t => {
    const { id } = await startInTerminal(
      app,
      "trap '' INT TERM HUP; stty -echo; echo ready; i=0; while :; do sleep 0.05; echo tick $i; i=$((i + 1)); done"
    )
    await app.printed(id, 'ready')

    await type(app, id, pasteOf(300_000))
    const seen = (await app.downloadLog(id)).length
    await eventually('more ticks', async () => (await app.execution(id)).attempts[0]!.logBytes > seen + 100)
    await cancel(id)

    t.match(await endOf(app, id), { state: 'cancelled', exitCode: 137 })
  }
)

for (const [behaviour, script, end] of [
  ['its exit code', 'exit 5', { state: 'failed', reason: 'exit_code', exitCode: 5 }],
  ['an exit code of 127', 'no-such-program', { state: 'failed', reason: 'exit_code', exitCode: 127 }],
  ['SIGKILL', 'kill -KILL $$', { state: 'failed', reason: 'signal', exitCode: 137 }],
  ['SIGTERM', 'kill -TERM $$', { state: 'failed', reason: 'signal', exitCode: 143 }]
] as const) {
  t.test(`the end of a bot in a terminal by ${behaviour} is told as it is`, needsScript, async t => {
    const { id } = await startInTerminal(app, script)
    t.match(await app.ended(id), end)
  })
}

t.test('a bot in a terminal that says it could not be run, but ran, ends as it ended', needsScript, async t => {
  for (const line of ['sh: 1: exec: /x: not found', 'setsid is here', 'terminal.sh: 1: exec: /x: not found']) {
    const { id } = await startInTerminal(app, `echo "${line}"; exit 127`)
    t.match(await app.ended(id), { reason: 'exit_code', exitCode: 127 }, line)
  }
})

const dir = testFolder(t, { 'not-executable': '', 'no-interpreter': '#!/no/such/interpreter\n', folder: {} })
chmodSync(join(dir, 'no-interpreter'), 0o755)
writeFileSync(join(dir, 'no-first-line'), 'echo "ran with $1"\n', { mode: 0o755 })
for (const [behaviour, command, cwd, detail] of [
  ['a program that is not in PATH', ['no-such-program'], null, /no program "no-such-program" in PATH/],
  ['a program that does not exist', ['/no/such/program'], null, /\/no\/such\/program does not exist/],
  ['a working folder that does not exist', ['/usr/bin/true'], '/no/such/folder', /\/no\/such\/folder does not exist/],
  ['a program that is not executable', [join(dir, 'not-executable')], null, /not-executable.*[Pp]ermi/],
  ['a folder as program', [join(dir, 'folder')], null, /folder.*([Pp]ermission denied|directory)/],
  ['a script whose interpreter is missing', [join(dir, 'no-interpreter')], null, /no-interpreter: .*not found/],
  [
    'arguments that are too long',
    ['/usr/bin/true', 'x'.repeat(70_000), 'x'.repeat(70_000)],
    null,
    /Argument list too long/
  ]
] as const) {
  t.test(`${behaviour}, in a terminal: failed, with the cause`, needsScript, async t => {
    const execution = await app.finished([...command], { cwd, terminal: true })
    t.match(execution, { state: 'failed', reason: 'spawn', detail, attempts: [{ signal: null }] })
  })
}

t.test('a script that does not say what reads it is read by sh, in a terminal as well', needsScript, async t => {
  const { id } = await app.finished([join(dir, 'no-first-line'), 'this'], { terminal: true })
  t.equal(await logOf(id), 'ran with this\r\n')
})

t.test('arguments arrive in a terminal as they are, whatever a shell would make of them', needsScript, async t => {
  const nasty = ["it's", "'; exit 3; '", '$(id)', '`id`', '\\', 'two\nlines\n', '', '-n', '--', '"', '💥', '{{x}}']
  const { id } = await app.finished(['/bin/sh', '-c', 'stty -opost; printf "%s\\0" "$@"', 'bot', ...nasty], {
    terminal: true
  })
  t.same((await logOf(id)).split('\0').slice(0, -1), nasty)
})

t.test('a terminal says what it is, unless its bot says otherwise', needsScript, async t => {
  const script = 'echo "$TERM $SHELL"; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && tty'
  const plain = await startInTerminal(app, script)
  await app.ended(plain.id)
  t.match(await logOf(plain.id), /^xterm-256color \/bin\/sh\r\n\/dev\/pts\/\d+\r\n$/)

  const { id } = await startInTerminal(app, script, { env: { TERM: 'vt100', SHELL: "/it's mine" } })
  await app.ended(id)
  t.match(await logOf(id), /^vt100 \/it's mine\r\n/)
})

t.test('what runs in a terminal whose holder was killed is ended', needsScript, async t => {
  const { id } = await startInTerminal(app, "trap '' HUP INT TERM; echo ready; while :; do sleep 0.05; done")
  await app.printed(id, 'ready')
  const pid = (await app.execution(id)).attempts[0]!.pid!
  const holder = parentOf(pid)
  t.match(readFileSync(`/proc/${holder}/cmdline`, 'utf8'), /^\/usr\/bin\/script\0/)

  process.kill(holder, 'SIGKILL')

  t.match(await endOf(app, id), { state: 'failed', reason: 'signal', exitCode: 137 })
  t.notOk(lives(pid))
})

t.test('a terminal whose log could not be written makes no success, and no exit code', needsScript, async t => {
  const { id } = await startInTerminal(app, 'echo ready; read -r line; echo more')
  await app.printed(id, 'ready')
  const holder = parentOf((await app.execution(id)).attempts[0]!.pid!)
  const wrapper = parentOf(parentOf(holder))
  const relay = childrenOf(wrapper).find(pid => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'cat\n')

  process.kill(relay!, 'SIGKILL')
  await type(app, id, '\r')

  const { state, reason, exitCode, detail } = await endOf(app, id)
  t.match({ state, reason, exitCode }, { state: 'failed', reason: 'log_incomplete', exitCode: null })
  t.match(detail, /How the bot exited is not known/)
})

t.test(
  'a terminal that prints more than its limit is ended, and its exit code is not made up',
  needsScript,
  async t => {
    const { id } = await startInTerminal(app, 'while :; do echo 0123456789; done', { maxLogBytes: 4096 })

    t.match(await endOf(app, id), { state: 'failed', reason: 'log_limit', exitCode: null })
    t.match(await logOf(id), /\[botyard\] The log reached its limit of 4096 bytes/)
  }
)

t.test('who types keeps a terminal from being idle', needsScript, async t => {
  const idleTimeoutMs = 4000
  const { id } = await startInTerminal(app, 'stty -echo; echo ready; while read -r line; do :; done', { idleTimeoutMs })
  await app.printed(id, 'ready')
  await delay(1500)

  const typedAt = Date.now()
  await type(app, id, 'here\r')

  const { state, reason, endedAt } = await endOf(app, id)
  t.match({ state, reason }, { state: 'timed_out', reason: 'idle_timeout' })
  t.ok(endedAt! >= typedAt + idleTimeoutMs, `${endedAt! - typedAt} ms after`)
})
