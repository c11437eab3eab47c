import t from 'tap'
import { RETRYABLE } from '../../src/bots/retryable.ts'
import { fromLocalInput, toLocalInput } from '../../src/dashboard/lib/day-time.ts'
import { memorySize, size } from '../../src/dashboard/lib/size.ts'
import { duration, relativeTime } from '../../src/dashboard/lib/time.ts'
import { explainAttempt, retryConditions, states, triggers } from '../../src/dashboard/lib/words.ts'
import { REASONS, STATES, TRIGGERS } from '../../src/executions/execution.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

t.test('a duration is said in the two units that matter, and never as less than nothing', async t => {
  const said = [-5, 0, 49, 950, 9_999, 10_000, 59_999, MINUTE, 3 * MINUTE + 5 * SECOND, HOUR, 26 * HOUR, 3 * DAY + HOUR]
  t.same(said.map(duration), [
    'under 0.1 s',
    'under 0.1 s',
    'under 0.1 s',
    '0.9 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '3 min 05 s',
    '1 h 00 min',
    '1 d 2 h',
    '3 d 1 h'
  ])
})

t.test('a time is said as one would, whether it has been or comes', async t => {
  const now = Date.UTC(2026, 5, 15, 12)
  const ago = (ms: number) => relativeTime(now - ms, now)
  t.equal(ago(3 * SECOND), 'just now')
  t.equal(ago(45 * SECOND), '45 seconds ago')
  t.equal(ago(61 * SECOND), '1 minute ago')
  t.equal(ago(5 * HOUR), '5 hours ago')
  t.equal(ago(25 * HOUR), 'yesterday')
  t.equal(ago(6 * DAY), '6 days ago')
  t.equal(relativeTime(now + 2 * HOUR, now), 'in 2 hours')
  t.match(ago(90 * DAY), /2026/)
})

t.test('a size is said in thousands with as many digits as one reads', async t => {
  const sizes = [0, 812, 999, 1000, 1234, 99_400, 99_500, 999_499, 999_600, 34_000_000, 2 ** 30, 5e12, 5e15]
  t.same(sizes.map(size), [
    '0 bytes',
    '812 bytes',
    '999 bytes',
    '1.0 kB',
    '1.2 kB',
    '99.4 kB',
    '100 kB',
    '999 kB',
    '1.0 MB',
    '34.0 MB',
    '1.1 GB',
    '5.0 TB',
    '5000 TB'
  ])
})

t.test('a time that is chosen comes back as the same minute of the same clock', async t => {
  t.equal(toLocalInput(undefined), '')
  t.equal(fromLocalInput(''), undefined)
  for (const at of [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 31, 23, 59)]) {
    t.equal(fromLocalInput(toLocalInput(at)), at)
  }
})

t.test('memory is said as it is counted, in powers of two', async t => {
  const sizes = [0, 812, 1024, 1536, 100 * 2 ** 20, 312.4 * 2 ** 20, 2 ** 30, 1.5 * 2 ** 30, 2 ** 40, 5000 * 2 ** 40]
  t.same(sizes.map(memorySize), [
    '0 bytes',
    '812 bytes',
    '1 KiB',
    '1.5 KiB',
    '100 MiB',
    '312 MiB',
    '1 GiB',
    '1.5 GiB',
    '1 TiB',
    '5000 TiB'
  ])
})

t.test('every state, reason and trigger of the server has plain words', async t => {
  const names = (words: object) => Object.keys(words).sort()
  t.same(names(states), [...STATES].sort())
  t.same(names(triggers), [...TRIGGERS].sort())
  t.same(names(retryConditions), [...RETRYABLE].sort())
  const sentences = REASONS.map(reason => explainAttempt({ reason, detail: null, exitCode: 7, signal: 'SIGTERM' }))
  for (const sentence of sentences) t.match(sentence, /^[A-Z].*\.$/)
  t.equal(new Set(sentences).size, REASONS.length, 'each its own')
})

t.test('what the server says of an end goes before our words for it', async t => {
  const end = { exitCode: 3, signal: null }
  t.equal(explainAttempt({ ...end, reason: 'exit_code', detail: null }), 'It ended with exit code 3.')
  t.equal(explainAttempt({ ...end, reason: 'exit_code', detail: 'The log is not whole.' }), 'The log is not whole.')
  t.equal(explainAttempt({ ...end, reason: null, detail: null }), null)
})
