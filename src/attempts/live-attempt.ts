import { existsSync, statSync } from 'node:fs'
import { describeLimit, limitsSet, notKept } from '../cgroups/limits.ts'
import { AppError } from '../lib/errors.ts'
import type { Audience } from '../logs/growth.ts'
import { LiveLog } from '../logs/live-log.ts'
import type { Masks } from '../logs/masks.ts'
import { runningForMs } from '../processes/processes.ts'
import type { EndCause, LiveAttemptRecord } from './attempt.ts'
import type { AttemptDirectory, AttemptFiles } from './attempt-directory.ts'
import { AttemptProcesses } from './attempt-processes.ts'
import { Deadline } from './deadline.ts'
import { Escalation } from './escalation.ts'
import { AttemptInput } from './input.ts'
import {
  judge,
  LEFT_ALONE,
  LEFT_BEHIND,
  lostOutcome,
  neverRan,
  type Outcome,
  outcome,
  toldByTerminal,
  type Verdict
} from './judgement.ts'
import type { Launcher } from './launcher.ts'
import { LogCap } from './log-cap.ts'
import { complaintIn, explainUnstarted } from './spawn-failure.ts'
import { type TerminalSize, WantedSize } from './terminal.ts'

/** Looking into /proc is only for what the files cannot tell: that nobody is left to write them. */
const LIVENESS_MS = 1000

/** A wrapper that has begun but has not said who it is has died, once this has passed and nobody stands in its folder. */
const IDENTITY_MS = 10_000

/** From its start to its naming itself an attempt takes milliseconds. */
const UNNAMED_MS = 2000

/** An attempt handed to the launcher that has not begun is handed over again: at first after this, then ever later. */
const START_RETRY_MS = 2000
const START_GIVE_UP_MS = 60_000

/** How long a child may hold the log of a bot that has ended, before it is asked to end, and then until it is made to. */
const LINGER_MS = 5000
const LINGER_GRACE_MS = 2000

/** How often to look, through all processes, for what a bot that we ended has left. */
const STRAYS_MS = 100

/** What an attempt needs from whoever supervises it. */
export interface AttemptDuties {
  /** Hands it to the launcher once more. */
  relaunch(): void
  /** Looks at it at once. */
  lookNow(): void
  /** The launcher's shell. */
  shell: Pick<Launcher, 'run' | 'ask'>
  /** Keeps why it is being ended, for the next server. */
  keepEnding(cause: EndCause): void
  /** It is over. Called once. */
  settle(outcome: Outcome): void
  /** Who hears how its log grows. */
  audience: Audience
  /** So many bytes more of its log may be read. */
  onPublished: (bytes: number) => void
  /** What its log must not show. */
  masks: Masks
  /** Something went wrong that whoever runs the server should know. */
  complain(what: string, error?: unknown): void
}

/** One attempt between its claim and its end: judges it, again and again, and ends it when it must not go on. */
export class LiveAttempt {
  readonly record: LiveAttemptRecord
  readonly directory: AttemptDirectory
  readonly log: LiveLog
  readonly input: AttemptInput
  readonly processes: AttemptProcesses
  readonly #duties: AttemptDuties
  /** This and all other times are the monotonic clock's, so that setting the machine's clock ends nobody. */
  readonly #deadline: Deadline
  readonly #cap: LogCap
  /** When it last printed, or was typed to. */
  #activeAt: number
  #files: AttemptFiles = { started: false, unstarted: false, exit: null, closed: null }
  #settled = false
  #ending: EndCause | null
  #escalation: Escalation
  #trackedAt = performance.now()
  #nextRelaunch = START_RETRY_MS
  #lookedForLifeAt = Number.NEGATIVE_INFINITY
  #endedLeftBehind = false
  #lingering: Escalation | null = null
  #lookForStraysAt = 0
  readonly #size = new WantedSize()

  constructor(record: LiveAttemptRecord, directory: AttemptDirectory, duties: AttemptDuties) {
    this.record = record
    this.directory = directory
    this.log = new LiveLog(record.number, directory.log, duties.masks, {
      eager: record.terminal,
      audience: duties.audience,
      onPublished: duties.onPublished,
      complain: duties.complain
    })
    this.input = new AttemptInput({
      path: directory.input,
      hasStarted: () => this.#files.started,
      hasEnded: () => this.#hasEnded,
      onTaken: () => {
        if (record.terminal) this.#activeAt = performance.now()
      }
    })
    this.processes = new AttemptProcesses(directory, record.terminal, duties.shell)
    this.#duties = duties
    this.#ending = record.ending
    this.#escalation = this.#newEscalation()
    this.#deadline = new Deadline(record)
    this.#cap = new LogCap(directory)
    this.#activeAt = this.#trackedAt - this.#quietForMs()
  }

