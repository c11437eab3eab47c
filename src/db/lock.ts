import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { StartError } from '../errors.ts'

/**
 * Takes the data folder for this process: two servers on one folder would both judge and end the same attempts.
 * The lock is SQLite's own on a file of its own, so the kernel frees it when the process dies, however it dies,
 * and the database itself stays open to `sqlite3` and to backups.
 * @returns what gives it back.
 * @throws StartError when another server holds it.
 */
export function lockDataDir(dataDir: string): () => void {
  let lock: BetterSqlite3.Database | undefined
  try {
    lock = new BetterSqlite3(join(dataDir, '.lock'), { timeout: 2000 })
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') {
      throw new StartError(`The data folder ${dataDir} cannot be locked: ${(error as Error).message}.`)
    }
    throw new StartError(
      `Another Botyard server is running on ${dataDir}. Stop it first, or set DATA_DIR to another folder.`
    )
  }
  const held = lock
  return () => held.close()
}
