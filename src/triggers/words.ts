/** A schedule as a sentence. Loads a library for cron, so is itself loaded when first needed. */
import cronstrue from 'cronstrue'
import type { Schedule } from './trigger.ts'

/** Such as `At 09:00, Monday through Friday, Europe/Berlin time.` The schedule is one without problems. */
export function inWords(schedule: Schedule): string {
  const parts = [timesOf(schedule), `${schedule.timezone} time`, ...limitsOf(schedule)]
  return `${parts.join(', ')}.`
}

function timesOf({ cron, everyMs, at, timezone }: Schedule): string {
  if (cron !== null) return cronInWords(cron)
  if (everyMs !== null) return `Every ${span(everyMs)}`
  return `Once, on ${moment(at!, timezone)}`
}

/** What cronstrue has no words for is told as it stands. */
function cronInWords(cron: string): string {
  try {
    const [first, second] = daysOf(cron.replaceAll('?', '*')).map(words)
    return second === undefined ? first! : `${first}; also ${second.charAt(0).toLowerCase()}${second.slice(1)}`
  } catch {
    // Nothing is lost: who wrote it reads it again.
    return `By the cron expression ${cron}`
  }
}

/** Cron runs on days of the month as well as on days of the week, where both are given: that is two sentences, unless `+` joins them. */
function daysOf(cron: string): string[] {
  const fields = cron.trim().split(/ +/)
  const [day, , weekday] = fields.slice(-3)
  if (fields.length < 5 || day === '*' || weekday === '*' || weekday!.startsWith('+')) return [cron]
  return [fields.with(-1, '*').join(' '), fields.with(-3, '*').join(' ')]
}

function words(cron: string): string {
  const known = cron.startsWith('@') ? cron.toLowerCase() : cron.toUpperCase().replace('+', '')
  return cronstrue.toString(known, { use24HourTimeFormat: true, logicalAndDayFields: true })
}

function limitsOf({ everyMs, at, timezone, startAt, endAt, exclude, jitterMs }: Schedule): string[] {
  const limits: string[] = []
  if (jitterMs > 0) limits.push(`up to ${span(roughly(jitterMs))} later by chance`)
  if (startAt !== null && at === null)
    limits.push(`${everyMs === null ? 'from' : 'counted from'} ${moment(startAt, timezone)}`)
  if (endAt !== null && at === null) limits.push(`before ${moment(endAt, timezone)}`)
  if (exclude.length === 1) limits.push(`not on ${exclude[0]}`)
  if (exclude.length > 1) limits.push(`not on ${exclude.length} dates`)
  return limits
}

/** Nobody minds the milliseconds of a chance: `20 minutes` for those that end just before the next. */
const roughly = (ms: number) => (ms < 1000 ? ms : Math.round(ms / 1000) * 1000)

function moment(at: number, timezone: string): string {
  const seconds = at % 60_000 === 0 ? {} : ({ second: '2-digit' } as const)
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...seconds
  }).format(at)
}

const UNITS: [string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
  ['millisecond', 1]
]

/** `hour`, `90 seconds`… in as many units as it takes: `1 day 2 hours`. One of a single unit is that unit. */
function span(ms: number): string {
  const parts: [number, string][] = []
  let left = ms
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    if (count > 0) parts.push([count, unit])
    left -= count * size
  }
  const [[count, unit] = [0, ''], ...more] = parts
  if (count === 1 && more.length === 0) return unit
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ')
}
