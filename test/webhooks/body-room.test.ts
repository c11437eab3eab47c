import { finished } from 'node:stream/promises'
import t from 'tap'
import { BodyRoom } from '../../src/webhooks/body-room.ts'

const MEBIBYTE = Buffer.alloc(1024 * 1024)

/** How much of a body a room takes before it says that there is no more. */
async function fill(room: BodyRoom, mebibytes: number) {
  const { stream, release } = room.counted()
  let taken = 0
  stream.on('data', () => taken++)
  for (let n = 0; n < mebibytes && !stream.destroyed; n++) stream.write(MEBIBYTE)
  stream.end()
  const problem = await finished(stream).then(
    () => null,
    error => error
  )
  return { taken, problem, release }
}

t.test('large bodies of everybody together take so much memory and no more', async t => {
  const room = new BodyRoom()
  const first = await fill(room, 40)
  t.match(first, { taken: 40, problem: null })
  const second = await fill(room, 40)
  t.match(second, { taken: 24, problem: { code: 'overloaded', headers: { 'retry-after': '5' } } })
  second.release()
  t.match(await fill(room, 24), { taken: 24, problem: null }, 'what was given back can be taken')
  first.release()
  first.release()
  t.match(await fill(room, 41), { taken: 40, problem: { code: 'overloaded' } }, 'once')
})
