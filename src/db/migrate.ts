import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { StartError } from '../lib/errors.ts'
import type { Database } from './schema.ts'

export const MIGRATIONS_FOLDER = join(import.meta.dirname, '../../migrations')

interface MigrationFile {
  /** The file's name without its ending, such as `0001-foundation`. */
  name: string
  path: string
  /** SHA-256 of the file, hex. */
  checksum: string
}

interface Migration {
  up(db: Kysely<unknown>): Promise<void>
  down(db: Kysely<unknown>): Promise<void>
}

interface Applied {
  name: string
  checksum: string
  applied_at: number
}

/** Kysely's own migrator runs SQLite's outside a transaction; a half-made schema is worse than none, so ours does not. */
export class Migrator {
  readonly #db: Kysely<{ migrations: Applied }>
  readonly #folder: string

  constructor(db: Kysely<Database>, folder: string = MIGRATIONS_FOLDER) {
    this.#db = db as unknown as Kysely<{ migrations: Applied }>
    this.#folder = folder
  }

  /**
   * Applies what is missing, each in a transaction of its own.
   * `changed` names applied migrations whose file is no longer the one that was applied.
   * @throws StartError when the database has seen a migration this version does not know.
   */
  async up(): Promise<{ applied: string[]; changed: string[] }> {
    const done = await this.#done()
    const files = this.#files()
    const known = new Map(files.map(file => [file.name, file]))
    const unknown = done.filter(row => !known.has(row.name)).map(row => row.name)
    if (unknown.length > 0) {
      throw new StartError(
        `The database is newer than this version: it has ${unknown.join(', ')}. ` +
          `Start the newer version again, or take the database back with it first: npm run migrate down ${unknown.length}`
      )
    }

    const names = new Set(done.map(row => row.name))
    const applied: string[] = []
    for (const { name, path, checksum } of files.filter(file => !names.has(file.name))) {
      const migration = (await import(path)) as Migration
      await this.#db.transaction().execute(async trx => {
        await migration.up(trx as unknown as Kysely<unknown>)
        const row = { name, checksum, applied_at: Date.now() }
        await trx.insertInto('migrations').values(row).execute()
      })
      applied.push(name)
    }
    return { applied, changed: done.filter(row => known.get(row.name)?.checksum !== row.checksum).map(row => row.name) }
  }

  /** Whether the database is as this version needs it: nothing is missing, and nothing is newer. */
  async isUpToDate(): Promise<boolean> {
    const done = (await this.#done()).map(({ name }) => name)
    return (
      done.join() ===
      this.#files()
        .map(({ name }) => name)
        .join()
    )
  }

  /** Takes back the newest `steps` migrations, newest first; answers their names. */
  async down(steps: number): Promise<string[]> {
    const known = new Map(this.#files().map(file => [file.name, file]))
    const done = (await this.#done()).reverse().slice(0, steps)
    for (const row of done) {
      const file = known.get(row.name)
      if (!file)
        throw new StartError(`${row.name} is not in ${this.#folder}: run this with the version that brought it`)
      const migration = (await import(file.path)) as Migration
      await this.#db.transaction().execute(async trx => {
        await migration.down(trx as unknown as Kysely<unknown>)
        await trx.deleteFrom('migrations').where('name', '=', row.name).execute()
      })
    }
    return done.map(row => row.name)
  }

  /** Oldest first. */
  async #done(): Promise<Applied[]> {
    await sql`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at bigint NOT NULL)`.execute(
      this.#db
    )
    return this.#db.selectFrom('migrations').selectAll().orderBy('name').execute()
  }

  #files(): MigrationFile[] {
    return readdirSync(this.#folder)
      .filter(file => /^\d{4}-[a-z0-9-]+\.ts$/.test(file))
      .sort()
      .map(file => {
        const path = join(this.#folder, file)
        return {
          name: file.slice(0, -3),
          path,
          checksum: createHash('sha256').update(readFileSync(path)).digest('hex')
        }
      })
  }
}
