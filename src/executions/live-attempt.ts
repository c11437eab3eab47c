import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Audience } from '../logs/growth.ts'
import { LiveLog } from '../logs/live-log.ts'
import type { AttemptDirectory, AttemptFiles } from './attempt-directory.ts'
import { Escalation } from './escalation.ts'
import type { EndCause } from './execution.ts'
import {
  judge,
  LEFT_BEHIND,
  type Living,
  lostOutcome,
  neverRan,
  type Outcome,
  outcome,
  type Verdict
} from './judgement.ts'
import {
  anyProcessIn,
  isAlive,
  markedProcesses,
  type ProcessIdentity,
  sessionMembers,
  signalGroup,
  signalProcess,
  standsIn
} from './processes.ts'
import { complaintIn, explainUnstarted, type LaunchRecord } from './spawn-failure.ts'
import type { LiveAttemptRecord } from './store.ts'

/** Looking into /proc is only for what the files cannot tell: that nobody is left to write them. */
const LIVENESS_MS = 1000

/** A wrapper that has begun but has not said who it is has died, once this has passed and nobody stands in its folder. */
const IDENTITY_MS = 10_000

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
  /** Keeps why it is being ended, for the next server. */
  keepEnding(cause: EndCause): void
  /** It is over. Called once. */
  settle(outcome: Outcome): void
  /** Who hears how its log grows. */
  audience: Audience
}

/** One attempt between its claim and its end: judges it, again and again, and ends it when it must not go on. */
export class LiveAttempt {
  readonly record: LiveAttemptRecord
  readonly directory: AttemptDirectory
  readonly log: LiveLog
  readonly #duties: AttemptDuties
  /** All times are the monotonic clock's, so that setting the machine's clock ends nobody. */
  readonly #deadline: number
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
  #cap: number | null = null

  constructor(record: LiveAttemptRecord, directory: AttemptDirectory, duties: AttemptDuties) {
    this.record = record
    this.directory = directory
    this.log = new LiveLog(record.number, directory.log, duties.audience)
    this.#duties = duties
    this.#ending = record.ending
    this.#escalation = this.#newEscalation()
    this.#deadline = this.#trackedAt + (record.deadlineAt - Date.now())
  }

  get pid(): number | null {
    return this.directory.identity()?.bot.pid ?? null
  }

