import { createHash } from 'node:crypto'

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