  get pid(): number | null {
    return this.processes.leader()?.pid ?? null
  }

  /** Why it is being ended, once it is. */
  get ending(): EndCause | null {
    return this.#ending
  }

  /** From then on the database may say that the next attempt of its execution runs. */
  get isOver(): boolean {
    return this.#settled
  }

  /** Moves things on; true while there is movement. */
  look(): boolean {
    if (this.#settled) return false
    const now = performance.now()
    const change = this.directory.change()
    if (change === 'gone') return this.#endUnrecorded()
    if (change === 'some') this.#files = this.directory.files()
    const moved = this.log.look()

    switch (this.#judge(now)) {
      case 'starting':
        this.#activeAt = now
        this.#awaitStart(now)
        return true
      case 'running':
        if (moved) this.#activeAt = now
        if (this.#isNamed(now) && this.#deadline.hasPassed(now, this.directory.identity()?.bot)) this.end('timeout')
        if (now - this.#activeAt >= (this.record.idleTimeoutMs ?? Number.POSITIVE_INFINITY)) this.end('idle_timeout')
        if (this.#cap.isReachedBy(this.log.size)) this.end('log_limit')
        if (this.#ending) this.#escalate(now)
        return (
          this.#size.apply(now, this.directory, line => this.#duties.shell.run(line)) || moved || this.#ending !== null
        )
      case 'lingering':
        this.#endLeftBehind(now)
        return true
      case 'ended':
        if ((this.#ending || this.#brokeTerminal()) && this.#endStrays(now)) return true
        this.#settle(() => this.#outcome())
        return false
      case 'lost':
        if ((this.record.terminal || this.#ending) && this.#endStrays(now)) return true
        this.#settle(() => lostOutcome(this.#ending))
        return false
    }
  }

  /** The latest counts. @throws AppError `execution_ended`, `no_input` */
  resize(size: TerminalSize): void {
    if (this.#hasEnded) throw new AppError('execution_ended', 'The bot has ended.')
    if (!this.record.terminal)
      throw new AppError('no_input', 'This bot has no terminal. Set `terminal` in the bot, and start it again.')
    this.#size.ask(size)
    this.#duties.lookNow()
  }

  /** Begins to end it, unless that has begun or it has ended. The first cause stands. */
  end(cause: EndCause): void {
    if (this.#ending || this.#settled || this.#files.exit !== null) return
    this.#ending = cause
    this.#escalation = this.#newEscalation()
    this.#duties.keepEnding(cause)
  }

  /** The host ends everything soon: the same for the reason `shutdown`, and whatever it is being ended for, quickly. */
  endSoon(graceMs: number): void {
    this.end('shutdown')
    this.#escalation.hurry(graceMs, performance.now())
  }

  /** It cannot be launched. If the wrapper has begun all the same, it has its way. */
  failToStart(why: string): void {
    if (this.#settled) return
    if (!existsSync(this.directory.path) || this.directory.preventStart())
      this.#settle(() => neverRan(this.#ending, why))
  }

  get #hasEnded(): boolean {
    return this.#settled || this.#files.unstarted || this.#files.exit !== null
  }

  #judge(now: number): Verdict {
    const assumed = judge(this.#files, { wrapper: true, bot: true, relay: true })
    if (assumed === 'starting' || assumed === 'ended' || now - this.#lookedForLifeAt < LIVENESS_MS) return assumed
    this.#lookedForLifeAt = now
    const mayBeUnnamed = now - this.#trackedAt < IDENTITY_MS
    const living = this.processes.living(this.#files.exit !== null, mayBeUnnamed)
    // Read after the look at the processes: what the last of them wrote before it went is seen.
    this.#files = this.directory.files()
    return judge(this.#files, living)
  }

  #awaitStart(now: number): void {
    if (this.#ending) {
      if (this.directory.preventStart()) this.#settle(() => neverRan(this.#ending, ''))
      return
    }
    const waited = now - this.#trackedAt
    if (waited >= START_GIVE_UP_MS)
      this.failToStart('It did not start within a minute; the machine may be out of processes, descriptors or memory.')
    else if (waited >= this.#nextRelaunch) {
      this.#nextRelaunch *= 2
      this.#duties.relaunch()
    }
  }

  /** How long it had been quiet when we began to watch it. By how much the clock was set forward since its start is no quiet. */
  #quietForMs(): number {
    const log = statSync(this.directory.log, { throwIfNoEntry: false })
    if (!log) return 0
    const bot = this.directory.identity()?.bot
    const setForwardMs = bot ? Math.max(0, Date.now() - runningForMs(bot) - this.record.startedAt) : 0
    return Math.max(0, Date.now() - log.mtimeMs - setForwardMs)
  }

  #newEscalation(): Escalation {
    return new Escalation(['SIGINT', 'SIGTERM', 'SIGKILL'], this.record.killGraceMs, performance.now())
  }

  #escalate(now: number): void {
    const signal = this.#isNamed(now) ? this.#escalation.due(now) : null
    if (signal) this.processes.signalBot(signal)
  }

  /** Who has just begun says in a moment who it is. One whose `pid` file was spoilt is known by its mark. */
  #isNamed(now: number): boolean {
    return this.processes.leader() !== null || now - this.#trackedAt >= UNNAMED_MS
  }

  /** Whether it was not the bot's end that ended its terminal. Then nobody has told what ran in it. */
  #brokeTerminal(): boolean {
    const { unstarted, exit, closed } = this.#files
    return this.record.terminal && !unstarted && (closed !== 0 || exit! > 128)
  }

  #endLeftBehind(now: number): void {
    this.#lingering ??= new Escalation(['SIGTERM', 'SIGKILL'], LINGER_GRACE_MS, now + LINGER_MS)
    const signal = this.#lingering.due(now)
    if (!signal) return
    this.#endedLeftBehind = true
    this.processes.signalAll(signal)
    // Whoever still holds the log hides from us.
    if (signal === 'SIGKILL') this.processes.endRelay()
  }

  /** Somebody removed the folder: how it ends can no longer be told, so it ends now and is called lost. */
  #endUnrecorded(): false {
    this.processes.signalAll('SIGKILL')
    const detail = 'Its folder was removed while it ran, so nothing more could be recorded; the bot was ended.'
    this.#settle(() => ({ ...lostOutcome(this.#ending), detail }))
    return false
  }

  #settle(judge: () => Outcome): void {
    this.#settled = true
    this.#settleWhenClean(judge).catch(error => {
      this.#settled = false
      this.#duties.complain('how an attempt ended could not be told; it is looked at again', error)
    })
  }

  /** Whoever hears of the end finds a log without secrets, and so does whoever looks into it for a reason. */
  async #settleWhenClean(judge: () => Outcome): Promise<void> {
    await this.log.publishAll()
    const outcome = judge()
    if (outcome.reason === 'log_limit') {
      this.#cap.sayReached()
      await this.log.publishAll()
    }
    // Read while it is tried again if that fails (no descriptors left): who hears of the end asks for it.
    this.processes.leader()
    this.#duties.settle(outcome)
  }

  #outcome(): Outcome {
    const { limits, kept, group } = this.processes.confinement
    const memoryLimit = kept.includes('memory') && group?.ranOutOfMemory() ? describeLimit(limits, 'memory') : null
    const files = this.record.terminal ? toldByTerminal(this.#files) : this.#files
    const end = outcome(files, this.#ending, this.#spawnFailure(), memoryLimit)
    if (this.#endedLeftBehind) end.detail ??= LEFT_BEHIND
    if (end.state === 'failed' && kept.includes('pids') && group?.cameToItsProcesses())
      end.detail = [end.detail, `It came to its limit of ${describeLimit(limits, 'pids')}.`].filter(Boolean).join(' ')
    if (this.processes.foreign > 0)
      end.detail = end.detail === null || end.detail === LEFT_BEHIND ? LEFT_ALONE : `${end.detail} ${LEFT_ALONE}`
    const without = limitsSet(limits).filter(name => !kept.includes(name))
    if (without.length > 0 && end.reason !== 'spawn')
      end.detail = [end.detail, notKept(limits, without)].filter(Boolean).join(' ')
    return end
  }

  /** What a bot that we ended has started ends with it, signal after signal; true while any of it lives. */
  #endStrays(now: number): boolean {
    if (now < this.#lookForStraysAt || !this.processes.hasLooked()) return true
    this.#lookForStraysAt = now + STRAYS_MS
    const strays = this.processes.members()
    const signal = strays.length > 0 && this.#escalation.due(now)
    if (signal) this.processes.signalEach(strays, signal)
    return strays.length > 0
  }

  #spawnFailure(): string | null {
    if (this.#files.unstarted) {
      const record = this.directory.launchRecord()
      return record ? explainUnstarted(record) : 'The bot could not be started.'
    }
    return this.#files.exit === 126 || this.#files.exit === 127 ? complaintIn(this.directory.log) : null
  }
}
