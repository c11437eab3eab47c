import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { EndCause } from '../attempts/attempt.ts'
import type { BotUser } from '../attempts/bot-user.ts'
import type { Outcome } from '../attempts/judgement.ts'
import type { Launch, Launcher } from '../attempts/launcher.ts'
import type { Actor, Change } from '../audit/audit.ts'
import { type Bot, type CreateBot, Given, type ParameterValues } from '../bots/bot.ts'
import type { Bots } from '../bots/bots.ts'
import { botFacts, botSubject } from '../bots/facts.ts'
import type { EventHub } from '../events/hub.ts'
import type { Happenings } from '../happenings/happenings.ts'
import { AppError } from '../lib/errors.ts'
import { madeAt, newId } from '../lib/ids.ts'
import { withAdvice } from '../lib/shortages.ts'
import type { LiveLog } from '../logs/live-log.ts'
import type { Machine } from '../machine/machine.ts'
import type { Seal } from '../secrets/seal.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { type Admission, laneKey } from './admission.ts'
import { drain } from './drain.ts'
import { type Execution, type ExecutionFilter, hasEnded, type SkipReason } from './execution.ts'
import type { AttemptRef, ExecutionHistoryStore } from './history-store.ts'
import type { AttemptToEnd } from './lanes.ts'
import { launchOf } from './launch.ts'
import { Queue } from './queue.ts'
import { retryDelay } from './retry.ts'
import type { Claim } from './rows.ts'
import { idempotencyOf, parametersOf, type StartRequest } from './start-request.ts'
import type { AttemptEnd, ExecutionStore } from './store.ts'
import { Supervisor } from './supervisor.ts'
import { Typing } from './typing.ts'

/** What was just claimed is on disk, and its supervisor knows of it, in about this time. */
const HANDOVER_MS = 5

/** Who is told that the queue is full asks again after this. */
const FULL_RETRY_SECONDS = 10

export interface ExecutionsOptions {
  store: ExecutionStore
  history: ExecutionHistoryStore
  bots: Bots
  secrets: Pick<Secrets, 'valuesFor' | 'markUsed'>
  seal: Seal
  events: EventHub
  /** Whether new executions may start on it. */
  machine: Machine
  dataDir: string
  maxConcurrentExecutions: number
  maxQueuedExecutions: number
  botEnvironment: Record<string, string>
  /** Whom bots run as; null for the server's own user. */
  botUser: BotUser | null
  /** There was no folder of attempts at the start: what ran is not run again. */
  attemptsAreGone: boolean
  launcher: Launcher
  /** Told that something may have been noted for those who follow up what ends. */
  happenings: Pick<Happenings, 'wake'>
  /** So many bytes more of a log may be read. */
  onPublished: (bytes: number) => void
  logger: Logger
}

/**
 * The way every execution takes: admit, enqueue, claim, launch, publish. Every trigger starts at {@link start}, and who
 * tries a bot at {@link startTrial}; nothing else makes an execution.
 */
export class Executions {
  readonly #options: ExecutionsOptions
  readonly #store: ExecutionStore
  readonly #history: ExecutionHistoryStore
  readonly #supervisor: Supervisor
  readonly #queue: Queue
  /** The way to the input and the terminal of what runs. */
  readonly typing: Typing
  #onAttemptEnd: () => void = () => {}
  #stopped = false

