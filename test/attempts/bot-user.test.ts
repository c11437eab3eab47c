/** What a bot of another user may do, under a server that is root and under one whose launcher was lent the rights. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { endOf } from '../support/attempts.ts'
import {
  BOT_GID,
  BOT_UID,
  latestAttempt,
  needsRoot,
  reachableFolder,
  runningScript,
  runScript,
  SERVERS,
  startWithBotUser,
  statusOf
} from '../support/bot-user.ts'
import type { TestServer } from '../support/server.ts'
import { type } from '../support/typing.ts'

/** Of the server's environment. */
const SECRET_KEY = 'never-to-be-seen-by-any-bot-at-all'

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // that of the look itself
  }
}

for (const kind of SERVERS) {
  let running: Promise<TestServer> | undefined
  /** One for all: none of these bots may change anything that another finds. */
  const start = () => {
    running ??= startWithBotUser(t, kind, reachableFolder(t), { SECRET_KEY })
    return running
  }

  t.test(`${kind}: a bot is its user, with no group, no right and no way to any`, needsRoot, async t => {
    const server = await start()
    const { log, execution } = await runScript(
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
    const server = await start()
    const { dataDir } = server
    const other = await runScript(server, 'echo mine; echo x=1 >>"$BOTYARD_OUTPUT"; echo a >"$BOTYARD_ARTIFACTS/a"')
    const before = latestAttempt(dataDir)
    const { log } = await runScript(
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
    const server = await start()
    const { log } = await runScript(
      server,
      'echo 1; echo 2 >/dev/stdout; echo 3 >/dev/stderr; echo 4 >/proc/self/fd/1; echo 5 | tee /dev/stderr >/dev/null; echo 6'
    )
    t.equal(log, '1\n2\n3\n4\n5\n6\n')
  })

  t.test(`${kind}: a bot can signal neither the server nor its wrapper, nor look into them`, needsRoot, async t => {
    const server = await start()
    const { pid } = server.process
    const { log, execution } = await runScript(
      server,
      `for pid in ${pid} $PPID; do kill -0 $pid; kill -9 $pid; cat /proc/$pid/environ; done; echo over`
    )
    t.equal(execution.state, 'succeeded')
    t.match(log, 'over\n')
    t.equal(log.match(/not permitted|Permission denied/g)?.length, 6, log)
  })

  t.test(`${kind}: only the launcher has the rights; wrapper and relay are the server's`, needsRoot, async t => {
    const server = await start()
    const { id } = await runningScript(server, 'echo ready; exec sleep 600')
    const { wrapper, bot } = latestAttempt(server.dataDir).identity()!
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
    for (const pid of mine) t.equal(statusOf(pid, 'Uid').split('\t')[0], uid)
    t.equal(statusOf(bot.pid, 'Uid'), Array(4).fill(BOT_UID).join('\t'))
    if (kind === 'lent') {
      const rights = mine.map(pid => BigInt(`0x${statusOf(pid, 'CapEff')}`))
      t.same([...new Set(rights)].sort(), [0n, 0b1100_0000n], 'to change the user, for the shells; none for the relay')
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
        t.equal(statusOf(server.process.pid!, set), '0000000000000000', set)
    }
    await server.post(`/api/executions/${id}/cancel`)
    t.match(await endOf(server, id), { state: 'cancelled', detail: null })
  })

  t.test(
    `${kind}: artifacts and outputs are read however a bot has closed them, and then removed`,
    needsRoot,
    async t => {
      const server = await start()
      const { execution } = await runScript(
        server,
        'umask 077; mkdir "$BOTYARD_ARTIFACTS/in"; echo hi >"$BOTYARD_ARTIFACTS/in/a"; t=$(mktemp); echo k=v >$t; mv $t "$BOTYARD_OUTPUT"',
        { assert: { mustPrint: [], mustNotPrint: [], mustCreate: ['in/*'] } }
      )
      t.match(execution, { state: 'succeeded', outputs: { k: 'v' } })
      const { items } = (await server.get(`/api/executions/${execution.id}/artifacts`)).body
      t.match(items, [{ name: 'in/a', bytes: 3 }])
      t.equal((await server.get(`/api/executions/${execution.id}/artifacts/in/a`)).text, 'hi\n')
      t.equal(statSync(latestAttempt(server.dataDir).results.folder).mode & 0o77, 0, 'closed to those who come after')
    }
  )

  t.test(`${kind}: the server does not read for a bot what the bot may not`, needsRoot, async t => {
    const server = await start()
    const { dataDir } = server
    const { execution, log } = await runScript(
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
    const server = await start()
    const library = join(server.dataDir, '../no-such.so')
    const env = { LD_PRELOAD: library, PATH: '/usr/bin:/bin', TERM: 'vt100', SHELL: '/bin/false' }
    const script = 'echo "$LD_PRELOAD"; printenv TERM SHELL PATH; echo ready; read -r line'
    const { id } = await runningScript(server, script, { env, input: true })
    const { wrapper } = latestAttempt(server.dataDir).identity()!
    t.notMatch(readFileSync(`/proc/${wrapper.pid}/environ`, 'latin1'), /(^|\0)(LD_PRELOAD|SHELL)=/)
    await type(server, id, 'on\n')
    t.equal((await endOf(server, id)).state, 'succeeded')
    const log = (await server.downloadLog(id)).toString()
    t.ok(log.includes(`${library}\n`) && log.includes('vt100\n/bin/false\n/usr/bin:/bin\n'), log)
  })

  t.test(`${kind}: a bot that cannot be started says why`, needsRoot, async t => {
    const server = await start()
    const none = await server.finished(['no-such-program'])
    t.match(none, { state: 'failed', reason: 'spawn', detail: /no-such-program.*not found/ })
    const elsewhere = await server.finished(['/bin/true'], { cwd: '/root', name: 'two' })
    t.match(elsewhere, { state: 'failed', reason: 'spawn', detail: /\/root/ })
  })

  t.test(`${kind}: programs that raise their caller's rights raise nothing`, needsRoot, async t => {
    const server = await start()
    t.ok(statSync('/usr/bin/su').mode & 0o4000)
    const { log } = await runScript(server, 'cp /usr/bin/id .; /usr/bin/passwd -S root; su root -c id; id -u')
    t.notMatch(log, /uid=0/)
    t.match(log, new RegExp(`^${BOT_UID}$`, 'm'))
  })
}
