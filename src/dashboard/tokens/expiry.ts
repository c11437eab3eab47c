const DAY_MS = 24 * 3_600_000

/** How long a new token may be good for. */
export const expiries = {
  month: { word: '30 days', days: 30 },
  quarter: { word: '90 days', days: 90 },
  year: { word: '1 year', days: 365 },
  date: { word: 'Until a day', days: null },
  never: { word: 'Without an end', days: null }
} as const
export type Expiry = keyof typeof expiries

/** When a token made now runs out; null: never. `date`: the day chosen for it, of which the whole is meant. */
export function expiresAtOf(expiry: Expiry, date: string, now: number): number | null {
  const { days } = expiries[expiry]
  if (days !== null) return now + days * DAY_MS
  if (expiry === 'never') return null
  const day = new Date(`${date}T00:00`)
  day.setDate(day.getDate() + 1)
  return day.getTime()
}

/** A day as `<input type="date">` writes it, on the reader's own clock. */
export function dayOf(at: number): string {
  const day = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
