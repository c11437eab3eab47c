import type { Logger } from 'pino'
import { addresses } from '../dashboard/addresses.ts'
import { type Execution, hasEnded } from '../executions/execution.ts'
import type { Executions } from '../executions/executions.ts'
import type { Follower, Happening } from '../happenings/happening.ts'
import { AppError } from '../lib/errors.ts'
import type { Logs } from '../logs/logs.ts'
import type { Triggers } from '../triggers/triggers.ts'
import { type Occurrence, outcomeOf, whatFires } from './firing.ts'
import type { HistoryStore } from './history-store.ts'
import type { NoticeStore } from './notice-store.ts'
import type { NotificationEvent, Rule } from './notifications.ts'
import type { Outbox } from './outbox.ts'
import type { RuleStore } from './rule-store.ts'
import type { Occasion } from './wording.ts'

/** How often it is seen what has been running for long. */
const LOOK_MS = 10_000

export interface NotifierOptions {
  rules: Pick<RuleStore, 'list'>
  notices: NoticeStore
  history: HistoryStore
  executions: Pick<Executions, 'get'>
  triggers: Pick<Triggers, 'find'>
  logs: Pick<Logs, 'open'>
  outbox: Outbox
  publicUrl: string | null
  logger: Logger
}

/** What a notice is about, before a rule was found that wants to know. */
type About = Pick<Occasion, 'at' | 'bot' | 'execution' | 'slot' | 'url'> & { occasion: string }

/** Hears what happens and what runs for long, and writes down whom to tell of it. */
export class Notifier implements Follower {
  readonly #options: NotifierOptions
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | null = null

  constructor(options: NotifierOptions) {
    this.#options = options
  }

  /** From now on it is looked for what runs for long. */
  begin(lookMs: number = LOOK_MS): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#lookAtRunning().finally(() => {
        this.#looking = null
      })
    }, lookMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async follow(happening: Happening): Promise<void> {
    const rules = (await this.#options.rules.list()).filter(rule => rule.enabled)
    if (rules.length === 0) return
    if (happening.kind === 'execution.ended') await this.#ended(happening.executionId, rules)
    else await this.#missed(happening, rules)
  }

  async #ended(id: string, rules: Rule[]): Promise<void> {
    const execution = await this.#find(id)
    if (!execution || outcomeOf(execution.state) === null) return
    const { botId, state, trial } = execution
    const before = await this.#options.history.before(execution)
    const occurrence: Occurrence = { kind: 'ended', botId, state, trial, before: before && outcomeOf(before) }
    const about = this.#aboutExecution(`ended:${id}`, execution, execution.endedAt!)
    await this.#tell(whatFires(occurrence, rules), about)
  }

  async #missed({ triggerId, slotAt, at }: Happening & { kind: 'slot.missed' }, rules: Rule[]): Promise<void> {
    const trigger = await this.#options.triggers.find(triggerId)
    if (!trigger) return
    const { botId, botSlug, botName } = trigger
    const about: About = {
      occasion: `slot:${triggerId}:${slotAt}`,
      at,
      bot: { id: botId, slug: botSlug, name: botName },
      execution: null,
      slot: { triggerId, triggerName: trigger.name, slotAt },
      url: this.#page(addresses.bot.replace(':bot', botSlug))
    }
    await this.#tell(whatFires({ kind: 'slot_missed', botId }, rules), about)
  }

  /** Never fails: what could not be seen now is seen the next time. */
  async #lookAtRunning(): Promise<void> {
    try {
      const rules = (await this.#options.rules.list()).filter(rule => rule.enabled && rule.longRunningMs !== null)
      if (rules.length === 0) return
      const now = Date.now()
      const shortest = Math.min(...rules.map(rule => rule.longRunningMs!))
      const running = await this.#options.history.runningSince(now - shortest)
      const told = await this.#options.notices.toldOfRunning(running.map(({ id }) => id))
      const known = new Set(told.map(({ ruleId, executionId }) => `${ruleId} ${executionId}`))
      for (const { id, botId, startedAt } of running) {
        const occurrence: Occurrence = { kind: 'running', botId, runningMs: now - startedAt }
        const fired = whatFires(occurrence, rules).filter(({ rule }) => !known.has(`${rule.id} ${id}`))
        const execution = fired.length > 0 ? await this.#find(id) : null
        if (execution && !hasEnded(execution))
          await this.#tell(fired, this.#aboutExecution(`running:${id}`, execution, now))
      }
    } catch (error) {
      this.#options.logger.error({ err: error }, 'what runs for long could not be looked at; it is tried again')
    }
  }

  #aboutExecution(occasion: string, execution: Execution, at: number): About {
    const { id, botId, botSlug, botName } = execution
    const bot = { id: botId, slug: botSlug, name: botName ?? botSlug }
    return { occasion, at, bot, execution, slot: null, url: this.#page(addresses.execution.replace(':id', id)) }
  }

  async #tell(fired: { rule: Rule; event: NotificationEvent }[], about: About): Promise<void> {
    if (fired.length === 0) return
    const { notices, outbox } = this.#options
    // Loaded when there is something to say.
    const { messageOf } = await import('./wording.ts')
    const log = await this.#lastLines(about.execution, Math.max(...fired.map(({ rule }) => rule.logLines)))
    for (const { rule, event } of fired) {
      const lines = rule.logLines === 0 ? [] : log.slice(-rule.logLines)
      const { id, name } = rule
      const written = await notices.write(
        {
          rule,
          event,
          occasion: about.occasion,
          botId: about.bot.id,
          executionId: about.execution?.id ?? null,
          at: about.at,
          messageOf: quieted => messageOf({ ...about, event, rule: { id, name }, log: lines, quieted })
        },
        Date.now()
      )
      for (const id of written) await outbox.announce(id)
    }
    outbox.wake()
  }

  /** As readers see them: without secrets. None where the log cannot be read; that it ended is news all the same. */
  async #lastLines(execution: Execution | null, count: number): Promise<string[]> {
    if (!execution || count === 0) return []
    try {
      const log = await this.#options.logs.open(execution.id)
      if (!log) return []
      const letGo = log.follow(() => {})
      try {
        return (await (await log.lines()).tail(count)).map(({ text }) => text)
      } finally {
        letGo()
      }
    } catch (error) {
      this.#options.logger.warn(
        { err: error, execution: execution.id },
        'a notice goes without the log, which cannot be read'
      )
      return []
    }
  }

  #page(path: string): string | null {
    const { publicUrl } = this.#options
    return publicUrl && `${publicUrl}${path}`
  }

  /** Null when it has been removed from the history meanwhile. */
  async #find(id: string): Promise<Execution | null> {
    try {
      return await this.#options.executions.get(id)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return null
      throw error
    }
  }
}
