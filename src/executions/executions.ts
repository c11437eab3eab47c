import { setImmediate as afterIo } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Bot, CreateBot, ParameterValues } from '../bots/bot.ts'
import type { Bots } from '../bots/bots.ts'
import { checkParameters } from '../bots/parameters.ts'
import { AppError } from '../errors.ts'
import type { EventHub } from '../events/hub.ts'
import { madeAt, newId } from '../ids.ts'
import type { LiveLog } from '../logs/live-log.ts'
import { admit } from './admission.ts'
import { type Execution, type ExecutionFilter, hasEnded, type Trigger } from './execution.ts'
import { launchOf, unlaunchable } from './launch.ts'
import type { Launch } from './launcher.ts'
import { Queue } from './queue.ts'
import type { AttemptRef, ExecutionStore, LiveAttemptRecord } from './store.ts'
import { Supervisor } from './supervisor.ts'

/** What somebody or something asks for: to start a bot. */
export interface StartRequest {
  trigger: Trigger
  by: string | null
  parameters: ParameterValues
}

export interface ExecutionsOptions {
  store: ExecutionStore
  bots: Bots
  events: EventHub
  dataDir: string
  maxConcurrentExecutions: number
  botEnvironment: Record<string, string>
  logger: Logger
}

/**
 * The way every execution takes: admit, enqueue, claim, launch, publish. Every trigger starts at {@link start}, and who
 * tries a bot at {@link startTrial}; nothing else makes an execution.
 */
export class Executions {
  readonly #options: ExecutionsOptions
  readonly #store: ExecutionStore
  readonly #supervisor: Supervisor
  readonly #queue: Queue

