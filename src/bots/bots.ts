import { AppError } from '../errors.ts'
import type { EventHub } from '../events/hub.ts'
import { newId } from '../ids.ts'
import { type Bot, botProblems, type CreateBot, slugFor, type UpdateBot } from './bot.ts'
import { parameterSchemaProblem } from './parameters.ts'
import { defaultBot } from './schemas.ts'
import type { BotStore } from './store.ts'

/** A name such as "Report" is given `report`, then `report-2` and so on; whoever makes more than this names them himself. */
const MAX_SLUG_SUFFIX = 100

/** Makes, changes and removes bots; says so to whoever listens. */
export class Bots {
  readonly #store: BotStore
  readonly #events: EventHub

  constructor(store: BotStore, events: EventHub) {
    this.#store = store
    this.#events = events
  }

  /** @throws AppError `slug_taken` when the slug was asked for by name; a slug made from the name gives way by itself. */
  async create(input: CreateBot): Promise<Bot> {
    const now = Date.now()
    const wanted = input.slug ?? slugFor(input.name)
    const bot: Bot = { ...defaultBot(), ...input, id: newId(), slug: wanted, createdAt: now, updatedAt: now }
    check(bot)
    let made = await this.#store.insert(bot)
    for (let n = 2; !made && !input.slug && n <= MAX_SLUG_SUFFIX; n++) {
      bot.slug = `${wanted}-${n}`
      made = await this.#store.insert(bot)
    }
    if (!made) throw slugTaken(wanted)
    this.#announce(bot)
    return bot
  }

  /** Makes those bots whose slug nobody has; answers all of them as they are now. */
  async ensure(inputs: (CreateBot & { slug: string })[]): Promise<Bot[]> {
    const bots: Bot[] = []
    for (const input of inputs) bots.push((await this.#store.find(input.slug)) ?? (await this.create(input)))
    return bots
  }

  async update(ref: string, changes: UpdateBot): Promise<Bot> {
    const bot = { ...(await this.get(ref)), ...changes, updatedAt: Date.now() } as Bot
    check(bot)
    if (!(await this.#store.update(bot))) throw slugTaken(bot.slug)
    this.#announce(bot)
    return bot
  }

  /** @throws AppError `bot_busy` while an execution of it waits or runs. What ran stays in the history. */
  async delete(ref: string): Promise<void> {
    const bot = await this.get(ref)
    if (!(await this.#store.delete(bot.id))) {
      throw new AppError(
        'bot_busy',
        `${bot.slug} has executions that wait or run. Cancel them or let them end, then delete it.`
      )
    }
    this.#events.publish({
      topics: ['bots', `bot:${bot.id}`],
      type: 'bot.deleted',
      data: { id: bot.id, slug: bot.slug }
    })
  }

  /** @throws AppError `not_found` */
  async get(ref: string): Promise<Bot> {
    const bot = await this.#store.find(ref)
    if (!bot) throw new AppError('not_found', `There is no bot "${ref}".`)
    return bot
  }

  list(limit: number, cursor: string | undefined): Promise<Bot[]> {
    return this.#store.list(limit, cursor)
  }

  #announce(bot: Bot): void {
    this.#events.publish({ topics: ['bots', `bot:${bot.id}`], type: 'bot.changed', data: bot })
  }
}

function check(bot: Bot): void {
  const errors = botProblems(bot)
  const schemaProblem = parameterSchemaProblem(bot.parameters)
  if (schemaProblem) errors.push({ path: '/parameters', message: schemaProblem })
  if (errors.length > 0) throw new AppError('invalid_request', 'The bot cannot be saved: see errors.', { errors })
}

function slugTaken(slug: string): AppError {
  return new AppError('slug_taken', `Another bot has the slug "${slug}". Choose another.`)
}
