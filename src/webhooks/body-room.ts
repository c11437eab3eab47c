import { Transform, type TransformCallback } from 'node:stream'
import { AppError } from '../lib/errors.ts'

/** So much of bodies may be in memory at a time, of everybody together. */
const ROOM_BYTES = 64 * 1024 * 1024

/** Smaller ones have a room of their own: large ones do not keep them out. */
export const LARGE_BYTES = 64 * 1024

/**
 * Keeps strangers from filling the memory: who knows an address may send ten megabytes to it, over as many connections as
 * he likes, and nobody knows whether he is to be believed before the last byte has come.
 */
export class BodyRoom {
  #taken = 0

  /** What is read through it counts until `release` is called. The stream fails with AppError `overloaded` when there is no room. */
  counted(): { stream: Transform; release: () => void } {
    let bytes = 0
    let isReleased = false
    const grow = (more: number) => {
      if (isReleased || this.#taken + more > ROOM_BYTES) return false
      bytes += more
      this.#taken += more
      return true
    }
    const stream = new Transform({
      transform(chunk: Buffer, _encoding, done: TransformCallback) {
        done(grow(chunk.length) ? null : noRoom(), chunk)
      }
    })
    const release = () => {
      if (isReleased) return
      isReleased = true
      this.#taken -= bytes
    }
    return { stream, release }
  }
}

function noRoom(): AppError {
  return new AppError('overloaded', 'Too much is being sent at a time. Try again in some seconds.', {
    headers: { 'retry-after': '5' }
  })
}
