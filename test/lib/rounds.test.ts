import t from 'tap'
import { Rounds } from '../../src/lib/rounds.ts'
import { eventually } from '../support/wait.ts'

t.test('whoever wakes it in the middle of a round gets another one, and never two run at once', async t => {
  const begun: (() => void)[] = []
  const rounds = new Rounds({
    round: () => new Promise(resolve => begun.push(() => resolve(null))),
    failed: () => 0
  })
  rounds.wake()
  for (let i = 0; i < 5; i++) rounds.wake()
  t.equal(begun.length, 1)
  begun[0]!()
  await eventually('the round for all five', () => begun.length === 2)
  begun[1]!()
  await rounds.stop()
  rounds.wake()
  t.equal(begun.length, 2)
})

t.test('one that says when there is more, or fails, is followed by itself until it is stopped', async t => {
  const failures: unknown[] = []
  let count = 0
  const rounds = new Rounds({
    round: async () => {
      if (++count === 2) throw new Error('no room')
      return count < 4 ? 0 : null
    },
    failed: error => {
      failures.push(error)
      return 0
    }
  })
  t.teardown(() => rounds.stop())
  rounds.wake()
  await eventually('all of them', () => count === 4)
  t.match(failures, [{ message: 'no room' }])
})
