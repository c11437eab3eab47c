import { closeSync, fstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Static } from 'typebox'
import { type Results, resultsOf } from '../attempts/results.ts'
import type { AttemptRef } from '../executions/store.ts'
import { openFileBeneath } from '../regular-file.ts'
import type { Artifact, ArtifactList } from './schemas.ts'
import { MAX_DEPTH, walkFiles } from './walk.ts'

/** What a list holds at most. */
export const MAX_LISTED = 1000

/** Enough for any list that people look through; a folder beyond is listed as far as it was looked at. */
const LIST_BOUNDS = { maxEntries: 10_000, maxMs: 5000 }

/** The longest path Linux takes. */
const MAX_NAME_BYTES = 4096

/** The files that the attempts of an execution left behind, also while they run. Where no number is given, the last's. */
export class Artifacts {
  readonly #attempts: (executionId: string) => Promise<AttemptRef[]>
  readonly #attemptsFolder: string

  constructor(source: { attempts(executionId: string): Promise<AttemptRef[]> }, attemptsFolder: string) {
    this.#attempts = id => source.attempts(id)
    this.#attemptsFolder = attemptsFolder
  }

  /** By name. `truncated` when there are more. */
  async list(executionId: string, attempt?: number): Promise<Static<typeof ArtifactList>> {
    const results = await this.#results(executionId, attempt)
    if (!results) return { items: [], truncated: false }
    const items: Static<typeof Artifact>[] = []
    const whole = await walkFiles(folderIn(results), LIST_BOUNDS, async ({ name, path }) => {
      const stat = await lstat(path).catch(() => null)
      // Gone by now. A name that is no UTF-8 leads to nothing, either: nobody could ask for the file.
      if (stat?.isFile() && isOf(results, stat))
        items.push({ name, bytes: stat.size, modifiedAt: Math.floor(stat.mtimeMs) })
      return false
    })
    items.sort((a, b) => (a.name < b.name ? -1 : 1))
    return { items: items.slice(0, MAX_LISTED), truncated: !whole || items.length > MAX_LISTED }
  }

  /** A descriptor to read an artifact by, and its size now; null when there is none of that name. */
  async open(executionId: string, name: string, attempt?: number): Promise<{ fd: number; bytes: number } | null> {
    const results = isName(name) ? await this.#results(executionId, attempt) : null
    const fd = results && openFileBeneath(folderIn(results), name.split('/'))
    if (fd === null) return null
    try {
      const stat = fstatSync(fd)
      if (isOf(results!, stat)) return { fd, bytes: stat.size }
      closeSync(fd)
      return null
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  async #results(executionId: string, number?: number): Promise<Results | null> {
    const attempts = await this.#attempts(executionId)
    const attempt = number === undefined ? attempts.at(-1) : attempts.find(each => each.number === number)
    return attempt ? resultsOf(this.#attemptsFolder, attempt.id) : null
  }
}

function folderIn({ folder }: Results): string {
  return join(folder, 'artifacts')
}

/** Whether a file is the bot's own, and not another's that it has linked to. */
function isOf({ group }: Results, stat: { gid: number }): boolean {
  return group === null || stat.gid === group
}

/** Whether a list could have given out this name: it leads down into the folder, step by step. */
function isName(name: string): boolean {
  const parts = name.split('/')
  const isPart = (part: string) => part !== '' && part !== '.' && part !== '..'
  return (
    Buffer.byteLength(name) <= MAX_NAME_BYTES &&
    parts.length <= MAX_DEPTH + 1 &&
    parts.every(isPart) &&
    !name.includes('\0')
  )
}
