/** Bots as a user of their own, under a server that is root and under one that only launches with rights lent to it. */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AttemptDirectory, attemptsFolder } from '../../src/attempts/attempt-directory.ts'
import { endOf, lives } from '../support/attempts.ts'
import {
  BOT_GID,
  BOT_UID,
  launcherOf,
  needsRoot,
  reachableFolder,
  SERVERS,
  startWithBotUser
} from '../support/bot-user.ts'
import type { TestServer } from '../support/server.ts'
import { needsScript, type } from '../support/typing.ts'
import { eventually } from '../support/wait.ts'

/** Of the server's environment. */
const SECRET_KEY = 'never-to-be-seen-by-any-bot-at-all'

const run = async (server: TestServer, script: string, more = {}) => {
  const execution = await endOf(server, (await server.start(await server.makeBot(['/bin/sh', '-c', script], more))).id)
  return { execution, log: (await server.downloadLog(execution.id)).toString() }
}

const attemptIn = (dataDir: string) => {
  const id = readdirSync(attemptsFolder(dataDir)).sort().at(-1)!
  return new AttemptDirectory(attemptsFolder(dataDir), id)
}

/** A field of /proc/<pid>/status. */
const status = (pid: number | 'self', field: string) =>
  new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!.trim()

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // that of the look itself
  }
}

async function running(server: TestServer, script: string, more = {}) {
  const { id } = await server.start(await server.makeBot(['/bin/sh', '-c', script], more))
  await server.printed(id, 'ready')
  return { id, pid: (await server.execution(id)).attempts[0]!.pid! }
}

