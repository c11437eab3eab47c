import type { Incoming, Verification } from '../webhook.ts'

/** A delivery that came from who it says it does, or why we do not believe it: for the owner of the trigger alone. */
export type Verified =
  | {
      ok: true
      /** The sender's own id of the delivery, the same when it sends it again; null when it has none. */
      key: string | null
    }
  | { ok: false; verdict: 'invalid_signature' | 'stale'; detail: string }

/** How senders of one kind prove who they are. Pure: it does nothing but compare. */
export interface Kind {
  /** What is wrong with one secret, in words that do not repeat it; null when it can be used. */
  secretProblem(secret: string): string | null
  /** `secrets`: any of them will do, so that one can be exchanged for another. `now` is in milliseconds. */
  verify(incoming: Incoming, secrets: string[], now: number, settings: Verification): Verified
  /** Whether it only tries that we are there. */
  isPing?(headers: Incoming['headers']): boolean
  /** Headers that must not be kept, beside those that nobody's may: whoever has one could pass for the sender. */
  secretHeaders(settings: Verification): string[]
}

/** How far the sender's clock and ours may be apart, and how old a delivery may be: as Standard Webhooks has it. */
const TOLERANCE_MS = 5 * 60_000

/** What a delivery that was not believed is answered for, told to the owner. */
export function refused(detail: string): Verified {
  return { ok: false, verdict: 'invalid_signature', detail }
}

/** Whether a time in seconds since 1970, as a header says it, is about now; what is wrong where it is not. */
export function timeProblem(header: string, seconds: string, now: number): Verified | null {
  if (!/^\d{1,12}$/.test(seconds)) return refused(`The header ${header} is no time in seconds since 1970.`)
  const apart = now - Number(seconds) * 1000
  if (Math.abs(apart) <= TOLERANCE_MS) return null
  const minutes = Math.round(Math.abs(apart) / 60_000)
  const detail =
    apart > 0
      ? `It was signed ${minutes} minutes ago; five are allowed. Or the clock here is fast.`
      : `It says that it was signed ${minutes} minutes from now; five are allowed. The sender's clock or ours is wrong.`
  return { ok: false, verdict: 'stale', detail }
}
