import { join } from 'node:path'
import { setImmediate as afterIo } from 'node:timers/promises'
import type { AttemptRef } from '../executions/store.ts'
import { EndedLog } from './ended-log.ts'
import type { LiveLog } from './live-log.ts'
import type { ReadableLog } from './log.ts'
import { LogFile } from './log-file.ts'

/** Where logs come from: the attempts of an execution, and the log of the one that runs. */
export interface LogSource {
  attempts(executionId: string): Promise<AttemptRef[]>
  liveLog(executionId: string): LiveLog | null
}

/** Finds the log of an attempt, running or ended. */
export class Logs {
  readonly #source: LogSource
  readonly #attemptsFolder: string

  constructor(source: LogSource, attemptsFolder: string) {
    this.#source = source
    this.#attemptsFolder = attemptsFolder
  }

  /** The log of attempt `number`, or of the last; null when there is no such attempt (yet). Follow it, then read. */
  async open(executionId: string, number?: number): Promise<ReadableLog | null> {
    for (;;) {
      const attempts = await this.#source.attempts(executionId)
      const attempt = number === undefined ? attempts.at(-1) : attempts.find(a => a.number === number)
      if (!attempt) return null
      const live = this.#source.liveLog(executionId)
      if (live?.attempt === attempt.number) return live
      if (attempt.ended) {
        const file = await LogFile.open(this.path(attempt.id))
        return new EndedLog(attempt.number, file, file ? await file.size() : 0)
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

  path(attemptId: string): string {
    return join(this.#attemptsFolder, attemptId, 'log')
  }
}
