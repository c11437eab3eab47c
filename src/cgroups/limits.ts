import type { Bot } from '../bots/bot.ts'

/** What the kernel is asked to hold a bot to; null where it is held to nothing. */
export type Limits = Bot['limits']

export const LIMITS = ['memory', 'cpus', 'pids'] as const
export type LimitName = (typeof LIMITS)[number]

export const NO_LIMITS: Limits = { memoryBytes: null, cpus: null, pids: null }

/** What of a value can be limits: each that is none is null. */
export function limitsIn(value: unknown): Limits {
  const of = (key: keyof Limits) => {
    const limit = (value as Record<string, unknown> | null | undefined)?.[key]
    return typeof limit === 'number' ? limit : null
  }
  return { memoryBytes: of('memoryBytes'), cpus: of('cpus'), pids: of('pids') }
}

/** The limits a bot has. */
export function limitsSet(limits: Limits): LimitName[] {
  return LIMITS.filter(name => limitOf(limits, name) !== null)
}

export function limitOf(limits: Limits, name: LimitName): number | null {
  return name === 'memory' ? limits.memoryBytes : limits[name]
}

/** For people, such as `64 MiB of memory`. */
export function describeLimit(limits: Limits, name: LimitName): string {
  const value = limitOf(limits, name)!
  if (name === 'memory') return `${inBinaryUnits(value)} of memory`
  const [one, more] = name === 'cpus' ? ['processor', 'processors'] : ['process', 'processes']
  return `${value} ${value === 1 ? one : more}`
}

/** What an attempt that ran without some of its limits says of it. */
export function notKept(limits: Limits, names: LimitName[]): string {
  const limit = names.map(name => describeLimit(limits, name)).join(' and ')
  return `This machine cannot keep its limit of ${limit}: it ran without.`
}

function inBinaryUnits(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10))
  const value = Number((bytes / 1024 ** power).toFixed(2))
  return `${value} ${['bytes', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`
}
