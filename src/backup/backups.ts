import { once } from 'node:events'
import { Readable } from 'node:stream'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { AppError } from '../lib/errors.ts'
import type { SettingStore } from '../machine/store.ts'
import { backupName } from './archive.ts'
import { BackupProcess } from './backup-process.ts'
import { nextAfter } from './cron.ts'
import type { Report } from './make.ts'
import { type BackupState, isMissed, NONE_YET, type Past, stateOf } from './past.ts'

/** By what name the database keeps what became of the last. */
const SETTING = 'backup'

/** Whoever waited for the start has been served by then. */
const FIRST_MS = 5 * 60_000

/** One that failed is tried again after this: what failed for a moment need not cost a day. */
const AGAIN_MS = 60 * 60_000

/** At least so often the clock is looked at: somebody may set it. */
const LOOK_MS = 10 * 60_000

/** What is due waits for the end of a download, or until it is no more held, and looks for that so often. */
const LOOK_AGAIN_MS = 60_000

export interface BackupsOptions {
  config: Pick<Config, 'dataDir' | 'secretKey' | 'previousSecretKey' | 'backup' | 'storageEnvironment'>
  settings: Pick<SettingStore, 'get' | 'set'>
  /** While it says so none is made by itself: this may be the copy of a server that lives. */
  isHeld: () => boolean
  /** How backups stand has changed. */
  onChange: () => void
  logger: Logger
}

/** Has backups made: when it is time, when somebody asks, and for who downloads one. One at a time. */
export class Backups {
  readonly #options: BackupsOptions
  readonly #processes = new Set<BackupProcess>()
  #past: Past = NONE_YET
  #making: Promise<void> | null = null
  /** When the next is due; null while none is waited for. */
  #dueAt: number | null = null
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: BackupsOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    const kept = await this.#options.settings.get(SETTING)
    if (kept !== null) this.#past = JSON.parse(kept)
  }

  /** Null when none are made by themselves. */
  state(): BackupState | null {
    const { url, cron } = this.#options.config.backup
    if (url === null) return null
    const state = stateOf(this.#past, cron, Date.now())
    return { ...state, nextAt: this.#dueAt ?? state.nextAt, running: this.#making !== null }
  }

  /** Makes them when it is time, from now on; soon, when one was missed. */
  begin(firstMs: number = FIRST_MS): void {
    const { url } = this.#options.config.backup
    if (url === null) return
    const now = Date.now()
    this.#await(isMissed(this.#past, url, now) ? now + firstMs : Number.POSITIVE_INFINITY)
  }

  /** Breaks off what is being made. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const one of this.#processes) one.kill()
    await this.#making
  }

  /** Begins one to where they are kept. @throws AppError `no_backup_place`, `backup_running` */
  make(): void {
    const { url } = this.#options.config.backup
    if (url === null)
      throw new AppError(
        'no_backup_place',
        'Nobody has said where backups are kept: set BACKUP_URL, and start the server anew.'
      )
    this.#expectFree()
    clearTimeout(this.#timer)
    this.#making = this.#make(url).finally(() => {
      this.#making = null
      this.#options.onChange()
    })
    this.#options.onChange()
  }

  /**
   * One for whoever asks. Its bytes end in an error when it is not whole. Without a passphrase the key of secrets is not in it:
   * the API shows no secret, and this is no way around that.
   * @throws AppError `backup_running`, `unavailable`
   */
  async download(): Promise<{ name: string; bytes: Readable }> {
    this.#expectFree()
    const isEncrypted = this.#options.config.backup.passphrase !== null
    const name = backupName(Date.now(), isEncrypted)
    const one = this.#start(null, isEncrypted)
    try {
      await Promise.race([once(one.bytes, 'readable'), one.done])
    } catch (error) {
      one.kill()
      throw error
    }
    const bytes = Readable.from(bytesOf(one), { objectMode: false })
    bytes.once('close', () => one.kill()) // whoever wanted it may have gone
    return { name, bytes }
  }

  #expectFree(): void {
    if (this.#processes.size > 0)
      throw new AppError('backup_running', 'A backup is being made at this moment. Wait for its end, and ask again.')
  }

  #start(to: { url: string; keep: number } | null, withKey: boolean): BackupProcess {
    const { dataDir, secretKey, previousSecretKey, backup, storageEnvironment } = this.#options.config
    const order = { dataDir, secretKey, previousSecretKey, passphrase: backup.passphrase, withKey, to }
    const one = new BackupProcess(order, storageEnvironment)
    this.#processes.add(one)
    const forget = () => void this.#processes.delete(one)
    one.done.then(forget, forget)
    return one
  }

  async #make(url: string): Promise<void> {
    const { config, logger } = this.#options
    try {
      const report = await this.#start({ url, keep: config.backup.keep }, true).done
      this.#past = { lastAt: Date.now(), lastBytes: report.bytes, lastError: null, lastUrl: url }
      logger.info({ backup: withoutNames(report) }, 'a backup was made')
      this.#await(Number.POSITIVE_INFINITY)
    } catch (error) {
      if (this.#stopped) return // the next server makes up for it
      this.#past = { ...this.#past, lastError: (error as Error).message }
      logger.error(
        { detail: (error as Error).message },
        'NO BACKUP was made; it is tried again in an hour. See what is wrong, and have one made on the page Machine'
      )
      this.#await(Date.now() + AGAIN_MS)
    }
    await this.#options.settings.set(SETTING, JSON.stringify(this.#past), null).catch(err => {
      logger.error({ err }, 'what became of a backup could not be kept')
    })
  }

  /** Has one made at `dueAt`, or by the calendar where that is sooner; `atLeastMs`: what could not begin yet does not insist. */
  #await(dueAt: number, atLeastMs = 0): void {
    if (this.#stopped) return
    const now = Date.now()
    this.#dueAt = Math.min(dueAt, nextAfter(this.#options.config.backup.cron, now))
    const wait = Math.max(Math.min(this.#dueAt - now, LOOK_MS), atLeastMs)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(this.#dueAt!), wait).unref()
  }

  #look(dueAt: number): void {
    if (Date.now() < dueAt) this.#await(dueAt)
    else if (this.#processes.size > 0 || this.#options.isHeld()) this.#await(dueAt, LOOK_AGAIN_MS)
    else this.make()
  }
}

async function* bytesOf(one: BackupProcess): AsyncGenerator<Buffer> {
  yield* one.bytes as AsyncIterable<Buffer>
  await one.done
}

function withoutNames({ leftOut: _, ...report }: Report) {
  return report
}
