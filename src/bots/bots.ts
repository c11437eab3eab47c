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
    const bot = newBot(input)
    const wanted = bot.slug
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

  /**
   * A bot to be tried, checked as one to be saved is. A disabled one can be tried as well: it is disabled for others.
   * @throws AppError `invalid_request`; the paths of its errors begin with /bot.
   */
  async draftTrial(input: CreateBot): Promise<Bot> {
    const bot = { ...newBot(input), enabled: true }
    check(bot, '/bot')
    // A slug asked for by name may be a saved bot's, whose changes are tried where it works; any other bot's folder is not.
    const wanted = bot.slug
    for (let n = 2; !input.slug && (await this.#store.find(bot.slug)); n++) bot.slug = `${wanted}-${n}`
    return bot
  }

  /** Keeps a bot that is tried until its execution has ended. It is in no list, and its slug need not be free. */
  saveTrial(bot: Bot): Promise<void> {
    return this.#store.insertTrial(bot)
  }

  /** Forgets what a server before this one let somebody try, unless it waits or runs. */
  forgetEndedTrials(): Promise<void> {
    return this.#store.deleteEndedTrials()
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

  /** What an execution runs: a bot, also one that is only being tried. @throws AppError `not_found` */
  async toRun(id: string): Promise<Bot> {
    const bot = await this.#store.findWithTrials(id)
    if (!bot) throw new AppError('not_found', `There is no bot "${id}".`)
    return bot
  }

  list(page: { limit: number; cursor: string | undefined; search: string | undefined }): Promise<Bot[]> {
    return this.#store.list(page)
  }

  #announce(bot: Bot): void {
    this.#events.publish({ topics: ['bots', `bot:${bot.id}`], type: 'bot.changed', data: bot })
  }
}

function newBot(input: CreateBot): Bot {
  const now = Date.now()
  const slug = input.slug ?? slugFor(input.name)
  return { ...defaultBot(), ...input, id: newId(), slug, createdAt: now, updatedAt: now }
}

/** `at` is where in the request the bot stands. */
function check(bot: Bot, at = ''): void {
  const problems = botProblems(bot)
  const schemaProblem = parameterSchemaProblem(bot.parameters)
  if (schemaProblem) problems.push({ path: '/parameters', message: schemaProblem })
  if (problems.length === 0) return
  const errors = problems.map(({ path, message }) => ({ path: at + path, message }))
  throw new AppError('invalid_request', `The bot cannot be ${at ? 'tried' : 'saved'}: see errors.`, { errors })
}

function slugTaken(slug: string): AppError {
  return new AppError('slug_taken', `Another bot has the slug "${slug}". Choose another.`)
}
