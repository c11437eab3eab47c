import { existsSync, lchownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { StartError } from '../lib/errors.ts'

/**
 * Takes the data folder for this process: two servers on one folder would both judge and end the same attempts.
 * The lock is SQLite's own on a file of its own, so the kernel frees it when the process dies, however it dies,
 * and the database itself stays open to `sqlite3` and to backups.
 * @returns what gives it back.
 * @throws StartError when another server holds it.
 */
export function lockDataDir(dataDir: string): () => void {
  const unlock = tryLock(dataDir, '.lock', 2000)
  if (unlock) return unlock
  throw new StartError(
    `Another Botyard server is running on ${dataDir}. Stop it first, or set DATA_DIR to another folder.`
  )
}

/** Held by whoever makes a backup of the data folder, from before the database is copied until all files are in it. */
export const BACKUP_LOCK = '.backup.lock'

/** Whether somebody holds one of the data folder's locks. @throws StartError when that cannot be found out. */
export function isLocked(dataDir: string, name: string): boolean {
  if (!existsSync(join(dataDir, name))) return false
  const unlock = tryLock(dataDir, name, 0)
  unlock?.()
  return unlock === null
}

/**
 * Takes one of the data folder's locks. @returns what gives it back; null when somebody else holds it for `timeoutMs`.
 * @throws StartError when it cannot be made.
 */
export function tryLock(dataDir: string, name: string, timeoutMs: number): (() => void) | null {
  let lock: BetterSqlite3.Database | undefined
  try {
    lock = new BetterSqlite3(join(dataDir, name), { timeout: timeoutMs })
    giveToOwner(dataDir, name)
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return null
    throw new StartError(`The data folder ${dataDir} cannot be locked: ${(error as Error).message}.`)
  }
  const held = lock
  return () => held.close()
}

/** What root makes here, by a command, would lock the server out that runs as another user. */
function giveToOwner(dataDir: string, name: string): void {
  const { uid, gid } = statSync(dataDir)
  // The link itself, should somebody have laid one: not what it leads to.
  if (process.getuid!() === 0 && uid !== 0) lchownSync(join(dataDir, name), uid, gid)
}
