/**
 * Starts bots when a slot of their schedule is due.
 *
 * The next slot of each schedule that is on is a row of `occurrences` that waits. When it is due, the execution is started,
 * the row is settled, and the slot after it waits. An execution is made once for a slot, whatever dies in between: the slot
 * is its occasion. So everything here may be done twice.
 *
 *   due, and somebody was there   it is started: waiting -> started
 *   due, and nobody was there     it was missed, as were the slots after it up to now, and what runs of all these is the
 *                                 schedule's policy to say: waiting (a catch-up), skipped or missed
 *   the queue is full             it goes on waiting and is tried again, until it is too old: missed
 *   the bot does not take it      it is skipped or missed, and the history says why
 *   the database does not take it it goes on waiting and is tried again
 *
 * Nobody was there for what was due before the server began, before the automation was switched on or the clock was set to
 * a later time, and for what is more than a minute late for any other reason.
 */
import { setImmediate as afterOthers } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Automation } from '../automation/automation.ts'
import type { Executions } from '../executions/executions.ts'
import type { StartRequest } from '../executions/start-request.ts'
import { AppError } from '../lib/errors.ts'
import { withAdvice } from '../lib/shortages.ts'
import { Turns } from '../lib/turns.ts'
import { Attendance } from './attendance.ts'
import type { OccurrenceStore, Scheduled, WaitingSlot } from './occurrences.ts'
import { Timetable } from './timetable.ts'
import { TurnsByKey } from './turns-by-key.ts'

/** However far off the next slot is: by then it shows whether somebody has set the clock. */
const LOOK_MS = 5000

/** What could not be started, or written down, is tried again after this. */
const AGAIN_MS = 1000

/** Later than this a slot was missed. */
const LATE_MS = 60_000

/** What goes wrong with all of them, and again at each try, is told this often. */
const REPORT_MS = 60_000

/** Triggers at work at a time: as many share a flush of the disk. */
const AT_A_TIME = 64

/** Triggers that are read at a time. */
const BATCH = 1000

export interface SchedulerOptions {
  store: OccurrenceStore
  executions: Pick<Executions, 'start' | 'skip'>
  automation: Pick<Automation, 'isOn' | 'whileOn' | 'onChange'>
  /** Called when the slots of a trigger have changed. */
  onSlots: (triggerId: string) => Promise<void>
  /** A slot has started something, so long after it was due. */
  onStarted: (lateMs: number) => void
  /** Called when something may have been noted for those who follow what happens. */
  onNoted: () => void
  logger: Logger
}

/** What a round could not do is tried again, after a while. */
interface Round {
  failed: boolean
  full: boolean
}

