import { nextAfter } from './cron.ts'

const DAY_MS = 24 * 3_600_000

/** What became of the last backup. */
export interface Past {
  /** When the last was made that is whole, in milliseconds; null when none was. */
  lastAt: number | null
  lastBytes: number | null
  /** Why none was made since; null when the last was. */
  lastError: string | null
  /** Where the last was made to. */
  lastUrl: string | null
}

export const NONE_YET: Past = { lastAt: null, lastBytes: null, lastError: null, lastUrl: null }

/** How backups stand, for people. */
export interface BackupState extends Omit<Past, 'lastUrl'> {
  /** When the next is due. */
  nextAt: number
  running: boolean
  /** The last is older than two of its periods: nobody should rely on it. */
  overdue: boolean
}

export function stateOf({ lastUrl: _, ...past }: Past, cron: string, now: number): Omit<BackupState, 'running'> {
  const nextAt = nextAfter(cron, now)
  const periodMs = nextAfter(cron, nextAt) - nextAt
  const overdue = past.lastAt !== null && now - past.lastAt > 2 * periodMs
  return { ...past, nextAt, overdue }
}

/** Whether one is made soon after a start: no server was there when it was due, or it is the first one to another place. */
export function isMissed({ lastAt, lastUrl }: Past, url: string, now: number): boolean {
  return lastAt === null || lastUrl !== url || now - lastAt > DAY_MS
}
