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

/** Does what may take long with a path, a pattern or a payload made for that, for so long and no longer. @throws TooSlow */
export function bounded<T>(work: () => T): T {
  const outcome = withinTime(LOOK_MS, work)
  if (!outcome) throw new TooSlow(`It took longer than ${LOOK_MS} ms.`)
  return outcome.result
}

/** What is wrong with a path, in words; null when it can be used. */
export function pathProblem({ paths }: Engines, path: string): string | null {
  if (path.length > MAX_PATH_CHARACTERS) return `must have at most ${MAX_PATH_CHARACTERS} characters`
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
