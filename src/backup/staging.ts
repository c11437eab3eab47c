import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../lib/errors.ts'
import { DATABASE } from './archive.ts'

/** What the file system of a disk makes by itself. */
const OF_THE_DISK = 'lost+found'

/** A folder that is filled apart, and becomes the data folder when it is as it should be. */
export interface Staging {
  folder: string
  /** Makes it the data folder. */
  place(): Promise<void>
  discard(): void
}

/**
 * Beside the data folder, which may be missing or empty, so that it gets there in one step. Where that is a disk of its own, or
 * nothing may be made beside it, within it: then the database comes last, and without it the folder is none of a server's.
 * @throws StartError when something is in the data folder, or nothing can be made.
 */
export function makeStaging(dataDir: string): Staging {
  try {
    mkdirSync(dirname(dataDir), { recursive: true })
    if (existsSync(dataDir)) expectEmpty(dataDir)
    const within = existsSync(dataDir) && (isDisk(dataDir) || !mayMakeBeside(dataDir))
    const folder = mkdtempSync(within ? join(dataDir, '.restoring-') : `${dataDir}.restoring-`)
    const place = () => (within ? moveUp(folder, dataDir) : moveOver(folder, dataDir))
    return {
      folder,
      place: async () => {
        await flush(folder)
        place()
        await flush(dataDir)
      },
      discard: () => rmSync(folder, { recursive: true, force: true })
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`${dataDir} cannot be made: ${(error as Error).message}`)
  }
}

function expectEmpty(dataDir: string): void {
  const names = readdirSync(dataDir).filter(name => name !== OF_THE_DISK)
  if (names.length === 0) return
  throw new StartError(
    `${dataDir} is not empty: there is ${names.slice(0, 3).join(', ')}. Move it away, or name another folder with --data-dir.`
  )
}

function isDisk(dataDir: string): boolean {
  return statSync(dataDir).dev !== statSync(dirname(dataDir)).dev || existsSync(join(dataDir, OF_THE_DISK))
}

function mayMakeBeside(dataDir: string): boolean {
  try {
    rmdirSync(mkdtempSync(`${dataDir}.restoring-`))
    return true
  } catch {
    return false // then it is tried within, and whoever cannot do that hears why
  }
}

/** An empty folder gives way. */
function moveOver(folder: string, dataDir: string): void {
  renameSync(folder, dataDir)
}

function moveUp(folder: string, dataDir: string): void {
  const names = readdirSync(folder).filter(name => name !== DATABASE)
  for (const name of [...names, DATABASE]) renameSync(join(folder, name), join(dataDir, name))
  rmdirSync(folder)
}

/** All that was written to the file system: to have each of a million files flushed takes an hour. */
async function flush(path: string): Promise<void> {
  await promisify(execFile)('/usr/bin/sync', ['-f', path])
}
