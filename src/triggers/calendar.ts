import type { Static } from 'typebox'
import { AppError } from '../lib/errors.ts'
import { Slices } from '../lib/slices.ts'
import type { Entry, EntryStore, Named, Span } from './occurrence-entries.ts'
import type * as schemas from './occurrence-schemas.ts'
import type { Occurrence as Row } from './occurrences.ts'
import { settleSchedule } from './schedule-rules.ts'
import type { Schedule } from './trigger.ts'

export type Occurrence = Static<typeof schemas.Occurrence>
export type CalendarEntry = Static<typeof schemas.CalendarEntry>

/** What a schedule that may still be saved, or not, would come to. */
export async function preview(
  given: Partial<Schedule>,
  { from, count, now }: { from: number; count: number; now: number }
): Promise<Static<typeof schemas.Preview>> {
  const schedule = settleSchedule(given, null, now)
  const [{ scheduleProblems }, { slotsBetween }, { inWords }] = await Promise.all([
    import('./schedule-problems.ts'),
    import('./slots.ts'),
    import('./words.ts')
  ])
  const errors = scheduleProblems(schedule, now).map(({ path, message }) => ({ path: `/schedule${path}`, message }))
  if (errors.length > 0) throw new AppError('invalid_request', 'This is no schedule: see errors.', { errors })
  const slots = slotsBetween(schedule, from, Number.POSITIVE_INFINITY, count)
  return { sentence: inWords(schedule), items: slots.map(at => ({ at })) }
}

/** Shows what became of slots, and which are to come. */
export class Calendar {
  readonly #store: EntryStore

  constructor(store: EntryStore) {
    this.#store = store
  }

  /** The slots of a trigger from a time on, oldest first. */
  async ofTrigger(triggerId: string, from: number, count: number, now: number): Promise<Occurrence[]> {
    const known = await this.#store.ofTrigger(triggerId, from, count)
    const scheduled = await this.#store.expecting(triggerId)
    const items = known.map(row => shown(row, now))
    if (!scheduled || items.length === count) return items
    const { dueOf, slotsBetween } = await import('./slots.ts')
    const last = Math.max(from - 1, scheduled.lastAt)
    const slots = slotsBetween(scheduled.schedule, last, Number.POSITIVE_INFINITY, count - items.length)
    return [...items, ...slots.map(at => expected(at, dueOf(triggerId, scheduled.schedule, at)))]
  }

  /** What became of the slots of a trigger before a time, newest first. */
  async before(triggerId: string, before: number, count: number, now: number): Promise<Occurrence[]> {
    return (await this.#store.before(triggerId, before, count)).map(row => shown(row, now))
  }

  /** What is due in a time, in order; `more` names the triggers of which there is more than their share. */
  async between(span: Span, now: number): Promise<{ items: CalendarEntry[]; truncated: boolean; more: string[] }> {
    // One more than is shown says that there is more.
    const wider = { ...span, limit: span.limit + 1, perTrigger: span.perTrigger + 1 }
    const known = await this.#store.between(wider)
    const ahead = await this.#ahead(wider)
    const found = [...known.map(entry => ({ ...named(entry), ...shown(entry, now) })), ...ahead]
    found.sort((a, b) => a.dueAt - b.dueAt)
    const counts = new Map<string, number>()
    const items = found.filter(({ triggerId }) => {
      const count = (counts.get(triggerId) ?? 0) + 1
      counts.set(triggerId, count)
      return count <= span.perTrigger
    })
    const more = [...counts].filter(([, count]) => count > span.perTrigger).map(([id]) => id)
    return { items: items.slice(0, span.limit), truncated: items.length > span.limit, more }
  }

  /** The slots after those that wait: of each trigger the next, and of these again and again the one that comes first. */
  async #ahead({ from, until, limit, perTrigger, botIds }: Span): Promise<CalendarEntry[]> {
    const scheduled = await this.#store.allExpecting(until, botIds)
    if (scheduled.length === 0) return []
    const { dueOf, nextSlot } = await import('./slots.ts')
    const slices = new Slices()
    const heads: { trigger: (typeof scheduled)[number]; at: number; count: number }[] = []
    for (const trigger of scheduled) {
      const at = nextSlot(trigger.schedule, Math.max(from - 1, trigger.lastAt))
      if (at !== null && at < until) heads.push({ trigger, at, count: 0 })
      if (slices.over) await slices.pause()
    }
    const entries: CalendarEntry[] = []
    while (heads.length > 0 && entries.length < limit) {
      const first = heads.reduce((least, head) => (head.at < least.at ? head : least))
      const { trigger, at: slot } = first
      entries.push({ ...named(trigger), ...expected(slot, dueOf(trigger.triggerId, trigger.schedule, slot)) })
      first.count++
      const at = first.count < perTrigger ? nextSlot(trigger.schedule, slot) : null
      if (at !== null && at < until) first.at = at
      else heads.splice(heads.indexOf(first), 1)
      if (slices.over) await slices.pause()
    }
    return entries
  }
}

function expected(at: number, dueAt: number): Occurrence {
  return { at, dueAt, state: 'expected', reason: null, executionId: null }
}

function shown({ at, dueAt, state, reason, executionId }: Row, now: number): Occurrence {
  return { at, dueAt, state: state === 'waiting' && at > now ? 'expected' : state, reason, executionId }
}

function named({ triggerId, triggerName, botId, botSlug, botName, timezone }: Named | Entry): Named {
  return { triggerId, triggerName, botId, botSlug, botName, timezone }
}
