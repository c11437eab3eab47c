import type { Schedule } from '../../src/triggers/trigger.ts'

/** A schedule that says nothing but what a test says. */
export function scheduleWith(parts: Partial<Schedule>): Schedule {
  return {
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
    ...parts
  }
}

export function utc(time: string): number {
  return Date.parse(`${time}Z`)
}
