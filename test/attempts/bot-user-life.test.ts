/** Bots of another user are ended, adopted, typed to and tried again as all are, under both kinds of server. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { endOf, lives } from '../support/attempts.ts'
import {
  BOT_UID,
  latestAttempt,
  launcherOf,
  needsRoot,
  reachableFolder,
  runningScript,
  runScript,
  SERVERS,
  startWithBotUser,
  statusOf
} from '../support/bot-user.ts'
import { needsScript, type } from '../support/typing.ts'
import { eventually } from '../support/wait.ts'

// They mostly wait, and each has a server of its own.
t.jobs = 3

for (const kind of SERVERS) {
  const start = (t: Test, dataDir?: string) => startWithBotUser(t, kind, dataDir)

  t.test(
    `${kind}: a bot is cancelled with all it has started, also what left its session and its parent`,
    needsRoot,
    async t => {
      const server = await start(t)
      const hides = 'trap "" INT TERM; setsid -f sh -c "sleep 600 & exec sleep 600"'
      const { id, pid } = await runningScript(server, `${hides}; sleep 600 & echo ready; exec sleep 600`)
      const attempt = latestAttempt(server.dataDir).id
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
      const polite = await runningScript(
        server,
        'trap "echo heard; exit 3" INT; echo ready; while :; do sleep 0.05; done',
        {
          killGraceMs: 20_000
        }
      )
      await server.post(`/api/executions/${polite.id}/cancel`)
      t.match(await endOf(server, polite.id), { state: 'cancelled', exitCode: 3 })

      const { execution } = await runScript(server, 'setsid -f sleep 600; exit 0')
      t.match(execution, { state: 'succeeded', detail: /left behind/ })
    }
  )

  t.test(`${kind}: a bot goes on when the server is killed, and the next one ends it`, needsRoot, async t => {
    const dataDir = reachableFolder(t)
    const first = await start(t, dataDir)
    const { id, pid } = await runningScript(
      first,
      'trap "" INT; setsid sleep 600 & echo ready; while :; do sleep 0.1; done'
    )
    const flag = join(dataDir, '..', 'flag')
    const other = await runningScript(
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
      const { pid } = latestAttempt(server.dataDir).terminal()!
      t.equal(statusOf(pid, 'CapEff'), '0000000000000000')
      await server.post(`/api/executions/${id}/resize`, { columns: 100, rows: 30 })
      await eventually('the size', async () => {
        await type(server, id, '\u0003')
        return (await server.downloadLog(id)).toString().includes('\r\n')
      })
      t.match(await endOf(server, id), { state: 'failed', exitCode: 3 })
      const log = (await server.downloadLog(id)).toString()
      t.ok(log.startsWith(`${BOT_UID}\r\ntwo\r\nthis\r\ngot this\r\nready\r\n`), log)

      const hung = await runningScript(server, 'trap "" INT TERM HUP; echo ready; while :; do sleep 0.1; done', {
        terminal: true
      })
      await server.post(`/api/executions/${hung.id}/cancel`)
      t.match(await endOf(server, hung.id), { state: 'cancelled' })
    }
  )

  t.test(`${kind}: a bot reads what it is sent`, needsRoot, async t => {
    const server = await start(t)
    const { id } = await runningScript(server, 'echo ready; read a; echo "got $a"', { input: true })
    await type(server, id, 'this\n')
    t.equal((await endOf(server, id)).state, 'succeeded')
    t.equal((await server.downloadLog(id)).toString(), 'ready\ngot this\n')
    t.equal(statSync(latestAttempt(server.dataDir).input).mode & 0o777, 0o600)
  })

  t.test(`${kind}: a fork bomb is ended, and so is a bot that fails and is tried again`, needsRoot, async t => {
    const server = await start(t)
    const { execution } = await runScript(server, 'echo n >>seen; [ $(wc -l <seen) -ge 2 ]', {
      retry: { maxAttempts: 3, backoffMs: 10, maxBackoffMs: 10, on: ['exit_code'] }
    })
    t.match(execution, { state: 'succeeded' })
    t.equal(execution.attempts.length, 2)

    const forks =
      'f() { sleep 600 & [ $1 -gt 0 ] && { f $(($1 - 1)) & f $(($1 - 1)) & }; wait; }; f 4 & sleep 1; echo ready; wait'
    const { id } = await runningScript(server, `trap "" INT; ${forks}`)
    await server.post(`/api/executions/${id}/cancel`)
    t.match(await endOf(server, id), { state: 'cancelled' })
  })
}

t.test('a launcher that is gone ends the server, and bots go on under the next', needsRoot, async t => {
  const dataDir = reachableFolder(t)
  const first = await startWithBotUser(t, 'lent', dataDir)
  const { id } = await runningScript(first, 'echo ready; exec sleep 600')
  const shell = launcherOf(first)
  t.equal(statusOf(shell, 'CapEff'), '00000000000000e0')
  process.kill(shell, 'SIGKILL')
  t.equal((await first.exit).code, 1)
  t.match(first.output, /the shell that starts bots has gone/)

  const second = await startWithBotUser(t, 'lent', dataDir)
  t.equal((await second.execution(id)).state, 'running')
  await second.post(`/api/executions/${id}/cancel`)
  t.equal((await endOf(second, id)).state, 'cancelled')
  t.ok(existsSync(latestAttempt(dataDir).path))
})
