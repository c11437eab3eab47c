import { closeSync, fstatSync, type Stats } from 'node:fs'
import { lstat, unlink } from 'node:fs/promises'
import type { Logger } from 'pino'
import { type Results, resultsOf } from '../attempts/results.ts'
import { Download } from '../lib/download.ts'
import { openFileBeneath } from '../lib/regular-file.ts'
import { Rounds } from '../lib/rounds.ts'
import { withAdvice } from '../lib/shortages.ts'
import { PlainBytes } from '../logs/plain-bytes.ts'
import { type Drive, whyNot } from '../storage/drive.ts'
import { keyOf } from '../storage/keys.ts'
import type { Storage } from '../storage/storage.ts'
import { folderIn, isOf } from './artifacts.ts'
import type { StoredArtifact, Upload, UploadStore } from './upload-store.ts'
import { walkFiles } from './walk.ts'

/** Attempts at a time, and files of each: with two parts of 5 MiB of each in memory. */
const ATTEMPTS_AT_ONCE = 2
const FILES_AT_ONCE = 2

/** Removals need no memory to speak of, and may be many. */
const REMOVALS_AT_ONCE = 8

/** More than this are kept where they are: a folder that is no result but a working copy. */
const MAX_FILES = 10_000
const UPLOAD_BOUNDS = { maxEntries: 2 * MAX_FILES, maxMs: 60_000 }

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Between one try and the next, for an attempt; from the last on always as long. It is never given up. */
const WAITS = [10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE]

/** For the bucket as a whole, while nothing works. */
const PAUSES = [SECOND, 5 * SECOND, 30 * SECOND, 60 * SECOND, 2 * MINUTE]

/** After the database could not be asked, or something is not to be done yet. */
const PAUSE_MS = MINUTE

export interface UploadsOptions {
  store: UploadStore
  storage: Storage
  attemptsFolder: string
  /** While it says so the bucket is left as it is: this may be the copy of a server that lives. */
  isHeld: () => boolean
  /** Whether a backup is being made at this moment. */
  isBackedUp: () => boolean
  /** Told that the folder of an attempt takes less now. */
  onShrunk: (attemptId: string) => void
  logger: Logger
}

/** The bucket, or the way to it, is at fault, and not what was to be done. */
class StoreProblem extends Error {}

/**
 * Brings what attempts have left to the bucket, beside all else, and removes it there when its execution goes. Each attempt
 * is a row that says what is next; a step that was interrupted, by whatever, is done once more as a whole:
 *
 * `waiting` each file is sent, and confirmed; then all are kept at once, and from then on they are read from there.
 * `stored`, while due: the local files that are there are removed. Then nothing is left to do.
 * `removing` the execution is no more: whatever is there under its name is removed, then the row.
 */
