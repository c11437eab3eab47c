import { getTasks } from 'node-cron'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { type Chore, Chores } from '../src/chores.ts'
import { eventually } from './support/wait.ts'

function made(t: Test, chores: Chore[]) {
  const said: { msg: string; chore: string; err: { message: string } }[] = []
  const all = new Chores(chores, pino({}, { write: (line: string) => void said.push(JSON.parse(line)) }))
  t.teardown(() => all.stop())
  return { all, said }
}

t.test('chores are done one after the other, and one that fails keeps no other from being done', async t => {
  const done: string[] = []
  const { all, said } = made(t, [
    { name: 'first', run: async now => void done.push(`first at ${now}`) },
    { name: 'second', run: () => Promise.reject(new Error('no room')) },
    { name: 'third', run: async now => void done.push(`third at ${now}`) }
  ])
  await all.run(5)
  t.same(done, ['first at 5', 'third at 5'])
  t.match(said, [{ chore: 'second', err: { message: 'no room' }, msg: /tried again in an hour\. See whether/ }])
  await all.run(6)
  t.same(done.slice(2), ['first at 6', 'third at 6'], 'the next round tries again')
})

t.test('no round begins while another goes on', async t => {
  let [rounds, atOnce, most] = [0, 0, 0]
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { all } = made(t, [
    {
      name: 'slow',
      run: async () => {
        rounds++
        most = Math.max(most, ++atOnce)
        await gate
        atOnce--
      }
    }
  ])
  const asked = [all.run(), all.run(), all.run()]
  open()
  await Promise.all(asked)
  t.same([rounds, most], [1, 1])
  await all.run()
  t.equal(rounds, 2)
})

t.test('stopping ends a chore that is at work, waits for it, and lets no other begin', async t => {
  const done: string[] = []
  const { all, said } = made(t, [
    {
      name: 'long',
      run: async (_now, signal) => {
        done.push('begun')
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        done.push('ended')
        signal.throwIfAborted()
      }
    },
    { name: 'next', run: async () => void done.push('next') }
  ])
  const round = all.run()
  await all.stop()
  t.same(done, ['begun', 'ended'])
  await round
  await all.run()
  t.same([done, said], [['begun', 'ended'], []])
})

t.test('they are done soon after the start and every hour from then on, until the server stops', async t => {
  let rounds = 0
  const { all } = made(t, [{ name: 'any', run: async () => void rounds++ }])
  all.begin(0)
  await eventually('the first round', () => rounds === 1)
  const tasks = [...getTasks().values()]
  t.equal(tasks.length, 1)
  t.match(tasks[0]!.getPattern(), /^\d+ \* \* \* \*$/)
  const [first, second] = tasks[0]!.getNextRuns(2)
  t.equal(second!.getTime() - first!.getTime(), 3_600_000)
  await tasks[0]!.execute()
  t.equal(rounds, 2)
  await all.stop()
  t.equal(getTasks().size, 0)
})

t.test('who stops before the first round does none', async t => {
  const { all } = made(t, [{ name: 'any', run: async () => void t.fail('it was done') }])
  all.begin(0)
  await all.stop()
  t.equal(getTasks().size, 0)
})
