import type { JSONValue } from 'json-p3'
import { withinTime } from '../bots/time-limit.ts'
import type { Engines } from './engines.ts'

/** What filters and mappings look into. */
export interface Delivered {
  payload: unknown
  headers: Record<string, string>
  query: Record<string, string>
}

/** Longer than anybody writes. */
export const MAX_PATH_CHARACTERS = 500

/** What checking a path or a pattern may take, and what all filters and mappings of a trigger may with one payload. */
const LOOK_MS = 80

/** Looking took too long, and was broken off. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow'
}

/** Where bots leave the server no processor, time passes in which nothing was done: then it is tried again, so often. */
const MAX_TRIES = 20

/**
 * Does what may take long with a path, a pattern or a payload made for that, for so long and no longer. It may be begun more than
 * once. @throws TooSlow
 */
export function bounded<T>(work: () => T): T {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = process.threadCpuUsage()
    const outcome = withinTime(LOOK_MS, work)
    if (outcome) return outcome.result
    const { user, system } = process.threadCpuUsage(before)
    if ((user + system) / 1000 > LOOK_MS / 2) break
  }
  throw new TooSlow(`It took longer than ${LOOK_MS} ms.`)
}

/** Whether looking where a path leads takes no longer the more there is: it names each step of the way. */
export function isQuick({ paths }: Engines, path: string): boolean {
  return paths.compile(path).singularQuery()
}

/** What is wrong with a path, in words; null when it can be used. */
export function pathProblem({ paths }: Engines, path: string): string | null {
  if (path.length > MAX_PATH_CHARACTERS) return `must have at most ${MAX_PATH_CHARACTERS} characters`
  if (path.endsWith('.')) return 'ends with a dot: say what is meant behind it, as in $.payload.action'
  if (/^\$\.headers[.[]\W*[\w-]*[A-Z]/.test(path))
    return "leads nowhere: names of headers are in lower case, as in $.headers['x-github-event']"
  try {
    bounded(() => paths.compile(path))
    return null
  } catch (error) {
    if (error instanceof TooSlow) return 'takes too long to read'
    return `is not a JSONPath (RFC 9535) such as $.payload.action: ${(error as Error).message}`
  }
}

/** What a path leads to, one after the other. It may take as long as it likes: see {@link bounded}. */
export function* valuesAt({ paths }: Engines, path: string, delivered: Delivered): Generator<unknown> {
  for (const node of paths.compile(path).lazyQuery(delivered as unknown as JSONValue)) yield node.value
}
