import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sample } from 'fast-check'
import t, { type Test } from 'tap'
import { AttemptDirectory } from '../../src/attempts/attempt-directory.ts'
import { type Launch, Launcher } from '../../src/attempts/launcher.ts'
import { NO_LIMITS } from '../../src/cgroups/limits.ts'
import { childrenOf, launchByHand, lives, seededRandom } from '../support/attempts.ts'
import { unicodeText } from '../support/properties.ts'
import { eventually } from '../support/wait.ts'

const NASTY = [
  '',
  ' ',
  "it's",
  "''",
  "'; touch /tmp/never; '",
  '"double"',
  '$(id)',
  '`id`',
  '$HOME $PATH $1',
  '\\',
  '\\n',
  "\\'",
  'two\nlines\n',
  '\n',
  '\r\n',
  '\t',
  ';&|<>()*?[]~#!{}=%',
  '-n',
  '--',
  '{{parameters.x}}',
  '\u0001\u0007\u001b[31m\u007f',
  // Bytes that shells use for marks of their own.
  '\u0081\u0082\u0083\u0084\u0088 āĂ',
  'ünï→💥\u2028\ufeff',
  'x'.repeat(100_000)
]

function launchIn(t: Test, launch: Partial<Launch>): { id: string; launch: Launch } {
  const folder = join(t.testdir({}), 'attempt')
  mkdirSync(folder)
  return {
    id: 'attempt',
    launch: {
      folder,
      argv: ['/usr/bin/true'],
      env: {},
      secretValues: [],
      payload: null,
      cwd: '/',
      terminal: false,
      input: false,
      maxLogBytes: 2 ** 30,
      limits: NO_LIMITS,
      assert: { mustPrint: [], mustNotPrint: [], mustCreate: [] },
      user: null,
      ...launch
    }
  }
}

async function closed({ launch }: { launch: Launch }): Promise<void> {
  const directory = new AttemptDirectory(join(launch.folder, '..'), 'attempt')
  await eventually('the end of the attempt', () => directory.files().closed !== null)
}

/** What a program is given when `argv` has gone through a shell, the launcher's line, the wrapper and setsid. */
async function passed(t: Test, values: string[]): Promise<string[]> {
  const attempt = launchIn(t, { argv: ['/usr/bin/printf', '%s\\0', ...values] })
  await launchByHand(attempt)
  await closed(attempt)
  return readFileSync(join(attempt.launch.folder, 'log'), 'utf8').split('\0').slice(0, -1)
}

t.test('arguments arrive as they are, whatever a shell would make of them', async t => {
  t.same(await passed(t, NASTY), NASTY)
})

t.test('arguments at random arrive as they are', async t => {
  const seed = Math.floor(seededRandom(t)() * 2 ** 31)
  const values = sample(unicodeText({ maxLength: 30 }), { seed, numRuns: 1000 }).map(value =>
    value.replaceAll('\0', '')
  )

  t.same(await passed(t, values), values)
})

t.test('the environment arrives as it is, and is all there is', async t => {
  const env = Object.fromEntries(NASTY.map((value, i) => [`VALUE_${i}`, value]))
  const attempt = launchIn(t, { argv: ['/usr/bin/env', '-0'], env })
  await launchByHand(attempt)
  await closed(attempt)

  const lines = readFileSync(join(attempt.launch.folder, 'log'), 'utf8').split('\0').slice(0, -1)
  const { PWD: _, ...seen } = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )
  t.same(seen, { ...env, BOTYARD_ATTEMPT: 'attempt' })
})

t.test('variables that have the names of the wrapper’s own keep their values', async t => {
  const env = Object.fromEntries(
    ['b', 'd', 'in', 's', 'w', 'cap', 'cwd', 'fail'].map(name => [name, `the bot's ${name}`])
  )
  const attempt = launchIn(t, { argv: ['/usr/bin/env'], env })
  await launchByHand(attempt)
  await closed(attempt)

  const lines = readFileSync(join(attempt.launch.folder, 'log'), 'utf8').split('\n')
  for (const [name, value] of Object.entries(env)) t.ok(lines.includes(`${name}=${value}`), name)
})