  constructor(options: ExecutionsOptions) {
    this.#options = options
    this.#store = options.store
    this.#history = options.history
    this.#supervisor = new Supervisor({
      store: options.store,
      events: options.events,
      dataDir: options.dataDir,
      seal: options.seal,
      launcher: options.launcher,
      logger: options.logger,
      prepare: claim => this.#prepare(claim),
      retryAt: (claim, outcome) => this.#retryAt(claim, outcome),
      onPublished: options.onPublished,
      onEnding: id => this.#announce(id),
      finish: (claim, end) => this.#finish(claim, end),
      onEnded: id => this.#announce(id)
    })
    this.#queue = new Queue({
      store: options.store,
      machine: options.machine,
      machineLimit: options.maxConcurrentExecutions,
      logger: options.logger,
      onClaim: claim => {
        this.#supervisor.launch(claim)
        this.#announce(claim.executionId)
      }
    })
    this.typing = new Typing({ store: options.store, supervisor: this.#supervisor, get: id => this.get(id) })
  }

  /** Takes over what servers before this one left running. Before anybody can ask for it. */
  async recover(): Promise<void> {
    await this.#options.bots.forgetEndedTrials()
    const running = await this.#store.running()
    for (const claim of running) this.#supervisor.adopt(claim, this.#options.attemptsAreGone)
    this.#supervisor.tidy()
    if (running.length > 0)
      this.#options.logger.info({ executions: running.length }, 'took over executions that were running')
  }

  /** Calls when an attempt has ended, which is in the database then. */
  onAttemptEnd(call: () => void): void {
    this.#onAttemptEnd = call
  }

  /** Which limits of bots are kept on this machine. */
  get limits(): Supervisor['limits'] {
    return this.#supervisor.limits
  }

  /** Begins to run what waits, from now on. */
  begin(): void {
    this.#options.machine.onReady(() => this.#queue.wake())
    this.#queue.wake()
  }

  /** Stops claiming, for good: what is started from now on waits. */
  startNoMore(): void {
    this.#queue.stop()
  }

  /**
   * For a server whose end takes its bots along: starts no more, and waits until nothing runs any more.
   * What has not ended after `limitMs` is ended, for the reason `shutdown`, in some fifteen seconds at most.
   */
  drain(limitMs: number): Promise<void> {
    this.startNoMore()
    return drain(
      { running: () => this.#running(), supervisor: this.#supervisor, logger: this.#options.logger },
      limitMs
    )
  }

  /** How many run; null when the database cannot be asked. */
  async #running(): Promise<number | null> {
    try {
      return (await this.#history.load()).running
    } catch (err) {
      this.#options.logger.error({ err }, withAdvice('how many bots run cannot be read', err))
      return null
    }
  }

  /** Stops claiming and watching. Bots go on. */
  stop(): void {
    this.#stopped = true
    this.startNoMore()
    this.#supervisor.stop()
  }

  /**
   * With a key that this user sent before, it answers the execution made then.
   * @throws AppError `not_found`, `invalid_parameters`, `idempotency_key_reused`, or the code by which admission rejects.
   */
  async start(botRef: string, request: StartRequest): Promise<Execution> {
    const bot = await this.#options.bots.get(botRef)
    return this.#enqueue(bot, request)
  }

  /**
   * Writes down that a trigger would have started a bot, and why it did not, so that the history explains itself. Once for
   * each occasion, too; answers what was made then. @throws AppError `not_found`
   */
  async skip(botRef: string, request: StartRequest, reason: SkipReason, detail: string): Promise<Execution> {
    const bot = await this.#options.bots.get(botRef)
    return this.#enter(bot, request, request.parameters, { skip: { kind: 'skipped', reason, detail } })
  }

  /**
   * Starts the bot of an execution again, as the bot is now, with the same parameters or others.
   * @throws AppError as {@link start} does, and `not_found` when its bot was deleted.
   */
  async rerun(
    id: string,
    request: Omit<StartRequest, 'parameters'> & { parameters?: ParameterValues | undefined }
  ): Promise<Execution> {
    const execution = await this.get(id)
    if (execution.botId === null || execution.trial) {
      const what = execution.trial ? 'It was a trial of a bot that was not saved' : 'Its bot was deleted'
      throw new AppError('not_found', `${what}, so it cannot be run again.`)
    }
    const bot = await this.#options.bots.get(execution.botId)
    const parameters = request.parameters ?? execution.parameters
    const payload = await this.payload(id, execution)
    return this.#enqueue(bot, { ...request, parameters }, { rerunOf: execution.id, payload })
  }

  /**
   * Starts a bot that is not saved, and that is forgotten when this execution has ended.
   * @throws AppError `invalid_request`, `invalid_parameters`; the paths of errors begin with /bot or /parameters.
   */
  async startTrial(input: CreateBot, request: StartRequest, actor: Actor): Promise<Execution> {
    const bot = await this.#options.bots.draftTrial(input)
    await this.#options.bots.saveTrial(bot)
    try {
      return await this.#enqueue(bot, request, { trial: true, note: trialOf(bot, actor) })
    } catch (error) {
      await this.#options.bots.forgetTrial(bot)
      throw error
    }
  }

  async #enqueue(bot: Bot, request: StartRequest, how: Partial<Manner> = {}): Promise<Execution> {
    return this.#enter(bot, request, parametersOf(bot, request.parameters), how)
  }

  async #enter(
    bot: Bot,
    request: StartRequest,
    parameters: ParameterValues,
    {
      trial = false,
      rerunOf = null,
      skip = null,
      note = null,
      payload = request.cause?.payload ?? null
    }: Partial<Manner>
  ): Promise<Execution> {
    const { triggerId = null, occasion = null, depth = 0 } = request.cause ?? {}
    const id = newId()
    const execution: Execution = {
      id,
      botId: bot.id,
      botSlug: bot.slug,
      botName: bot.name,
      state: 'queued',
      reason: null,
      detail: null,
      trigger: request.trigger,
      triggerId,
      triggerName: null,
      occasion,
      payloadBytes: payload === null ? null : Buffer.byteLength(payload),
      depth,
      by: request.by,
      parameters,
      attempts: [],
      // The very time its id says, as lists are bounded in time by id.
      queuedAt: madeAt(id),
      startedAt: null,
      endedAt: null,
      exitCode: null,
      priority: bot.priority,
      concurrencyKey: laneKey(bot, new Given(parameters, payload)),
      notBefore: null,
      rerunOf,
      outputs: {},
      trial
    }
    // A trial only takes its turn: it neither gives way to what runs nor takes its place.
    const admitted = trial ? { ...bot, concurrency: { ...bot.concurrency, policy: 'queue' as const } } : bot
    const enqueued = await this.#store.enqueue(execution, {
      bot: admitted,
      maxQueued: this.#options.maxQueuedExecutions,
      idempotency: trial ? null : idempotencyOf(request, bot, rerunOf),
      payload,
      skip,
      note,
      room: this.#queue.room
    })
    switch (enqueued.kind) {
      case 'gone':
        throw new AppError('not_found', `${bot.slug} was deleted or disabled while you started it.`)
      case 'rejected':
        throw rejection(enqueued)
      case 'key_reused':
        throw new AppError(
          'idempotency_key_reused',
          'This Idempotency-Key came with another request before. Use a new key for each thing you ask for.'
        )
      case 'repeated':
        return this.get(enqueued.executionId)
      case 'skipped':
        Object.assign(execution, {
          state: 'skipped',
          reason: enqueued.reason,
          detail: enqueued.detail,
          endedAt: execution.queuedAt
        })
        this.#publish(execution)
        return execution
      case 'queued':
        this.#publish(execution)
        for (const replaced of enqueued.cancelled) this.#announce(replaced)
        if (enqueued.cancelled.length > 0) this.#options.happenings.wake()
        this.#queue.took(enqueued.claimed)
        for (const replaced of enqueued.ending) void this.#end(replaced, 'replace')
        return execution
    }
  }

  /** Cancels what waits at once, and begins to end what runs. @throws AppError `not_found`, `execution_ended` */
  async cancel(id: string, actor: Actor): Promise<Execution> {
    const { botSlug } = await this.get(id)
    const subject = { type: 'execution', id, name: botSlug } as const
    const done = await this.#store.cancel(id, Date.now(), { actor, action: 'execution.cancelled', subject })
    if (done === 'cancelled') {
      this.#announce(id)
      this.#options.happenings.wake()
    } else if (done) await this.#end(done, 'cancel')
    const execution = await this.get(id)
    if (done === null) throw new AppError('execution_ended', `It has ended already: ${execution.state}.`)
    return execution
  }

  /** Ends an attempt. The database knows of it some milliseconds before the supervisor does. Never fails. */
  async #end(attempt: AttemptToEnd, cause: EndCause): Promise<void> {
    try {
      while (!this.#supervisor.end(attempt, cause)) {
        await delay(HANDOVER_MS)
        const attempts = await this.#history.attempts(attempt.executionId)
        if (attempts.find(({ id }) => id === attempt.id)?.ended !== false) return
      }
    } catch (error) {
      this.#options.logger.error(
        { err: error, execution: attempt.executionId },
        withAdvice('an attempt that is to be ended goes on', error)
      )
    }
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Execution> {
    const execution = await this.#history.find(id)
    if (!execution) throw new AppError('not_found', `There is no execution "${id}".`)
    return this.#asOfNow(execution)
  }

  /** The JSON text that an execution was given; null when it was given none. */
  async payload(id: string, { payloadBytes }: Pick<Execution, 'payloadBytes'>): Promise<string | null> {
    return payloadBytes === null ? null : this.#history.payload(id)
  }

  /** The bot of an execution; null when there is no such execution, or its bot was deleted. */
  async botOf(id: string): Promise<string | null> {
    return (await this.#history.find(id))?.botId ?? null
  }

  async list(query: ExecutionFilter & { limit: number; cursor: string | undefined }): Promise<Execution[]> {
    return (await this.#history.list(query)).map(execution => this.#asOfNow(execution))
  }

  async latest(botIds: string[], perBot: number): Promise<Execution[]> {
    return (await this.#history.latest(botIds, perBot)).map(execution => this.#asOfNow(execution))
  }

  load(): Promise<{ queued: number; running: number }> {
    return this.#history.load()
  }

  attempts(executionId: string): Promise<AttemptRef[]> {
    return this.#history.attempts(executionId)
  }

  /** The log of an execution that runs; null when it does not. */
  liveLog(executionId: string): LiveLog | null {
    return this.#supervisor.logOf(executionId)
  }

  /** What only the running attempt itself can tell is not written down until it ends. */
  #asOfNow(execution: Execution): Execution {
    const attempt = execution.attempts.at(-1)
    const log = this.#supervisor.logOf(execution.id)
    if (hasEnded(execution) || !attempt || log?.attempt !== attempt.number) return execution
    attempt.pid = this.#supervisor.pidOf(execution.id)
    attempt.ending = this.#supervisor.endingOf(execution.id)
    attempt.logBytes = log.published
    return execution
  }

  async #prepare(claim: Claim): Promise<Launch> {
    const { bots, secrets, dataDir, botEnvironment, botUser } = this.#options
    const bot = await bots.toRun(claim.botId)
    const values = await secrets.valuesFor(bot.secrets)
    secrets.markUsed(bot.secrets)
    const payload = await this.payload(claim.executionId, claim)
    return launchOf(bot, claim, { dataDir, baseEnvironment: botEnvironment, secrets: values, payload, user: botUser })
  }

  /** When the next attempt may begin; null when this was the last. */
  async #retryAt(claim: Claim, outcome: Outcome): Promise<number | null> {
    if (outcome.state === 'succeeded') return null
    const { retry } = await this.#options.bots.toRun(claim.botId)
    const delayMs = retryDelay(retry, claim.number, outcome, Math.random())
    if (delayMs === null) return null
    // A time by the clock as it is now must not be taken for one from before somebody set it.
    await this.#queue.watchClock()
    return Date.now() + delayMs
  }

  async #finish(claim: Claim, end: AttemptEnd): Promise<void> {
    this.#queue.took(await this.#store.finish(claim, end, this.#queue.room))
    if (end.retryAt !== null) this.#queue.wake()
    this.#options.happenings.wake()
    this.#onAttemptEnd()
  }

  #announce(id: string): void {
    this.get(id).then(
      execution => this.#publish(execution),
      error => {
        // On the way down the database closes first, and nobody listens any more.
        if (!this.#stopped) this.#options.logger.error({ err: error, execution: id }, 'a change could not be announced')
      }
    )
  }

  #publish(execution: Execution): void {
    const topics = ['executions', `execution:${execution.id}`]
    if (execution.botId) topics.push(`bot:${execution.botId}`)
    this.#options.events.publish({ topics, type: 'execution.changed', data: { ...execution, outputs: undefined } })
  }
}

/** How an execution is made, where that is not as usual. */
interface Manner {
  trial: boolean
  rerunOf: string | null
  payload: string | null
  skip: Extract<Admission, { kind: 'skipped' }> | null
  /** What is to be written down with it in the audit log; null where the execution itself says enough. */
  note: Change | null
}

function trialOf(bot: Bot, actor: Actor): Change {
  return { actor, action: 'bot.tried', subject: botSubject(bot), after: botFacts(bot) }
}

function rejection({ code, detail }: Extract<Admission, { kind: 'rejected' }>): AppError {
  const headers = code === 'queue_full' ? { 'retry-after': String(FULL_RETRY_SECONDS) } : {}
  return new AppError(code, detail, { headers })
}
