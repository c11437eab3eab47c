/** What a bot, or somebody on the machine, does to the files an attempt is judged by. */
import { lstatSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { endOf, lives } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

async function running(t: Test): Promise<{ app: TestApp; id: string; pid: number; folder: string }> {
  const app = await buildApp(t)
  const bot = await app.makeBot(['/bin/sh', '-c', 'trap "" INT; echo on; while :; do sleep 0.1; done'])
  const { id } = await app.start(bot)
  await app.printed(id, 'on')
  const pid = (await app.execution(id)).attempts[0]!.pid!
  const folder = app.attemptFolder(readdirSync(app.attemptFolder('.'))[0]!)
  return { app, id, pid, folder }
}

t.test('a bot that closes its log runs on, and ends as it ends', async t => {
  const app = await buildApp(t)
  const execution = await app.finished(['/bin/sh', '-c', 'echo first; exec >&- 2>&-; sleep 1; exit 3'])
  t.match(execution, { state: 'failed', reason: 'exit_code', exitCode: 3 })
  t.equal((await app.downloadLog(execution.id)).toString(), 'first\n')
})

t.test('a bot whose `pid` file was removed or cut short can be cancelled all the same', async t => {
  for (const spoil of [(file: string) => rmSync(file), (file: string) => truncateSync(file, 50)]) {
    const dataDir = testFolder(t)
    const first = await startServer(t, dataDir)
    const bot = await first.makeBot(['/bin/sh', '-c', 'trap "" INT; echo on; while :; do sleep 0.1; done'])
    const { id } = await first.start(bot)
    await first.printed(id, 'on')
    const pid = (await first.execution(id)).attempts[0]!.pid!
    await first.kill('SIGKILL')
    const folder = join(dataDir, 'attempts', readdirSync(join(dataDir, 'attempts'))[0]!)
    spoil(join(folder, 'pid'))

    const second = await startServer(t, dataDir)
    t.equal((await second.execution(id)).state, 'running')
    await second.post(`/api/executions/${id}/cancel`)
    t.match(await endOf(second, id), { state: 'cancelled', reason: 'requested' })
    await eventually('the end of the bot', () => !lives(pid))
    await second.kill('SIGTERM')
  }
})

t.test('a bot whose `pid` file is gone ends by itself as any other', async t => {
  const dir = testFolder(t, { data: {} })
  const dataDir = join(dir, 'data')
  const first = await startServer(t, dataDir)
  const flag = join(dir, 'flag')
  const bot = await first.makeBot(['/bin/sh', join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '7'])
  const { id } = await first.start(bot)
  await first.printed(id, 'ready')
  await first.kill('SIGKILL')
  rmSync(join(dataDir, 'attempts', readdirSync(join(dataDir, 'attempts'))[0]!, 'pid'))
  const second = await startServer(t, dataDir)
  writeFileSync(flag, '')
  t.match(await endOf(second, id), { state: 'failed', reason: 'exit_code', exitCode: 7 })
  t.equal((await second.downloadLog(id)).toString(), 'ready\ndone\n')
})

t.test('a bot whose log is removed while it runs goes on, and can be cancelled', async t => {
  const { app, id, pid, folder } = await running(t)
  rmSync(join(folder, 'log'))
  await app.post(`/api/executions/${id}/cancel`)
  t.match(await endOf(app, id), { state: 'cancelled', reason: 'requested' })
  t.notOk(lives(pid))
})

t.test('when the folder of all attempts is removed, what ran is ended and lost, and the next can run', async t => {
  const { app, id, pid } = await running(t)
  rmSync(app.attemptFolder('.'), { recursive: true })
  t.match(await endOf(app, id), { state: 'lost', detail: /folder was removed/ })
  await eventually('the end of the bot', () => !lives(pid))
  const next = await app.finished(['/bin/echo', 'there'], { name: 'next' })
  t.match(next, { state: 'succeeded', attempts: [{ logBytes: 6 }] })
})

t.test('a bot that makes something else of what says how it was launched holds up nobody', async t => {
  const app = await buildApp(t)
  const swaps =
    'cd "$(dirname "$BOTYARD_OUTPUT")"; rm launch.json pid; mkfifo launch.json pid terminal; sleep 1; exit 5'
  const execution = await app.finished(['/bin/sh', '-c', swaps])
  t.match(execution, { state: 'failed', reason: 'exit_code', exitCode: 5 })
})

t.test('a bot that makes something else of its log holds up neither this server nor the next', async t => {
  const dataDir = testFolder(t)
  const first = await startServer(t, dataDir)
  const swaps =
    'log=$(dirname "$BOTYARD_OUTPUT")/log; echo on; rm "$log"; mkfifo "$log"; trap "exit 4" INT; while :; do sleep 0.1; done'
  const { id } = await first.start(await first.makeBot(['/bin/sh', '-c', swaps]))
  const folder = join(dataDir, 'attempts')
  await eventually('the log to be a FIFO', () => {
    const [attempt] = readdirSync(folder)
    return attempt !== undefined && lstatSync(join(folder, attempt, 'log'), { throwIfNoEntry: false })?.isFIFO()
  })
  await first.kill('SIGKILL')

  const second = await startServer(t, dataDir)
  t.equal((await second.get(`/api/executions/${id}/log`)).status, 200)
  await second.post(`/api/executions/${id}/cancel`)
  t.match(await endOf(second, id), { state: 'cancelled', exitCode: 4 })
  t.equal((await second.get(`/api/executions/${id}/log?tail=10`)).status, 200)
})
