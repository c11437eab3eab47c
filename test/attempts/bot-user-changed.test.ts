/** Bots that a server with another BOT_USER has started, and a BOT_USER that does not do. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { endOf, lives } from '../support/attempts.ts'
import {
  BOT_GID,
  BOT_UID,
  BOT_USER,
  launcherOf,
  needsRoot,
  OTHER_BOT_USER,
  reachableFolder,
  SERVER_UID,
  startWithBotUser
} from '../support/bot-user.ts'
import { runServer, startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const ROOT = join(import.meta.dirname, '../..')
const userOf = (pid: number) => Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])

for (const [before, after] of [
  ['', BOT_USER],
  [BOT_USER, ''],
  [OTHER_BOT_USER, BOT_USER]
] as const) {
  const from = before || "the server's user"
  const to = after || "the server's user"
  t.test(`what runs as ${from} is adopted when bots run as ${to}, and all of it is ended`, needsRoot, async t => {
    const dataDir = reachableFolder(t)
    const flag = join(dataDir, '../flag')
    const first = await startServer(t, dataDir, { BOT_USER: before })
    const hides =
      'trap "" INT TERM; setsid -f sleep 600 </dev/null >/dev/null 2>&1; echo ready; while :; do sleep 0.1; done'
    const hung = await first.start(await first.makeBot(['/bin/sh', '-c', hides]))
    const ends = `echo ready; while [ ! -e ${flag} ]; do sleep 0.05; done; echo k=v >>$BOTYARD_OUTPUT; echo a >$BOTYARD_ARTIFACTS/a`
    const other = await first.start(await first.makeBot(['/bin/sh', '-c', ends], { name: 'two' }))
    for (const { id } of [hung, other]) await first.printed(id, 'ready')
    const pid = (await first.execution(hung.id)).attempts[0]!.pid!
    const user = userOf(pid)
    await first.kill('SIGKILL')

    const second = await startServer(t, dataDir, { BOT_USER: after })
    await second.post(`/api/executions/${hung.id}/cancel`)
    writeFileSync(flag, '')
    t.match(await endOf(second, hung.id), { state: 'cancelled', detail: null })
    t.notOk(lives(pid))
    t.match(await endOf(second, other.id), { state: 'succeeded', outputs: { k: 'v' } })
    t.equal((await second.get(`/api/executions/${other.id}/artifacts/a`)).text, 'a\n')
    const now = await second.start(
      await second.makeBot(['/bin/sh', '-c', 'echo ready; exec sleep 600'], { name: 'three' })
    )
    await second.printed(now.id, 'ready')
    t.not(userOf((await second.execution(now.id)).attempts[0]!.pid!), user)
    await second.post(`/api/executions/${now.id}/cancel`)
    await endOf(second, now.id)
  })
}

/** What a server says that does not start. */
async function refusal(t: Test, env: Record<string, string>, cwd?: string) {
  const { code, stderr } = await runServer({ DATA_DIR: join(reachableFolder(t)), PORT: '0', ...env }, [], cwd)
  t.equal(code, 1)
  return stderr
}

t.test('a BOT_USER that does not do is refused with the reason', needsRoot, async t => {
  t.match(await refusal(t, { BOT_USER: 'no-such-user' }), /this machine has no such user/)
  t.match(await refusal(t, { BOT_USER: 'root' }), /that is root/)
  t.match(await refusal(t, { BOT_USER: '0' }), /BOT_USER is "0"/)

  const closed = reachableFolder(t)
  chmodSync(join(closed, '..'), 0o700)
  t.match(await refusal(t, { BOT_USER, DATA_DIR: closed }), /he cannot come to/)

  const folder = join(reachableFolder(t), '..')
  writeFileSync(join(folder, '.env'), 'LOG_LEVEL=info\n', { mode: 0o644 })
  chmodSync(join(folder, '.env'), 0o644)
  t.match(await refusal(t, { BOT_USER }, folder), /he can read .*\.env/)
})

