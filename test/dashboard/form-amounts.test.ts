import fc from 'fast-check'
import t from 'tap'
import { Bot } from '../../src/bots/schemas.ts'
import {
  amountProblem,
  amountText,
  bounds,
  countUnits,
  memoryUnits,
  processorUnits,
  readAmount,
  sizeUnits,
  timeUnits,
  unitFor
} from '../../src/dashboard/forms/amounts.ts'
import { seeded } from '../support/properties.ts'

const shown = (value: number, units: typeof timeUnits) => {
  const unit = unitFor(value, units)
  return `${amountText(value, unit)} ${unit.word}`
}

t.test('an amount is shown in the largest unit that needs no fraction', async t => {
  t.equal(shown(3_600_000, timeUnits), '1 h')
  t.equal(shown(5_400_000, timeUnits), '90 min')
  t.equal(shown(10_000, timeUnits), '10 s')
  t.equal(shown(1500, timeUnits), '1.5 s')
  t.equal(shown(0, timeUnits), '0 s')
  t.equal(shown(2 ** 30, sizeUnits), '1 GiB')
  t.equal(shown(4096, sizeUnits), '4 KiB')
  t.equal(amountText(Number.NaN, timeUnits[0]!), '')
})

t.test('what is shown is read back as the same amount', async t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.constantFrom(timeUnits, sizeUnits, memoryUnits, countUnits),
      (value, units) => {
        for (const unit of [unitFor(value, units), ...units]) t.equal(readAmount(amountText(value, unit), unit), value)
      }
    ),
    seeded(t)
  )
})

t.test('a fraction of a unit is a whole number of what it consists of', async t => {
  t.equal(readAmount('1.1', timeUnits[2]!), 3_960_000)
  t.equal(readAmount('0.5', sizeUnits[1]!), 524_288)
  t.same(readAmount(' ', timeUnits[0]!), Number.NaN)
  t.same(readAmount('soon', timeUnits[0]!), Number.NaN)
})

t.test('an amount that is out of bounds is told in units', async t => {
  const time = (value: number) => amountProblem(value, bounds.killGraceMs, timeUnits)
  t.equal(time(0), null)
  t.equal(time(600_000), null)
  for (const wrong of [-1, 600_001, Number.NaN, 0.5]) t.equal(time(wrong), 'Write a number from 0 s to 10 min.')
  t.equal(amountProblem(1.5, bounds.concurrencyLimit, countUnits), 'Write a whole number from 1 to 1000.')
  t.equal(amountProblem(1.5, bounds.cpus, processorUnits), null)
  for (const wrong of [0, 1025, Number.NaN]) {
    t.equal(amountProblem(wrong, bounds.cpus, processorUnits), 'Write a number from 0.01 to 1024.')
  }
})

t.test('the bounds are those of the server', async t => {
  const { concurrency, limits, retry, ...plain } = Bot.properties
  const of = (schema: object) => {
    const nullable = schema as { anyOf?: object[] }
    const { minimum, maximum } = (nullable.anyOf?.[0] ?? schema) as { minimum: number; maximum: number }
    return { min: minimum, max: maximum }
  }
  t.same(bounds, {
    timeoutMs: of(plain.timeoutMs),
    idleTimeoutMs: of(plain.idleTimeoutMs),
    killGraceMs: of(plain.killGraceMs),
    maxLogBytes: of(plain.maxLogBytes),
    memoryBytes: of(limits.properties.memoryBytes),
    cpus: of(limits.properties.cpus),
    pids: of(limits.properties.pids),
    priority: of(plain.priority),
    concurrencyLimit: of(concurrency.properties.limit),
    maxAttempts: of(retry.properties.maxAttempts),
    backoffMs: of(retry.properties.backoffMs),
    maxBackoffMs: of(retry.properties.maxBackoffMs)
  })
})