export class Uploads {
  readonly #options: UploadsOptions
  readonly #working = new Map<string, Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #stopped = rejectionBy(this.#stopping.signal)
  readonly #rounds = new Rounds({
    round: () => this.#begin(),
    failed: err => {
      this.#options.logger.error({ err }, withAdvice('what is to be uploaded cannot be read; it is tried again', err))
      return PAUSE_MS
    }
  })
  /** Failures of the bucket in a row, and until when it is left alone for them. */
  #failures = 0
  #pausedUntil = 0

  constructor(options: UploadsOptions) {
    this.#options = options
  }

  /** Something is to be done, or may have been left by a server before this one. */
  wake(): void {
    this.#rounds.wake()
  }

  /** Breaks off what is being done, which is for the next server, and waits for that. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the server stops'))
    await this.#rounds.stop()
    await Promise.all(this.#working.values())
  }

  async #begin(): Promise<number | null> {
    if (this.#options.isHeld()) return null
    const now = Date.now()
    const pause = this.#pausedUntil - performance.now()
    if (pause > 0) return pause
    // When nothing has worked, one goes ahead.
    const free = (this.#failures > 0 ? 1 : ATTEMPTS_AT_ONCE) - this.#working.size
    if (free <= 0) return null
    const due = await this.#options.store.due(now, now + 2 * WAITS.at(-1)!, free, [...this.#working.keys()])
    for (const upload of due) this.#working.set(upload.attemptId, this.#work(upload))
    if (this.#working.size > 0) return null
    const nextAt = await this.#options.store.nextAt()
    return nextAt === null ? null : nextAt - now
  }

  /** Never fails. */
  async #work(upload: Upload): Promise<void> {
    try {
      // A bucket that hangs does not keep the server from stopping; a step of which only a part was done is done anew.
      await Promise.race([this.#step(upload), this.#stopped])
      this.#failures = 0
    } catch (error) {
      await this.#postpone(upload, error).catch(err => {
        this.#pausedUntil = performance.now() + PAUSE_MS
        this.#options.logger.error({ err }, withAdvice('that an upload failed could not be kept', err))
      })
    } finally {
      this.#working.delete(upload.attemptId)
      this.wake()
    }
  }

  async #step(upload: Upload): Promise<void> {
    const drive = await this.#options.storage.drive()
    if (upload.state === 'waiting') await this.#upload(upload, drive)
    else if (upload.state === 'stored') await this.#clear(upload)
    else await this.#removeObjects(upload, drive)
  }

  async #postpone({ attemptId, executionId, tries, state }: Upload, error: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const { store, storage, logger } = this.#options
    const detail = error instanceof StoreProblem ? error.message : whyNot(error)
    if (error instanceof StoreProblem) {
      this.#pausedUntil = performance.now() + PAUSES[Math.min(this.#failures, PAUSES.length - 1)]!
      this.#failures++
    }
    await store.postpone(attemptId, Date.now() + WAITS[Math.min(tries, WAITS.length - 1)]!, detail)
    const what = state === 'removing' ? 'removed from the bucket' : 'brought to the bucket'
    logger.warn(
      { execution: executionId, attempt: attemptId, storage: storage.place, detail, tries: tries + 1 },
      `artifacts could not be ${what}; it is tried again`
    )
  }

  async #upload(upload: Upload, drive: Drive): Promise<void> {
    const { store, attemptsFolder } = this.#options
    const { attemptId } = upload
    const results = resultsOf(attemptsFolder, attemptId)
    const names: string[] = []
    const whole = await walkFiles(folderIn(results), UPLOAD_BOUNDS, async ({ name, path }) => {
      const stat = await lstat(path).catch(() => null)
      if (stat?.isFile() && isOf(results, stat)) names.push(name)
      return names.length > MAX_FILES
    })
    if (!whole || names.length > MAX_FILES) {
      const detail = `There are more than ${MAX_FILES} files, or too many folders: they stay on the server's disk.`
      return store.keepLocal(attemptId, detail)
    }
    // What an earlier try has sent is there still, and goes with the execution.
    if (names.length === 0 && upload.place === null) return store.forget(attemptId, 'waiting')
    if (!(await store.begin(attemptId, drive.place))) return
    const sent: StoredArtifact[] = []
    await inParallel(names, FILES_AT_ONCE, async name => {
      const artifact = await this.#send(upload, results, name, drive)
      if (artifact) sent.push(artifact)
    })
    if (await store.keep(attemptId, sent, Date.now())) this.#options.onShrunk(attemptId)
  }

  /** Null when the file has gone. */
  async #send(upload: Upload, results: Results, name: string, drive: Drive): Promise<StoredArtifact | null> {
    const signal = this.#stopping.signal
    signal.throwIfAborted()
    const fd = openFileBeneath(folderIn(results), name.split('/'))
    if (fd === null) return null
    let stat: Stats
    try {
      stat = fstatSync(fd)
    } catch (error) {
      closeSync(fd)
      throw error
    }
    const key = `${prefixOf(upload)}${upload.number}/${keyOf(name)}`
    const body = new Download(new PlainBytes(fd), 0, stat.size)
    let unread: Error | null = null
    body.once('error', error => {
      unread = error
    })
    try {
      await drive.upload(key, body, { bytes: stat.size, signal })
    } catch (error) {
      throw unread ?? new StoreProblem(whyNot(error), { cause: error })
    }
    return { name, key, bytes: stat.size, modifiedAt: Math.floor(stat.mtimeMs) }
  }

  /**
   * A backup that began before they were kept in the bucket tells of them as local. It is to have them: who restores it would
   * find them nowhere.
   */
  async #clear(upload: Upload): Promise<void> {
    const { store, isBackedUp } = this.#options
    if (isBackedUp()) await store.postpone(upload.attemptId, Date.now() + PAUSE_MS, 'a backup is being made')
    else await this.#removeLocal(upload)
  }

  /** Of the local files those that are there as they were sent. What could not be is left: it harms nobody. */
  async #removeLocal({ attemptId }: Upload): Promise<void> {
    const { store, attemptsFolder, onShrunk } = this.#options
    const stored = new Map((await store.artifacts(attemptId, MAX_FILES)).map(each => [each.name, each]))
    await walkFiles(folderIn(resultsOf(attemptsFolder, attemptId)), UPLOAD_BOUNDS, async ({ name, path }) => {
      const artifact = stored.get(name)
      const stat = artifact ? await lstat(path).catch(() => null) : null
      const isSame = stat?.size === artifact?.bytes && Math.floor(stat?.mtimeMs ?? 0) === artifact?.modifiedAt
      if (stat && isSame) await unlink(path).catch(() => {}) // who may not remove it leaves it, and it is in both places
      return false
    })
    await store.settle(attemptId)
    onShrunk(attemptId)
  }

  async #removeObjects(upload: Upload, drive: Drive): Promise<void> {
    const { place, attemptId } = upload
    if (place !== null && place !== drive.place)
      throw new Error(`its artifacts are in ${place}: only a server with that as STORAGE_URL can remove them`)
    if (place !== null) {
      try {
        const prefix = `${prefixOf(upload)}${upload.number}/`
        const keys: string[] = []
        for await (const { key } of drive.list(prefix)) keys.push(key)
        await inParallel(keys, REMOVALS_AT_ONCE, key => {
          this.#stopping.signal.throwIfAborted()
          return drive.remove(key)
        })
      } catch (error) {
        throw new StoreProblem(whyNot(error), { cause: error })
      }
    }
    await this.#options.store.forget(attemptId, 'removing')
  }
}

function prefixOf({ executionId }: Upload): string {
  return `executions/${executionId}/artifacts/`
}

/** Fails when the signal comes. That it does, and nobody waits for it, is no error. */
function rejectionBy(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  rejection.catch(() => {})
  return rejection
}

/** Does all, so many at a time. The first failure is that of the whole, once none is in work any more. */
async function inParallel<T>(items: T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const failures: unknown[] = []
  const worker = async () => {
    for (const item of waiting) {
      try {
        await work(item)
      } catch (error) {
        failures.push(error)
      }
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (failures.length > 0) throw failures[0]
}
