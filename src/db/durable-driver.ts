import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import { type DatabaseConnection, SqliteAdapter, SqliteDialect, type SqliteDialectConfig, SqliteDriver } from 'kysely'

const flush = promisify(fdatasync)

/**
 * SQLite whose commits are on disk when they are acknowledged, without this thread waiting for the disk. `synchronous =
 * FULL` would flush the write-ahead log inside the commit, and the file system may have to write the hundred megabytes a
 * bot has just printed before it can: everybody who follows a log would wait for that. Instead SQLite writes the log
 * (`synchronous = NORMAL`), and before whoever wrote hears of it, the log is flushed on a thread of its own. Meanwhile
 * others use the connection: what many of them write while one flush is under way is on disk with the next.
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

  override createAdapter(): SqliteAdapter {
    return new TakesTurnsItself()
  }
}

/** Kysely's own turns would end only after the flush. */
class TakesTurnsItself extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class DurableSqliteDriver extends SqliteDriver {
  readonly #log: WriteAheadLog
  /** Whoever has the connection is the last of these; each begins when the one before it has ended. */
  #turn: Promise<void> = Promise.resolve()
  #endTurn = () => {}
  #writesBefore = 0
  #isTransaction = false

  constructor(config: SqliteDialectConfig, log: WriteAheadLog) {
    super(config)
    this.#log = log
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    await before
    this.#endTurn = resolve
    this.#writesBefore = this.#log.writes
    return super.acquireConnection()
  }

  override async releaseConnection(): Promise<void> {
    const { writes } = this.#log
    // What a transaction has read decides what somebody is told: that must be on disk as well.
    const matters = writes > this.#writesBefore || this.#isTransaction
    this.#isTransaction = false
    this.#endTurn()
    if (matters) await this.#log.flushed(writes)
  }

  override beginTransaction(connection: DatabaseConnection): Promise<void> {
    this.#isTransaction = true
    return super.beginTransaction(connection)
  }

  /** After some errors, a full disk among them, SQLite has taken everything back itself; that error is the one to tell. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch (error) {
      if (!/no transaction is active/.test((error as Error).message)) throw error
    }
  }

  override async destroy(): Promise<void> {
    await this.#log.close()
    await super.destroy()
  }
}

/** The file SQLite appends its commits to, and how far it has been flushed. */
export class WriteAheadLog {
  readonly #fd: number
  #writes = 0
  #flushed = 0
  #flushing: Promise<void> | null = null

  /** `path` is that of the database; its log must be there. */
  constructor(path: string) {
    this.#fd = openSync(`${path}-wal`, 'r')
  }

  /** Statements that write, so far. */
  get writes(): number {
    return this.#writes
  }

  /** A statement that writes is about to run. */
  touch(): void {
    this.#writes++
  }

  /** Waits until what the first `writes` statements wrote is on disk. */
  async flushed(writes: number): Promise<void> {
    while (this.#flushed < writes) {
      // One that is under way may have begun before the last of them.
      this.#flushing ??= this.#flush().finally(() => {
        this.#flushing = null
      })
      await this.#flushing
    }
  }

  async close(): Promise<void> {
    // Not only what is under way: whoever waits for the next would find the file closed.
    await this.flushed(this.#writes)
    closeSync(this.#fd)
  }

  /** Does not come back when the disk refuses: what cannot be kept must not be acknowledged, so the server ends. */
  async #flush(): Promise<void> {
    const writes = this.#writes
    try {
      await flush(this.#fd)
    } catch (error) {
      setImmediate(() => {
        throw new Error('the database could not be flushed to disk', { cause: error })
      })
      await new Promise(() => {})
    }
    this.#flushed = writes
  }
}
