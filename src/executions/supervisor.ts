import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { EventHub } from '../events/hub.ts'
import type { Audience } from '../logs/growth.ts'
import type { LiveLog } from '../logs/live-log.ts'
import { Pulse } from '../logs/pulse.ts'
import { AttemptDirectory } from './attempt-directory.ts'
import type { EndCause } from './execution.ts'
import type { Outcome } from './judgement.ts'
import { attemptsFolder } from './launch.ts'
import { type Launch, Launcher } from './launcher.ts'
import { LiveAttempt } from './live-attempt.ts'
import type { LaunchRecord } from './spawn-failure.ts'
import type { ExecutionStore, LiveAttemptRecord } from './store.ts'

/** While the database takes no writes (a full disk), an ended attempt waits: its folder keeps the truth meanwhile. */
const FINISH_AGAIN_MS = 1000

export interface SupervisorOptions {
  store: ExecutionStore
  events: EventHub
  dataDir: string
  logger: Logger
  /** What an attempt is to run; asked at each launch. */
  prepare: (record: LiveAttemptRecord) => Promise<Launch>
  /** An execution is being ended. */
  onEnding: (executionId: string) => void
  /** An execution has ended, and the database says so. */
  onEnded: (executionId: string) => void
}

/** Launches attempts and watches over all that live, whoever launched them: this server or one before it. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #launcher: Launcher
  readonly #pulse = new Pulse()
  readonly #live = new Map<string, { attempt: LiveAttempt; stop: () => void; nudge: () => void }>()
  #stopped = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#launcher = new Launcher((attemptId, why) => {
      if (this.#stopped) return // the next server finds out for itself
      for (const { attempt } of this.#live.values()) if (attempt.record.id === attemptId) attempt.failToStart(why)
    })
  }

  /** Launches an attempt that was just claimed. */
  launch(record: LiveAttemptRecord): void {
    void this.#launch(this.#attemptOf(record))
  }

  /** Takes over an attempt that a server before this one launched, or claimed and did not come to launch. */
  adopt(record: LiveAttemptRecord): void {
    const attempt = this.#attemptOf(record)
    this.#takeOver(attempt).catch(error => {
      this.#giveUp(attempt, error as Error)
      this.#watch(attempt)
    })
  }

  /** The log of an execution that runs. */
  logOf(executionId: string): LiveLog | null {
    return this.#live.get(executionId)?.attempt.log ?? null
  }

  pidOf(executionId: string): number | null {
    return this.#live.get(executionId)?.attempt.pid ?? null
  }

  endingOf(executionId: string): EndCause | null {
    return this.#live.get(executionId)?.attempt.ending ?? null
  }

  /** Begins to end an execution that runs. False when it does not. */
  end(executionId: string, cause: EndCause): boolean {
    const live = this.#live.get(executionId)
    live?.attempt.end(cause)
    live?.nudge()
    return live !== undefined
  }

  /** Stops watching. What runs goes on; the next server takes it over. */
  stop(): void {
    this.#stopped = true
    this.#pulse.stop()
    this.#launcher.stop()
    for (const { attempt } of this.#live.values()) attempt.log.end()
  }

  #attemptOf(record: LiveAttemptRecord): LiveAttempt {
    const directory = new AttemptDirectory(attemptsFolder(this.#options.dataDir), record.id)
    const attempt = new LiveAttempt(record, directory, {
      relaunch: () => void this.#launch(attempt),
      keepEnding: cause => {
        this.#options.onEnding(record.executionId)
        this.#options.store.setEnding(record.id, cause).catch(error => {
          this.#options.logger.error(
            { err: error, execution: record.executionId },
            'why a bot is being ended could not be kept'
          )
        })
      },
      settle: outcome => void this.#finish(attempt, outcome),
      audience: this.#audienceOf(record.executionId)
    })
    this.#live.set(record.executionId, { attempt, stop: () => {}, nudge: () => {} })
    return attempt
  }

  #audienceOf(executionId: string): Audience {
    const { events } = this.#options
    const topic = `log:${executionId}`
    return {
      listens: () => events.hasListeners(topic),
      hear: growth => events.publish({ topics: [topic], type: 'log.grew', data: { executionId, ...growth } })
    }
  }

  async #takeOver(attempt: LiveAttempt): Promise<void> {
    // Before anything is waited for: a reader who comes in between must find his place published.
    attempt.log.adopt()
    await this.#ensureFolder(attempt)
    // One that was being ended before it began must not begin now.
    if (attempt.record.ending || attempt.directory.files().started) this.#watch(attempt)
    else await this.#launch(attempt)
  }

  async #launch(attempt: LiveAttempt): Promise<void> {
    try {
      const launch = await this.#options.prepare(attempt.record)
      await this.#ensureFolder(attempt)
      const record: LaunchRecord = {
        argv: launch.argv,
        cwd: launch.cwd,
        path: launch.env.PATH!,
        maxLogBytes: launch.maxLogBytes
      }
      await writeWhole(join(attempt.directory.path, 'launch.json'), JSON.stringify(record))
      if (launch.cwd.startsWith(join(this.#options.dataDir, 'workspaces')))
        await mkdir(launch.cwd, { recursive: true, mode: 0o700 })
      if (this.#stopped) return
      this.#watch(attempt)
      this.#launcher.launch(attempt.record.id, launch)
    } catch (error) {
      this.#giveUp(attempt, error as Error)
    }
  }

  async #ensureFolder(attempt: LiveAttempt): Promise<void> {
    await mkdir(attempt.directory.path, { recursive: true, mode: 0o700 })
  }

  #giveUp(attempt: LiveAttempt, error: Error): void {
    if (this.#stopped) return // the next server launches it
    this.#options.logger.error(
      { err: error, execution: attempt.record.executionId },
      'an attempt could not be launched'
    )
    attempt.failToStart(`It could not be launched: ${error.message}`)
  }

  #watch(attempt: LiveAttempt): void {
    const live = this.#live.get(attempt.record.executionId)
    if (this.#stopped || !live || live.attempt !== attempt) return
    live.stop()
    Object.assign(
      live,
      this.#pulse.add(attempt.directory.path, () => this.#lookAt(attempt))
    )
  }

  #lookAt(attempt: LiveAttempt): boolean {
    try {
      return attempt.look()
    } catch (error) {
      // One attempt's folder that cannot be read must not stop the watch over all others; it is looked at again.
      this.#options.logger.error(
        { err: error, execution: attempt.record.executionId },
        'an attempt could not be looked at'
      )
      return false
    }
  }

  async #finish(attempt: LiveAttempt, outcome: Outcome): Promise<void> {
    const { record, log, pid } = attempt
    const end = { ...outcome, endedAt: Date.now(), pid, logBytes: log.published }
    const indexed = log.finishIndex()
    while (!this.#stopped) {
      try {
        await this.#options.store.finish(record, end)
        break
      } catch (error) {
        this.#options.logger.error(
          { err: error, execution: record.executionId },
          'the end of an execution could not be kept; trying again'
        )
        await delay(FINISH_AGAIN_MS, undefined, { ref: false })
      }
    }
    this.#live.get(record.executionId)?.stop()
    // Whoever hears of the end has heard of the last bytes.
    if (log.watched) await indexed
    if (this.#stopped) return
    this.#options.onEnded(record.executionId)
    await indexed
    this.#live.delete(record.executionId)
    log.end()
  }
}

/** A server that dies here leaves the old file or the new one, never half of one. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
