import t from 'tap'
import { judgeMissed, MAX_CATCH_UPS, type Verdict } from '../../src/triggers/missed.ts'
import type { Schedule } from '../../src/triggers/trigger.ts'

const HOUR = 3_600_000
const NOW = 1000 * HOUR

type Policy = Partial<Pick<Schedule, 'missed' | 'maxAgeMs' | 'spreadMs'>>

/** What becomes of slots so many hours ago: `run`, `skipped superseded`, … */
function judge(hoursAgo: number[], policy: Policy): string[] {
  const slots = hoursAgo.map(hours => NOW - hours * HOUR)
  return verdicts(slots, policy).map(verdict => ('reason' in verdict ? `${verdict.kind} ${verdict.reason}` : 'run'))
}

function verdicts(slots: number[], policy: Policy, triggerId = 'trigger'): Verdict[] {
  return judgeMissed(triggerId, slots, { missed: 'latest', maxAgeMs: 24 * HOUR, spreadMs: 0, ...policy }, NOW)
}

t.test('the policy says which of the missed slots run', async t => {
  const table: [number[], Policy, string[]][] = [
    [[3, 2, 1], { missed: 'skip' }, ['missed not_caught_up', 'missed not_caught_up', 'missed not_caught_up']],
    [[3, 2, 1], { missed: 'latest' }, ['skipped superseded', 'skipped superseded', 'run']],
    [[1], { missed: 'latest' }, ['run']],
    [[3, 2, 1], { missed: 'all' }, ['run', 'run', 'run']],
    [[], { missed: 'all' }, []],
    // What is too old does not run; a slot of exactly that age still does.
    [[25, 24, 1], { missed: 'all' }, ['missed too_old', 'run', 'run']],
    [[25, 24], { missed: 'latest' }, ['skipped superseded', 'run']],
    [[26, 25], { missed: 'latest' }, ['missed too_old', 'missed too_old']],
    [[26, 25], { missed: 'all' }, ['missed too_old', 'missed too_old']],
    [[2, 1], { missed: 'all', maxAgeMs: 0 }, ['missed too_old', 'missed too_old']],
    [[25, 1], { missed: 'skip' }, ['missed not_caught_up', 'missed not_caught_up']]
  ]
  for (const [hoursAgo, policy, expected] of table)
    t.same(judge(hoursAgo, policy), expected, `${JSON.stringify(policy)}: ${hoursAgo}`)
})

t.test('of very many the newest run', async t => {
  const hours = Array.from({ length: MAX_CATCH_UPS + 2 }, (_, index) => (MAX_CATCH_UPS + 2 - index) / 1000)
  const judged = judge(hours, { missed: 'all' })
  t.same(judged.slice(0, 2), ['missed too_many', 'missed too_many'])
  t.ok(judged.slice(2).every(verdict => verdict === 'run'))
})

t.test('without a spread they are due at once; with one, in their order and evenly over that time', async t => {
  const slots = Array.from({ length: 10 }, (_, index) => NOW - (10 - index) * HOUR)
  const dueIn = (policy: Policy) =>
    verdicts(slots, { missed: 'all', ...policy }).map(verdict => (verdict.kind === 'run' ? verdict.dueAt - NOW : null))
  t.same(dueIn({}), Array(10).fill(0))
  for (const [index, due] of dueIn({ spreadMs: 10_000 }).entries())
    t.ok(due !== null && due >= index * 1000 && due < (index + 1) * 1000, `${index}: ${due}`)
})

t.test('triggers that missed the same slot do not make up for it at the same time', async t => {
  const due = Array.from({ length: 200 }, (_, index) => {
    const [verdict] = verdicts([NOW - HOUR], { spreadMs: 60_000 }, `trigger ${index}`)
    return verdict?.kind === 'run' ? verdict.dueAt - NOW : -1
  })
  t.ok(due.every(late => late >= 0 && late < 60_000))
  t.ok(new Set(due).size > 150)
})