t.test('a bot and its wrapper have a session each, and belong to nobody', async t => {
  const attempt = launchIn(t, { argv: ['/bin/sh', '-c', 'cat /proc/$$/stat; cat /proc/$PPID/stat'] })
  await launchByHand(attempt)
  await closed(attempt)

  const identity = new AttemptDirectory(join(attempt.launch.folder, '..'), 'attempt').identity()!
  const [bot] = readFileSync(join(attempt.launch.folder, 'log'), 'utf8').split('\n')
  const fields = bot!.slice(bot!.lastIndexOf(')') + 2).split(' ')
  t.equal(Number.parseInt(bot!, 10), identity.bot.pid)
  t.equal(Number(fields[2]), identity.bot.pid, 'process group')
  t.equal(Number(fields[3]), identity.bot.pid, 'session')
  t.not(identity.bot.pid, identity.wrapper.pid)
})

t.test('a bot that takes input has a FIFO of its own, also when several shells launch it', async t => {
  const attempt = launchIn(t, { argv: ['/usr/bin/head', '-n', '1'], input: true })
  const { input } = new AttemptDirectory(join(attempt.launch.folder, '..'), 'attempt')
  await Promise.all(Array.from({ length: 5 }, () => launchByHand(attempt)))

  t.ok(statSync(input).isFIFO())
  t.equal(statSync(input).mode & 0o777, 0o600)
  appendFileSync(input, 'this\n')
  await closed(attempt)
  t.equal(readFileSync(join(attempt.launch.folder, 'log'), 'utf8'), 'this\n')
})

t.test('a launcher whose shell was killed starts another', async t => {
  const launcher = new Launcher()
  launcher.onFailure((_, why) => t.fail(why))
  t.teardown(() => launcher.stop())
  const before = new Set(childrenOf(process.pid))
  const one = launchIn(t, {})
  launcher.launch('attempt', one.launch)
  await closed(one)
  const [shell] = childrenOf(process.pid).filter(pid => !before.has(pid))

  process.kill(shell!, 'SIGKILL')
  await eventually('the end of the shell', () => !lives(shell!))
  const folder = join(one.launch.folder, '../second/attempt')
  mkdirSync(folder, { recursive: true })
  const two = { launch: { ...one.launch, folder } }
  // Until this process hears of the death, a launch is lost with the shell; a supervisor launches again by itself.
  await eventually('the second attempt', () => {
    launcher.launch('attempt', two.launch)
    return new AttemptDirectory(join(folder, '..'), 'attempt').files().closed !== null
  })

  t.match(new AttemptDirectory(join(folder, '..'), 'attempt').files(), { exit: 0, closed: 0 })
})

t.test('a launcher that is stopped ends its shell', async t => {
  const launcher = new Launcher()
  launcher.onFailure((_, why) => t.fail(why))
  const before = new Set(childrenOf(process.pid))
  const attempt = launchIn(t, {})
  launcher.launch('attempt', attempt.launch)
  launcher.stop()
  const shells = childrenOf(process.pid).filter(pid => !before.has(pid))
  t.ok(shells.length > 0)

  await closed(attempt)
  await eventually('the end of the shell', () => !shells.some(lives))
})

t.test('what the system refuses is told with its cause, and the next attempt starts', async t => {
  const failures: [string, string][] = []
  const launcher = new Launcher()
  launcher.onFailure((id, why) => failures.push([id, why]))
  t.teardown(() => launcher.stop())
  const refused = launchIn(t, { argv: ['/usr/bin/true', 'x'.repeat(200_000)] })
  launcher.launch('too-long', refused.launch)
  await eventually('the refusal', () => failures.length > 0)

  t.match(failures, [['too-long', /Argument list too long/]])
  launcher.launch('attempt', { ...refused.launch, argv: ['/usr/bin/true'] })
  await closed(refused)
})
