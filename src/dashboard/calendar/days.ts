import type { CalendarEntry } from '../api/types.ts'
import { dateIn, startOfDay } from '../lib/zones.ts'

/** So many days are shown at a time. */
export const SHOWN_DAYS = 7

/** A schedule that is due more often in a day than this has one line for all of it. */
const MOST_LINES = 3

/** What stands in a line of a day: one time of a schedule, or all of it. */
export interface Line {
  first: CalendarEntry
  last: CalendarEntry
  entries: CalendarEntry[]
  /** There are more than these. */
  more: boolean
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** The date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** A date that there is, or undefined. */
export function readDate(text: string | undefined): string | undefined {
  if (text === undefined || !DATE.test(text)) return undefined
  return Number.isNaN(Date.parse(`${text}T00:00Z`)) || addDays(text, 0) !== text ? undefined : text
}

/** From when until when a day lasts by the clocks of a zone. */
export const boundsOf = (date: string, zone: string) => ({
  from: startOfDay(date, zone),
  until: startOfDay(addDays(date, 1), zone)
})

export const today = (now: number, zone: string): string => dateIn(now, zone)

/** The lines of a day, in the order in which what they tell of is due. `more`: the schedules of which not all is there. */
export function linesOf(entries: CalendarEntry[], more: string[] = []): Line[] {
  const groups = [...Map.groupBy(entries, ({ triggerId }) => triggerId).values()]
  const lines = groups.flatMap(group => (group.length > MOST_LINES ? [group] : group.map(entry => [entry])))
  return lines
    .map(group => {
      const first = group[0]!
      return { first, last: group.at(-1)!, entries: group, more: more.includes(first.triggerId) }
    })
    .sort((a, b) => a.first.dueAt - b.first.dueAt)
}

/** How many of a line's times stand how, those first that there are most of. */
export function countStates(line: Line): [CalendarEntry['state'], number][] {
  const counts = [...Map.groupBy(line.entries, ({ state }) => state)].map(
    ([state, { length }]) => [state, length] as const
  )
  return counts.sort(([, a], [, b]) => b - a).map(([state, count]) => [state, count])
}
