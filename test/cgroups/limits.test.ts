import t from 'tap'
import { describeLimit, limitsIn, limitsSet, NO_LIMITS, notKept } from '../../src/cgroups/limits.ts'

t.test('a limit is said in words', async t => {
  const said = (limit: object) => {
    const limits = { ...NO_LIMITS, ...limit }
    return limitsSet(limits).map(name => describeLimit(limits, name))
  }
  t.same(said({}), [])
  t.same(said({ memoryBytes: 64 * 2 ** 20 }), ['64 MiB of memory'])
  t.same(said({ memoryBytes: 1.5 * 2 ** 30 }), ['1.5 GiB of memory'])
  t.same(said({ memoryBytes: 100_000_000 }), ['95.37 MiB of memory'])
  t.same(said({ memoryBytes: 2 ** 50 }), ['1024 TiB of memory'])
  t.same(said({ cpus: 1, pids: 1 }), ['1 processor', '1 process'])
  t.same(said({ cpus: 0.5, pids: 100 }), ['0.5 processors', '100 processes'])
})

t.test('limits that are not kept are said in one sentence', async t => {
  t.equal(
    notKept({ ...NO_LIMITS, cpus: 2, pids: 10 }, ['cpus', 'pids']),
    'This machine cannot keep its limit of 2 processors and 10 processes: it ran without.'
  )
})

t.test('what was written down and then spoilt limits nothing', async t => {
  t.same(limitsIn({ memoryBytes: 1, cpus: 0.5, pids: null }), { memoryBytes: 1, cpus: 0.5, pids: null })
  for (const spoilt of [undefined, null, 7, 'memory', [], {}, { pids: '5' }]) t.same(limitsIn(spoilt), NO_LIMITS)
})
