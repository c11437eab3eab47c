import { Cron } from 'croner'
import type { FieldError } from '../lib/errors.ts'
import { nextSlot } from './slots.ts'
import type { Schedule } from './trigger.ts'

/** The longest expression that means something is shorter; each is parsed within a millisecond. */
export const MAX_CRON_LENGTH = 256
/** Holidays of many years; more would make the search for a slot among them slow. */
export const MAX_EXCLUDED = 200
export const MIN_EVERY_MS = 1000
export const DAY_MS = 86_400_000
export const MAX_EVERY_MS = 366 * DAY_MS
/** The end of the year 9999. */
export const MAX_TIME = 253_402_300_799_999

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/**
 * What is wrong with a schedule that somebody makes at the time `now`, by its fields; nothing when it can be kept.
 * Lengths and ranges of single numbers are the schema's to check.
 */
export function scheduleProblems(schedule: Schedule, now: number): FieldError[] {
  const problems = [...kindProblems(schedule), ...zoneProblems(schedule), ...dateProblems(schedule)]
  if (problems.length === 0) problems.push(...cronProblems(schedule))
  if (problems.length > 0) return problems
  return nextSlot(schedule, now) === null ? [neverComes(schedule)] : []
}

function kindProblems({ cron, everyMs, at }: Schedule): FieldError[] {
  const given = [cron, everyMs, at].filter(kind => kind !== null).length
  if (given !== 1)
    return [{ path: '', message: `must have one of cron, everyMs and at, not ${given === 0 ? 'none' : given} of them` }]
  if (everyMs !== null && (everyMs < MIN_EVERY_MS || everyMs > MAX_EVERY_MS))
    return [{ path: '/everyMs', message: `must be from ${MIN_EVERY_MS} (a second) to ${MAX_EVERY_MS} (366 days)` }]
  return []
}

function zoneProblems({ timezone }: Schedule): FieldError[] {
  return isZone(timezone)
    ? []
    : [{ path: '/timezone', message: 'must be the IANA name of a time zone, such as Europe/Berlin or UTC' }]
}

/** By name: an offset such as +02:00 knows nothing of daylight saving time. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    // It is how Intl says that there is none of that name.
    return false
  }
}

function dateProblems({ at, startAt, endAt, exclude }: Schedule): FieldError[] {
  const problems: FieldError[] = Object.entries({ at, startAt, endAt })
    .filter(([, time]) => time !== null && !isTime(time))
    .map(([name]) => ({ path: `/${name}`, message: 'must be a time in milliseconds since 1970, up to the year 9999' }))
  if (startAt !== null && endAt !== null && startAt >= endAt)
    problems.push({ path: '/endAt', message: 'must be after the start' })
  if (exclude.length > MAX_EXCLUDED)
    problems.push({ path: '/exclude', message: `must not have more than ${MAX_EXCLUDED} dates` })
  const wrong = exclude.findIndex(date => !isDate(date))
  if (wrong >= 0)
    problems.push({ path: `/exclude/${wrong}`, message: 'must be a date that there is, such as 2026-12-25' })
  return problems
}

function isTime(time: number): boolean {
  return Number.isInteger(time) && time >= 0 && time <= MAX_TIME
}

/** Dates that there are: not the 30th of February, which JavaScript takes for the 2nd of March. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function cronProblems({ cron, timezone }: Schedule): FieldError[] {
  if (cron === null) return []
  const message = cronProblem(cron, timezone)
  return message === null ? [] : [{ path: '/cron', message }]
}

function cronProblem(cron: string, timezone: string): string | null {
  if (cron.length > MAX_CRON_LENGTH) return `must not be longer than ${MAX_CRON_LENGTH} characters`
  if (cron.startsWith('@'))
    return NICKNAMES.includes(cron.toLowerCase())
      ? null
      : `must be one of ${NICKNAMES.join(', ')} when it begins with @`
  if (!/^[\dA-Za-z*,/#?+ -]*$/.test(cron))
    return 'has a character that stands for nothing in a cron expression; spaces part its fields'
  const fields = cron.trim().split(/ +/)
  if (fields.length !== 5 && fields.length !== 6)
    return 'must have 5 fields (minute, hour, day of month, month, day of week), or 6 with seconds first'
  return unevenStep(fields) ?? refusal(cron, timezone)
}

/** What croner has against it, in its own words. */
function refusal(cron: string, timezone: string): string | null {
  try {
    new Cron(cron, { timezone, mode: '5-or-6-parts' })
    return null
  } catch (error) {
    const reason = (error as Error).message.replace(/^CronPattern: (Syntax error, )?/, '').replace(/\.$/, '')
    return `cannot be understood: ${reason}`
  }
}

/** Whoever writes a step expects even times. These are taken by cron, and mean something else. */
function unevenStep(fields: string[]): string | null {
  const units: [string, number][] = [
    ['second', 60],
    ['minute', 60],
    ['hour', 24]
  ]
  for (const [index, field] of fields.slice(0, fields.length - 3).entries()) {
    const [unit, size] = units[index + (fields.length === 6 ? 0 : 1)]!
    for (const part of field.split(',')) {
      const problem = stepProblem(part, unit, size)
      if (problem) return problem
    }
  }
  return null
}

function stepProblem(part: string, unit: string, size: number): string | null {
  const [, first, last, step] = /^(?:\*|(\d+)-(\d+))\/(\d+)$/.exec(part) ?? []
  if (step === undefined) return null
  const every = Number(step)
  if (first !== undefined)
    return every > Number(last) - Number(first)
      ? `${part} would run at ${unit} ${first} only, as the step leaves the range: write ${first} if that is meant`
      : null
  if (every <= size / 2 || every === size) return null
  const interval = 'take an interval (everyMs)'
  const instead = every > size ? interval : `${interval}, or write 0,${every} if that is meant`
  return `${part} would not run every ${every} ${unit}s, as counting begins anew after ${size}: ${instead}`
}

function neverComes({ cron, at }: Schedule): FieldError {
  if (at !== null) return { path: '/at', message: 'never comes: it is past, or excluded' }
  const why = 'no such date lies ahead, between its start and its end, and not excluded'
  return { path: cron === null ? '/endAt' : '/cron', message: `never comes: ${why}` }
}
