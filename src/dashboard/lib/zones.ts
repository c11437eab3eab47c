/** Times in the zone of a schedule, and in that of whoever looks. */

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** The zone of whoever looks, by its IANA name. */
export const myZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** All zones that can be chosen. */
export const allZones = (): string[] => [...new Set(['UTC', myZone(), ...Intl.supportedValuesOf('timeZone')])]

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one takes long. A zone that this browser does not know is taken for that of whoever looks. */
function formatOf(zone: string, name: string, options: Intl.DateTimeFormatOptions, locale?: string) {
  const key = `${zone} ${name}`
  let format = formats.get(key)
  if (!format) {
    try {
      format = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
    } catch {
      format = new Intl.DateTimeFormat(locale, options)
    }
    formats.set(key, format)
  }
  return format
}

/** `Mon, 23 Nov`; with its year where that is not this one. */
export function dayIn(at: number, zone: string, now: number = Date.now()): string {
  const year =
    wallClock(at, zone).slice(0, 4) === wallClock(now, zone).slice(0, 4) ? {} : ({ year: 'numeric' } as const)
  const options = { weekday: 'short', day: 'numeric', month: 'short', ...year } as const
  return formatOf(zone, `day${'year' in year}`, options).format(at)
}

/** `09:00`, and the seconds where it is not a whole minute. */
export function timeIn(at: number, zone: string): string {
  const seconds = at % MINUTE === 0 ? {} : ({ second: '2-digit' } as const)
  return formatOf(zone, `time${'second' in seconds}`, { hour: '2-digit', minute: '2-digit', ...seconds }).format(at)
}

/** `Berlin`, `UTC`: what people call a zone. */
export const placeOf = (zone: string): string => zone.split('/').at(-1)!.replaceAll('_', ' ')

/** An instant in the zone of a schedule; and in that of whoever looks, where their clocks differ then. */
export function zonedTime(at: number, zone: string, here: string = myZone()): { there: string; here: string | null } {
  const there = `${dayIn(at, zone)}, ${timeIn(at, zone)}`
  const [thereAt, hereAt] = [wallClock(at, zone), wallClock(at, here)]
  if (thereAt === hereAt) return { there, here: null }
  const time = timeIn(at, here)
  return { there, here: thereAt.slice(0, 10) === hereAt.slice(0, 10) ? time : `${dayIn(at, here)}, ${time}` }
}

/** What clocks in a zone show: `2026-11-23T09:00:00`. */
export function wallClock(at: number, zone: string): string {
  const options = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23'
  } as const
  const parts = formatOf(zone, 'wall', options, 'en-US').formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(part => part.type === type)!.value
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`
}

/**
 * When clocks in a zone show this, to the minute or the second; undefined for what is no time. Of an hour that comes twice the first is
 * meant, and of one that is left out the time after it.
 */
export function instantOf(text: string, zone: string): number | undefined {
  const asUtc = Date.parse(`${text}Z`)
  if (text === '' || Number.isNaN(asUtc)) return undefined
  const offsetAt = (at: number) => Date.parse(`${wallClock(at, zone)}Z`) - at
  // No zone changes its clocks twice within two days.
  const candidates = [asUtc - offsetAt(asUtc - DAY), asUtc - offsetAt(asUtc + DAY)].sort((a, b) => a - b)
  return candidates.find(at => at + offsetAt(at) === asUtc) ?? candidates.at(-1)
}

/** The start of a day in a zone, by its date such as `2026-11-23`. */
export const startOfDay = (date: string, zone: string): number => instantOf(`${date}T00:00`, zone)!

/** The date that it is in a zone. */
export const dateIn = (at: number, zone: string): string => wallClock(at, zone).slice(0, 10)

/** What a field for day and time holds: an instant on the clocks of a zone, to the minute. */
export const toWallInput = (at: number | null, zone: string): string =>
  at === null ? '' : wallClock(at, zone).slice(0, 16)