  constructor(options: ExecutionsOptions) {
    this.#options = options
    this.#store = options.store
    this.#supervisor = new Supervisor({
      store: options.store,
      events: options.events,
      dataDir: options.dataDir,
      logger: options.logger,
      prepare: record => this.#prepare(record),
      onEnding: id => this.#announce(id),
      onEnded: id => {
        this.#announce(id)
        this.#queue.wake()
      }
    })
    this.#queue = new Queue({
      store: options.store,
      machineLimit: options.maxConcurrentExecutions,
      logger: options.logger,
      onClaim: record => {
        this.#supervisor.launch(record)
        this.#announce(record.executionId)
      }
    })
  }

  /** Takes over what servers before this one left running. Before anybody can ask for it. */
  async recover(): Promise<void> {
    await this.#options.bots.forgetEndedTrials()
    const running = await this.#store.running()
    for (const record of running) this.#supervisor.adopt(record)
    if (running.length > 0)
      this.#options.logger.info({ executions: running.length }, 'took over executions that were running')
  }

  /** Begins to run what waits, from now on. */
  begin(): void {
    this.#queue.wake()
  }

  /** Stops claiming and watching. Bots go on. */
  stop(): void {
    this.#queue.stop()
    this.#supervisor.stop()
  }

  /** @throws AppError `not_found`, `invalid_parameters`, or the code by which admission rejects. */
  async start(botRef: string, request: StartRequest): Promise<Execution> {
    const bot = await this.#options.bots.get(botRef)
    const parameters = checked(bot, request.parameters)
    const admission = admit(bot)
    if (admission.kind === 'rejected') throw new AppError(admission.code, admission.detail)
    return this.#enqueue(bot, { ...request, parameters }, false)
  }

  /**
   * Starts a bot that is not saved, and that is forgotten when this execution has ended.
   * @throws AppError `invalid_request`, `invalid_parameters`; the paths of errors begin with /bot or /parameters.
   */
  async startTrial(input: CreateBot, request: StartRequest): Promise<Execution> {
    const bot = await this.#options.bots.draftTrial(input)
    const parameters = checked(bot, request.parameters)
    await this.#options.bots.saveTrial(bot)
    return this.#enqueue(bot, { ...request, parameters }, true)
  }

  async #enqueue(bot: Bot, request: StartRequest, trial: boolean): Promise<Execution> {
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
      by: request.by,
      parameters: request.parameters,
      attempts: [],
      // The very time its id says, as lists are bounded in time by id.
      queuedAt: madeAt(id),
      startedAt: null,
      endedAt: null,
      exitCode: null,
      trial
    }
    if (!(await this.#store.enqueue(execution))) {
      throw new AppError('not_found', `${bot.slug} was deleted or disabled while you started it.`)
    }
    this.#publish(execution)
    this.#queue.wake()
    return execution
  }

  /** Cancels what waits at once, and begins to end what runs. @throws AppError `not_found`, `execution_ended` */
  async cancel(id: string): Promise<Execution> {
    if (await this.#store.cancelQueued(id, Date.now())) {
      this.#announce(id)
      return this.get(id)
    }
    // Between the claim and the supervisor's hearing of it lie a few microtasks; after these it has.
    if (!this.#supervisor.end(id, 'cancel')) {
      await afterIo()
      if (!this.#supervisor.end(id, 'cancel')) {
        const execution = await this.get(id)
        throw new AppError('execution_ended', `It has ended already: ${execution.state}.`)
      }
    }
    return this.get(id)
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Execution> {
    const execution = await this.#store.find(id)
    if (!execution) throw new AppError('not_found', `There is no execution "${id}".`)
    return this.#asOfNow(execution)
  }

  async list(query: ExecutionFilter & { limit: number; cursor: string | undefined }): Promise<Execution[]> {
    return (await this.#store.list(query)).map(execution => this.#asOfNow(execution))
  }

  async latest(botIds: string[], perBot: number): Promise<Execution[]> {
    return (await this.#store.latest(botIds, perBot)).map(execution => this.#asOfNow(execution))
  }

  load(): Promise<{ queued: number; running: number }> {
    return this.#store.load()
  }

  attempts(executionId: string): Promise<AttemptRef[]> {
    return this.#store.attempts(executionId)
  }

  /** The log of an execution that runs; null when it does not. */
  liveLog(executionId: string): LiveLog | null {
    return this.#supervisor.logOf(executionId)
  }

  /** What only the running attempt itself can tell is not written down until it ends. */
  #asOfNow(execution: Execution): Execution {
    const attempt = execution.attempts.at(-1)
    const log = this.#supervisor.logOf(execution.id)
    if (hasEnded(execution) || !attempt || !log) return execution
    attempt.pid = this.#supervisor.pidOf(execution.id)
    attempt.ending = this.#supervisor.endingOf(execution.id)
    attempt.logBytes = log.published
    return execution
  }

  async #prepare(record: LiveAttemptRecord): Promise<Launch> {
    const [bot, execution] = await Promise.all([this.#options.bots.toRun(record.botId), this.get(record.executionId)])
    return launchOf(bot, {
      executionId: execution.id,
      attemptId: record.id,
      trigger: execution.trigger,
      parameters: execution.parameters,
      dataDir: this.#options.dataDir,
      baseEnvironment: this.#options.botEnvironment
    })
  }

  #announce(id: string): void {
    this.get(id).then(
      execution => this.#publish(execution),
      error => this.#options.logger.error({ err: error, execution: id }, 'a change could not be announced')
    )
  }

  #publish(execution: Execution): void {
    const topics = ['executions', `execution:${execution.id}`]
    if (execution.botId) topics.push(`bot:${execution.botId}`)
    this.#options.events.publish({ topics, type: 'execution.changed', data: execution })
  }
}

/** The parameters with the bot's defaults filled in. */
function checked(bot: Bot, parameters: ParameterValues): ParameterValues {
  const { values, errors } = checkParameters(bot.parameters, parameters)
  errors.push(...unlaunchable(values))
  if (errors.length === 0) return values
  throw new AppError('invalid_parameters', `${bot.slug} cannot be started with these parameters: see errors.`, {
    errors: errors.map(({ path, message }) => ({ path: `/parameters${path === '/' ? '' : path}`, message }))
  })
}