export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #store: OccurrenceStore
  readonly #attendance = new Attendance()
  readonly #timetable: Timetable
  readonly #turns = new Turns(AT_A_TIME)
  readonly #alone = new TurnsByKey()
  readonly #work = new Set<Promise<unknown>>()
  #timer: NodeJS.Timeout | undefined
  /** When the next slot of all is due; null when none waits. */
  #nextDueAt: number | null = null
  #reportedAt = Number.NEGATIVE_INFINITY
  #began = false
  #busy = false
  #again = false
  #stopped = false
  /** Some schedule may not have the slot that it is to have next. */
  #disarranged = true
  #arranging = false

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#store = options.store
    this.#timetable = new Timetable(options.store)
    options.automation.onChange(isOn => {
      if (!isOn) return
      this.#look()
      this.#attendance.begin()
      this.#wake()
    })
  }

  /** From now on somebody is there. */
  begin(): void {
    this.#began = true
    this.#attendance.begin()
    this.#wake()
  }

  /** Waits for what is at work. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await Promise.allSettled(this.#work)
  }

  /** A trigger was made or changed: gives it the slot it is to have next. Never fails: what cannot be written is, later. */
  async changed(triggerId: string): Promise<void> {
    try {
      await this.#arrange(triggerId)
    } catch (error) {
      this.#report(error, 'a schedule that was changed goes on as it was for now', triggerId)
      this.#disarranged = true
    }
    this.#wake()
  }

  /** A bot was switched on or off. */
  async botChanged(botId: string): Promise<void> {
    for (const id of await this.#store.schedulesOf(botId)) {
      await this.changed(id)
      this.#tell(id)
    }
  }

  #do(work: Promise<unknown>): void {
    this.#work.add(work)
    void work.finally(() => this.#work.delete(work))
  }

  #wake(): void {
    this.#again = true
    if (!this.#busy && this.#began && !this.#stopped) this.#do(this.#run())
  }

  /** Never fails. */
  async #run(): Promise<void> {
    this.#busy = true
    let waitMs = 0
    while (this.#again && !this.#stopped) {
      this.#again = false
      waitMs = await this.#round()
    }
    this.#busy = false
    if (!this.#stopped) this.#wait(waitMs)
  }

  /** Starts all that is due; answers how long to wait at least before it is tried again. Never fails. */
  async #round(): Promise<number> {
    const round: Round = { failed: false, full: false }
    try {
      this.#look()
      await this.#startDue(round)
      this.#nextDueAt = await this.#store.nextDueAt()
    } catch (error) {
      this.#report(error, 'which slots are due cannot be read; it is tried again')
      round.failed = true
    }
    return round.failed || round.full ? AGAIN_MS : 0
  }

  async #startDue(round: Round): Promise<void> {
    while (this.#isOn && !round.failed && !round.full) {
      const due = await this.#store.dueTriggers(Date.now(), BATCH)
      if (due.length === 0) return
      await Promise.all(due.map(id => this.#turns.take(() => this.#attendTo(id, round))))
      this.#look()
    }
  }

  get #isOn(): boolean {
    return this.#options.automation.isOn && !this.#stopped
  }

  #wait(atLeastMs: number): void {
    const dueInMs = this.#isOn && this.#nextDueAt !== null ? this.#nextDueAt - Date.now() : LOOK_MS
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tick(), Math.max(atLeastMs, Math.min(dueInMs, LOOK_MS))).unref()
  }

  /** Looks at the clock, and at nothing else while nothing is due. */
  #tick(): void {
    this.#look()
    const isDue = this.#nextDueAt === null || this.#nextDueAt <= Date.now()
    if (isDue && this.#isOn) this.#wake()
    else this.#wait(0)
  }

  #look(): void {
    const setBy = this.#attendance.look()
    if (setBy !== 0) this.#options.logger.warn({ setByMs: setBy }, 'the clock was set')
    // What waits may lie beyond what is next now.
    if (setBy < 0) this.#disarranged = true
    if (this.#disarranged && !this.#arranging) this.#do(this.#arrangeAll())
  }

  /** Gives each schedule the slot it is to have next. Never fails. */
  async #arrangeAll(): Promise<void> {
    this.#arranging = true
    this.#disarranged = false
    try {
      let ids: string[] = []
      do {
        ids = await this.#store.scheduleIds(ids.at(-1) ?? '', BATCH)
        await Promise.all(ids.map(id => this.#turns.take(() => this.#rearrange(id))))
      } while (ids.length === BATCH)
      this.#wake()
    } catch (error) {
      this.#report(error, 'schedules could not be looked through; it is tried again')
      this.#disarranged = true
    } finally {
      this.#arranging = false
    }
  }

  async #rearrange(triggerId: string): Promise<void> {
    if (this.#stopped) return
    if (await this.#arrange(triggerId)) this.#tell(triggerId)
    await afterOthers()
  }

  /** False when all was as it should be. */
  #arrange(triggerId: string): Promise<boolean> {
    return this.#alone.take(triggerId, () => this.#timetable.arrange(triggerId))
  }

  #tell(triggerId: string): void {
    const told = this.#options.onSlots(triggerId)
    this.#do(told.catch(error => this.#report(error, 'a change of a schedule could not be announced', triggerId)))
  }

  /** Never fails. */
  async #attendTo(triggerId: string, round: Round): Promise<void> {
    if (round.full || !this.#isOn) return
    try {
      await this.#alone.take(triggerId, () => this.#attendAlone(triggerId, round))
    } catch (error) {
      this.#report(error, 'a slot that is due could not be attended to; it is tried again', triggerId)
      round.failed = true
    }
  }

  async #attendAlone(triggerId: string, round: Round): Promise<void> {
    const trigger = await this.#store.scheduled(triggerId)
    if (!trigger) {
      await this.#store.removeWaiting(triggerId)
      return
    }
    const due = await this.#store.due(triggerId, Date.now())
    const missedBefore = this.#missedBefore()
    const isMissed = (slot: WaitingSlot) => slot.dueAt < missedBefore && slot.reason !== 'queue_full'
    const missed = due.filter(isMissed)
    if (missed.length > 0) {
      const judged = await this.#timetable.judge(trigger, missed, missedBefore)
      this.#options.logger.info({ trigger: triggerId, ...judged }, 'slots of a schedule were missed')
      this.#options.onNoted()
    }
    for (const slot of due.filter(slot => !isMissed(slot))) await this.#start(trigger, slot, round)
    this.#tell(triggerId)
  }

  /** Nobody was there for what was due before this. */
  #missedBefore(): number {
    const now = Date.now()
    return Math.max(Math.min(this.#attendance.since, now), now - LATE_MS)
  }

  async #start(trigger: Scheduled, slot: WaitingSlot, round: Round): Promise<void> {
    if (round.full || !this.#isOn) return
    if (slot.reason === 'queue_full' && Date.now() - slot.at > Math.max(trigger.schedule.maxAgeMs, LATE_MS)) {
      await this.#timetable.settle(trigger, slot, { state: 'missed', reason: 'queue_full', executionId: null })
      this.#options.onNoted()
      return
    }
    const { executions, automation } = this.#options
    const request: StartRequest = {
      trigger: 'schedule',
      by: null,
      parameters: trigger.parameters,
      cause: { triggerId: trigger.id, occasion: String(slot.at), payload: null }
    }
    try {
      const started = await automation.whileOn(() => executions.start(trigger.botId, request))
      if (!started) return
      this.#options.onStarted(started.queuedAt - slot.dueAt)
      await this.#timetable.settle(trigger, slot, { state: 'started', reason: null, executionId: started.id })
    } catch (error) {
      const code = error instanceof AppError ? error.code : null
      if (code === 'queue_full') return await this.#holdUp(round)
      if (code !== 'bot_disabled' && code !== 'invalid_parameters') throw error
      const { id } = await executions.skip(trigger.botId, request, code, (error as AppError).message)
      const state = code === 'bot_disabled' ? 'skipped' : 'missed'
      await this.#timetable.settle(trigger, slot, { state, reason: code, executionId: id })
      this.#options.onNoted()
    }
  }

  /** The queue is full, and so it is for all that is due at this moment. */
  async #holdUp(round: Round): Promise<void> {
    if (round.full) return
    round.full = true
    await this.#store.holdUp(this.#missedBefore(), Date.now())
  }

  #report(error: unknown, what: string, trigger?: string): void {
    if (this.#stopped || performance.now() - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = performance.now()
    this.#options.logger.error({ err: error, trigger }, withAdvice(what, error))
  }
}
