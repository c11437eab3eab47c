import { pino } from 'pino'
import t, { type Test } from 'tap'
import { Migrator } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Happening } from '../../src/happenings/happening.ts'
import { Happenings } from '../../src/happenings/happenings.ts'
import { HappeningStore, note } from '../../src/happenings/store.ts'
import { testFolder } from '../support/folder.ts'
import { eventually } from '../support/wait.ts'

async function somethingHappens(t: Test, count: number) {
  const db = openDatabase(testFolder(t))
  t.teardown(() => db.destroy())
  await new Migrator(db).up()
  for (let slotAt = 1; slotAt <= count; slotAt++)
    await note(db, { kind: 'slot.missed', triggerId: 'x', slotAt, at: Date.now() })
  const store = new HappeningStore(db)
  const happenings = new Happenings(store, pino({ level: 'silent' }))
  t.teardown(() => happenings.stop())
  return { db, store, happenings, left: async () => (await store.some(1000)).length }
}

const slotOf = (happening: Happening) => (happening.kind === 'slot.missed' ? happening.slotAt : 0)

t.test('all that happened is handed to everybody, and then forgotten', async t => {
  const { happenings, left } = await somethingHappens(t, 100)
  const heard: [string, number][] = []
  for (const name of ['one', 'other'])
    happenings.add({ follow: async happening => void heard.push([name, slotOf(happening)]) })
  happenings.wake()
  await eventually('all of it', async () => (await left()) === 0)
  for (const name of ['one', 'other']) {
    const slots = heard.filter(([by]) => by === name).map(([, slot]) => slot)
    t.same(
      slots.sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i + 1)
    )
  }
})

t.test('what somebody cannot act upon is handed to him again, and delays nothing else', async t => {
  const { happenings, left } = await somethingHappens(t, 3)
  const heard: number[] = []
  let fails = true
  happenings.add({
    follow: async happening => {
      heard.push(slotOf(happening))
      if (slotOf(happening) === 1 && fails) throw new Error('not now')
    }
  })
  happenings.wake()
  await eventually('the others', async () => (await left()) === 1)
  fails = false
  await eventually('the first as well', async () => (await left()) === 0)
  t.same(heard.slice(0, 3).sort(), [1, 2, 3])
  t.same([...new Set(heard.slice(3))], [1])
})

t.test('who cannot act upon something keeps nobody else from hearing of it', async t => {
  const { happenings, left } = await somethingHappens(t, 1)
  let heard = 0
  happenings.add({ follow: () => Promise.reject(new Error('not now')) })
  happenings.add({ follow: async () => void heard++ })
  happenings.wake()
  await eventually('it to be heard of', async () => heard > 0)
  t.equal(await left(), 1, 'and it waits for the other')
})

t.test('what happens while others are handed out is not forgotten', async t => {
  const { db, happenings, left } = await somethingHappens(t, 1)
  const heard: number[] = []
  happenings.add({
    follow: async happening => {
      heard.push(slotOf(happening))
      if (heard.length >= 5) return
      await note(db, { kind: 'slot.missed', triggerId: 'x', slotAt: heard.length + 1, at: Date.now() })
      happenings.wake()
    }
  })
  happenings.wake()
  await eventually('the last', async () => heard.length === 5 && (await left()) === 0)
  t.same(heard, [1, 2, 3, 4, 5])
})

t.test('what nobody could act upon for a day is given up', async t => {
  const { db, happenings, left } = await somethingHappens(t, 0)
  await note(db, { kind: 'slot.missed', triggerId: 'x', slotAt: 1, at: Date.now() - 25 * 3_600_000 })
  happenings.add({ follow: () => Promise.reject(new Error('never')) })
  happenings.wake()
  await eventually('it to be given up', async () => (await left()) === 0)
  t.pass()
})
