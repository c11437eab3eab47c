import type { EventHub } from '../events/hub.ts'
import { onEnded } from '../executions/ends.ts'
import type { Execution } from '../executions/execution.ts'
import { Spread, Tally } from './tally.ts'

/** Bounds in seconds. Requests take milliseconds, bots seconds to hours, and a slot that is a minute late was missed. */
const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10]
const DURATION_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400]
const WAIT_SECONDS = [0.05, 0.25, 1, 5, 30, 120, 600, 3600]
const LATE_SECONDS = [0.05, 0.25, 1, 2.5, 5, 15, 60]

const NO_LABELS = {}

/** What is counted while the server runs, since it began: whoever wants the numbers asks for them later. */
export class Measures {
  readonly requests = new Tally()
  readonly requestSeconds = new Spread(REQUEST_SECONDS)
  readonly executions = new Tally()
  readonly durationSeconds = new Spread(DURATION_SECONDS)
  readonly waitSeconds = new Spread(WAIT_SECONDS)
  readonly lateSeconds = new Spread(LATE_SECONDS)
  readonly logBytes = new Tally()
  readonly #beganAt = Date.now()
  /** Executions that have begun to run and have not ended. */
  readonly #live = new Set<string>()

  constructor(events: EventHub) {
    this.logBytes.add(NO_LABELS, 0)
    events.subscribe(['executions'], ({ type, data }) => {
      const execution = data as Execution
      // What was only tried says nothing of a bot.
      if (type === 'execution.changed' && execution.state === 'running' && !execution.trial) this.#began(execution)
    })
    onEnded(events, execution => this.#ended(execution))
    events.subscribe(['bots'], ({ type, data }) => {
      if (type === 'bot.deleted') this.#deleted((data as { slug: string }).slug)
    })
  }

  /** A request was answered; `seconds` is null where the answer is a stream, which lasts as long as somebody watches. */
  readonly request = (labels: { method: string; route: string; status: string }, seconds: number | null): void => {
    this.requests.add(labels)
    if (seconds !== null) this.requestSeconds.observe(labels, seconds)
  }

  readonly published = (bytes: number): void => this.logBytes.add(NO_LABELS, bytes)

  readonly slotStarted = (lateMs: number): void => this.lateSeconds.observe(NO_LABELS, lateMs / 1000)

  #began({ id, queuedAt, startedAt }: Execution): void {
    if (startedAt === null || this.#live.has(id)) return
    this.#live.add(id)
    // A server before this one has counted how long those waited that it started.
    if (startedAt >= this.#beganAt) this.waitSeconds.observe(NO_LABELS, (startedAt - queuedAt) / 1000)
  }

  #ended(execution: Execution): void {
    const { id, botSlug, state, trigger, startedAt, endedAt } = execution
    // Whoever is quick has ended before it could be told that he had begun.
    this.#began(execution)
    this.#live.delete(id)
    this.executions.add({ bot: botSlug, state, trigger })
    if (startedAt !== null) this.durationSeconds.observe({ bot: botSlug }, (endedAt! - startedAt) / 1000)
  }

  #deleted(slug: string): void {
    this.executions.forget('bot', slug)
    this.durationSeconds.forget('bot', slug)
  }
}
