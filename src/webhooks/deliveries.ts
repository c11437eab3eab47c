import type { Logger } from 'pino'
import type { Actor } from '../audit/audit.ts'
import type { Automation } from '../automation/automation.ts'
import type { EventHub } from '../events/hub.ts'
import type { Executions } from '../executions/executions.ts'
import { AppError } from '../lib/errors.ts'
import { withAdvice } from '../lib/shortages.ts'
import type { Machine } from '../machine/machine.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { triggerSubject } from '../triggers/facts.ts'
import type { Trigger } from '../triggers/trigger.ts'
import type { Triggers } from '../triggers/triggers.ts'
import { type Answer, answerOf } from './answer.ts'
import { challengeIn } from './challenge.ts'
import type { Arrival, Delivery, DeliveryDetail, Outcome } from './delivery.ts'
import { loadEngines } from './engines.ts'
import { failedRule, whyNot } from './filters.ts'
import { withoutSecrets } from './kept.ts'
import { mapped } from './mapping.ts'
import { bounded, type Delivered, isQuick, TooSlow } from './paths.ts'
import { type Payload, readPayload, Unreadable } from './payload.ts'
import type { DeliveryStore, WholeDelivery } from './store.ts'
import type { Verdict } from './verdicts.ts'
import { isPing, secretHeaders, verify } from './verification.ts'
import type { Webhook } from './webhook.ts'

/** Deliveries are kept for so long, and of each trigger so many, and so much of what they brought. */
const KEPT_MS = 14 * 86_400_000
const KEPT_COUNT = 10_000
const KEPT_BYTES = 256 * 1024 * 1024

/** After so many bytes more of a trigger's it is seen to that no more is kept, a row counting as much as this. */
const PRUNE_EVERY_BYTES = 64 * 1024 * 1024
const ROW_BYTES = 4096

/** As many are replayed in one go. */
const MAX_REPLAYED = 1000

/** A request to the address of a webhook. */
export interface IncomingRequest {
  address: string
  headers: Record<string, string>
  query: Record<string, string>
  body: Buffer
}

/** A delivery that was settled, and what whoever sent it or had it started is told. */
export type Settled = Outcome & {
  delivery: Delivery
  challenge?: string
  /** It was settled by this, and not before. */
  isFirst: boolean
  /** Why the bot could not be started, for whoever is to be told more than the verdict. */
  error?: AppError
}

/** What came of looking at a delivery. */
type Result = Omit<Settled, 'delivery' | 'isFirst'>

/** A person has it started: that it is switched off does not keep him from it. */
interface ByHand {
  by: string
}

export interface DeliveriesOptions {
  store: DeliveryStore
  triggers: Pick<Triggers, 'find' | 'get'>
  executions: Pick<Executions, 'start'>
  automation: Pick<Automation, 'whileOn'>
  machine: Pick<Machine, 'state'>
  secrets: Pick<Secrets, 'owned'>
  events: EventHub
  logger: Logger
}

