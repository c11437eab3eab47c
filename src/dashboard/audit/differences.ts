import type { AuditEntry } from '../api/types.ts'
import { fullTime } from '../lib/time.ts'

/** One fact of what was changed, as text; null where there was or is none. */
export interface Difference {
  name: string
  before: string | null
  after: string | null
}

/** Lists and objects of more characters than that are written line by line. */
const ONE_LINE = 60

/** What differs, fact by fact. What names an instant (`…At`) is said as a time. */
export function differencesOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>): Difference[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names].map(name => ({ name, before: textOf(name, before), after: textOf(name, after) }))
}

function textOf(name: string, facts: AuditEntry['before']): string | null {
  if (!facts || !Object.hasOwn(facts, name)) return null
  const value = facts[name]
  if (typeof value === 'string') return value
  if (typeof value === 'number' && /[a-z]At$/.test(name)) return fullTime(value)
  const text = JSON.stringify(value)
  return text.length > ONE_LINE ? JSON.stringify(value, null, 1) : text
}
