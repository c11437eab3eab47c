import { basename, dirname } from 'node:path'
import type { Audience } from '../../src/logs/growth.ts'
import { LiveLog } from '../../src/logs/live-log.ts'
import { Masks } from '../../src/logs/masks.ts'
import { Seal } from '../../src/secrets/seal.ts'

export const TEST_SEAL = new Seal(Buffer.alloc(32, 7))

export const masksOf = (path: string): Masks => new Masks(dirname(path), basename(dirname(path)), TEST_SEAL)

/** A live log on the file `path`, which the test writes. What goes wrong with it fails the test. */
export function liveLogOn(
  path: string,
  options: { audience?: Audience; eager?: boolean; complain?: (what: string, error?: unknown) => void } = {}
): LiveLog {
  return new LiveLog(1, path, masksOf(path), {
    audience: null,
    eager: false,
    complain: (what, error) => {
      throw new Error(what, { cause: error })
    },
    ...options
  })
}