t.test('a server without the right to become BOT_USER says so', needsRoot, async t => {
  const dataDir = reachableFolder(t)
  chownSync(dataDir, SERVER_UID, SERVER_UID)
  const start = (groups: string) => {
    const become = ['setpriv', `--reuid=${SERVER_UID}`, `--regid=${SERVER_UID}`, groups, '--inh-caps=-all', '--']
    const server = [process.execPath, join(ROOT, 'src/server.ts')]
    const env = ['-i', `PATH=${process.env.PATH}`, `DATA_DIR=${dataDir}`, `BOT_USER=${BOT_USER}`, 'PORT=0']
    try {
      return execFileSync('/usr/bin/env', [...env, ...become, ...server], {
        cwd: ROOT,
        stdio: 'pipe'
      }).toString()
    } catch (error) {
      return (error as { stderr: Buffer }).stderr.toString()
    }
  }
  t.match(start('--clear-groups'), /must be in his group/)
  t.match(start(`--groups=${BOT_GID}`), /may not start anything as him/)
})

t.test('what a bot has closed to its user again is removed all the same', needsRoot, async t => {
  const dataDir = reachableFolder(t)
  const id = '01980000-0000-7000-8000-000000000000'
  const attempt = join(dataDir, 'attempts', id)
  const results = join(dataDir, 'results', id)
  mkdirSync(attempt, { recursive: true })
  mkdirSync(join(results, 'artifacts/closed'), { recursive: true })
  writeFileSync(join(results, 'artifacts/closed/file'), 'x'.repeat(100_000))
  writeFileSync(join(attempt, 'launch.json'), JSON.stringify({ user: { uid: BOT_UID, gid: BOT_GID } }))
  execFileSync('chown', ['-R', `${SERVER_UID}:${SERVER_UID}`, dataDir])
  chmodSync(dataDir, 0o711)
  chmodSync(join(dataDir, 'results'), 0o711)
  for (const path of [results, join(results, 'artifacts')]) {
    chownSync(path, SERVER_UID, BOT_GID)
    chmodSync(path, 0o770)
  }
  for (const path of ['closed', 'closed/file']) chownSync(join(results, 'artifacts', path), BOT_UID, BOT_GID)
  chmodSync(join(results, 'artifacts/closed'), 0)
  chmodSync(results, 0o700)

  const script = `
    import { Launcher } from ${JSON.stringify(join(ROOT, 'src/attempts/launcher.ts'))}
    import { AttemptFolders } from ${JSON.stringify(join(ROOT, 'src/retention/attempt-folders.ts'))}
    const launcher = new Launcher()
    const folders = new AttemptFolders(${JSON.stringify(join(dataDir, 'attempts'))}, launcher)
    console.log(JSON.stringify(await folders.remove([${JSON.stringify(id)}], new AbortController().signal)))
    launcher.stop()`
  const rights = '+setuid,+setgid'
  const become = [
    `--reuid=${SERVER_UID}`,
    `--regid=${SERVER_UID}`,
    `--groups=${BOT_GID}`,
    `--inh-caps=${rights}`,
    `--ambient-caps=${rights}`
  ]
  const node = [process.execPath, '--input-type=module', '-e', script]
  t.equal(execFileSync('/usr/bin/env', ['-i', 'setpriv', ...become, '--', ...node], { cwd: '/' }).toString(), '[]\n')
  t.notOk(existsSync(attempt))
  t.same(readdirSync(join(dataDir, 'results')), [])
})

t.test('a server stopped takes its launcher along', needsRoot, async t => {
  const server = await startWithBotUser(t, 'lent')
  const shell = launcherOf(server)
  t.ok(lives(shell))
  t.equal((await server.kill('SIGTERM')).code, 0)
  await eventually('the end of the launcher', () => !lives(shell))
})
