import { setImmediate as afterOthers } from 'node:timers/promises'
import { judgeMissed, MAX_CATCH_UPS } from './missed.ts'
import type { Occurrence, OccurrenceStore, Scheduled, Settlement, Slot, WaitingSlot } from './occurrences.ts'

/** Slots that are looked for at a time, some milliseconds, before everybody else has his turn. */
const SLOTS_AT_A_TIME = 20

/** How many slots were missed, and how many of them run. */
export interface Judged {
  missed: number
  run: number
}

/** Keeps for each schedule which slot waits to fire, and what became of those before it. One trigger by one caller at a time. */
export class Timetable {
  readonly #store: OccurrenceStore

  constructor(store: OccurrenceStore) {
    this.#store = store
  }

  /**
   * Sees to it that a trigger has the slot that is next by the clock as it is: it may have been switched on or off or
   * changed, or its slots come from a clock that was ahead. What became of slots that lie ahead is forgotten with them,
   * but for those that started something. False when all was as it should be.
   */
  async arrange(triggerId: string): Promise<boolean> {
    const trigger = await this.#store.scheduled(triggerId)
    if (!trigger) return this.#store.removeWaiting(triggerId)
    const now = Date.now()
    const open = await this.#store.open(triggerId, now)
    const [past, ahead] = [open.filter(slot => slot.at <= now), open.filter(slot => slot.at > now)]
    const stays = await this.#ofSchedule(trigger, past, now)
    const next = await this.#next(trigger, now, new Set(ahead.filter(hasStarted).map(slot => slot.at)))

    const isNext = (slot: Occurrence) => slot.state === 'waiting' && slot.at === next?.at && slot.dueAt === next.dueAt
    const strange = ahead.filter(slot => !hasStarted(slot) && !isNext(slot))
    // One that is about to fire is followed by its next when it has.
    const newest = await this.#store.newestAt(triggerId, now)
    const isFiring = stays.at(-1)?.at === newest && !ahead.some(slot => slot.state === 'waiting')
    const missing = ahead.some(isNext) || (stays.length > 0 && isFiring) ? null : next
    const removed = [...past.filter(slot => !stays.includes(slot)), ...strange].map(slot => slot.at)
    if (removed.length === 0 && missing === null) return false
    await this.#store.replace(triggerId, removed, missing)
    return true
  }

  /** A slot is settled, and the next waits. */
  async settle(trigger: Scheduled, slot: Slot, outcome: Omit<Settlement, keyof Slot>): Promise<void> {
    const settled = [{ at: slot.at, dueAt: slot.dueAt, ...outcome }]
    const next = await this.#nextUnsettled(trigger, slot.at)
    await this.#store.settle(trigger.id, { settled, catchUps: [], next, now: Date.now() })
  }

  /** Says of the slots that nobody was there for, those that waited and those after them up to `missedBefore`, which run. */
  async judge(trigger: Scheduled, waiting: WaitingSlot[], missedBefore: number): Promise<Judged> {
    const now = Date.now()
    const newest = (await this.#store.newestAt(trigger.id, now))!
    const found = await this.#missedAfter(trigger, newest, missedBefore)
    const dueAts = new Map([...waiting, ...found].map(slot => [slot.at, slot.dueAt]))
    // A server may have died when it had started one and not written that down yet.
    const started = await this.#store.executionsOf(trigger.id, [...dueAts.keys()])
    const missed = [...dueAts.keys()].filter(at => !started.has(at)).sort((a, b) => a - b)

    const settled: Settlement[] = []
    const catchUps: Slot[] = []
    for (const [at, executionId] of started)
      settled.push({ at, dueAt: dueAts.get(at)!, state: 'started', reason: null, executionId })
    for (const { slot: at, ...verdict } of judgeMissed(trigger.id, missed, trigger.schedule, now)) {
      if (verdict.kind === 'run') catchUps.push({ at, dueAt: verdict.dueAt })
      else settled.push({ at, dueAt: dueAts.get(at)!, state: verdict.kind, reason: verdict.reason, executionId: null })
    }
    const next = await this.#nextUnsettled(trigger, found.at(-1)?.at ?? newest)
    await this.#store.settle(trigger.id, { settled, catchUps, next, now })
    return { missed: missed.length, run: catchUps.length }
  }

  /** Of slots that have been and wait, those that the schedule, which may have been changed, has, and would have wait so long. */
  async #ofSchedule({ schedule }: Scheduled, waiting: Occurrence[], now: number): Promise<Occurrence[]> {
    const { nextSlot } = await import('./slots.ts')
    const latest = now + Math.max(schedule.jitterMs, schedule.spreadMs)
    return waiting.filter(slot => slot.dueAt <= latest && nextSlot(schedule, slot.at - 1) === slot.at)
  }

  /** The slots after `after` that nobody was there for, oldest first: at most one more than may run. */
  async #missedAfter(trigger: Scheduled, after: number, missedBefore: number): Promise<Slot[]> {
    const { lastSlots } = await import('./slots.ts')
    const found: Slot[] = []
    let until = missedBefore - 1
    while (found.length <= MAX_CATCH_UPS) {
      const some = lastSlots(trigger.schedule, after, until, SLOTS_AT_A_TIME)
      if (some.length === 0) break
      found.unshift(...(await Promise.all(some.map(at => this.#slot(trigger, at)))))
      until = some[0]! - 1
      await afterOthers()
    }
    return found.filter(slot => slot.dueAt < missedBefore).slice(-MAX_CATCH_UPS - 1)
  }

  /** The next slot that nothing has become of yet: where the clock was ahead, something may have. */
  async #nextUnsettled(trigger: Scheduled, after: number): Promise<Slot | null> {
    return this.#next(trigger, after, await this.#store.settledAfter(trigger.id, after))
  }

  /** The slot after a time, and none of these; null when none comes. */
  async #next(trigger: Scheduled, after: number, settled: Set<number>): Promise<Slot | null> {
    const { nextSlot } = await import('./slots.ts')
    let at = nextSlot(trigger.schedule, after)
    while (at !== null && settled.has(at)) at = nextSlot(trigger.schedule, at)
    return at === null ? null : this.#slot(trigger, at)
  }

  async #slot({ id, schedule }: Scheduled, at: number): Promise<Slot> {
    const { dueOf } = await import('./slots.ts')
    return { at, dueAt: dueOf(id, schedule, at) }
  }
}

function hasStarted(slot: Occurrence): boolean {
  return slot.state === 'started'
}
