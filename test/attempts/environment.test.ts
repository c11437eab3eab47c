import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { buildApp, readSetupToken } from '../support/app.ts'
import { endOf } from '../support/attempts.ts'
import { Client } from '../support/client.ts'
import { testFolder } from '../support/folder.ts'

const CANARY = 'canary-of-the-server'
const dataDir = join(testFolder(t), 'data')

/** A server whose environment is known to the last variable: `env -i` drops what the test runner would add. */
const server: ChildProcess = spawn(
  '/usr/bin/env',
  [
    '-i',
    `PATH=/opt/app/node_modules/.bin:${process.env.PATH}`,
    'HOST=127.0.0.1',
    'PORT=0',
    `DATA_DIR=${dataDir}`,
    `SECRET_KEY=${CANARY}-0123456789012345678901234567`,
    `CANARY=${CANARY}`,
    'NODE_OPTIONS=--no-deprecation',
    'TZ=Europe/Berlin',
    process.execPath,
    join(import.meta.dirname, '../../src/server.ts')
  ],
  { stdio: ['ignore', 'pipe', 'ignore'] }
)
t.teardown(async () => {
  server.kill('SIGKILL')
  if (server.exitCode === null) await once(server, 'exit')
})
const url = await new Promise<string>(resolve => {
  createInterface({ input: server.stdout! }).on('line', line => {
    const listening = /Server listening at (http:[^"]+)"/.exec(line)
    if (listening) resolve(listening[1]!)
  })
})
const client = new Client(url)
await client.setUp(readSetupToken(dataDir))

const variables = (text: string) =>
  Object.fromEntries(
    text
      .split('\0')
      .filter(Boolean)
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )

const bot = await client.makeBot(['/bin/sh', '-c', 'cat /proc/$$/environ; pwd >cwd; umask >umask'], {
  env: { OWN: 'value' }
})
const execution = await endOf(client, (await client.start(bot)).id)
const seen = variables((await client.downloadLog(execution.id)).toString())

t.test('a bot’s environment is exactly what it is meant to be', async t => {
  t.same(
    Object.keys(seen)
      .filter(name => name !== 'PWD')
      .sort(),
    [
      'BOTYARD_ARTIFACTS',
      'BOTYARD_ATTEMPT',
      'BOTYARD_ATTEMPT_NUMBER',
      'BOTYARD_BOT',
      'BOTYARD_EXECUTION_ID',
      'BOTYARD_OUTPUT',
      'BOTYARD_TRIGGER',
      'HOME',
      'LANG',
      'OWN',
      'PATH',
      'TZ'
    ]
  )
  t.match(seen, {
    OWN: 'value',
    TZ: 'Europe/Berlin',
    BOTYARD_BOT: bot.slug,
    BOTYARD_EXECUTION_ID: execution.id,
    BOTYARD_TRIGGER: 'api',
    BOTYARD_OUTPUT: join(dataDir, 'attempts', seen.BOTYARD_ATTEMPT!, 'output'),
    BOTYARD_ARTIFACTS: join(dataDir, 'attempts', seen.BOTYARD_ATTEMPT!, 'artifacts')
  })
  t.ok(statSync(join(dataDir, 'attempts', seen.BOTYARD_ATTEMPT!)).isDirectory())
})

t.test('nothing of the server’s environment reaches the bot, nor the processes that watch it', async t => {
  const running = await client.makeBot(['/bin/sh', '-c', 'echo "$PPID"; exec sleep 300'])
  const { id } = await client.start(running)
  await client.printed(id, '\n')
  const { pid } = (await client.execution(id)).attempts[0]!
  const parent = (await client.downloadLog(id)).toString().trim()

  for (const process of [pid, parent]) {
    const environ = readFileSync(`/proc/${process}/environ`, 'utf8')
    t.notMatch(environ, new RegExp(`${CANARY}|NODE_OPTIONS|DATA_DIR|SECRET`))
    t.match(environ, /(^|\0)HOME=/)
  }
  await client.post(`/api/executions/${id}/cancel`)
  await endOf(client, id)
})

t.test('a bot’s PATH does not lead into the server’s packages', async t => {
  t.notMatch(seen.PATH, /node_modules/)
  t.match(seen.PATH, /\/usr\/bin/)
})

t.test('a bot without a working folder has one of its own among the workspaces, and finds it again', async t => {
  const folder = join(dataDir, 'workspaces', bot.slug)
  t.equal(readFileSync(join(folder, 'cwd'), 'utf8').trim(), folder)
  t.equal(statSync(folder).mode & 0o777, 0o700)
})

t.test('what lies in the attempts folder is the server’s user’s alone', async t => {
  for (const folder of ['attempts', `attempts/${seen.BOTYARD_ATTEMPT}`])
    t.equal(statSync(join(dataDir, folder)).mode & 0o777, 0o700, folder)
})

t.test('what was run is kept without any value of the environment', async t => {
  const record = readFileSync(join(dataDir, 'attempts', seen.BOTYARD_ATTEMPT!, 'launch.json'), 'utf8')
  t.match(JSON.parse(record), { argv: ['/bin/sh', '-c'], cwd: join(dataDir, 'workspaces', bot.slug) })
  t.notMatch(record, /"OWN"|canary/)
})

t.test('a bot gives way to the server where both want the processor', async t => {
  const app = await buildApp(t)
  const { id } = await app.finished(['/usr/bin/nice'])
  t.equal((await app.downloadLog(id)).toString(), '5\n')
})
