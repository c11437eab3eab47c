import t from 'tap'
import type { ExecutionState } from '../../src/executions/execution.ts'
import { isQuiet, type Occurrence, type Outcome, whatFires } from '../../src/notifications/firing.ts'
import type { NotificationEvent, Rule } from '../../src/notifications/notifications.ts'

function aRule(more: Partial<Rule> = {}): Rule {
  return {
    id: 'r',
    name: 'rule',
    events: [],
    botId: null,
    botSlug: null,
    botName: null,
    channelIds: ['c'],
    quietMs: 0,
    longRunningMs: null,
    logLines: 0,
    enabled: true,
    createdAt: 0,
    updatedAt: 0,
    ...more
  }
}

const ended = (state: ExecutionState, before: Outcome | null = null): Occurrence => ({
  kind: 'ended',
  botId: 'b',
  state,
  trial: false,
  before
})

/** What a rule for these events is told. */
const told = (occurrence: Occurrence, events: NotificationEvent[], more: Partial<Rule> = {}): string | null =>
  whatFires(occurrence, [aRule({ events, ...more })])[0]?.event ?? null

t.test('each event fires on what it says, and on nothing else', async t => {
  const ends: [ExecutionState, Outcome | null, NotificationEvent[]][] = [
    ['succeeded', null, ['succeeded']],
    ['succeeded', 'good', ['succeeded']],
    ['succeeded', 'bad', ['succeeded', 'recovered']],
    ['failed', null, ['failed', 'first_failure']],
    ['failed', 'good', ['failed', 'first_failure']],
    ['failed', 'bad', ['failed']],
    ['timed_out', 'good', ['failed', 'first_failure']],
    ['timed_out', 'bad', ['failed']],
    ['lost', 'good', ['failed', 'first_failure']],
    ['lost', 'bad', ['failed']],
    ['cancelled', 'good', []],
    ['cancelled', 'bad', []],
    ['skipped', 'bad', []]
  ]
  const all: NotificationEvent[] = ['failed', 'first_failure', 'recovered', 'succeeded', 'slot_missed', 'long_running']
  for (const [state, before, fires] of ends)
    for (const event of all)
      t.equal(
        told(ended(state, before), [event]),
        fires.includes(event) ? event : null,
        `${event}: ${state} after ${before}`
      )
  for (const event of all) {
    const missed: Occurrence = { kind: 'slot_missed', botId: 'b' }
    t.equal(told(missed, [event]), event === 'slot_missed' ? event : null, `${event}: a slot was missed`)
  }
})

t.test('a rule for several events is told of one thing once, by what says most', async t => {
  t.equal(told(ended('failed', 'good'), ['failed', 'first_failure']), 'first_failure')
  t.equal(told(ended('failed', 'bad'), ['failed', 'first_failure']), 'failed')
  t.equal(told(ended('succeeded', 'bad'), ['succeeded', 'recovered']), 'recovered')
})

t.test('an execution runs for long from when the rule says so', async t => {
  const running = (runningMs: number): Occurrence => ({ kind: 'running', botId: 'b', runningMs })
  t.equal(told(running(60_000), ['long_running'], { longRunningMs: 60_000 }), 'long_running')
  t.equal(told(running(59_999), ['long_running'], { longRunningMs: 60_000 }), null)
  t.equal(told(running(60_000), ['failed'], { longRunningMs: 60_000 }), null)
  t.equal(told(running(60_000), ['long_running']), null)
})

t.test('a rule that is for a bot, disabled, or asked about a trial says nothing of others', async t => {
  t.equal(told(ended('failed'), ['failed'], { botId: 'b' }), 'failed')
  t.equal(told(ended('failed'), ['failed'], { botId: 'other' }), null)
  t.equal(told({ ...ended('failed'), botId: null } as Occurrence, ['failed'], { botId: 'b' }), null)
  t.equal(
    told({ ...ended('failed'), botId: null } as Occurrence, ['failed']),
    'failed',
    'a bot that is gone has failed'
  )
  t.equal(told(ended('failed'), ['failed'], { enabled: false }), null)
  t.equal(told({ ...ended('failed'), trial: true } as Occurrence, ['failed']), null)
  const fired = whatFires(ended('failed'), [
    aRule({ id: '1', events: ['failed'] }),
    aRule({ id: '2', events: ['failed'] })
  ])
  t.same(
    fired.map(({ rule }) => rule.id),
    ['1', '2'],
    'each rule for itself'
  )
})

t.test('a rule is quiet for so long after what it told, also of what came out of order', async t => {
  const rule = { quietMs: 60_000 }
  for (const [lastAt, at, quiet] of [
    [null, 0, false],
    [1000, 1000, true],
    [1000, 60_999, true],
    [1000, 61_000, false],
    [1000, 999, true],
    [61_000, 1000, false]
  ] as const)
    t.equal(isQuiet(rule, lastAt, at), quiet, `${lastAt} ${at}`)
  t.equal(isQuiet({ quietMs: 0 }, 1000, 1000), false)
})
