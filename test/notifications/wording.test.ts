import t from 'tap'
import type { Execution } from '../../src/executions/execution.ts'
import { linesOf, titleOf } from '../../src/notifications/message.ts'
import { messageOf, type Occasion } from '../../src/notifications/wording.ts'

const at = Date.UTC(2026, 4, 17, 8, 30)

function anExecution(more: Partial<Execution> = {}): Execution {
  const attempt = { signal: null } as Execution['attempts'][number]
  const ended = { startedAt: at - 75_000, endedAt: at, queuedAt: at - 80_000, exitCode: 3, detail: null }
  return {
    ...({ id: 'e1', state: 'failed', reason: 'exit_code', trigger: 'api', attempts: [attempt] } as Execution),
    ...ended,
    ...more
  }
}

function anOccasion(more: Partial<Occasion> = {}): Occasion {
  return {
    event: 'failed',
    at,
    rule: { id: 'r1', name: 'Failures' },
    bot: { id: 'b1', slug: 'nightly-backup', name: 'Nightly backup' },
    execution: anExecution(),
    slot: null,
    log: [],
    quieted: 0,
    url: null,
    ...more
  }
}

const said = (more: Partial<Occasion>) => titleOf(messageOf(anOccasion(more)))

t.test('a message says which bot, what became of it, why, how long and when', async t => {
  const message = messageOf(
    anOccasion({ log: ['\u001b[31mno space left\u001b[0m', '', 'x'.repeat(300)], url: 'https://a/b' })
  )
  t.equal(titleOf(message), 'Nightly backup failed')
  t.same(linesOf(message), [
    'Why: It ended with exit code 3.',
    'Exit code: 3',
    'Took: 1 min 15 s',
    'Ended: 2026-05-17 08:30:00 UTC',
    'Started by: API',
    '',
    'no space left',
    `${'x'.repeat(199)}…`,
    '',
    'https://a/b'
  ])
  t.match(message.data, {
    rule: { name: 'Failures' },
    bot: { id: 'b1' },
    execution: { id: 'e1', state: 'failed' },
    slot: null
  })
  t.notHas(message.data.execution as object, { parameters: {} })
})

t.test('each event has words of its own', async t => {
  t.equal(said({ execution: anExecution({ state: 'timed_out', reason: 'wall_clock' }) }), 'Nightly backup timed out')
  t.equal(said({ execution: anExecution({ state: 'lost', reason: 'unknown_end' }) }), 'Nightly backup was lost')
  t.equal(said({ event: 'first_failure' }), 'Nightly backup failed')
  t.equal(
    said({ event: 'recovered', execution: anExecution({ state: 'succeeded' }) }),
    'Nightly backup succeeded again'
  )
  t.equal(said({ event: 'succeeded' }), 'Nightly backup succeeded')
  const running = anExecution({
    state: 'running',
    reason: null,
    endedAt: null,
    exitCode: null,
    startedAt: at - 7_200_000
  })
  t.equal(said({ event: 'long_running', execution: running }), 'Nightly backup has been running for 2 h 00 min')
  const missed = anOccasion({
    event: 'slot_missed',
    execution: null,
    slot: { triggerId: 't1', triggerName: 'Every night', slotAt: at - 60_000 }
  })
  t.equal(titleOf(messageOf(missed)), 'Nightly backup did not start when it should have')
  t.same(linesOf(messageOf(missed)), ['Schedule: Every night', 'Was to start: 2026-05-17 08:29:00 UTC'])
})

t.test('the detail stands beside the reason, and how many were not sent', async t => {
  const execution = anExecution({ detail: 'npm was not found', attempts: [{}, {}] as Execution['attempts'] })
  const lines = linesOf(messageOf(anOccasion({ execution, quieted: 4 })))
  for (const line of ['Detail: npm was not found', 'Attempts: 2', 'Not sent before: 4 like this'])
    t.ok(lines.includes(line), line)
})

t.test('of a log that is too long the last lines are told', async t => {
  const log = Array.from({ length: 20 }, (_, i) => `${i} ${'x'.repeat(150)}`)
  const told = messageOf(anOccasion({ log })).log
  t.equal(told.at(-1), log.at(-1))
  t.equal(told.length, 13)
})

t.test('what cannot be seen, or turns a line around, is not in a message', async t => {
  const name = 'a\u202egnp\u200b.exe\nBcc: x@example.com\u0000\u2028\ud800 \u001b]0;t\u0007b'
  const message = messageOf(anOccasion({ bot: { id: 'b1', slug: 's', name } }))
  t.equal(message.who, 'agnp.exe Bcc: x@example.com \ufffd b')
  t.equal(messageOf(anOccasion({ bot: { id: 'b1', slug: 'the-slug', name: '\u200b' } })).who, 'the-slug')
})
