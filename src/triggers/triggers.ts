import { type Actor, type Change, difference } from '../audit/audit.ts'
import type { Bot } from '../bots/bot.ts'
import type { Bots } from '../bots/bots.ts'
import type { EventHub } from '../events/hub.ts'
import { AppError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Webhook } from '../webhooks/webhook.ts'
import { triggerFacts, triggerSubject } from './facts.ts'
import type { KindRules } from './kinds.ts'
import type { GivenSettings } from './schemas.ts'
import type { Saved, TriggerStore } from './store.ts'
import type { Chain, CreateTrigger, Schedule, Trigger, UpdateTrigger } from './trigger.ts'

export interface TriggersOptions {
  store: TriggerStore
  bots: Pick<Bots, 'get' | 'toRun'>
  secrets: Pick<Secrets, 'sealOwned'>
  events: EventHub
  rules: { schedule: KindRules<Schedule>; webhook: KindRules<Webhook>; chain: KindRules<Chain> }
}

/** Makes, changes and removes what makes bots run by themselves; says so to whoever listens. */
export class Triggers {
  readonly #options: TriggersOptions
  #onChange: (id: string) => Promise<void> = async () => {}

  constructor(options: TriggersOptions) {
    this.#options = options
  }

  /** `changed` is called with the id of each trigger that was made or changed, before whoever did so is answered. */
  onChange(changed: (id: string) => Promise<void>): void {
    this.#onChange = changed
  }

  /** @throws AppError `not_found`, `invalid_request` */
  async create(input: CreateTrigger, actor: Actor): Promise<Trigger> {
    const bot = await this.#options.bots.get(input.bot)
    const now = Date.now()
    const blank: Trigger = {
      id: newId(),
      botId: bot.id,
      botSlug: bot.slug,
      botName: bot.name,
      name: input.name,
      kind: input.kind,
      enabled: input.enabled ?? true,
      parameters: input.parameters ?? {},
      schedule: null,
      webhook: null,
      chain: null,
      nextAt: null,
      createdAt: now,
      updatedAt: now
    }
    const trigger = this.#settled(blank, input, now)
    await this.#check(trigger, bot, null, input)
    const subject = triggerSubject(trigger)
    const change: Change = { actor, action: 'trigger.created', subject, after: triggerFacts(trigger) }
    await this.#insist(await this.#options.store.insert(trigger, { change, sealed: this.#sealed(trigger.id, input) }))
    return this.#changed(trigger.id)
  }

  /** @throws AppError `not_found`, `invalid_request` */
  async update(id: string, changes: UpdateTrigger, actor: Actor): Promise<Trigger> {
    const before = await this.get(id)
    const now = Date.now()
    const { name = before.name, enabled = before.enabled, parameters = before.parameters } = changes
    const trigger = this.#settled({ ...before, name, enabled, parameters, updatedAt: now }, changes, now)
    await this.#check(trigger, await this.#options.bots.toRun(trigger.botId), before, changes)
    const sealed = this.#sealed(id, changes)
    const facts = difference(triggerFacts(before), triggerFacts(trigger))
    // That it has another is to be seen; neither of them is.
    if (sealed) facts.after.secret = 'replaced'
    const change = { actor, action: 'trigger.changed', subject: triggerSubject(before), ...facts } as const
    await this.#insist(await this.#options.store.update(trigger, { change, sealed }))
    return this.#changed(id)
  }

  /** What it started stays in the history. @throws AppError `not_found` */
  async delete(id: string, actor: Actor): Promise<void> {
    const trigger = await this.get(id)
    const subject = triggerSubject(trigger)
    const change = { actor, action: 'trigger.deleted', subject, before: triggerFacts(trigger) } as const
    if (!(await this.#options.store.delete(id, change))) throw notFound(id)
    this.#options.events.publish({
      topics: topicsOf(trigger),
      type: 'trigger.deleted',
      data: { id, botId: trigger.botId }
    })
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Trigger> {
    const trigger = await this.find(id)
    if (!trigger) throw notFound(id)
    return trigger
  }

  find(id: string): Promise<Trigger | null> {
    return this.#options.store.find(id)
  }

  list(query: Parameters<TriggerStore['list']>[0]): Promise<Trigger[]> {
    return this.#options.store.list(query)
  }

  /** Tells whoever listens how a trigger is now; one that has gone meanwhile is not told of. */
  async announce(id: string): Promise<void> {
    const trigger = await this.find(id)
    if (trigger) this.#publish(trigger)
  }

  async #changed(id: string): Promise<Trigger> {
    await this.#onChange(id)
    const trigger = await this.get(id)
    this.#publish(trigger)
    return trigger
  }

  #publish(trigger: Trigger): void {
    this.#options.events.publish({ topics: topicsOf(trigger), type: 'trigger.changed', data: trigger })
  }

  /** With the settings of its kind whole. @throws AppError `invalid_request` when settings of another kind were given */
  #settled(trigger: Trigger, given: GivenSettings, now: number): Trigger {
    const { rules } = this.#options
    const strange = (['schedule', 'webhook', 'chain'] as const).filter(kind => kind !== trigger.kind && given[kind])
    if (strange.length > 0) {
      const errors = strange.map(kind => ({ path: `/${kind}`, message: `this trigger is a ${trigger.kind}` }))
      throw new AppError('invalid_request', `Send the settings of a ${trigger.kind} as \`${trigger.kind}\`.`, {
        errors
      })
    }
    switch (trigger.kind) {
      case 'schedule':
        return { ...trigger, schedule: rules.schedule.settle(given.schedule ?? {}, trigger.schedule, now) }
      case 'chain':
        return { ...trigger, chain: rules.chain.settle(given.chain ?? {}, trigger.chain, now) }
      case 'webhook': {
        const { secret, ...settings } = given.webhook ?? {}
        const webhook = rules.webhook.settle(settings, trigger.webhook, now)
        const url = `/api/webhooks/${trigger.id}`
        return { ...trigger, webhook: { ...webhook, url, hasSecret: secret !== undefined || webhook.hasSecret } }
      }
    }
  }

  #sealed(id: string, { webhook }: GivenSettings): Buffer | null {
    return webhook?.secret === undefined ? null : this.#options.secrets.sealOwned(`trigger:${id}`, webhook.secret)
  }

  async #check(trigger: Trigger, bot: Bot, before: Trigger | null, { webhook }: GivenSettings): Promise<void> {
    const errors = await this.#options.rules[trigger.kind].problems(trigger, bot, before, webhook?.secret)
    if (errors.length > 0) throw new AppError('invalid_request', 'The trigger cannot be saved: see errors.', { errors })
  }

  async #insist(saved: Saved): Promise<void> {
    if (saved.kind === 'no_bot')
      throw new AppError(
        'not_found',
        'The bot, or the one it comes after, is not there: afterBotId is the id of a bot.'
      )
    if (saved.kind === 'circle') {
      const bots = await Promise.all(saved.circle.map(id => this.#options.bots.toRun(id)))
      const message = `would have bots start each other for ever: ${bots.map(({ slug }) => slug).join(' → ')}`
      throw new AppError('invalid_request', 'The trigger cannot be saved: see errors.', {
        errors: [{ path: '/chain/afterBotId', message }]
      })
    }
  }
}

function topicsOf(trigger: Trigger): string[] {
  return ['triggers', `bot:${trigger.botId}`]
}

function notFound(id: string): AppError {
  return new AppError('not_found', `There is no trigger "${id}".`)
}
