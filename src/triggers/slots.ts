/** The slots of a schedule: the instants at which it runs. Loads the cron library, so is itself loaded when first needed. */
import { Cron, CronDate } from 'croner'
import { dueAt } from './chance.ts'
import type { Schedule } from './trigger.ts'

/** What of a schedule says when its slots are. */
export type Times = Pick<Schedule, 'cron' | 'everyMs' | 'at' | 'timezone' | 'startAt' | 'endAt' | 'exclude'>

/** The first slot after the time `after`; null when none comes any more. @throws Error for a schedule with problems. */
export function nextSlot(schedule: Times, after: number): number | null {
  return slotsAfter(schedule, after).next().value ?? null
}

/** When a slot runs: by chance later than its time where the schedule says so, but never so late that the next comes first. */
export function dueOf(triggerId: string, schedule: Times & Pick<Schedule, 'jitterMs'>, slot: number): number {
  if (schedule.jitterMs === 0) return slot
  const next = nextSlot(schedule, slot) ?? Number.POSITIVE_INFINITY
  return dueAt(triggerId, slot, Math.min(schedule.jitterMs, next - slot - 1))
}

/** The slots after `from` and up to `until`, oldest first; only the first `max` of them. */
export function slotsBetween(schedule: Times, from: number, until: number, max: number): number[] {
  const slots: number[] = []
  for (const slot of slotsAfter(schedule, from)) {
    if (slot > until || slots.length === max) break
    slots.push(slot)
  }
  return slots
}

/** The slots after `from` and up to `until`, oldest first; only the last `max` of them. */
export function lastSlots(schedule: Times, from: number, until: number, max: number): number[] {
  const slots: number[] = []
  for (const slot of slotsBefore(schedule, until + 1)) {
    if (slot <= from || slots.length === max) break
    slots.push(slot)
  }
  return slots.reverse()
}

function* slotsAfter(schedule: Times, after: number): Generator<number, undefined> {
  const beats = beatsOf(schedule)
  let last = Math.max(after, (schedule.startAt ?? Number.NEGATIVE_INFINITY) - 1)
  for (;;) {
    const slot = beats.after(last)
    if (slot === null || slot >= (schedule.endAt ?? Number.POSITIVE_INFINITY)) return
    const date = excludedDate(schedule, slot)
    if (date === null) yield slot
    // Where the clock is put back over midnight a date has two ends: there it goes on slot by slot.
    last = date === null ? slot : Math.max(slot, localTime(schedule, `${date}T23:59:59`))
  }
}

function* slotsBefore(schedule: Times, before: number): Generator<number, undefined> {
  const beats = beatsOf(schedule)
  let last = Math.min(before, schedule.endAt ?? Number.POSITIVE_INFINITY)
  for (;;) {
    const slot = beats.before(last)
    if (slot === null || slot < (schedule.startAt ?? Number.NEGATIVE_INFINITY)) return
    const date = excludedDate(schedule, slot)
    if (date === null) yield slot
    last = date === null ? slot : Math.min(slot, localTime(schedule, `${date}T00:00:00`))
  }
}

/** A schedule without its bounds and excluded dates. */
interface Beats {
  after(time: number): number | null
  before(time: number): number | null
}

function beatsOf({ cron, everyMs, at, timezone, startAt }: Times): Beats {
  if (cron !== null) return cronBeats(cron, timezone)
  if (everyMs !== null) return evenBeats(startAt!, everyMs)
  return { after: time => (at! > time ? at : null), before: time => (at! < time ? at : null) }
}

function evenBeats(origin: number, everyMs: number): Beats {
  return {
    after: time => origin + (Math.floor((time - origin) / everyMs) + 1) * everyMs,
    before: time => origin + (Math.ceil((time - origin) / everyMs) - 1) * everyMs
  }
}

/**
 * By `no-wildcard` every expression whose hours, minutes and seconds have neither `*` nor a step is one of fixed times:
 * what daylight saving time skips runs when the clock has jumped, and what it repeats runs once. Cron does about the same.
 */
function cronBeats(pattern: string, timezone: string): Beats {
  const cron = new Cron(pattern, { timezone, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' })
  return {
    after: time => cron.nextRun(new Date(time))?.getTime() ?? null,
    before: time => cron.previousRuns(1, new Date(time))[0]?.getTime() ?? null
  }
}

/** The date that a slot falls on, where that is excluded. */
function excludedDate({ exclude, timezone }: Times, slot: number): string | null {
  if (exclude.length === 0) return null
  const { year, month, day } = new CronDate(new Date(slot), timezone)
  const date = [String(year).padStart(4, '0'), twoDigits(month + 1), twoDigits(day)].join('-')
  return exclude.includes(date) ? date : null
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

function localTime({ timezone }: Times, time: string): number {
  return new CronDate(time, timezone).getTime()
}
