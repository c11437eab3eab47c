/** A unit people think in, and how many milliseconds or bytes it has. */
export interface Unit {
  word: string
  size: number
  /** A part of one is something, too. */
  divisible?: boolean
}

export const timeUnits: Unit[] = [
  { word: 's', size: 1000 },
  { word: 'min', size: 60_000 },
  { word: 'h', size: 3_600_000 }
]

export const DAY_MS = 24 * 3_600_000

/** Of what may last for days. */
export const longTimeUnits: Unit[] = [...timeUnits, { word: 'days', size: DAY_MS }]

/** Of what is merely counted. */
const one: Unit = { word: '', size: 1 }
export const countUnits: Unit[] = [one]

export const processorUnits: Unit[] = [{ ...one, divisible: true }]

export const sizeUnits: Unit[] = [
  { word: 'KiB', size: 2 ** 10 },
  { word: 'MiB', size: 2 ** 20 },
  { word: 'GiB', size: 2 ** 30 }
]

export const memoryUnits: Unit[] = sizeUnits.slice(1)

/** What the server takes, in milliseconds and bytes. */
export const bounds = {
  timeoutMs: { min: 1, max: 30 * DAY_MS },
  idleTimeoutMs: { min: 1, max: 30 * DAY_MS },
  killGraceMs: { min: 0, max: 600_000 },
  maxLogBytes: { min: 4096, max: 2 ** 40 },
  memoryBytes: { min: 2 ** 20, max: 2 ** 50 },
  cpus: { min: 0.01, max: 1024 },
  pids: { min: 1, max: 4_194_304 },
  priority: { min: -100, max: 100 },
  concurrencyLimit: { min: 1, max: 1000 },
  maxAttempts: { min: 1, max: 100 },
  backoffMs: { min: 0, max: DAY_MS },
  maxBackoffMs: { min: 0, max: DAY_MS }
}

/** The largest unit in which `value` is a whole number; the smallest where there is none. */
export function unitFor(value: number, units: Unit[]): Unit {
  return units.findLast(({ size }) => value > 0 && value % size === 0) ?? units[0]!
}

/** `value` in milliseconds or bytes as the number of its unit; empty for what is no number. */
export function amountText(value: number, unit: Unit): string {
  return Number.isFinite(value) ? String(value / unit.size) : ''
}

/** `90 s`, `1 GiB`: in the largest unit that it is a whole number of. */
export function inUnits(value: number, units: Unit[]): string {
  const unit = unitFor(value, units)
  return `${amountText(value, unit)} ${unit.word}`.trim()
}

/** The milliseconds or bytes that so many of a unit are, in whole ones; NaN for what is no number. */
export function readAmount(text: string, unit: Unit): number {
  if (text.trim() === '') return Number.NaN
  return unit.size === 1 ? Number(text) : Math.round(Number(text) * unit.size)
}

/** What is wrong with an amount, in the units people see; null when nothing is. */
export function amountProblem(value: number, { min, max }: { min: number; max: number }, units: Unit[]): string | null {
  const [{ size, divisible = false } = one] = units
  if ((divisible || Number.isInteger(value)) && value >= min && value <= max) return null
  return `Write a ${size === 1 && !divisible ? 'whole ' : ''}number from ${inUnits(min, units)} to ${inUnits(max, units)}.`
}
