import { checkParameters } from '../bots/parameters.ts'
import type { KindRules } from './kinds.ts'
import type { Schedule } from './trigger.ts'

const KINDS = ['cron', 'everyMs', 'at'] as const

const blank: Omit<Schedule, 'timezone'> = {
  cron: null,
  everyMs: null,
  at: null,
  startAt: null,
  endAt: null,
  exclude: [],
  jitterMs: 0,
  missed: 'latest',
  maxAgeMs: 86_400_000,
  spreadMs: 0
}

/**
 * A whole schedule: one kind of times takes the place of another, and one without a zone has that of the server, by its
 * name, as it is when the schedule is made.
 */
export function settleSchedule(given: Partial<Schedule>, before: Schedule | null, now: number): Schedule {
  const { timezone = before?.timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone } = given
  const other = KINDS.some(kind => given[kind] != null) ? { cron: null, everyMs: null, at: null } : {}
  const schedule = { ...blank, ...before, ...other, ...given, timezone }
  // An interval has to count from somewhere, and not anew after each change.
  return { ...schedule, startAt: schedule.startAt ?? (schedule.everyMs === null ? null : now) }
}

export const scheduleRules: KindRules<Schedule> = {
  settle: settleSchedule,
  async problems({ schedule, parameters, updatedAt }, bot, before) {
    const unknown = checkParameters(bot.parameters, parameters).errors.map(({ path, message }) => ({
      path: `/parameters${path === '/' ? '' : path}`,
      message
    }))
    // One whose last slot has been can still be given another name, or be switched off.
    if (JSON.stringify(before?.schedule) === JSON.stringify(schedule)) return unknown
    const { scheduleProblems } = await import('./schedule-problems.ts')
    const problems = scheduleProblems(schedule!, updatedAt)
    return [...problems.map(({ path, message }) => ({ path: `/schedule${path}`, message })), ...unknown]
  }
}
