import type { Settled } from './notice-store.ts'
import type { ChannelKindName } from './notifications.ts'
import type { Verdict } from './verdict.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Between one try and the next: eight tries in a day. */
const WAITS = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 15 * HOUR]

/** A beat that comes much later is none: four tries in a quarter of an hour. */
const PING_WAITS = WAITS.slice(0, 3)

/** No notice waits for longer than this. */
export const MAX_WAIT_MS = 24 * HOUR

/** What becomes of a notice after a try that came to `verdict`; `tries` were made before it. Pure. */
export function settled(kind: ChannelKindName, verdict: Verdict, tries: number, now: number): Settled {
  const made = { detail: verdict.detail, tries: tries + 1, nextAt: null }
  if (verdict.kind === 'sent') return { ...made, state: 'sent' }
  const wait = (kind === 'ping' ? PING_WAITS : WAITS)[tries]
  if (verdict.kind === 'refused' || wait === undefined) return { ...made, state: 'failed' }
  return { ...made, state: 'waiting', nextAt: now + Math.max(wait, verdict.afterMs ?? 0) }
}
