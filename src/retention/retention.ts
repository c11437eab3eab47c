export const DAY_MS = 24 * 3_600_000

/** How much of the past is kept. Whatever goes beyond one of these removes what is oldest. */
export interface KeepLimits {
  /** Since an execution has ended. */
  days: number
  /** Of all states. */
  executions: number
  /** What the folders of attempts that have ended take on the disk: logs, artifacts and all. */
  bytes: number
}

/** What there is. */
export interface Tally {
  executions: number
  bytes: number
}

/** Whether the oldest execution that has ended is no longer kept. */
export function mustGo(execution: { endedAt: number }, tally: Tally, keep: KeepLimits, now: number): boolean {
  return execution.endedAt < now - keep.days * DAY_MS || !isWithin(tally, keep)
}

export function isWithin(tally: Tally, keep: KeepLimits): boolean {
  return tally.executions <= keep.executions && tally.bytes <= keep.bytes
}
