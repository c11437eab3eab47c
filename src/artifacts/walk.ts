import { closeSync, type Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { openFolderBeneath, pathIn } from '../lib/regular-file.ts'

/** Folders within folders: more than anybody makes on purpose. */
export const MAX_DEPTH = 100

/** How much of a folder is looked at, before one gives up. Folders and what is no regular file count as well. */
export interface WalkBounds {
  maxEntries: number
  maxMs: number
}

export interface FoundFile {
  /** Its way from the folder that is walked through, such as `reports/may.pdf`. */
  name: string
  /** Leads to this very file, but only until the visit is over. */
  path: string
}

/**
 * Visits the regular files of a folder, at any depth and in no order, until `visit` says that it has seen enough (true).
 * A folder that is not there has none.
 * @returns false when there may be files that a bound kept from being visited.
 */
export async function walkFiles(
  folder: string,
  bounds: WalkBounds,
  visit: (file: FoundFile) => boolean | Promise<boolean>
): Promise<boolean> {
  const deadline = performance.now() + bounds.maxMs
  const waiting: string[][] = [[]]
  let entries = 0
  let whole = true
  for (let names = waiting.pop(); names; names = waiting.pop()) {
    const fd = openFolderBeneath(folder, names)
    if (fd === null) continue // it has gone meanwhile, or may not be read
    try {
      for await (const entry of await opendir(pathIn(fd, '.'))) {
        if (++entries > bounds.maxEntries || performance.now() > deadline) return false
        if (isSubfolder(entry, names)) waiting.push([...names, entry.name])
        else if (entry.isDirectory()) whole = false
        else if (entry.isFile()) {
          const enough = await visit({ name: [...names, entry.name].join('/'), path: pathIn(fd, entry.name) })
          if (enough) return true
        }
      }
    } finally {
      closeSync(fd)
    }
  }
  return whole
}

function isSubfolder(entry: Dirent, parents: string[]): boolean {
  return entry.isDirectory() && parents.length < MAX_DEPTH
}
