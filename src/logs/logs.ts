import { join } from 'node:path'
import { setImmediate as afterIo } from 'node:timers/promises'
import type { AttemptRef } from '../executions/history-store.ts'
import type { Seal } from '../secrets/seal.ts'
import { EndedLog } from './ended-log.ts'
import { LineIndex } from './line-index.ts'
import type { LiveLog } from './live-log.ts'
import type { ReadableLog } from './log.ts'
import { LogFile } from './log-file.ts'
import { Masks } from './masks.ts'
import { cleanEnded } from './scanner.ts'

/** Indexes of ended logs that are kept for who goes on reading; the largest takes some 400 kB. */
const KEPT_INDEXES = 8

/** Where logs come from: the attempts of an execution, and the log of the one that runs. */
export interface LogSource {
  attempts(executionId: string): Promise<AttemptRef[]>
  liveLog(executionId: string): LiveLog | null
}

/** Finds the log of an attempt, running or ended. */
export class Logs {
  readonly #source: LogSource
  readonly #attemptsFolder: string
  /** Those used last stand last. */
  readonly #indexes = new Map<string, LineIndex>()

  readonly #seal: Seal
  /** Of attempts that have ended, by their ids. */
  readonly #cleaning = new Map<string, Promise<void>>()

  /** `seal` opens what logs must not show. */
  constructor(source: LogSource, attemptsFolder: string, seal: Seal) {
    this.#source = source
    this.#seal = seal
    this.#attemptsFolder = attemptsFolder
  }

  /** The log of attempt `number`, or of the last; null when there is no such attempt (yet). Follow it, then read. */
  async open(executionId: string, number?: number): Promise<ReadableLog | null> {
    for (;;) {
      const attempts = await this.#source.attempts(executionId)
      const attempt = number === undefined ? attempts.at(-1) : attempts.find(a => a.number === number)
      if (!attempt) return null
      const live = this.#source.liveLog(executionId)
      if (live?.attempt === attempt.number) return live.opened()
      if (attempt.ended) {
        await this.clean(attempt.id)
        const file = LogFile.open(this.path(attempt.id))
        const size = file ? file.size : 0
        return new EndedLog(attempt.number, file, size, this.#indexOf(attempt.id, size))
      }
      await afterIo() // claimed this moment: its supervisor is about to hear of it
    }
  }

  /** Where the bytes lie, and how many of them may be read; null when there is no such attempt. */
  async file(
    executionId: string,
    number?: number
  ): Promise<{ path: string; published: number; attempt: number } | null> {
    const log = await this.open(executionId, number)
    if (!log) return null
    log.follow(() => {})()
    const attempt = (await this.#source.attempts(executionId)).find(a => a.number === log.attempt)!
    return { path: this.path(attempt.id), published: log.published, attempt: log.attempt }
  }

  /**
   * Overwrites what is secret in the log of an attempt that has ended, where that could not be done at its end: the disk
   * had failed, or the server. Nobody may read it before.
   * @throws AppError `unavailable`
   */
  clean(attemptId: string): Promise<void> {
    const masks = new Masks(join(this.#attemptsFolder, attemptId), attemptId, this.#seal)
    let cleaning = this.#cleaning.get(attemptId)
    if (!cleaning && masks.areKept()) {
      cleaning = cleanEnded(this.path(attemptId), masks).finally(() => this.#cleaning.delete(attemptId))
      this.#cleaning.set(attemptId, cleaning)
    }
    return cleaning ?? Promise.resolve()
  }

  path(attemptId: string): string {
    return join(this.#attemptsFolder, attemptId, 'log')
  }

  #indexOf(attemptId: string, size: number): LineIndex {
    let index = this.#indexes.get(attemptId)
    // Of a log that somebody has cut short since, it knows too much.
    if (!index || index.end > size) index = new LineIndex(join(this.#attemptsFolder, attemptId, 'index'))
    this.#indexes.delete(attemptId)
    this.#indexes.set(attemptId, index)
    if (this.#indexes.size > KEPT_INDEXES) this.#indexes.delete(this.#indexes.keys().next().value!)
    return index
  }
}
