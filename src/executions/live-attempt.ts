import { appendFileSync, statSync } from 'node:fs'
import { AppError } from '../errors.ts'
import type { Audience } from '../logs/growth.ts'
import { LiveLog } from '../logs/live-log.ts'
import type { Masks } from '../logs/masks.ts'
import type { AttemptDirectory, AttemptFiles } from './attempt-directory.ts'
import { type Confinement, UNCONFINED } from './cgroup.ts'
import { Escalation } from './escalation.ts'
import type { EndCause } from './execution.ts'
import { AttemptInput } from './input.ts'
import {
  judge,
  LEFT_BEHIND,
  type Living,
  lostOutcome,
  neverRan,
  type Outcome,
  outcome,
  toldByTerminal,
  type Verdict
} from './judgement.ts'
import { describeLimit, limitsSet, notKept } from './limits.ts'
import { tableOf, treeOf } from './process-tree.ts'
import {
  allProcesses,
  anyProcessIn,
  groupedProcesses,
  isAlive,
  markedProcesses,
  type ProcessIdentity,
  type ProcessStat,
  runningForMs,
  sessionMembers,
  signalGroup,
  signalProcess,
  standsIn
} from './processes.ts'
import type { LiveAttemptRecord } from './rows.ts'
import { complaintIn, explainUnstarted } from './spawn-failure.ts'
import { type TerminalSize, WantedSize } from './terminal.ts'

/** Looking into /proc is only for what the files cannot tell: that nobody is left to write them. */
const LIVENESS_MS = 1000

/** A wrapper that has begun but has not said who it is has died, once this has passed and nobody stands in its folder. */
const IDENTITY_MS = 10_000

/** From its start to its naming itself an attempt takes milliseconds. */
const UNNAMED_MS = 2000

