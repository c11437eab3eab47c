/** What a running bot has made of its folder, when the server that launched it is killed and the next one comes. */
import { lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { endOf, lives } from '../support/attempts.ts'
import { FIXTURE_BOTS } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

/** A bot that has run `spoil` and then waits for `go` to exit with 7, on a data folder whose server has been killed. */
async function leftBehind(t: Test, spoil: string) {
  const dir = testFolder(t, { data: {} })
  const [dataDir, flag] = [join(dir, 'data'), join(dir, 'flag')]
  const server = await startServer(t, dataDir)
  const waits = [join(FIXTURE_BOTS, 'waits-for-file.sh'), flag, '7']
  const bot = await server.makeBot(['/bin/sh', '-c', `${spoil}; exec /bin/sh "$0" "$@"`, ...waits])
  const { id } = await server.start(bot)
  await server.printed(id, 'ready')
  const pid = (await server.execution(id)).attempts[0]!.pid!
  const [attempt] = readdirSync(join(dataDir, 'attempts'))
  const folder = join(dataDir, 'attempts', attempt!)
  // What servers themselves make in it is there: the next one sees no more come, only what it finds.
  await eventually('all of its files', () => ['index', 'usage'].every(name => readdirSync(folder).includes(name)))
  await server.kill('SIGKILL')
  return { dataDir, id, pid, folder, go: () => writeFileSync(flag, '') }
}

t.test('a bot whose output is a FIFO keeps no server from starting, and ends as it ends', async t => {
  const { dataDir, id, pid, folder, go } = await leftBehind(t, 'rm "$BOTYARD_OUTPUT"; mkfifo "$BOTYARD_OUTPUT"')
  t.ok(lstatSync(join(folder, 'output')).isFIFO())

  const next = await startServer(t, dataDir)

  t.match(await next.execution(id), { state: 'running', attempts: [{ pid }] })
  go()
  t.match(await endOf(next, id), { state: 'failed', reason: 'exit_code', exitCode: 7 })
  t.equal((await next.downloadLog(id)).toString(), 'ready\ndone\n')
})

for (const [what, spoil] of [
  ['whose artifacts are a file', 'rmdir "$BOTYARD_ARTIFACTS"; : >"$BOTYARD_ARTIFACTS"'],
  ['whose output is a folder', 'rm "$BOTYARD_OUTPUT"; mkdir "$BOTYARD_OUTPUT"']
] as const) {
  t.test(`a bot ${what} is taken over like any other, and can be cancelled`, async t => {
    const { dataDir, id, pid } = await leftBehind(t, spoil)

    const next = await startServer(t, dataDir)

    t.match(await next.execution(id), { state: 'running', attempts: [{ pid }] })
    await next.post(`/api/executions/${id}/cancel`)
    t.match(await endOf(next, id), { state: 'cancelled', reason: 'requested', attempts: [{ pid }] })
    await eventually('the end of the bot', () => !lives(pid))
  })
}
