import type { Schedule } from '../api/types.ts'
import { instantOf, toWallInput } from '../lib/zones.ts'

/** How people mean a schedule: what they choose first. */
export const patterns = {
  daily: 'Every day',
  weekdays: 'Monday to Friday',
  every: 'Again and again',
  once: 'Once',
  cron: 'By a cron expression'
} as const
export type Pattern = keyof typeof patterns

/** A schedule as its form holds it. Days and times are texts, by the clocks of `timezone`; empty ones are none. */
export interface ScheduleDraft {
  pattern: Pattern
  /** `09:00`, of the first two patterns. */
  time: string
  everyMs: number
  once: string
  cron: string
  timezone: string
  startAt: string
  endAt: string
  exclude: string[]
  jitterMs: number
  missed: Schedule['missed']
  maxAgeMs: number
  spreadMs: number
}

export const newSchedule = (timezone: string): ScheduleDraft => ({
  pattern: 'daily',
  time: '09:00',
  everyMs: 600_000,
  once: '',
  cron: '0 9 * * *',
  timezone,
  startAt: '',
  endAt: '',
  exclude: [],
  jitterMs: 0,
  missed: 'latest',
  maxAgeMs: 86_400_000,
  spreadMs: 0
})

/** Cron expressions that are one of the first two patterns. */
const DAILY = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5)$/

export function scheduleDraftOf(schedule: Schedule): ScheduleDraft {
  const { cron, everyMs, at, timezone, startAt, endAt, exclude, jitterMs, missed, maxAgeMs, spreadMs } = schedule
  const blank = newSchedule(timezone)
  const [, minute, hour, days] = DAILY.exec(cron ?? '') ?? []
  const two = (text: string) => text.padStart(2, '0')
  return {
    pattern: patternOf(schedule, days),
    time: days ? `${two(hour!)}:${two(minute!)}` : blank.time,
    everyMs: everyMs ?? blank.everyMs,
    once: toWallInput(at, timezone),
    cron: cron ?? blank.cron,
    timezone,
    startAt: toWallInput(startAt, timezone),
    endAt: toWallInput(endAt, timezone),
    exclude: [...exclude],
    jitterMs,
    missed,
    maxAgeMs,
    spreadMs
  }
}

/** `days`: of a cron expression that is one of the first two. */
function patternOf({ everyMs, at }: Schedule, days: string | undefined): Pattern {
  if (everyMs !== null) return 'every'
  if (at !== null) return 'once'
  if (days === undefined) return 'cron'
  return days === '*' ? 'daily' : 'weekdays'
}

/** The schedule that a draft stands for. What cannot be read in it is null: see {@link scheduleDraftProblems}. */
export function scheduleOf(draft: ScheduleDraft): Schedule {
  const { pattern, everyMs, timezone, exclude, jitterMs, missed, maxAgeMs, spreadMs } = draft
  const instant = (text: string) => instantOf(text, timezone) ?? null
  return {
    cron: cronOf(draft),
    everyMs: pattern === 'every' ? everyMs : null,
    at: pattern === 'once' ? instant(draft.once) : null,
    timezone,
    startAt: instant(draft.startAt),
    endAt: instant(draft.endAt),
    exclude: [...exclude].sort(),
    jitterMs,
    missed,
    maxAgeMs,
    spreadMs
  }
}

function cronOf({ pattern, time, cron }: ScheduleDraft): string | null {
  if (pattern === 'cron') return cron.trim()
  if (pattern !== 'daily' && pattern !== 'weekdays') return null
  const [hour, minute] = time.split(':').map(Number)
  return `${minute} ${hour} * * ${pattern === 'daily' ? '*' : '1-5'}`
}

/** What the form can say is missing without asking the server. */
export function scheduleDraftProblems(draft: ScheduleDraft): { path: string; message: string }[] {
  const problem = (name: string, message: string) => [{ path: `/schedule/${name}`, message }]
  const { pattern, time, everyMs, once, cron, timezone } = draft
  if (timezone.trim() === '') return problem('timezone', 'Choose a time zone.')
  if ((pattern === 'daily' || pattern === 'weekdays') && !/^\d{2}:\d{2}/.test(time))
    return problem('cron', 'Choose a time.')
  if (pattern === 'every' && Number.isNaN(everyMs)) return problem('everyMs', 'Say how long from one to the next.')
  if (pattern === 'once' && instantOf(once, timezone) === undefined) return problem('at', 'Choose a day and a time.')
  if (pattern === 'cron' && cron.trim() === '') return problem('cron', 'Write a cron expression.')
  const amounts = ['jitterMs', 'maxAgeMs', 'spreadMs'] as const
  return amounts.filter(name => Number.isNaN(draft[name])).flatMap(name => problem(name, 'Write a number.'))
}
