import fc from 'fast-check'
import t from 'tap'
import { STATES } from '../../src/executions/execution.ts'
import { circleWith, follows } from '../../src/triggers/chain.ts'

const link = (text: string) => ({ afterBotId: text[0]!, botId: text[1]! })
const links = (...texts: string[]) => texts.map(link)

t.test('a chain goes on after the ends it names, and never after what was skipped', async t => {
  const after = (on: Parameters<typeof follows>[0]) => STATES.filter(state => follows(on, state))
  t.same(after('succeeded'), ['succeeded'])
  t.same(after('failed'), ['failed', 'timed_out', 'lost'])
  t.same(after('any').sort(), ['cancelled', 'failed', 'lost', 'succeeded', 'timed_out'])
})

t.test('a link that closes a circle is told by the bots on it', async t => {
  t.same(circleWith([], link('aa')), ['a', 'a'])
  t.same(circleWith(links('ab'), link('ba')), ['a', 'b', 'a'])
  t.same(circleWith(links('ab', 'bc', 'xb', 'cy'), link('ca')), ['a', 'b', 'c', 'a'])
})

t.test('bots that meet again without a circle may be linked', async t => {
  t.equal(circleWith([], link('ab')), null)
  t.equal(circleWith(links('ab', 'ac', 'bd', 'cd'), link('ad')), null)
  t.equal(circleWith(links('bc'), link('ab')), null)
})

t.test('of links made one by one, none that is taken lets a bot come after itself', async () => {
  const bot = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  fc.assert(
    fc.property(fc.array(fc.record({ afterBotId: bot, botId: bot }), { maxLength: 30 }), wanted => {
      const taken: typeof wanted = []
      for (const one of wanted) if (!circleWith(taken, one)) taken.push(one)
      return ['a', 'b', 'c', 'd', 'e'].every(start => !reaches(taken, start))
    })
  )
})

function reaches(taken: { afterBotId: string; botId: string }[], start: string): boolean {
  const seen = new Set<string>()
  const next = [start]
  while (next.length > 0) {
    const at = next.pop()!
    for (const { botId } of taken.filter(({ afterBotId }) => afterBotId === at)) {
      if (botId === start) return true
      if (!seen.has(botId)) next.push(botId)
      seen.add(botId)
    }
  }
  return false
}
