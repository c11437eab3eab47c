/** Processes that a bot starts as another user, as by sudo: a server that is not root may not end them. */
import { chownSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { endOf, lives } from '../support/attempts.ts'
import { testFolder } from '../support/folder.ts'
import { startServerAs } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const NOBODY = 65534
const SOMEBODY = 65533
const skip = process.getuid?.() === 0 || process.env.CI === 'true' ? false : 'only root can start processes as others'

/** Becomes somebody else for good, with nothing left of what the server has lent. Says its number, which stays the same. */
const foreign = (redirect = '') =>
  `setpriv --reuid=${SOMEBODY} --inh-caps=-all --ambient-caps=-all sleep 600 ${redirect} & echo "foreign $!"`

/** Starts a bot that has started a process of another user, under a server that is nobody; both run. */
async function withForeign(t: Test, script: (flag: string) => string) {
  const dir = testFolder(t, { data: {} })
  const [dataDir, flag] = [join(dir, 'data'), join(dir, 'flag')]
  chownSync(dataDir, NOBODY, NOBODY)
  // `setuid` is for its bots, who inherit it: with it they become another user, as nobody else may.
  const server = await startServerAs(t, dataDir, NOBODY, ['setuid'])
  const { id } = await server.start(await server.makeBot(['/bin/sh', '-c', script(flag)]))
  await server.printed(id, '\n')
  const pid = Number(/foreign (\d+)\n/.exec((await server.downloadLog(id)).toString())![1])
  t.teardown(() => process.kill(pid, 'SIGKILL'))
  await eventually('another user', () => readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nUid:\t${SOMEBODY}\t`))
  return { server, id, pid, go: () => writeFileSync(flag, '') }
}

t.test('a bot is cancelled although a process of another user lives on, and that is said', { skip }, async t => {
  const { server, id, pid } = await withForeign(t, () => `${foreign('>/dev/null 2>&1')}; exec sleep 600`)
  const bot = (await server.execution(id)).attempts[0]!.pid!

  await server.post(`/api/executions/${id}/cancel`)

  t.match(await endOf(server, id), { state: 'cancelled', reason: 'requested', detail: /belong to another user/ })
  t.notOk(lives(bot))
  t.ok(lives(pid))
})

t.test('a bot has ended although a process of another user holds its log, and that is said', { skip }, async t => {
  const waits = (flag: string) => `${foreign()}; while [ ! -e ${flag} ]; do sleep 0.02; done; exit 3`
  const { server, id, pid, go } = await withForeign(t, waits)
  // Once the bot is gone, only having been seen with it tells whose that process is.
  await eventually('a look at its processes', async () => {
    const { items } = (await server.get(`/api/executions/${id}/usage`)).body
    return items.some(({ pids }: { pids: number }) => pids >= 2)
  })

  go()

  const end = { state: 'failed', reason: 'exit_code', exitCode: 3, detail: /belong to another user/ }
  t.match(await endOf(server, id), end)
  t.ok(lives(pid))
})
