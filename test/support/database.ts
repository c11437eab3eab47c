import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'

/** Reads or changes a server's database from outside, on a connection of its own. */
export function withDatabase<T>(dataDir: string, use: (db: BetterSqlite3.Database) => T): T {
  const db = new BetterSqlite3(join(dataDir, 'botyard.db'))
  try {
    return use(db)
  } finally {
    db.close()
  }
}

export function countUsers(dataDir: string): number {
  return withDatabase(dataDir, db => db.prepare('SELECT count(*) FROM users').pluck().get() as number)
}

/** Keeps everybody else from writing, as a backup tool gone wrong would; answers what ends it. */
export function lockForWriting(dataDir: string): () => void {
  const db = new BetterSqlite3(join(dataDir, 'botyard.db'))
  db.exec('BEGIN IMMEDIATE')
  return () => db.close()
}
