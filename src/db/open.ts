import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { StartError } from '../lib/errors.ts'
import { DurableSqliteDialect, WriteAheadLog } from './durable-driver.ts'
import type { Database } from './schema.ts'

/** Far above the statements the code has; only lists of varying length make new ones. */
const MAX_CACHED_STATEMENTS = 500

/** The driver's own 16 MiB would fill up over weeks; what is not in there is in the system's cache of the file. */
const PAGE_CACHE_KIB = 4096

/**
 * Opens `DATA_DIR/botyard.db`, making it when it is not there. Nobody else on the machine may read it.
 * A write is on disk when it is acknowledged: see {@link DurableSqliteDialect}.
 * @throws StartError when the file is no database or is damaged; it is left as it is.
 */
export function openDatabase(dataDir: string): Kysely<Database> {
  const file = join(dataDir, 'botyard.db')
  let sqlite: BetterSqlite3.Database | undefined
  try {
    closeToOthers(file)
    sqlite = new BetterSqlite3(file)
    sqlite.pragma('busy_timeout = 1000')
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma(`cache_size = -${PAGE_CACHE_KIB}`)
    sqlite.prepare('SELECT count(*) FROM sqlite_schema').get()
  } catch (error) {
    sqlite?.close()
    throw new StartError(describeOpenFailure(file, error as Error & { code?: string }))
  }
  const log = new WriteAheadLog(file)
  return new Kysely<Database>({ dialect: new DurableSqliteDialect({ database: withStatementCache(sqlite, log) }, log) })
}

/** Its log and index, which SQLite makes as this file is, may be there from a server that was killed. */
function closeToOthers(file: string): void {
  // Not opened where it is there: to close it again would let go of the locks of another connection.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, 0o600)
}

/** True for an error by which SQLite says that the file itself is damaged. */
export function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code)
}

/** Preparing a statement costs five times what running it does, and the server runs the same few all day. */
function withStatementCache(sqlite: BetterSqlite3.Database, log: WriteAheadLog) {
  const statements = new Map<string, BetterSqlite3.Statement<unknown[]>>()
  return {
    prepare(sql: string) {
      let statement = statements.get(sql)
      if (!statement) {
        statement = sqlite.prepare<unknown[]>(sql)
        if (statements.size >= MAX_CACHED_STATEMENTS) statements.clear()
        statements.set(sql, statement)
      }
      if (!statement.readonly) log.touch()
      return statement
    },
    close: () => sqlite.close()
  }
}

/** What to tell whoever starts a server on a database that cannot be used. */
export function describeOpenFailure(file: string, error: Error & { code?: string }): string {
  if (isDamage(error)) {
    return `The database ${file} is damaged (${error.message}). It was left as it is: restore a backup over it, or move it away to start with an empty one.`
  }
  return `The database ${file} cannot be opened: ${error.message}`
}
