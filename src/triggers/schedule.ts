import { createHash } from 'node:crypto'

/** When a bot is to run by itself: exactly one of `cron`, `everyMs` and `at` is not null. */
export interface Schedule {
  /** Five fields, or six with seconds first, with names; or a nickname such as `@daily`. */
  cron: string | null
  /** Counts from `startAt`, which a schedule of this kind always has. */
  everyMs: number | null
  /** Once, at this time. */
  at: number | null
  /** By its IANA name: what the fields of `cron` and the dates of `exclude` are told in. */
  timezone: string
  /** The first slot is at this time or later. */
  startAt: number | null
  /** The last slot is before this time. */
  endAt: number | null
  /** Dates without slots, as `2026-12-25`, in the time zone of the schedule. */
  exclude: string[]
  /** A slot runs up to this much later, by a chance that is settled once for each slot. */
  jitterMs: number
  missed: MissedRule
  /** A missed slot older than this does not run. */
  maxAgeMs: number
  /** Missed slots run within this time, not all at once. */
  spreadMs: number
}

/** What becomes of slots that nobody was there for: none of them runs, the latest, or all. */
export type MissedRule = 'skip' | 'latest' | 'all'

/** A whole hash is more than a number holds: this much of it is taken. */
const HASH_BYTES = 6

/** The chance of a slot: from 0 up to, not including, 1; always the same for the same slot, so that no restart rolls the dice again. */
export function chanceOf(triggerId: string, slot: number): number {
  const hash = createHash('sha256').update(`${triggerId} ${slot}`).digest()
  return hash.readUIntBE(0, HASH_BYTES) / 2 ** (8 * HASH_BYTES)
}

/** When a slot runs: at its time, or by chance up to `jitterMs` later. */
export function dueAt(triggerId: string, slot: number, jitterMs: number): number {
  return jitterMs === 0 ? slot : slot + Math.floor(chanceOf(triggerId, slot) * (jitterMs + 1))
}
