import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { EndCause } from '../attempts/attempt.ts'
import { AttemptDirectory, attemptsFolder } from '../attempts/attempt-directory.ts'
import { makeWorkspace } from '../attempts/bot-user.ts'
import { conclude } from '../attempts/conclusion.ts'
import type { Outcome } from '../attempts/judgement.ts'
import type { Launch, Launcher } from '../attempts/launcher.ts'
import { LiveAttempt } from '../attempts/live-attempt.ts'
import { openResults } from '../attempts/results.ts'
import { Usage } from '../attempts/usage.ts'
import { AttemptGroups } from '../cgroups/attempt-groups.ts'
import { limitsSet } from '../cgroups/limits.ts'
import type { EventHub } from '../events/hub.ts'
import { isWantOfDescriptors, withAdvice } from '../lib/shortages.ts'
import type { Audience } from '../logs/growth.ts'
import type { LiveLog } from '../logs/live-log.ts'
import { Masks } from '../logs/masks.ts'
import { Pulse } from '../logs/pulse.ts'
import type { Seal } from '../secrets/seal.ts'
import type { AttemptToEnd } from './lanes.ts'
import type { Claim } from './rows.ts'
import type { AttemptEnd, ExecutionStore } from './store.ts'

/** While the database takes no writes (a full disk), an ended attempt waits: its folder keeps the truth meanwhile. */
const FINISH_AGAIN_MS = 1000

/** While there are no descriptors, say. */
const TAKE_OVER_AGAIN_MS = 1000

export interface SupervisorOptions {
  store: Pick<ExecutionStore, 'setEnding'>
  events: EventHub
  dataDir: string
  /** What keeps the secrets that attempts were started with. */
  seal: Seal
  launcher: Launcher
  logger: Logger
  /** What an attempt is to run; asked at each launch. */
  prepare: (claim: Claim) => Promise<Launch>
  /** After an attempt that ended so: when the next may begin; null when there is none. */
  retryAt: (claim: Claim, outcome: Outcome) => Promise<number | null>
  /** Writes down how an attempt has ended. */
  finish: (claim: Claim, end: AttemptEnd) => Promise<void>
  /** So many bytes more of a log may be read. */
  onPublished: (bytes: number) => void
  /** An execution is being ended. */
  onEnding: (executionId: string) => void
  /** An execution has ended, and the database says so. */
  onEnded: (executionId: string) => void
}