  /** Why it is being ended, once it is. */
  get ending(): EndCause | null {
    return this.#ending
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
        this.#awaitStart(now)
        return true
      case 'running':
        if (now >= this.#deadline) this.end('timeout')
        if (this.log.size >= this.#logCap()) this.end('log_limit')
        if (this.#ending) this.#escalate(now)
        return moved || this.#ending !== null
      case 'lingering':
        this.#endLeftBehind(now)
        return true
      case 'ended':
        if (this.#ending && this.#endStrays(now)) return true
        this.#settle(this.#outcome())
        return false
      case 'lost':
        this.#settle(lostOutcome(this.#ending))
        return false
    }
  }

  /** Begins to end it, unless that has begun or it has ended. The first cause stands. */
  end(cause: EndCause): void {
    if (this.#ending || this.#settled || this.#files.exit !== null) return
    this.#ending = cause
    this.#escalation = this.#newEscalation()
    this.#duties.keepEnding(cause)
  }

  /** It cannot be launched. If the wrapper has begun all the same, it has its way. */
  failToStart(why: string): void {
    if (this.#settled) return
    if (this.directory.change() === 'gone' || this.directory.preventStart()) this.#settle(neverRan(this.#ending, why))
  }

  #judge(now: number): Verdict {
    const assumed = judge(this.#files, { wrapper: true, bot: true, relay: true })
    if (assumed === 'starting' || assumed === 'ended' || now - this.#lookedForLifeAt < LIVENESS_MS) return assumed
    this.#lookedForLifeAt = now
    const living = this.#whoLives(now)
    // Read after the look at the processes: what the last of them wrote before it went is seen.
    this.#files = this.directory.files()
    return judge(this.#files, living)
  }

  #whoLives(now: number): Living {
    const identity = this.directory.identity()
    if (!identity) {
      const unknown = now - this.#trackedAt < IDENTITY_MS || anyProcessIn(this.directory.path)
      return { wrapper: unknown, bot: false, relay: false }
    }
    if (!this.directory.isOfThisBoot()) return { wrapper: false, bot: false, relay: false }
    const wrapper = isAlive(identity.wrapper)
    const bot = isAlive(identity.bot)
    // Going through all processes takes milliseconds: only when it decides.
    const decides = !wrapper && (!bot || this.#files.exit !== null)
    return { wrapper, bot, relay: decides && this.#relays().length > 0 }
  }

  #awaitStart(now: number): void {
    if (this.#ending) {
      if (this.directory.preventStart()) this.#settle(neverRan(this.#ending, ''))
      return
    }
    const waited = now - this.#trackedAt
    if (waited >= START_GIVE_UP_MS)
      this.failToStart('It did not start within a minute; the machine may be out of processes or memory.')
    else if (waited >= this.#nextRelaunch) {
      this.#nextRelaunch *= 2
      this.#duties.relaunch()
    }
  }

  #newEscalation(): Escalation {
    return new Escalation(['SIGINT', 'SIGTERM', 'SIGKILL'], this.record.killGraceMs, performance.now())
  }

  /** To the bot's group, and to all that left it but carry its mark. */
  #escalate(now: number): void {
    const leader = this.directory.identity()?.bot
    const signal = leader && this.#escalation.due(now)
    if (!signal) return
    signalGroup(leader, signal)
    for (const stray of markedProcesses(this.directory.id)) {
      if (stray.processGroup !== leader.pid) signalProcess(stray, signal)
    }
  }

  #endLeftBehind(now: number): void {
    this.#lingering ??= new Escalation(['SIGTERM', 'SIGKILL'], LINGER_GRACE_MS, now + LINGER_MS)
    const signal = this.#lingering.due(now)
    if (!signal) return
    this.#endedLeftBehind = true
    for (const left of markedProcesses(this.directory.id)) signalProcess(left, signal)
    if (signal !== 'SIGKILL') return
    // Whoever still holds the log hides from us; without the relay it holds nothing.
    for (const relay of this.#relays()) signalProcess(relay, 'SIGTERM')
  }

  /** The wrapper's session by number may be another's by now; only what also stands in the folder is ours. */
  #relays(): ProcessIdentity[] {
    const wrapper = this.directory.identity()?.wrapper
    return wrapper ? sessionMembers(wrapper.pid).filter(({ pid }) => standsIn(pid, this.directory.path)) : []
  }

  /** Somebody removed the folder: how it ends can no longer be told, so it ends now and is called lost. */
  #endUnrecorded(): false {
    for (const marked of markedProcesses(this.directory.id)) signalProcess(marked, 'SIGKILL')
    const detail = 'Its folder was removed while it ran, so nothing more could be recorded; the bot was ended.'
    this.#settle({ ...lostOutcome(this.#ending), detail })
    return false
  }

  #settle(outcome: Outcome): void {
    this.#settled = true
    if (outcome.reason === 'log_limit') this.#sayLimit()
    this.log.publishAll()
    this.#duties.settle(outcome)
  }

  /** The bot's last words were cut off by the cap: whoever reads the log must see why it ends there. */
  #sayLimit(): void {
    try {
      const cap = this.#logCap()
      // Longer than the cap: said before, by a server that died right after.
      if (statSync(this.directory.log).size > cap) return
      appendFileSync(
        this.directory.log,
        `\n[botyard] The log reached its limit of ${cap} bytes, so the bot was ended.\n`
      )
    } catch {
      // The log is gone or the disk is full: the reason of the execution says it, too.
    }
  }

  #outcome(): Outcome {
    const end = outcome(this.#files, this.#ending, this.#spawnFailure())
    if (this.#endedLeftBehind) end.detail ??= LEFT_BEHIND
    return end
  }

  /** What a bot that we ended has started ends with it, signal after signal; true while any of it lives. */
  #endStrays(now: number): boolean {
    if (now < this.#lookForStraysAt) return true
    this.#lookForStraysAt = now + STRAYS_MS
    const strays = markedProcesses(this.directory.id).filter(stray => stray.state !== 'Z')
    const signal = strays.length > 0 && this.#escalation.due(now)
    if (signal) for (const stray of strays) signalProcess(stray, signal)
    return strays.length > 0
  }

  #spawnFailure(): string | null {
    if (this.#files.unstarted) {
      const record = this.#launchRecord()
      return record ? explainUnstarted(record) : 'The bot could not be started.'
    }
    return this.#files.exit === 126 || this.#files.exit === 127 ? complaintIn(this.directory.log) : null
  }

  /** What `ulimit -f` made of the limit: whole blocks of 512 bytes. */
  #logCap(): number {
    this.#cap ??= Math.floor((this.#launchRecord()?.maxLogBytes ?? Number.POSITIVE_INFINITY) / 512) * 512
    return this.#cap
  }

  /** Null when somebody has removed or spoilt it: nothing that must be known stands in it. */
  #launchRecord(): LaunchRecord | null {
    try {
      return JSON.parse(readFileSync(join(this.directory.path, 'launch.json'), 'utf8'))
    } catch {
      return null
    }
  }
}
