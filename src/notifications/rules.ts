import { type Actor, difference, type Facts } from '../audit/audit.ts'
import type { Bot } from '../bots/bot.ts'
import type { Bots } from '../bots/bots.ts'
import type { EventHub } from '../events/hub.ts'
import { AppError } from '../lib/errors.ts'
import { newId } from '../lib/ids.ts'
import type { CreateRule, Rule, UpdateRule } from './notifications.ts'
import type { RuleStore, SavedRule } from './rule-store.ts'

/** Of what somebody wants to hear: makes, changes and removes the rules that say so. */
export class Rules {
  readonly #store: RuleStore
  readonly #bots: Pick<Bots, 'get'>
  readonly #events: EventHub

  constructor(options: { store: RuleStore; bots: Pick<Bots, 'get'>; events: EventHub }) {
    this.#store = options.store
    this.#bots = options.bots
    this.#events = options.events
  }

  /** By name. */
  list(): Promise<Rule[]> {
    return this.#store.list()
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Rule> {
    const rule = await this.#store.find(id)
    if (!rule) throw new AppError('not_found', `There is no notification rule "${id}".`)
    return rule
  }

  /** @throws AppError `invalid_request`, `not_found` for a bot or a channel */
  async create({ bot, ...given }: CreateRule, actor: Actor): Promise<Rule> {
    const now = Date.now()
    const rule: Rule = {
      id: newId(),
      ...(await this.#botOf(bot ?? null)),
      quietMs: 0,
      longRunningMs: null,
      logLines: 0,
      enabled: true,
      ...given,
      createdAt: now,
      updatedAt: now
    }
    check(rule)
    const change = {
      actor,
      action: 'notification_rule.created',
      subject: subjectOf(rule),
      after: factsOf(rule)
    } as const
    return this.#saved(rule, await this.#store.insert(rule, change))
  }

  /** @throws AppError `invalid_request`, `not_found` */
  async update(id: string, { bot, ...given }: UpdateRule, actor: Actor): Promise<Rule> {
    const before = await this.get(id)
    const about = bot === undefined ? {} : await this.#botOf(bot)
    const rule: Rule = { ...before, ...about, ...given, updatedAt: Date.now() }
    check(rule)
    const facts = difference(factsOf(before), factsOf(rule))
    const change = { actor, action: 'notification_rule.changed', subject: subjectOf(before), ...facts } as const
    return this.#saved(rule, await this.#store.update(rule, change))
  }

  /** What it has already said stays in the outbox. @throws AppError `not_found` */
  async delete(id: string, actor: Actor): Promise<void> {
    const rule = await this.get(id)
    const change = {
      actor,
      action: 'notification_rule.deleted',
      subject: subjectOf(rule),
      before: factsOf(rule)
    } as const
    if (!(await this.#store.delete(id, change))) await this.get(id)
    this.#events.publish({ topics: ['notifications'], type: 'notification_rule.deleted', data: { id } })
  }

  async #botOf(ref: string | null): Promise<Pick<Rule, 'botId' | 'botSlug' | 'botName'>> {
    const bot: Bot | null = ref === null ? null : await this.#bots.get(ref)
    return { botId: bot?.id ?? null, botSlug: bot?.slug ?? null, botName: bot?.name ?? null }
  }

  async #saved(rule: Rule, saved: SavedRule): Promise<Rule> {
    if (saved === 'no_channel')
      throw new AppError('not_found', 'One of the channels is not there. Look at /api/channels.')
    const kept = await this.get(rule.id)
    this.#events.publish({ topics: ['notifications'], type: 'notification_rule.changed', data: kept })
    return kept
  }
}

/** @throws AppError `invalid_request` */
function check(rule: Rule): void {
  if (rule.events.includes('long_running') === (rule.longRunningMs !== null)) return
  const message = 'goes together with the event long_running: give both or neither'
  const errors = [{ path: '/longRunningMs', message }]
  throw new AppError('invalid_request', 'The rule cannot be saved: see errors.', { errors })
}

function factsOf({ name, events, botSlug, channelIds, quietMs, longRunningMs, logLines, enabled }: Rule): Facts {
  return { name, events, bot: botSlug, channelIds, quietMs, longRunningMs, logLines, enabled }
}

function subjectOf({ id, name }: Rule): { type: 'notification_rule'; id: string; name: string } {
  return { type: 'notification_rule', id, name }
}
