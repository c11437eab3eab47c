import type { KindRules } from './kinds.ts'
import type { Schedule } from './trigger.ts'

export const scheduleRules: KindRules<Schedule> = {
  settle: (given, before) => ({
    cron: null,
    everyMs: null,
    at: null,
    timezone: 'UTC',
    startAt: null,
    endAt: null,
    exclude: [],
    jitterMs: 0,
    missed: 'latest',
    maxAgeMs: 86_400_000,
    spreadMs: 0,
    ...before,
    ...given
  }),
  problems: () => []
}
