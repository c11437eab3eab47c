import t from 'tap'
import type { Bot } from '../../src/bots/bot.ts'
import { defaultBot } from '../../src/bots/schemas.ts'
import { launchOf, unlaunchable } from '../../src/executions/launch.ts'

const BOT: Bot = {
  ...defaultBot(),
  id: 'bot-id',
  slug: 'nightly',
  name: 'Nightly',
  command: ['report', '--for={{parameters.who}}', '{{ parameters.list }}', 'plain'],
  env: { WHO: '{{parameters.who}}', PATH: '/opt/bin' },
  createdAt: 0,
  updatedAt: 0
}
const launch = (bot: Partial<Bot>, parameters: Record<string, unknown>, secrets: Record<string, string> = {}) =>
  launchOf(
    { ...BOT, ...bot },
    { id: 'attempt-id', number: 2, executionId: 'execution-id', trigger: 'api', parameters, concurrencyKey: null },
    { dataDir: '/data', baseEnvironment: { PATH: '/usr/bin', HOME: '/root' }, secrets, payload: null, user: null }
  )

t.test('a bot and its parameters make what is run', async t => {
  t.same(launch({}, { who: 'Ann', list: [1, 'two'] }), {
    folder: '/data/attempts/attempt-id',
    argv: ['report', '--for=Ann', '[1,"two"]', 'plain'],
    cwd: '/data/workspaces/nightly',
    env: {
      PATH: '/opt/bin',
      HOME: '/root',
      WHO: 'Ann',
      BOTYARD_EXECUTION_ID: 'execution-id',
      BOTYARD_ATTEMPT_NUMBER: '2',
      BOTYARD_BOT: 'nightly',
      BOTYARD_TRIGGER: 'api',
      BOTYARD_OUTPUT: '/data/attempts/attempt-id/output',
      BOTYARD_ARTIFACTS: '/data/attempts/attempt-id/artifacts'
    },
    secretValues: [],
    payload: null,
    terminal: false,
    input: false,
    maxLogBytes: 2 ** 30,
    assert: BOT.assert,
    limits: BOT.limits,
    user: null
  })
})

t.test('secrets stand in the environment, beside nothing else of what is run', async t => {
  const made = launch(
    { command: ['echo', '$TOKEN', '{{parameters.TOKEN}}'], secrets: ['TOKEN'] },
    {},
    { TOKEN: 'hunter22' }
  )
  t.equal(made.env.TOKEN, 'hunter22')
  t.same(made.secretValues, ['hunter22'])
  t.notMatch(JSON.stringify({ ...made, env: null, secretValues: null }), /hunter/)
})

t.test('a bot in a terminal takes input, and another only when it is to', async t => {
  t.match(launch({ terminal: true }, {}), { terminal: true, input: true })
  t.match(launch({ input: true }, {}), { terminal: false, input: true })
})

t.test('a bot with a working folder of its own runs there', async t => {
  t.equal(launch({ cwd: '/srv' }, {}).cwd, '/srv')
})

t.test('a value that looks like a placeholder stays text', async t => {
  t.same(launch({}, { who: '{{parameters.list}}', list: '$& $1' }).argv.slice(1, 3), [
    '--for={{parameters.list}}',
    '$& $1'
  ])
})

t.test('a value that is missing is an empty argument, not a missing one', async t => {
  t.same(launch({}, {}).argv, ['report', '--for=', '', 'plain'])
})

t.test('a value with a NUL is named, wherever in it the NUL is', async t => {
  t.same(unlaunchable({ good: 'a', number: 1, list: ['b'] }), [])
  t.match(unlaunchable({ good: 'a', bad: 'x\0y' }), [{ path: '/bad' }])
  t.match(
    unlaunchable({ nested: { deep: ['x\0y'] } }),
    [{ path: '/nested' }],
    'a placeholder can name a part of a value'
  )
})