for (const kind of SERVERS) {
  const start = (t: Test, dataDir?: string) => startWithBotUser(t, kind, dataDir, { SECRET_KEY })

  t.test(`${kind}: a bot is its user, with no group, no right and no way to any`, needsRoot, async t => {
    const server = await start(t)
    const { log, execution } = await run(
      server,
      'id -u; id -G; grep -E "^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)" /proc/self/status; umask; echo $HOME; pwd; env; tr "\\0" "\\n" </proc/$$/environ; ls -l /proc/$$/fd'
    )
    t.equal(execution.state, 'succeeded')
    const none = ['Inh', 'Prm', 'Eff', 'Amb'].map(set => `Cap${set}:\t0000000000000000\n`).join('')
    t.ok(log.startsWith(`${BOT_UID}\n${BOT_GID}\n${none}NoNewPrivs:\t1\n0007\n/usr/games\n`), log)
    t.notMatch(log, /BOTYARD_OF_BOT|OLDPWD|DATA_DIR=/)
    t.notOk(log.includes(SECRET_KEY))
    // Whoever started the tests may have left some of his own open, which are everybody's.
    const ours = new Set(readdirSync('/proc/self/fd').map(fd => linkOf(`/proc/self/fd/${fd}`)))
    const links = [...log.matchAll(/ (\d+) -> (\S+)$/gm)].filter(([, fd, to]) => Number(fd) <= 2 || !ours.has(to!))
    t.same(
      links.map(([, fd, to]) => `${fd} ${to!.replace(/\[.*/, '')}`),
      ['0 /dev/null', '1 pipe:', '2 pipe:']
    )
    t.match((await server.get('/api/machine')).body, { botUser: 'games' })
  })

  t.test(`${kind}: what is the server's cannot be read or written by a bot`, needsRoot, async t => {
    const server = await start(t)
    const { dataDir } = server
    const other = await run(server, 'echo mine; echo x=1 >>"$BOTYARD_OUTPUT"; echo a >"$BOTYARD_ARTIFACTS/a"')
    const before = attemptIn(dataDir)
    const { log } = await run(
      server,
      `cd /; for path in ${dataDir}/botyard.db ${dataDir}/botyard.db-wal ${dataDir}/.secret_key ${before.path} ${before.path}/log \
         ${before.artifacts}/a ${dataDir} ${dataDir}/attempts ${dataDir}/results ${dataDir}/workspaces \
         ${dataDir}/attempts/$BOTYARD_ATTEMPT/log ${dataDir}/attempts/$BOTYARD_ATTEMPT/pid; do
         [ -r $path ] && echo "reads $path"; [ -w $path ] && echo "writes $path"; done
       (: >${dataDir}/attempts/$BOTYARD_ATTEMPT/exit.0); echo over`
    )
    t.equal(other.execution.state, 'succeeded')
    t.notMatch(log, /reads|writes/)
    t.match(log, 'over\n')
    t.same(other.execution.outputs, { x: '1' })
    for (const name of readdirSync(dataDir)) {
      const expected = ['workspaces', 'results'].includes(name) ? 0o11 : 0
      t.equal(statSync(join(dataDir, name)).mode & 0o77, expected, name)
    }
  })

  t.test(`${kind}: a bot prints by every way, and only at the end of its log`, needsRoot, async t => {
    const server = await start(t)
    const { log } = await run(
      server,
      'echo 1; echo 2 >/dev/stdout; echo 3 >/dev/stderr; echo 4 >/proc/self/fd/1; echo 5 | tee /dev/stderr >/dev/null; echo 6'
    )
    t.equal(log, '1\n2\n3\n4\n5\n6\n')
  })

  t.test(`${kind}: a bot can signal neither the server nor its wrapper, nor look into them`, needsRoot, async t => {
    const server = await start(t)
    const { pid } = server.process
    const { log, execution } = await run(
      server,
      `for pid in ${pid} $PPID; do kill -0 $pid; kill -9 $pid; cat /proc/$pid/environ; done; kill -9 -1; echo over`
    )
    t.equal(execution.state, 'succeeded')
    t.match(log, 'over\n')
    t.equal(log.match(/not permitted|Permission denied/g)?.length, 6, log)
  })

  t.test(`${kind}: only the launcher has the rights; wrapper and relay are the server's`, needsRoot, async t => {
    const server = await start(t)
    const { id } = await running(server, 'echo ready; exec sleep 600')
    const { wrapper, bot } = attemptIn(server.dataDir).identity()!
    const uid = kind === 'root' ? '0' : '1'
    const mine = readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number)
      .filter(pid => {
        try {
          return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[5] === String(wrapper.pid)
        } catch {
          return false
        }
      })
    t.equal(mine.length, 3, 'two shells and a relay')
    for (const pid of mine) t.equal(status(pid, 'Uid').split('\t')[0], uid)
    t.equal(status(bot.pid, 'Uid'), Array(4).fill(BOT_UID).join('\t'))
    if (kind === 'lent') {
      const rights = mine.map(pid => BigInt(`0x${status(pid, 'CapEff')}`))
      t.same([...new Set(rights)].sort(), [0n, 0b1100_0000n], 'to change the user, for the shells; none for the relay')
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
        t.equal(status(server.process.pid!, set), '0000000000000000', set)
    }
    await server.post(`/api/executions/${id}/cancel`)
    t.match(await endOf(server, id), { state: 'cancelled', detail: null })
  })

  t.test(
    `${kind}: a bot is cancelled with all it has started, also what left its session and its parent`,
    needsRoot,
    async t => {
      const server = await start(t)
      const hides = 'trap "" INT TERM; setsid -f sh -c "sleep 600 & exec sleep 600"'
      const { id, pid } = await running(server, `${hides}; sleep 600 & echo ready; exec sleep 600`)
      const attempt = attemptIn(server.dataDir).id
      const marked = () =>
        readdirSync('/proc').filter(name => {
          try {
            return (
              /^\d+$/.test(name) &&
              readFileSync(`/proc/${name}/environ`, 'utf8').includes(`BOTYARD_ATTEMPT=${attempt}`) &&
              !readFileSync(`/proc/${name}/stat`, 'utf8').includes(') Z ')
            )
          } catch {
            return false
          }
        })
      await eventually('all of it', () => marked().length === 4)
      await server.post(`/api/executions/${id}/cancel`)
      t.match(await endOf(server, id), { state: 'cancelled', reason: 'requested', detail: null })
      t.notOk(lives(pid))
      t.same(marked(), [])
    }
  )

  t.test(
    `${kind}: a bot is interrupted before it is ended, and what it leaves holding its log is ended`,
    needsRoot,
    async t => {
      const server = await start(t)
      const polite = await running(server, 'trap "echo heard; exit 3" INT; echo ready; while :; do sleep 0.05; done', {
        killGraceMs: 20_000
      })
      await server.post(`/api/executions/${polite.id}/cancel`)
      t.match(await endOf(server, polite.id), { state: 'cancelled', exitCode: 3 })

      const { execution } = await run(server, 'setsid -f sleep 600; exit 0')
      t.match(execution, { state: 'succeeded', detail: /left behind/ })
    }
  )

  t.test(`${kind}: a bot goes on when the server is killed, and the next one ends it`, needsRoot, async t => {
    const dataDir = reachableFolder(t)
    const first = await start(t, dataDir)
    const { id, pid } = await running(first, 'trap "" INT; setsid sleep 600 & echo ready; while :; do sleep 0.1; done')
    const flag = join(dataDir, '..', 'flag')
    const other = await running(
      first,
      `echo ready; while [ ! -e ${flag} ]; do sleep 0.05; done; echo n=2 >>$BOTYARD_OUTPUT; exit 4`
    )
    await first.kill('SIGKILL')

    const second = await start(t, dataDir)
    t.ok(lives(pid))
    await second.post(`/api/executions/${id}/cancel`)
    writeFileSync(flag, '')
    t.match(await endOf(second, id), { state: 'cancelled', reason: 'requested', detail: null })
    t.match(await endOf(second, other.id), { state: 'failed', exitCode: 4, outputs: { n: '2' } })
    t.notOk(lives(pid))
  })

  t.test(
    `${kind}: a terminal is the bot's: it asks, is resized, opens it again, and ends on Ctrl-C`,
    { ...needsRoot, ...needsScript },
    async t => {
      const server = await start(t)
      const bot = await server.makeBot(
        [
          '/bin/sh',
          '-c',
          'trap "stty size; exit 3" INT; id -u; echo two >/dev/stderr; read a </dev/tty; echo "got $a"; echo ready; while :; do sleep 0.05; done'
        ],
        { terminal: true }
      )
      const { id } = await server.start(bot)
      await server.printed(id, 'two')
      await type(server, id, 'this\r')
      await server.printed(id, 'ready')
      const { pid } = attemptIn(server.dataDir).terminal()!
      t.equal(status(pid, 'CapEff'), '0000000000000000')
      await server.post(`/api/executions/${id}/resize`, { columns: 100, rows: 30 })
      await eventually('the size', async () => {
        await type(server, id, '\u0003')
        return (await server.downloadLog(id)).toString().includes('\r\n')
      })
      t.match(await endOf(server, id), { state: 'failed', exitCode: 3 })
      const log = (await server.downloadLog(id)).toString()
      t.ok(log.startsWith(`${BOT_UID}\r\ntwo\r\nthis\r\ngot this\r\nready\r\n`), log)

      const hung = await running(server, 'trap "" INT TERM HUP; echo ready; while :; do sleep 0.1; done', {
        terminal: true
      })
      await server.post(`/api/executions/${hung.id}/cancel`)
      t.match(await endOf(server, hung.id), { state: 'cancelled' })
    }
  )

  t.test(`${kind}: a bot reads what it is sent`, needsRoot, async t => {
    const server = await start(t)
    const { id } = await running(server, 'echo ready; read a; echo "got $a"', { input: true })
    await type(server, id, 'this\n')
    t.equal((await endOf(server, id)).state, 'succeeded')
    t.equal((await server.downloadLog(id)).toString(), 'ready\ngot this\n')
    t.equal(statSync(attemptIn(server.dataDir).input).mode & 0o777, 0o600)
  })

  t.test(
    `${kind}: artifacts and outputs are read however a bot has closed them, and then removed`,
    needsRoot,
    async t => {
      const dataDir = reachableFolder(t)
      const server = await start(t, dataDir)
      const { execution } = await run(
        server,
        'umask 077; mkdir "$BOTYARD_ARTIFACTS/in"; echo hi >"$BOTYARD_ARTIFACTS/in/a"; t=$(mktemp); echo k=v >$t; mv $t "$BOTYARD_OUTPUT"',
        { assert: { mustPrint: [], mustNotPrint: [], mustCreate: ['in/*'] } }
      )
      t.match(execution, { state: 'succeeded', outputs: { k: 'v' } })
      const { items } = (await server.get(`/api/executions/${execution.id}/artifacts`)).body
      t.match(items, [{ name: 'in/a', bytes: 3 }])
      t.equal((await server.get(`/api/executions/${execution.id}/artifacts/in/a`)).text, 'hi\n')
      t.equal(statSync(attemptIn(dataDir).results.folder).mode & 0o77, 0, 'closed to those who come after')
    }
  )

  t.test(`${kind}: the server does not read for a bot what the bot may not`, needsRoot, async t => {
    const server = await start(t)
    const { dataDir } = server
    const { execution, log } = await run(
      server,
      `cd "$BOTYARD_ARTIFACTS"; ln ${dataDir}/.secret_key hard; ln -s ${dataDir}/.secret_key soft; echo own >own
       rm "$BOTYARD_OUTPUT"; ln ${dataDir}/.secret_key "$BOTYARD_OUTPUT"; ls; echo over`
    )
    t.match(log, 'over')
    t.same(execution.outputs, {})
    const { items } = (await server.get(`/api/executions/${execution.id}/artifacts`)).body
    t.same(
      items.map(({ name }: { name: string }) => name),
      ['own']
    )
    for (const name of ['hard', 'soft'])
      t.equal((await server.get(`/api/executions/${execution.id}/artifacts/${name}`)).status, 404, name)
  })

  t.test(`${kind}: what stands in a bot's environment is for the bot alone`, needsRoot, async t => {
    const server = await start(t)
    const library = join(server.dataDir, '../no-such.so')
    const env = { LD_PRELOAD: library, PATH: '/usr/bin:/bin', TERM: 'vt100', SHELL: '/bin/false' }
    const script = 'echo "$LD_PRELOAD"; printenv TERM SHELL PATH; echo ready; read -r line'
    const { id } = await running(server, script, { env, input: true })
    const { wrapper } = attemptIn(server.dataDir).identity()!
    t.notMatch(readFileSync(`/proc/${wrapper.pid}/environ`, 'latin1'), /(^|\0)(LD_PRELOAD|SHELL)=/)
    await type(server, id, 'on\n')
    t.equal((await endOf(server, id)).state, 'succeeded')
    const log = (await server.downloadLog(id)).toString()
    t.ok(log.includes(`${library}\n`) && log.includes('vt100\n/bin/false\n/usr/bin:/bin\n'), log)
  })

  t.test(`${kind}: a bot that cannot be started says why`, needsRoot, async t => {
    const server = await start(t)
    const none = await server.finished(['no-such-program'])
    t.match(none, { state: 'failed', reason: 'spawn', detail: /no-such-program.*not found/ })
    const elsewhere = await server.finished(['/bin/true'], { cwd: '/root', name: 'two' })
    t.match(elsewhere, { state: 'failed', reason: 'spawn', detail: /\/root/ })
  })

  t.test(`${kind}: programs that raise their caller's rights raise nothing`, needsRoot, async t => {
    const server = await start(t)
    t.ok(statSync('/usr/bin/su').mode & 0o4000)
    const { log } = await run(server, 'cp /usr/bin/id .; /usr/bin/passwd -S root; su root -c id; id -u')
    t.notMatch(log, /uid=0/)
    t.match(log, new RegExp(`^${BOT_UID}$`, 'm'))
  })

  t.test(`${kind}: a fork bomb is ended, and so is a bot that fails and is tried again`, needsRoot, async t => {
    const server = await start(t)
    const { execution } = await run(server, 'echo n >>seen; [ $(wc -l <seen) -ge 2 ]', {
      retry: { maxAttempts: 3, backoffMs: 10, maxBackoffMs: 10, on: ['exit_code'] }
    })
    t.match(execution, { state: 'succeeded' })
    t.equal(execution.attempts.length, 2)

    const forks =
      'f() { sleep 600 & [ $1 -gt 0 ] && { f $(($1 - 1)) & f $(($1 - 1)) & }; wait; }; f 4 & sleep 1; echo ready; wait'
    const { id } = await running(server, `trap "" INT; ${forks}`)
    await server.post(`/api/executions/${id}/cancel`)
    t.match(await endOf(server, id), { state: 'cancelled' })
  })
}

t.test('a launcher that is gone ends the server, and bots go on under the next', needsRoot, async t => {
  const dataDir = reachableFolder(t)
  const first = await startWithBotUser(t, 'lent', dataDir)
  const { id } = await running(first, 'echo ready; exec sleep 600')
  const shell = launcherOf(first)
  t.equal(status(shell, 'CapEff'), '00000000000000e0')
  process.kill(shell, 'SIGKILL')
  t.equal((await first.exit).code, 1)
  t.match(first.output, /the shell that starts bots has gone/)

  const second = await startWithBotUser(t, 'lent', dataDir)
  t.equal((await second.execution(id)).state, 'running')
  await second.post(`/api/executions/${id}/cancel`)
  t.equal((await endOf(second, id)).state, 'cancelled')
  t.ok(existsSync(attemptIn(dataDir).path))
})
