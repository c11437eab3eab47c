import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { SqliteDialect, type SqliteDialectConfig, SqliteDriver } from 'kysely'

const flush = promisify(fdatasync)

/**
 * SQLite whose commits are on disk when they are acknowledged, without this thread waiting for the disk. `synchronous =
 * FULL` would flush the write-ahead log inside the commit, and the file system may have to write the hundred megabytes a
 * bot has just printed before it can: everybody who follows a log would wait for that. Instead SQLite writes the log
 * (`synchronous = NORMAL`), and before a connection is given back, which is before whoever wrote hears of it, the log is
 * flushed on a thread of its own.
 */
export class DurableSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #log: WriteAheadLog

  constructor(config: SqliteDialectConfig, log: WriteAheadLog) {
    super(config)
    this.#config = config
    this.#log = log
  }

  override createDriver(): SqliteDriver {
    return new DurableSqliteDriver(this.#config, this.#log)
  }
}

class DurableSqliteDriver extends SqliteDriver {
  readonly #log: WriteAheadLog

  constructor(config: SqliteDialectConfig, log: WriteAheadLog) {
    super(config)
    this.#log = log
  }

  override async releaseConnection(): Promise<void> {
    await this.#log.flush()
  }

  override async destroy(): Promise<void> {
    await this.#log.close()
    await super.destroy()
  }
}

/** The file SQLite appends its commits to, and whether it has been written to since it was last flushed. */
export class WriteAheadLog {
  readonly #fd: number
  #written = false
  #flushing: Promise<void> = Promise.resolve()

  /** `path` is that of the database; its log must be there. */
  constructor(path: string) {
    this.#fd = openSync(`${path}-wal`, 'r')
  }

  /** A statement that writes has run. */
  touch(): void {
    this.#written = true
  }

  /** Does not come back when the disk refuses: what cannot be kept must not be acknowledged, so the server ends. */
  async flush(): Promise<void> {
    if (!this.#written) return
    this.#written = false
    this.#flushing = flush(this.#fd).catch(error => {
      setImmediate(() => {
        throw new Error('the database could not be flushed to disk', { cause: error })
      })
      return new Promise(() => {})
    })
    await this.#flushing
  }

  async close(): Promise<void> {
    await this.#flushing
    closeSync(this.#fd)
  }
}