/**
 * Takes what is sent to webhooks: verified first, then written down, then settled. One that is written down is the occasion
 * of an execution, so that however often it is settled, by its sender's repeat, by the next server or by somebody who
 * replays it, it starts one. What the verdicts mean stands in `verdicts.ts`.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions
  readonly #store: DeliveryStore
  /** By trigger: about how much was kept since it was last seen to. */
  readonly #grown = new Map<string, number>()
  #resuming: Promise<void> | null = null
  #stopped = false

  constructor(options: DeliveriesOptions) {
    this.#options = options
    this.#store = options.store
  }

  /** The trigger of a webhook's address; null when there is none. */
  async triggerOf(id: string): Promise<Trigger | null> {
    const trigger = await this.#options.triggers.find(id)
    return trigger?.kind === 'webhook' ? trigger : null
  }

  /**
   * Whether a request comes from who has the trigger's secret, and what is to be kept of it. When not, what was wrong with
   * it, which its sender is not told.
   */
  async verify(
    trigger: Trigger,
    request: IncomingRequest
  ): Promise<{ arrival: Arrival; problem: { verdict: Verdict; detail: string } | null }> {
    const settings = trigger.webhook!
    const secret = settings.verification === 'none' ? null : await this.#options.secrets.owned(`trigger:${trigger.id}`)
    const arrival = this.arrival(trigger, request)
    if (secret === null && settings.verification !== 'none') {
      const detail = 'The secret of this trigger cannot be read: it was kept with another SECRET_KEY. Give it anew.'
      return { arrival, problem: { verdict: 'invalid_signature', detail } }
    }
    const verified = verify(settings, request, secret, Date.now())
    if (!verified.ok) return { arrival, problem: verified }
    return { arrival: { ...arrival, key: verified.key }, problem: null }
  }

  /** What is kept of a request: no secret. */
  arrival(trigger: Trigger, { address, headers, query, body }: IncomingRequest): Arrival {
    return {
      triggerId: trigger.id,
      key: null,
      address,
      headers: withoutSecrets(headers, secretHeaders(trigger.webhook!)),
      query: withoutSecrets(query),
      body
    }
  }

  /** Writes down what is not believed, or was not even read. */
  async refuse(arrival: Arrival, problem: { verdict: Verdict; detail: string }): Promise<void> {
    this.#publish(await this.#store.refuse(arrival, problem))
  }

  /**
   * Takes what is believed. Answered is what became of it; a repeat of what has started something starts nothing.
   * @throws AppError `unavailable` when there is no room on the disk, and what its sender is told
   */
  async receive(trigger: Trigger, arrival: Arrival): Promise<Answer> {
    // Nothing would start: what came meanwhile would only fill what is left.
    if (this.#options.machine.state().disk.low) throw noRoom()
    const { delivery, repeat } = await this.#store.receive(arrival)
    this.#makeRoom(trigger.id, repeat ? 0 : arrival.body.length)
    if (repeat) this.#publish(repeat)
    if (repeat && delivery.executionId !== null) {
      const { executionId } = delivery
      return answerOf({ verdict: 'repeated', detail: null, executionId, delivery, isFirst: false })
    }
    const settled = await this.#settle(trigger, delivery)
    // Two came at the same time, and the other one was quicker.
    return answerOf(repeat && !settled.isFirst ? { ...settled, verdict: 'repeated' } : settled)
  }

  /** At the start: settles what a server before this one had written down and no more. Nobody waits for it. */
  resume(): void {
    this.#resuming = this.#settleLeft().catch(error => {
      this.#options.logger.error(
        { err: error },
        'deliveries that had been left could not be settled; the next start does'
      )
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#resuming
  }

  async #settleLeft(): Promise<void> {
    let settled = 0
    for (let after = ''; ; ) {
      const ids = await this.#store.withVerdict('received', { after, limit: MAX_REPLAYED })
      for (const id of ids) {
        if (this.#stopped) return
        if (await this.#settleLeftOne(id)) settled++
      }
      if (ids.length === 0) break
      after = ids.at(-1)!
    }
    if (settled > 0) this.#options.logger.info({ deliveries: settled }, 'settled deliveries that had been left')
  }

  /** One that cannot be settled keeps none after it waiting. */
  async #settleLeftOne(id: string): Promise<boolean> {
    try {
      return (await this.#settleAgain(id)) !== null
    } catch (error) {
      const what = 'a delivery that had been left could not be settled; the next start does'
      this.#options.logger.error({ err: error, delivery: id }, withAdvice(what, error))
      return false
    }
  }

  /**
   * Has a delivery started again: one that has started something makes another delivery, one that has not is settled now.
   * The switches do not count, the filters do. @throws AppError `not_found`, `not_replayable`, and what a start throws
   */
  async replay(id: string, actor: Actor, by: string): Promise<Delivery> {
    const found = await this.get(id)
    const trigger = await this.#options.triggers.get(found.triggerId)
    if (!found.verified) {
      throw new AppError(
        'not_replayable',
        'It did not come from who has the secret, so it starts nothing. If it was genuine, set the secret right and have it sent again.'
      )
    }
    const whole = await this.#whole(found.repeatOf ?? id)
    if (!whole) throw new AppError('not_replayable', 'Nothing of what it brought is kept any more.')
    const subject = triggerSubject(trigger)
    const change = { actor, action: 'delivery.replayed', subject, after: { delivery: whole.id } } as const
    let delivery = whole
    if (whole.executionId === null) await this.#store.note(change)
    else delivery = await this.#store.replay(whole, actor.address ?? '', change)
    const settled = await this.#settle(trigger, delivery, { by })
    if (settled.error) throw settled.error
    return settled.delivery
  }

  /** Has all deliveries started that came while the automation was off, the oldest first. @throws AppError `not_found` */
  async replayAll(
    triggerId: string | undefined,
    actor: Actor,
    by: string
  ): Promise<{ started: number; failed: number; left: number }> {
    const trigger = triggerId === undefined ? null : await this.#options.triggers.get(triggerId)
    const verdict = 'automation_off'
    const ids = await this.#store.withVerdict(verdict, { triggerId, limit: MAX_REPLAYED })
    const count = { started: 0, failed: 0, left: 0 }
    if (ids.length === 0) return count
    const subject = trigger ? triggerSubject(trigger) : ({ type: 'automation', id: null, name: 'automation' } as const)
    await this.#store.note({ actor, action: 'delivery.replayed', subject, after: { deliveries: ids.length } })
    for (const id of ids) {
      const settled = await this.#settleAgain(id, { by })
      if (settled?.verdict === 'queue_full') break
      if (settled?.executionId) count.started++
      else if (settled) count.failed++
    }
    count.left = await this.#store.countWithVerdict(verdict, triggerId)
    return count
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<DeliveryDetail> {
    const delivery = await this.#store.find(id)
    if (!delivery) throw new AppError('not_found', `There is no delivery "${id}".`)
    return delivery
  }

  /** @throws AppError `not_found`, also when nothing of its body is kept */
  async body(id: string): Promise<Buffer> {
    await this.get(id)
    const body = await this.#store.body(id)
    if (!body) throw new AppError('not_found', 'Nothing of its body is kept: a repeat is kept without.')
    return body
  }

  /** @throws AppError `not_found` */
  async list(triggerId: string, query: Parameters<DeliveryStore['list']>[1]): Promise<Delivery[]> {
    await this.#options.triggers.get(triggerId)
    return this.#store.list(triggerId, query)
  }

  /** Removes what is not to be kept any more. */
  async removeOld(now: number, signal: AbortSignal): Promise<void> {
    for (const triggerId of await this.#store.triggerIds()) {
      signal.throwIfAborted()
      await this.#prune(triggerId, now)
    }
  }

  async #prune(triggerId: string, now: number): Promise<void> {
    await this.#store.prune(triggerId, { count: KEPT_COUNT, bytes: KEPT_BYTES, since: now - KEPT_MS })
  }

  /** Many large deliveries do not wait for the chore of the hour. Nobody waits for this. */
  #makeRoom(triggerId: string, bytes: number): void {
    const grown = (this.#grown.get(triggerId) ?? 0) + bytes + ROW_BYTES
    this.#grown.set(triggerId, grown < PRUNE_EVERY_BYTES ? grown : 0)
    if (grown < PRUNE_EVERY_BYTES) return
    this.#prune(triggerId, Date.now()).catch(error => {
      this.#options.logger.error({ err: error, trigger: triggerId }, 'old deliveries could not be removed')
    })
  }

  async #settleAgain(id: string, byHand?: ByHand): Promise<Settled | null> {
    const delivery = await this.#whole(id)
    const trigger = delivery && (await this.triggerOf(delivery.triggerId))
    return trigger ? this.#settle(trigger, delivery, byHand) : null
  }

  async #whole(id: string): Promise<WholeDelivery | null> {
    const [delivery, body] = await Promise.all([this.#store.find(id), this.#store.body(id)])
    return delivery && body && { ...delivery, body }
  }

  /** Finds out what is to become of a delivery that is believed, does it, and writes it down. */
  async #settle(trigger: Trigger, delivery: WholeDelivery, byHand?: ByHand): Promise<Settled> {
    const settled = await this.#outcome(trigger, delivery, byHand)
    const { verdict, detail, executionId } = settled
    // What waits to be replayed goes on waiting for it while there is no room.
    const stays = verdict === 'queue_full' && delivery.verdict === 'automation_off'
    const { headers: _, query: __, body: ___, ...listed } = delivery
    const isFirst = !stays && (await this.#store.settle(delivery.id, { verdict, detail, executionId }))
    const after: Delivery = stays ? listed : { ...listed, verdict, detail, executionId }
    if (isFirst) this.#publish(after)
    return { ...settled, delivery: after, isFirst }
  }

  async #outcome(trigger: Trigger, delivery: WholeDelivery, byHand?: ByHand): Promise<Result> {
    const { headers, query, body } = delivery
    if (isPing(trigger.webhook!, headers)) return nothing('ping', null)
    try {
      const payload = readPayload(headers['content-type'], body)
      const challenge = challengeIn(payload.value)
      if (challenge !== null) return { ...nothing('challenge', null), challenge }
      const look = await this.#look(trigger, { payload: payload.value, headers, query })
      if (look.filtered !== null) return nothing('filtered', look.filtered)
      if (!byHand && !trigger.enabled) return nothing('disabled', 'The trigger is disabled.')
      const start = () => this.#start(trigger, delivery, payload, look.parameters, byHand)
      const started = await (byHand ? start() : this.#options.automation.whileOn(start))
      return started ?? nothing('automation_off', 'The automation is switched off.')
    } catch (error) {
      if (error instanceof Unreadable) return failed('unreadable', new AppError('invalid_json', error.message))
      if (error instanceof TooSlow) {
        const detail = 'The filters and the mapping of the trigger take too long with this. Make their paths simpler.'
        return failed('too_slow', new AppError('invalid_request', detail))
      }
      const verdict = error instanceof AppError ? refusals[error.code] : undefined
      if (verdict) return failed(verdict, error as AppError)
      throw error
    }
  }

  /** What the filters say, and which parameters the payload gives. */
  async #look({ webhook, parameters }: Trigger, delivered: Delivered) {
    const { filters, map } = webhook!
    if (filters.rules.length === 0 && Object.keys(map).length === 0) return { filtered: null, parameters }
    const engines = await loadEngines()
    const look = () => {
      const rule = failedRule(engines, filters, delivered)
      if (rule) return { filtered: `The filters leave it out: ${whyNot(filters, rule)}.`, parameters }
      return { filtered: null, parameters: { ...parameters, ...mapped(engines, map, delivered) } }
    }
    const areQuick =
      filters.rules.every(({ op }) => op !== 'matches') && pathsOf(webhook!).every(path => isQuick(engines, path))
    return areQuick ? look() : bounded(look)
  }

  async #start(
    trigger: Trigger,
    { id }: WholeDelivery,
    { json }: Payload,
    parameters: Trigger['parameters'],
    byHand?: ByHand
  ): Promise<Result> {
    const execution = await this.#options.executions.start(trigger.botId, {
      trigger: 'webhook',
      by: byHand?.by ?? null,
      parameters,
      cause: { triggerId: trigger.id, occasion: id, payload: json }
    })
    const isSkipped = execution.state === 'skipped'
    return {
      verdict: isSkipped ? 'skipped' : 'started',
      detail: isSkipped ? execution.detail : null,
      executionId: execution.id
    }
  }

  #publish(delivery: Delivery): void {
    this.#options.events.publish({
      topics: [`trigger:${delivery.triggerId}`],
      type: 'delivery.received',
      data: delivery
    })
  }
}

const noRoom = () =>
  new AppError('unavailable', 'The disk of the server is nearly full. Send it again later.', {
    headers: { 'retry-after': '60' }
  })

/** Why a bot does not start, as the verdict on what was to start it. */
const refusals: Partial<Record<AppError['code'], Verdict>> = {
  bot_disabled: 'bot_disabled',
  invalid_parameters: 'invalid_parameters',
  queue_full: 'queue_full'
}

const pathsOf = ({ filters, map }: Webhook) => [...filters.rules.map(({ path }) => path), ...Object.values(map)]

const nothing = (verdict: Verdict, detail: string | null) => ({ verdict, detail, executionId: null })

const failed = (verdict: Verdict, error: AppError) => ({ verdict, detail: error.message, executionId: null, error })
