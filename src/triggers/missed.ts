import { chanceOf } from './chance.ts'
import type { Schedule } from './trigger.ts'

/** However many were missed, no more of a trigger run; what there is before them is not looked at either. */
export const MAX_CATCH_UPS = 1000

/** What becomes of a slot that was missed. */
export type Verdict =
  | { slot: number; kind: 'run'; dueAt: number }
  /** A later one runs for it: nobody misses it. */
  | { slot: number; kind: 'skipped'; reason: 'superseded' }
  | { slot: number; kind: 'missed'; reason: 'not_caught_up' | 'too_old' | 'too_many' }

type Policy = Pick<Schedule, 'missed' | 'maxAgeMs' | 'spreadMs'>

/** What becomes of the slots of a trigger that were missed, oldest first, as at the time `now`. */
export function judgeMissed(triggerId: string, slots: number[], policy: Policy, now: number): Verdict[] {
  const runs = new Map(spread(triggerId, toRun(slots, policy, now), policy.spreadMs, now))
  return slots.map((slot, index) => {
    const at = runs.get(slot)
    if (at !== undefined) return { slot, kind: 'run', dueAt: at }
    if (policy.missed === 'skip') return { slot, kind: 'missed', reason: 'not_caught_up' }
    if (policy.missed === 'latest' && runs.size > 0) return { slot, kind: 'skipped', reason: 'superseded' }
    if (policy.missed === 'all' && index < slots.length - MAX_CATCH_UPS && !isTooOld(slot, policy, now))
      return { slot, kind: 'missed', reason: 'too_many' }
    return { slot, kind: 'missed', reason: 'too_old' }
  })
}

function toRun(slots: number[], policy: Policy, now: number): number[] {
  const young = slots.filter(slot => !isTooOld(slot, policy, now))
  if (policy.missed === 'skip') return []
  return young.slice(policy.missed === 'latest' ? -1 : -MAX_CATCH_UPS)
}

function isTooOld(slot: number, { maxAgeMs }: Policy, now: number): boolean {
  return now - slot > maxAgeMs
}

/** Evenly over the time there is, in their order; triggers that missed the same slots do not run them at the same time. */
function spread(triggerId: string, slots: number[], spreadMs: number, now: number): [slot: number, dueAt: number][] {
  const stepMs = spreadMs / Math.max(1, slots.length)
  return slots.map((slot, index) => [slot, now + Math.floor((index + chanceOf(triggerId, slots[0]!)) * stepMs)])
}