/** A claim no older than this was made by this server, and nobody has set the clock since. */
const JUST_NOW_MS = 1000

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
  /** Lets the launcher's shell run a line. */
  runInShell(line: string): void
  /** Keeps why it is being ended, for the next server. */
  keepEnding(cause: EndCause): void
  /** It is over. Called once. */
  settle(outcome: Outcome): void
  /** Who hears how its log grows. */
  audience: Audience
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
  /** How the kernel holds it; known once it has been launched. */
  confinement: Confinement = UNCONFINED
  /** Its processes when somebody looked last, for those that nothing but their parents gave away. */
  seen: ProcessIdentity[] = []
  readonly #duties: AttemptDuties
  /** All times are the monotonic clock's, so that setting the machine's clock ends nobody. */
  #deadline: number
  /** Whether the deadline is counted from the bot's own start, which the machine's clock has no say in. */
  #deadlineIsExact: boolean
  /** When it last printed, or was typed to. */
  #activeAt: number
  #unwanted: 'cancel' | 'replace' | null = null
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
  #sparedTerminal = false
  readonly #size = new WantedSize()
  #cap: number | null = null

  constructor(record: LiveAttemptRecord, directory: AttemptDirectory, duties: AttemptDuties) {
    this.record = record
    this.directory = directory
    this.log = new LiveLog(record.number, directory.log, duties.masks, {
      eager: record.terminal,
      audience: duties.audience,
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
    this.#duties = duties
    this.#ending = record.ending
    this.#escalation = this.#newEscalation()
    this.#deadline = this.#trackedAt + (record.deadlineAt - Date.now())
    // One that was claimed this moment has all its time before it.
    this.#deadlineIsExact = Date.now() - record.startedAt < JUST_NOW_MS
    this.#activeAt = this.#trackedAt - this.#quietForMs()
  }

  get pid(): number | null {
    return this.#leader()?.pid ?? null
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
        if (moved) this.#activeAt = now
        if (now >= this.#deadlineNow()) this.end('timeout')
        if (now - this.#activeAt >= (this.record.idleTimeoutMs ?? Number.POSITIVE_INFINITY)) this.end('idle_timeout')
        if (this.log.size >= this.#logCap()) this.end('log_limit')
        if (this.#ending) this.#escalate(now)
        return this.#size.apply(now, this.directory, this.#duties.runInShell) || moved || this.#ending !== null
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

  /** Why somebody wants it ended, also when it has ended by itself before: then there is no next attempt. */
  get unwanted(): 'cancel' | 'replace' | null {
    return this.#unwanted
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
    if (cause === 'cancel' || cause === 'replace') this.#unwanted ??= cause
    if (this.#ending || this.#settled || this.#files.exit !== null) return
    this.#ending = cause
    this.#escalation = this.#newEscalation()
    this.#duties.keepEnding(cause)
  }

  /** It cannot be launched. If the wrapper has begun all the same, it has its way. */
  failToStart(why: string): void {
    if (this.#settled) return
    if (this.directory.change() === 'gone' || this.directory.preventStart())
      this.#settle(() => neverRan(this.#ending, why))
  }

  get #hasEnded(): boolean {
    return this.#settled || this.#files.unstarted || this.#files.exit !== null
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
      if (this.directory.preventStart()) this.#settle(() => neverRan(this.#ending, ''))
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

  /** How long it had been quiet when we began to watch it. */
  #quietForMs(): number {
    const log = statSync(this.directory.log, { throwIfNoEntry: false })
    return log ? Math.max(0, Date.now() - log.mtimeMs) : 0
  }

  /** After a restart of the server, how long the bot has run is told by its start ticks, whatever the clock says. */
  #deadlineNow(): number {
    const bot = this.#deadlineIsExact ? null : this.directory.identity()?.bot
    if (bot) {
      const timeoutMs = this.record.deadlineAt - this.record.startedAt
      this.#deadline = performance.now() + timeoutMs - runningForMs(bot)
      this.#deadlineIsExact = true
    }
    return this.#deadline
  }

  #newEscalation(): Escalation {
    return new Escalation(['SIGINT', 'SIGTERM', 'SIGKILL'], this.record.killGraceMs, performance.now())
  }

  /** The bot, which leads a session and a process group. */
  #leader(): ProcessIdentity | null {
    const terminal = this.record.terminal ? this.directory.terminal() : null
    return terminal ?? this.directory.identity()?.bot ?? null
  }

  /** To the bot's process group, and to all that left it. */
  #escalate(now: number): void {
    const leader = this.#leader()
    // Who has just begun says in a moment who it is. One whose `pid` file was spoilt is known by its mark.
    const hasAnybody = leader !== null || now - this.#trackedAt >= UNNAMED_MS
    const signal = hasAnybody ? this.#escalation.due(now) : null
    if (!signal) return
    const holder = this.directory.identity()?.bot.pid ?? null
    const spared = this.record.terminal && this.#spareTerminal(signal) ? holder : null
    // Looked for while the leader lives: what is in its terminal is told by it.
    const members = this.#members()
    if (leader && leader.pid !== spared) signalGroup(leader, signal)
    for (const stray of members)
      if (stray.processGroup !== leader?.pid && stray.pid !== spared) signalProcess(stray, signal)
    if (signal === 'SIGKILL' && spared === null) this.confinement.group?.kill()
  }

  /** What holds a terminal goes last: it writes down the last bytes, and how the bot ended. */
  #spareTerminal(signal: NodeJS.Signals): boolean {
    if (signal === 'SIGKILL' && this.#sparedTerminal) return false
    this.#sparedTerminal = signal === 'SIGKILL'
    return true
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
    for (const left of this.#members()) signalProcess(left, signal)
    if (signal !== 'SIGKILL') return
    this.confinement.group?.kill()
    // Whoever still holds the log hides from us; without the relay it holds nothing.
    for (const relay of this.#relays()) signalProcess(relay, 'SIGTERM')
  }

  /** The living that descend from it, carry its mark or are in its control group. */
  #members(): ProcessStat[] {
    const { id } = this.directory
    const all = allProcesses()
    const owned = [...markedProcesses(id, all), ...(this.confinement.group ? groupedProcesses(id, all) : [])]
    const leaders = this.directory.isOfThisBoot() ? [this.directory.identity()!.bot, this.#leader()!] : []
    const members = treeOf(leaders, [...this.seen, ...owned], tableOf(all)).filter(({ state }) => state !== 'Z')
    this.seen = members
    return members
  }

  /** The wrapper's session by number may be another's by now; only what also stands in the folder is ours. */
  #relays(): ProcessIdentity[] {
    const wrapper = this.directory.identity()?.wrapper
    return wrapper ? sessionMembers(wrapper.pid).filter(({ pid }) => standsIn(pid, this.directory.path)) : []
  }

  /** Somebody removed the folder: how it ends can no longer be told, so it ends now and is called lost. */
  #endUnrecorded(): false {
    for (const member of this.#members()) signalProcess(member, 'SIGKILL')
    this.confinement.group?.kill()
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
      this.#sayLimit()
      await this.log.publishAll()
    }
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
    const { limits, kept, group } = this.confinement
    const memoryLimit = kept.includes('memory') && group?.ranOutOfMemory() ? describeLimit(limits, 'memory') : null
    const files = this.record.terminal ? toldByTerminal(this.#files) : this.#files
    const end = outcome(files, this.#ending, this.#spawnFailure(), memoryLimit)
    if (this.#endedLeftBehind) end.detail ??= LEFT_BEHIND
    const without = limitsSet(limits).filter(name => !kept.includes(name))
    if (without.length > 0 && end.reason !== 'spawn')
      end.detail = [end.detail, notKept(limits, without)].filter(Boolean).join(' ')
    return end
  }

  /** What a bot that we ended has started ends with it, signal after signal; true while any of it lives. */
  #endStrays(now: number): boolean {
    if (now < this.#lookForStraysAt) return true
    this.#lookForStraysAt = now + STRAYS_MS
    const strays = this.#members()
    const signal = strays.length > 0 && this.#escalation.due(now)
    if (signal) for (const stray of strays) signalProcess(stray, signal)
    if (signal === 'SIGKILL') this.confinement.group?.kill()
    return strays.length > 0
  }

  #spawnFailure(): string | null {
    if (this.#files.unstarted) {
      const record = this.directory.launchRecord()
      return record ? explainUnstarted(record) : 'The bot could not be started.'
    }
    return this.#files.exit === 126 || this.#files.exit === 127 ? complaintIn(this.directory.log) : null
  }

  /** What `ulimit -f` made of the limit: whole blocks of 512 bytes. */
  #logCap(): number {
    this.#cap ??= Math.floor((this.directory.launchRecord()?.maxLogBytes ?? Number.POSITIVE_INFINITY) / 512) * 512
    return this.#cap
  }
}
