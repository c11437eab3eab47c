const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const withYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit'
})

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `just now`, `3 minutes ago`, `in 2 hours`, `yesterday`; a date for what is a month away or more. */
export function relativeTime(at: number, now: number): string {
  const difference = at - now
  const distance = Math.abs(difference)
  if (distance < 10 * SECOND) return 'just now'
  if (distance < MINUTE) return relative.format(Math.round(difference / SECOND), 'second')
  if (distance < HOUR) return relative.format(Math.round(difference / MINUTE), 'minute')
  if (distance < DAY) return relative.format(Math.round(difference / HOUR), 'hour')
  if (distance < 30 * DAY) return relative.format(Math.round(difference / DAY), 'day')
  return withYear.format(at)
}

/** Day, time and zone of the reader, to the second. */
export const exactTime = (at: number): string => exact.format(at)

export const shortTime = (at: number): string => short.format(at)

/** Day with its year, and time to the minute: for what may lie far off. */
export const fullTime = (at: number): string => dayAndTime.format(at)

/** `under 0.1 s`, `0.8 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  if (ms < 100) return 'under 0.1 s'
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(ms / SECOND)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${two(minutes % 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
