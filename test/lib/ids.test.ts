import fc from 'fast-check'
import t from 'tap'
import { v7 } from 'uuid'
import { firstIdAt, isId, madeAt, newId } from '../../src/lib/ids.ts'
import { seeded } from '../support/properties.ts'

const instant = fc.nat({ max: 2 ** 48 - 1 })

t.test('an id says when it was made', t => {
  fc.assert(
    fc.property(instant, at => madeAt(v7({ msecs: at })) === at),
    seeded(t)
  )
  const before = Date.now()
  t.ok(madeAt(newId()) >= before)
  t.end()
})

t.test('the border at an instant lies between the ids made before it and those made from it on', t => {
  fc.assert(
    fc.property(instant, instant, (border, at) => at < border === v7({ msecs: at }) < firstIdAt(border)),
    seeded(t)
  )
  fc.assert(
    fc.property(instant, at => isId(firstIdAt(at)) && firstIdAt(at) < v7({ msecs: at })),
    seeded(t)
  )
  t.end()
})