/** Launches attempts and watches over all that live, whoever launched them: this server or one before it. */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #launcher: Launcher
  readonly #groups: AttemptGroups
  readonly #usage = new Usage()
  readonly #pulse = new Pulse()
  readonly #live = new Map<string, { attempt: LiveAttempt; stop: () => void; nudge: () => void }>()
  /** Those that could not be looked at the last time. */
  readonly #unseen = new WeakSet<LiveAttempt>()
  #stopped = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#groups = new AttemptGroups(options.dataDir)
    this.#launcher = options.launcher
    this.#launcher.onFailure((attemptId, why) => {
      if (this.#stopped) return // the next server finds out for itself
      for (const { attempt } of this.#live.values())
        if (attempt.record.id === attemptId) this.#failToStart(attempt, why)
    })
  }

  /** Launches an attempt that was just claimed. */
  launch(claim: Claim): void {
    void this.#launch(this.#newAttempt(claim), claim)
  }

  /**
   * Takes over an attempt that a server before this one launched, or claimed and did not come to launch. Where `isGone`, what
   * would tell which of the two went with all other folders (the database was restored alone): it may have run, and is lost.
   */
  adopt(claim: Claim, isGone = false): void {
    void this.#takeOver(this.#newAttempt(claim), claim, isGone)
  }

  /** Once all are adopted: forgets what is left of attempts that ended while no server looked. */
  tidy(): void {
    this.#groups.removeAllBut(new Set([...this.#live.values()].map(({ attempt }) => attempt.record.id)))
  }

  /** Which limits of bots are kept on this machine. */
  get limits(): AttemptGroups['limits'] {
    return this.#groups.limits
  }

  /** The log of an execution that runs. */
  logOf(executionId: string): LiveLog | null {
    return this.#live.get(executionId)?.attempt.log ?? null
  }

  /** Its attempt that runs; null when none does. */
  attemptOf(executionId: string): LiveAttempt | null {
    return this.#live.get(executionId)?.attempt ?? null
  }

  pidOf(executionId: string): number | null {
    return this.#live.get(executionId)?.attempt.pid ?? null
  }

  endingOf(executionId: string): EndCause | null {
    return this.#live.get(executionId)?.attempt.ending ?? null
  }

  /** Begins to end an attempt, unless it has ended by itself. False while it is not known here. */
  end({ id, executionId }: AttemptToEnd, cause: EndCause): boolean {
    const live = this.#live.get(executionId)
    if (live?.attempt.record.id !== id) return false
    live.attempt.end(cause)
    live.nudge()
    return true
  }

  /** Begins to end all that live, each signal no later than `graceMs` after the one before; asking again changes nothing. */
  endAllSoon(graceMs: number): void {
    for (const { attempt, nudge } of this.#live.values()) {
      attempt.endSoon(graceMs)
      nudge()
    }
  }

  /** Whether it knows of any that live, or whose end is still being written down. */
  get isBusy(): boolean {
    return this.#live.size > 0
  }

  /** Stops watching. What runs goes on; the next server takes it over. */
  stop(): void {
    this.#stopped = true
    this.#pulse.stop()
    this.#usage.stop()
    this.#groups.close()
    this.#launcher.stop()
    for (const { attempt } of this.#live.values()) attempt.log.end()
  }

  #newAttempt(claim: Claim): LiveAttempt {
    const directory = new AttemptDirectory(attemptsFolder(this.#options.dataDir), claim.id)
    const attempt = new LiveAttempt(claim, directory, {
      relaunch: () => void this.#launch(attempt, claim),
      lookNow: () => this.#live.get(claim.executionId)?.nudge(),
      shell: this.#launcher,
      keepEnding: cause => {
        this.#options.onEnding(claim.executionId)
        this.#options.store.setEnding(claim.id, cause).catch(error => {
          this.#options.logger.error(
            { err: error, execution: claim.executionId },
            'why a bot is being ended could not be kept'
          )
        })
      },
      settle: outcome => void this.#finish(attempt, claim, outcome),
      audience: this.#audienceOf(claim.executionId),
      onPublished: this.#options.onPublished,
      masks: new Masks(directory.path, claim.id, this.#options.seal),
      complain: (what, error) => this.#options.logger.error({ err: error, execution: claim.executionId }, what)
    })
    this.#live.set(claim.executionId, { attempt, stop: () => {}, nudge: () => {} })
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

  async #takeOver(attempt: LiveAttempt, claim: Claim, isGone: boolean): Promise<void> {
    while (!this.#stopped) {
      try {
        // Before anything is waited for: whoever opens it from now on waits until it is clean.
        attempt.log.adopt()
        if (!existsSync(attempt.directory.path)) attempt.directory.make(null)
        if (isGone) attempt.directory.presumeStarted()
        // One that was being ended before it began must not begin now.
        if (!(claim.ending || attempt.directory.files().started)) return await this.#launch(attempt, claim)
        attempt.processes.confinement = this.#groups.find(claim.id, attempt.directory.launchRecord())
        return this.#watch(attempt)
      } catch (error) {
        this.#options.logger.error(
          { err: error, execution: claim.executionId },
          withAdvice('an attempt that may run cannot be taken over; it is tried again', error)
        )
        await delay(TAKE_OVER_AGAIN_MS, undefined, { ref: false })
      }
    }
  }

  async #launch(attempt: LiveAttempt, claim: Claim): Promise<void> {
    try {
      const launch = await this.#options.prepare(claim)
      attempt.directory.make(launch.user, launch.payload)
      await attempt.log.hide(launch.secretValues)
      const confinement = this.#groups.make(claim.id, launch.limits)
      attempt.directory.keep({
        argv: launch.argv,
        cwd: launch.cwd,
        path: launch.env.PATH!,
        terminal: launch.terminal,
        maxLogBytes: launch.maxLogBytes,
        limits: launch.limits,
        kept: confinement.kept,
        cgroup: confinement.group?.folders ?? null,
        assert: launch.assert,
        user: launch.user && { uid: launch.user.uid, gid: launch.user.gid }
      })
      await this.#makeWorkspace(launch)
      if (this.#stopped) return
      attempt.processes.confinement = confinement
      this.#warnOfLimits(attempt)
      this.#watch(attempt)
      this.#launcher.launch(claim.id, launch, confinement.group?.entrances ?? [])
    } catch (error) {
      this.#giveUp(attempt, error as Error)
    }
  }

  async #makeWorkspace({ cwd, user }: Launch): Promise<void> {
    const { dataDir } = this.#options
    const workspaces = join(dataDir, 'workspaces')
    if (!user) {
      if (cwd.startsWith(workspaces) && !existsSync(cwd)) await mkdir(cwd, { recursive: true, mode: 0o700 })
    } else if (resolve(cwd).startsWith(workspaces + sep))
      makeWorkspace(dataDir, relative(workspaces, cwd).split(sep), user)
  }

  #warnOfLimits(attempt: LiveAttempt): void {
    const { limits, kept } = attempt.processes.confinement
    const notKept = limitsSet(limits).filter(name => !kept.includes(name))
    if (notKept.length === 0) return
    this.#options.logger.warn(
      { execution: attempt.record.executionId, notKept },
      'a bot runs without limits that it has: this machine lets the server make no control groups for them'
    )
  }

  #giveUp(attempt: LiveAttempt, error: Error): void {
    if (this.#stopped) return // the next server launches it
    this.#options.logger.error(
      { err: error, execution: attempt.record.executionId },
      withAdvice('an attempt could not be launched', error)
    )
    // It is launched again while it has not begun, and given up after a minute.
    if (isWantOfDescriptors(error)) this.#watch(attempt)
    else this.#failToStart(attempt, `It could not be launched: ${error.message}`)
  }

  #failToStart(attempt: LiveAttempt, why: string): void {
    try {
      attempt.failToStart(why)
    } catch {
      // Its folder cannot be written now (no descriptors left), so it may have begun. While it has not, it is launched again.
      this.#watch(attempt)
    }
  }

  #watch(attempt: LiveAttempt): void {
    const live = this.#live.get(attempt.record.executionId)
    if (this.#stopped || !live || live.attempt !== attempt) return
    live.stop()
    Object.assign(
      live,
      this.#pulse.add(attempt.directory.path, () => this.#lookAt(attempt))
    )
    this.#usage.add(attempt)
  }

  #lookAt(attempt: LiveAttempt): boolean {
    try {
      const moved = attempt.look()
      this.#unseen.delete(attempt)
      return moved
    } catch (error) {
      // One attempt's folder that cannot be read must not stop the watch over all others. Told once until it can be read.
      if (!this.#unseen.has(attempt)) {
        this.#options.logger.error(
          { err: error, execution: attempt.record.executionId },
          withAdvice('an attempt cannot be looked at; it is tried again', error)
        )
      }
      this.#unseen.add(attempt)
      return false
    }
  }

  async #finish(attempt: LiveAttempt, claim: Claim, judged: Outcome): Promise<void> {
    const { log, pid } = attempt
    const { executionId } = claim
    const ended = { endedAt: endOf(attempt), pid, logBytes: log.published }
    const indexed = log.finishIndex()
    const live = this.#live.get(executionId)
    await this.#openResults(attempt)
    const { outcome, outputs } = await conclude(attempt.directory, judged, bytes => log.redact(bytes))
    attempt.directory.closeResults()
    const end = { ...outcome, ...ended, outputs, usage: await this.#usage.summary(attempt) }
    while (!this.#stopped) {
      try {
        await this.#options.finish(claim, { ...end, retryAt: await this.#options.retryAt(claim, end) })
        // Kept by now, and in the file nothing is covered. Whoever did not come so far leaves it to the next server.
        await attempt.directory.forgetOutput()
        break
      } catch (error) {
        this.#options.logger.error(
          { err: error, execution: executionId },
          withAdvice('the end of an execution could not be kept; it is tried again', error)
        )
        await delay(FINISH_AGAIN_MS, undefined, { ref: false })
      }
    }
    live?.stop()
    this.#usage.remove(attempt)
    // Whoever hears of the end has heard of the last bytes.
    if (log.watched) await indexed
    if (this.#stopped) return
    if (attempt.processes.confinement.group) this.#groups.remove(attempt.processes.confinement.group)
    this.#options.onEnded(executionId)
    await indexed
    await log.finishHiding().catch(error => {
      this.#options.logger.error(
        { err: error, execution: executionId },
        'whether a log without secrets is on the disk is not known; it is looked through again when it is read'
      )
    })
    // By now its next attempt may have taken its place.
    if (this.#live.get(executionId) === live) this.#live.delete(executionId)
    log.end()
  }

  /** What a bot of another user has left it may have closed to the server, which is of its group at most. */
  async #openResults({ directory }: LiveAttempt): Promise<void> {
    const user = directory.launchRecord()?.user
    if (user && process.getuid!() !== 0) await openResults(directory.results.folder, user, this.#launcher)
  }
}

/** Not before it began and not in the future, whatever has become of the clock and of its folder. */
function endOf({ directory, record }: LiveAttempt): number {
  const now = Date.now()
  try {
    return Math.max(record.startedAt, Math.min(now, directory.endedAt() ?? now))
  } catch {
    return now // its folder is gone, or there are no descriptors to look into it
  }
}
