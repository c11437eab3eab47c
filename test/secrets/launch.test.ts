import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildApp, type TestApp } from '../support/app.ts'
import { childrenOf } from '../support/attempts.ts'
import { withDatabase } from '../support/database.ts'
import { testFolder } from '../support/folder.ts'
import { printsHashOf, putSecret, secretsOf } from '../support/secrets.ts'
import { startServer } from '../support/server.ts'
import { eventually } from '../support/wait.ts'

const strace = spawnSync('strace', ['--version']).status === 0
const needsStrace = { skip: strace || process.env.CI === 'true' ? false : 'strace is not installed' }

const PEM = `-----BEGIN KEY-----\n${'it\'s "$(id)" \\ `x` ü\n'.repeat(3)}-----END KEY-----\n`

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

async function printedBy(app: TestApp, id: string): Promise<string> {
  return (await app.downloadLog(id)).toString()
}

t.test('a bot is given the secrets it names as variables, byte for byte, and no others', async t => {
  const app = await buildApp(t)
  const longest = `${'x'.repeat(65_535)}y`
  await putSecret(app, 'PEM', PEM)
  await putSecret(app, 'LONGEST', longest)
  await putSecret(app, 'OTHER', 'hunter22')
  for (const [name, value] of Object.entries({ PEM, LONGEST: longest })) {
    const { id, state } = await app.finished(printsHashOf(name), { name, secrets: ['PEM', 'LONGEST'] })
    t.equal(state, 'succeeded')
    t.equal(await printedBy(app, id), `${sha256(value)}\n`, name)
  }
  const { id } = await app.finished(['/bin/sh', '-c', 'echo "[$OTHER]"'], { secrets: ['PEM'] })
  t.equal(await printedBy(app, id), '[]\n')
})

t.test('a trial is given its secrets, too', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  const bot = { name: 'a', command: printsHashOf('TOKEN'), secrets: ['TOKEN'] }
  const { id } = (await app.post('/api/bots/trials', { bot })).body
  await app.ended(id)
  t.equal(await printedBy(app, id), `${sha256('hunter22')}\n`)
})

t.test('a value given while a bot runs is for the next attempt', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  const script =
    'printf %s "$TOKEN" | sha256sum; [ -e done ] || { : >done; while [ ! -e go ]; do sleep 0.05; done; exit 1; }'
  const bot = await app.makeBot(['/bin/sh', '-c', script], {
    secrets: ['TOKEN'],
    retry: { maxAttempts: 2, backoffMs: 0, maxBackoffMs: 0, on: ['exit_code'], exitCodes: [] }
  })
  const { id } = await app.start(bot)
  await app.printed(id, '-')
  await putSecret(app, 'TOKEN', 'hunter33')
  writeFileSync(join(app.config.dataDir, 'workspaces', bot.slug, 'go'), '')
  const execution = await app.ended(id)
  t.equal(execution.state, 'succeeded')
  const hashes = []
  for (const attempt of [1, 2])
    hashes.push((await app.get(`/api/executions/${id}/log?attempt=${attempt}`)).text.slice(0, 64))
  t.same(hashes, [sha256('hunter22'), sha256('hunter33')])
})

t.test('when it was last used is known, and is not written at every launch', async t => {
  const app = await buildApp(t)
  await putSecret(app, 'TOKEN', 'hunter22')
  await putSecret(app, 'UNUSED', 'hunter33')
  const before = Date.now()
  const bot = await app.makeBot(['true'], { secrets: ['TOKEN'] })
  await app.ended((await app.start(bot)).id)
  const first = await eventually('a time', async () => (await secretsOf(app))[0]!.lastUsedAt as number | null)
  t.ok(first >= before && first <= Date.now())
  withDatabase(app.config.dataDir, db => db.prepare('UPDATE secrets SET last_used_at = 1').run())
  await app.ended((await app.start(bot)).id)
  await putSecret(app, 'TOKEN', 'hunter44')
  t.match(await secretsOf(app), [
    { name: 'TOKEN', lastUsedAt: 1 },
    { name: 'UNUSED', lastUsedAt: 1 }
  ])
})

/** Every program that `pid` and whoever it starts run from now on, with its arguments, until the answer is called. */
async function traceOf(t: Test, pid: number): Promise<() => Promise<string>> {
  const file = join(t.testdir({}), 'trace')
  const args = ['-f', '-e', 'trace=execve,execveat', '-s', '100000', '-o', file, '-p', String(pid)]
  const tracer: ChildProcess = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => tracer.kill('SIGKILL'))
  let said = ''
  tracer.stderr!.on('data', chunk => {
    said += chunk
  })
  await eventually('strace to be there', () => /attached/.test(said))
  return async () => {
    tracer.kill('SIGINT')
    await once(tracer, 'exit')
    return readFileSync(file, 'utf8')
  }
}

t.test('no program is ever given a value as an argument, nor is one kept with what was run', needsStrace, async t => {
  const dataDir = join(testFolder(t), 'data')
  const server = await startServer(t, dataDir)
  // The shell that launches bots is there from the first launch on.
  await server.finished(['true'], { name: 'first' })
  const [shell] = childrenOf(server.process.pid!)
  const trace = await traceOf(t, shell!)
  await putSecret(server, 'TOKEN', 'hunter22-and-more')
  for (const terminal of [false, true]) {
    const command = [...printsHashOf('TOKEN'), 'the bot itself']
    const bot = await server.makeBot(command, { name: `terminal: ${terminal}`, secrets: ['TOKEN'], terminal })
    const { id } = await server.ended((await server.start(bot)).id)
    t.match((await server.downloadLog(id)).toString(), sha256('hunter22-and-more'), bot.name)
  }

  const programs = await trace()
  t.match(programs, /setsid.*the bot itself/, 'the launch was seen')
  t.match(programs, /script.*the bot itself/, 'and that in a terminal')
  t.match(programs, /sha256sum/, 'and the bot')
  t.notMatch(programs, 'hunter22')
  const folders = readdirSync(join(dataDir, 'attempts'))
  t.ok(folders.length >= 2)
  for (const folder of folders)
    t.notMatch(readFileSync(join(dataDir, 'attempts', folder, 'launch.json'), 'utf8'), /hunter22|TOKEN=/)
})
