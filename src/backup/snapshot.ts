import { chownSync, mkdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { describeOpenFailure } from '../db/open.ts'
import { StartError } from '../lib/errors.ts'
import { DATABASE } from './archive.ts'

/** While others hold the database for a moment. */
const BUSY_MS = 10_000

/** What is asked for at a time. */
const BATCH = 500

export interface SnapshotAttempt {
  id: string
  ended: boolean
}

/** Where a backup has what it needs only while it is made; of one that was killed the next finds it, and removes it. */
export function makeDraftFolder(dataDir: string): string {
  const folder = join(dataDir, '.backup')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  if (process.getuid!() === 0) {
    // Or what is left of a backup that root made would be in the way of those the server makes.
    const { uid, gid } = statSync(dataDir)
    chownSync(folder, uid, gid)
  }
  return folder
}

/**
 * The database as it is at one moment, in a file of its own. `VACUUM INTO` reads it within one transaction, which in WAL mode
 * keeps nobody from writing; what was deleted is not in it. SQLite's own online backup would begin anew whenever the
 * server writes, as that is another process.
 */
export class Snapshot {
  readonly path: string
  readonly #db: BetterSqlite3.Database

  /** @throws StartError when there is no room for it, or the database is damaged. */
  constructor(dataDir: string, folder: string) {
    this.path = join(folder, DATABASE)
    const file = join(dataDir, DATABASE)
    const source = open(file)
    try {
      expectRoom(dataDir, bytesOf(source))
      source.prepare('VACUUM INTO ?').run(this.path)
    } catch (error) {
      throw failure(file, error)
    } finally {
      source.close()
    }
    this.#db = open(this.path)
    const findings = this.#db.pragma('integrity_check(5)', { simple: false }) as { integrity_check: string }[]
    if (findings[0]?.integrity_check === 'ok') return
    this.close()
    const detail = findings.map(row => row.integrity_check).join('; ')
    throw new StartError(
      `The database ${file} is damaged (${detail}), so it is not backed up. Restore an older backup.`
    )
  }

  /** Oldest first. */
  migrations(): string[] {
    return this.#db.prepare('SELECT name FROM migrations ORDER BY name').pluck().all() as string[]
  }

  executions(): number {
    return this.#db.prepare('SELECT count(*) FROM executions').pluck().get() as number
  }

  *attempts(): Generator<SnapshotAttempt> {
    const some = this.#db.prepare('SELECT id, ended_at FROM attempts WHERE id > ? ORDER BY id LIMIT ?')
    for (let after: string | undefined = ''; after !== undefined; ) {
      const rows = some.all(after, BATCH) as { id: string; ended_at: number | null }[]
      for (const { id, ended_at } of rows) yield { id, ended: ended_at !== null }
      after = rows.at(-1)?.id
    }
  }

  close(): void {
    this.#db.close()
  }
}

function open(file: string): BetterSqlite3.Database {
  try {
    const db = new BetterSqlite3(file, { fileMustExist: true, timeout: BUSY_MS })
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (error) {
    throw failure(file, error)
  }
}

function bytesOf(db: BetterSqlite3.Database): number {
  const ask = (name: string) => db.pragma(name, { simple: true }) as number
  return (ask('page_count') - ask('freelist_count')) * ask('page_size')
}

/** As much again stays free: bots print on. */
function expectRoom(dataDir: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dataDir)
  if (bavail * bsize < 2 * bytes) {
    throw new StartError(
      `There is too little room in ${dataDir} for a copy of the database, which takes ${bytes} bytes for as long as the backup is made: make room for twice that.`
    )
  }
}

function failure(file: string, error: unknown): unknown {
  if (error instanceof StartError || typeof (error as { code?: unknown }).code !== 'string') return error
  return new StartError(describeOpenFailure(file, error as Error))
}
